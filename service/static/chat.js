/** Puts the page together: the field, the keys, the conversation and the panel. */

import { Conversation } from "./conversation.js";
import { questionList } from "./dom.js";
import { Evidence } from "./evidence.js";
import { Library } from "./library.js";

const NEAR_LIMIT = 200;

const [welcome, turns, form, field, send, note, fresh, toAnswer, examples] = [
  "welcome", "conversation", "ask", "question", "send", "note", "fresh", "to-answer", "examples",
].map((id) => document.getElementById(id));

const library = new Library(document.getElementById("standing"));
const evidence = new Evidence(document.getElementById("evidence"), (id) => library.titleOf(id));
const conversation = new Conversation(turns, library, {
  open: (source, voice, opener) => evidence.open(source, voice, opener),
  ask,
  changed: show,
});
let last = "";

function show() {
  const { isEmpty, isRunning } = conversation;
  document.body.classList.toggle("talking", !isEmpty);
  welcome.hidden = !isEmpty;
  examples.hidden = !isEmpty || examples.querySelector("li") === null;
  fresh.hidden = toAnswer.hidden = isEmpty;
  send.textContent = isRunning ? "Stop" : "Ask";
}

function ask(question) {
  if (conversation.isRunning) {
    field.value = question;
    count();
  } else {
    last = question;
    conversation.ask(question);
  }
  field.focus({ preventScroll: true });
}

function submit(event) {
  event.preventDefault();
  const question = field.value.trim();
  if (conversation.isRunning) return event.submitter ? conversation.stop() : say("Still reading. Escape stops it.");
  if (question === "") return say("Write a question first.");
  field.value = "";
  count();
  return ask(question);
}

function say(words) {
  note.textContent = words;
  field.focus();
}

function count() {
  const left = field.maxLength - field.value.length;
  note.textContent = left > NEAR_LIMIT ? "" : `${left} ${left === 1 ? "character" : "characters"} left`;
  if (!CSS.supports("field-sizing", "content")) {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }
}

function inField(event) {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.key === "ArrowUp" && field.value === "" && last) {
    event.preventDefault();
    field.value = last;
    count();
  }
}

function anywhere(event) {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "Escape") leave(event, typing);
  else if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    field.focus();
  }
}

function leave(event, typing) {
  if (conversation.isRunning && (typing || !evidence.isOpen)) conversation.stop();
  else if (evidence.isOpen) evidence.close();
  else return;
  event.preventDefault();
}

function begin() {
  evidence.close();
  conversation.clear();
  note.textContent = "";
  field.focus();
}

function readLatest(event) {
  event.preventDefault();
  turns.lastElementChild?.querySelector("h2").focus();
}

form.addEventListener("submit", submit);
field.addEventListener("keydown", inField);
field.addEventListener("input", count);
document.addEventListener("keydown", anywhere);
fresh.addEventListener("click", begin);
toAnswer.addEventListener("click", readLatest);
library.follow((questions) => {
  examples.querySelector("ul")?.remove();
  examples.append(questionList(questions, ask));
  show();
});
