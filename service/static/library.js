/** What the page knows of the library: one quiet line about it, its titles, questions to begin with. */

import { papers, Problem, readiness } from "./api.js";

const EXAMPLES = 4;
const SOON = 1500;
const LATER = 5000;

/** The library as the server tells it; `line` is the element that says how it stands. */
export class Library {
  #line;
  #documents = null;
  #papers = [];

  constructor(line) {
    this.#line = line;
  }

  /** Name a paper, or give undefined. */
  titleOf(id) {
    return this.#papers.find((paper) => paper.id === id)?.title ?? undefined;
  }

  /** Keep the line true until nothing changes any more; `tell(questions)` hears the examples. */
  async follow(tell) {
    try {
      const state = await this.#look();
      if (state.status === "ready") await this.#read(state, tell);
      if (state.status !== "ready") setTimeout(() => this.follow(tell), SOON);
      else if (state.ingesting) setTimeout(() => this.follow(tell), LATER);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#say(error.message);
      setTimeout(() => this.follow(tell), LATER);
    }
  }

  /** Resolve once the server can answer; `tell(detail)` hears why it cannot yet. */
  async untilReady(signal, tell) {
    let state = await this.#look(signal);
    while (state.status !== "ready") {
      tell(state.detail);
      await pause(SOON, signal);
      state = await this.#look(signal);
    }
  }

  async #look(signal) {
    const state = await readiness(signal);
    this.#say(standing(state));
    return state;
  }

  async #read(state, tell) {
    if (state.documents === this.#documents) return;
    this.#papers = await papers();
    this.#documents = state.documents;
    tell(examples(this.#papers));
  }

  #say(words) {
    if (this.#line.textContent !== words) this.#line.textContent = words;
  }
}

/** Wait, or reject as soon as the signal aborts. */
export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}

function standing(state) {
  if (state.status === "starting") return "Getting ready…";
  if (state.status === "unavailable") return state.detail;
  return [
    counted(state.papers, "paper"),
    state.comments === undefined ? counted(state.documents, "document") : counted(state.comments, "post"),
    state.ingesting ? "more is coming in" : null,
    state.pending ? pending(state) : null,
  ]
    .filter((part) => part !== null)
    .join(" · ");
}

function pending({ pending, pending_note: note }) {
  const what = `${counted(pending, "abstract")} pending`;
  return note ? `${what}: ${note}` : what;
}

function counted(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** Choose questions that this library can answer, each about another paper; short titles first. */
function examples(all) {
  const titled = all.filter((paper) => paper.title).sort((a, b) => a.title.length - b.title.length);
  const chosen = [];
  const choose = (fits, words) => {
    const place = titled.findIndex(fits);
    if (place >= 0) chosen.push(words(titled.splice(place, 1)[0]));
  };
  choose((paper) => shortName(paper) === "MixMatch", () => "Is there a Python implementation of MixMatch?");
  const most = titled.reduce((count, paper) => Math.max(count, paper.comments ?? 0), 1);
  choose((paper) => paper.comments === most, (paper) => `What did members say about ${shortName(paper)}?`);
  choose(() => true, (paper) => `Who wrote ${paper.title}?`);
  const told = (paper) => paper.arxiv_id !== null && !paper.withdrawn; // others have no abstract to answer from
  while (chosen.length < EXAMPLES && titled.some(told)) choose(told, (paper) => `What is ${paper.title} about?`);
  return chosen;
}

function shortName(paper) {
  return paper.names?.[0] ?? paper.title.split(":")[0];
}
