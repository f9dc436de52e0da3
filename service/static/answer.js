/** An answer as a reader sees it: quotes by voice with their marks, or plainly "not in this library". */

import { element, icon, joined, questionList } from "./dom.js";
import { byline, groupLabel, notice, voiceLabel, when } from "./sources.js";

/**
 * Render an answer.
 *
 * `open(source, voice, opener)` shows a source in its passage, `ask(question)` asks a further one.
 */
export function renderAnswer(answer, { open, ask }) {
  const body = answer.abstained ? absence(answer, open) : [...groups(answer, open), alsoRead(answer.sources, open)];
  return [understanding(answer), ...body, further(answer.suggestions, ask)].filter((node) => node !== null);
}

function understanding(answer) {
  if (answer.standalone_question === answer.question) return null;
  return element("p", { class: "understood" }, "Understood as: ", element("bdi", {}, answer.standalone_question));
}

function groups(answer, open) {
  const byNumber = new Map(answer.citations.map((citation) => [citation.number, citation]));
  const voices = [...new Set(answer.sentences.map((sentence) => sentence.voice))];
  return voices.map((voice) => {
    const said = answer.sentences.filter((sentence) => sentence.voice === voice);
    return element("section", { class: "group" }, groupLabel(voice), ...said.map((one) => quoted(one, byNumber, open)));
  });
}

function quoted(sentence, byNumber, open) {
  const marks = sentence.citations.map((number) => mark(byNumber.get(number), sentence.voice, open));
  return element(
    "div",
    { class: "sentence" },
    sentence.lead && element("p", { class: "lead", dir: "auto" }, sentence.lead),
    element("p", { class: "quote", dir: "auto" }, element("q", {}, sentence.text), "\u00a0", ...joined(marks, " ")),
  );
}

function mark(citation, voice, open) {
  const properties = {
    type: "button",
    class: "mark",
    "aria-label": `Citation ${citation.number}: quote from ${citation.title}`,
    "aria-haspopup": "dialog",
    "aria-expanded": "false",
    onclick: (event) => open(citation, voice, event.currentTarget),
  };
  return element("button", properties, String(citation.number));
}

function absence(answer, open) {
  const reason = answer.abstain_reason ?? answer.answer;
  return [
    element(
      "section",
      { class: "absence" },
      element("h3", {}, icon("absent"), "Not in this library"),
      element("p", { dir: "auto" }, reason),
    ),
    answer.sources.length
      ? element("section", { class: "nearest" }, element("h3", { class: "label" }, "Nearest passages"), list(answer.sources, open))
      : null,
  ];
}

function alsoRead(sources, open) {
  if (sources.length === 0) return null;
  const count = sources.length === 1 ? "one more passage" : `${sources.length} more passages`;
  return element("details", { class: "nearest" }, element("summary", {}, `Read and not cited: ${count}`), list(sources, open));
}

function list(sources, open) {
  return element("ul", { class: "sources" }, ...sources.map((source) => element("li", {}, row(source, open))));
}

function row(source, open) {
  const properties = {
    type: "button",
    "aria-haspopup": "dialog",
    "aria-expanded": "false",
    onclick: (event) => open(source, undefined, event.currentTarget),
  };
  return element(
    "button",
    properties,
    voiceLabel(source),
    element("span", { class: "title", dir: "auto" }, source.title),
    element("span", { class: "facts" }, byline(source, false), ", ", when(source)),
    notice(source),
    element("span", { class: "excerpt", dir: "auto" }, source.quote),
  );
}

function further(suggestions, ask) {
  if (suggestions.length === 0) return null;
  return element("section", { class: "further" }, element("h3", { class: "label" }, "You could ask next"), questionList(suggestions, ask));
}
