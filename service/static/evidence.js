/** The panel that shows a quote highlighted in its full document: beside the answer, or as a sheet on a phone. */

import { documentAt } from "./api.js";
import { element, icon, joined } from "./dom.js";
import { cut } from "./passage.js";
import { byline, notice, voiceLabel, wayOut, when } from "./sources.js";

const BESIDE = window.matchMedia("(min-width: 64rem)");
const GONE = "This quote is no longer in the document.";

/** One panel for the page; `titleOf(id)` names a paper, or gives undefined. */
export class Evidence {
  #dialog;
  #titleOf;
  #opener = null;
  #fetching = new AbortController();

  constructor(dialog, titleOf) {
    this.#dialog = dialog;
    this.#titleOf = titleOf;
    dialog.addEventListener("close", () => this.#leave());
    dialog.addEventListener("click", (event) => event.target === dialog && this.close()); // the backdrop
    BESIDE.addEventListener("change", () => this.#place());
  }

  get isOpen() {
    return this.#dialog.open;
  }

  /** Show a source in its document; the same opener closes it again and gets the focus back. */
  async open(source, voice, opener) {
    if (this.isOpen && this.#opener === opener) {
      this.close();
      return;
    }
    this.#turnTo(opener);
    const passage = element("div", { class: "passage", tabindex: "0", role: "region", "aria-label": "Full text" });
    this.#dialog.replaceChildren(this.#sheet(source, voice, passage));
    this.#show();
    await fill(passage, source, this.#fetching.signal);
  }

  /** Close the panel; the focus returns to what opened it. */
  close() {
    if (!this.isOpen) return;
    this.#dialog.close();
    this.#leave(); // the event comes later, when the reader may be elsewhere already
  }

  #turnTo(opener) {
    this.#fetching.abort();
    this.#fetching = new AbortController();
    this.#opener?.setAttribute("aria-expanded", "false");
    this.#opener = opener;
    opener.setAttribute("aria-expanded", "true");
  }

  #sheet(source, voice, passage) {
    const close = element("button", { type: "button", class: "close", "aria-label": "Close the passage", onclick: () => this.close() }, icon("close"));
    const heading = element("h2", { id: "evidence-title", tabindex: "-1", dir: "auto" }, source.title);
    return element(
      "article",
      { class: "sheet" },
      element("header", {}, voiceLabel(source, voice), close, heading, facts(source), this.#about(source), wayOut(source)),
      passage,
    );
  }

  #about(source) {
    const works = source.works ?? [];
    if (source.kind !== "comment" || source.about.length + works.length === 0) return null;
    const papers = [
      ...source.about.map((id) => element("bdi", {}, this.#titleOf(id) ?? `arXiv ${id}`)),
      ...works.map((id) => element("bdi", {}, this.#titleOf(id) ?? id)),
    ];
    return element("p", { class: "facts" }, "About ", ...joined(papers, ", "));
  }

  #show() {
    document.body.classList.toggle("reading", true);
    if (!this.isOpen) this.#place();
    this.#dialog.querySelector("h2").focus({ preventScroll: true });
  }

  #place() {
    if (!document.body.classList.contains("reading")) return;
    this.#dialog.close();
    if (BESIDE.matches) this.#dialog.show();
    else this.#dialog.showModal();
  }

  #leave() {
    if (this.isOpen || this.#opener === null) return; // only moved between its places, or left already
    this.#fetching.abort();
    document.body.classList.toggle("reading", false);
    this.#opener.setAttribute("aria-expanded", "false");
    const back = this.#opener.isConnected ? this.#opener : document.getElementById("question");
    this.#opener = null;
    back.focus({ preventScroll: true });
  }
}

function facts(source) {
  const number = source.post_number === null ? null : `post ${source.post_number}`;
  const version = source.version === null ? null : `version ${source.version}`;
  const known = [byline(source, true), when(source), number, version, notice(source)].filter((fact) => fact !== null);
  return element("p", { class: "facts" }, ...joined(known, " · "));
}

async function fill(passage, source, signal) {
  try {
    const { text } = await documentAt(source.document, source.revision, signal);
    passage.replaceChildren(...highlighted(text, source));
    centre(passage, passage.querySelector("mark"));
  } catch (error) {
    if (error.name === "AbortError") return;
    passage.replaceChildren(element("p", { class: "problem", role: "alert" }, error.message), ...lone(source));
  }
}

function highlighted(text, source) {
  const { before, within, after } = cut(text, source.start, source.end);
  const words = (...parts) => element("div", { class: "words", dir: "auto" }, ...parts);
  if (within === source.quote) return [words(before, element("mark", {}, within), after)];
  return [element("p", { class: "problem", role: "alert" }, GONE), ...lone(source), words(text)];
}

function lone(source) {
  return [element("p", { class: "label" }, "It was quoted as"), element("blockquote", { dir: "auto" }, source.quote)];
}

function centre(scroller, node) {
  if (node === null) return;
  const offset = node.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  const room = scroller.clientHeight - node.getBoundingClientRect().height;
  scroller.scrollTop += offset - Math.max(room / 3, 16);
}
