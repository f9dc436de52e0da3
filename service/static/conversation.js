/** The turns of one visit: sends questions, shows what comes back, and remembers it for follow-ups. */

import { ask as send, Problem } from "./api.js";
import { renderAnswer } from "./answer.js";
import { element } from "./dom.js";
import { pause } from "./library.js";

const REMEMBERED = 20;
const PATIENCE = 3; // refusals of a server that calls itself ready

/** The conversation; one question runs at a time, and only answered ones are remembered. */
export class Conversation {
  #place;
  #library;
  #actions;
  #turns = [];
  #running = null;

  /** `actions` are what an answer can ask for: `open` a source, `ask` a question, `changed()` of state. */
  constructor(place, library, actions) {
    this.#place = place;
    this.#library = library;
    this.#actions = actions;
  }

  get isRunning() {
    return this.#running !== null;
  }

  get isEmpty() {
    return this.#place.childElementCount === 0;
  }

  /** Ask a question in a new turn. */
  async ask(question) {
    const body = element("div", { class: "body" });
    const turn = element("article", { class: "turn" }, element("h2", { tabindex: "-1", dir: "auto" }, question), body);
    this.#place.append(turn);
    turn.scrollIntoView({ block: "start" });
    await this.#fill(body, question);
  }

  /** Stop the running question; its turn says so. */
  stop() {
    this.#running?.abort(new DOMException("Stopped by the reader", "AbortError"));
  }

  /** Forget all turns. */
  clear() {
    this.stop();
    this.#turns = [];
    this.#place.replaceChildren();
    this.#actions.changed();
  }

  async #fill(body, question) {
    const running = new AbortController();
    this.#running = running;
    body.setAttribute("aria-busy", "true");
    body.replaceChildren(waiting("Reading…"));
    this.#actions.changed();
    const content = await this.#content(body, question, running.signal);
    body.replaceChildren(...content);
    body.removeAttribute("aria-busy");
    if (this.#running === running) this.#running = null;
    this.#actions.changed();
  }

  async #content(body, question, signal) {
    try {
      const answer = await this.#answer(body, question, signal);
      if (signal.aborted) return [];
      this.#turns.push({ question, answer: answer.answer });
      return renderAnswer(answer, this.#actions);
    } catch (error) {
      return this.#failure(error, question);
    }
  }

  async #answer(body, question, signal) {
    for (let refusals = 0; ; refusals += 1) {
      try {
        return await send(question, this.#turns.slice(-REMEMBERED), signal);
      } catch (error) {
        if (error.status !== 503 || refusals === PATIENCE) throw error;
        await pause(refusals && 1000, signal);
        await this.#library.untilReady(signal, (detail) => body.replaceChildren(...gettingReady(detail)));
      }
    }
  }

  #failure(error, question) {
    const anew = (event) => {
      if (!this.isRunning) event.target.closest(".turn").remove();
      this.#actions.ask(question);
    };
    const again = element("button", { type: "button", class: "plain", onclick: anew }, "Ask again");
    if (error.name === "AbortError") return [element("p", { class: "stopped" }, "Stopped. "), again];
    if (!(error instanceof Problem)) throw error;
    return [element("p", { class: "problem", role: "alert" }, error.message), again];
  }
}

function waiting(words) {
  return element("p", { class: "waiting" }, words);
}

function gettingReady(detail) {
  return [waiting("Getting ready…"), element("p", { class: "why" }, detail, " Your question goes out by itself.")];
}
