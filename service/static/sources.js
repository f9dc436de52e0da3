/** What a source is called on this page: its voice, who speaks, when, and where to read it. */

import { element, icon } from "./dom.js";

const VOICES = {
  paper: { group: "What the papers say", single: "What the paper says" },
  discussion: { group: "What members said", single: "What a member said" },
  curator: { group: "Curator’s notes", single: "Curator’s note" },
};
const KINDS = {
  abstract: { voice: "paper", name: "abstract", author: "unknown authors" },
  record: { voice: "paper", name: "record", author: "unknown authors" },
  comment: { voice: "discussion", name: "post", author: "a member" },
  note: { voice: "curator", name: "note", author: "the curator" },
};
const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });

/** Label a group of sentences that share a voice, with words and a picture. */
export function groupLabel(voice) {
  return element("h3", { class: `voice ${voice}` }, icon(voice), VOICES[voice].group);
}

/** Label one source; a post that pastes an abstract speaks with the paper's voice. */
export function voiceLabel(source, voice = KINDS[source.kind].voice) {
  const pasted = voice === "paper" && source.kind === "comment";
  const kind = pasted ? "quoted in a post" : KINDS[source.kind].name;
  return element("span", { class: `voice ${voice}` }, icon(voice), VOICES[voice].single, element("span", {}, kind));
}

/** Say what a reader has to know of a source's paper beside its words, or give null. */
export function notice(source) {
  const works = source.works ?? [];
  const words = source.withdrawn ? "withdrawn" : source.kind === "record" && works.length ? "not on arXiv; no abstract" : null;
  return words && element("span", { class: "notice" }, words);
}

/** Name who wrote a source, all of them or the first three. */
export function byline(source, all) {
  if (source.authors.length === 0) return element("span", {}, KINDS[source.kind].author);
  const shown = all ? source.authors : source.authors.slice(0, 3);
  const rest = source.authors.length - shown.length;
  const names = shown.flatMap((name, place) => [place ? ", " : "", element("bdi", {}, name)]);
  return element("span", {}, ...names, rest ? ` and ${rest} more` : "");
}

/** Say when a source was written; a saved thread does not tell. */
export function when(source) {
  if (source.date === null) return element("span", {}, "undated");
  const day = new Date(`${source.date.slice(0, 10)}T00:00:00Z`);
  return element("time", { datetime: source.date }, Number.isNaN(day.getTime()) ? source.date : DAY.format(day));
}

/** Link to the source where it was published, if the address is one of the web. */
export function wayOut(source) {
  const address = webAddress(source.url);
  if (address === null) return null;
  const place = source.kind === "comment" ? "Open the post" : onArxiv(address) ? "Open on arXiv" : "Open the source";
  return element(
    "a",
    { class: "way-out", href: address.href, target: "_blank", rel: "noopener noreferrer" },
    icon("leave"),
    element("span", {}, place),
    element("span", {}, address.hostname),
  );
}

function onArxiv(address) {
  return address.hostname === "arxiv.org" || address.hostname.endsWith(".arxiv.org");
}

function webAddress(url) {
  if (url === null || !URL.canParse(url)) return null;
  const address = new URL(url);
  return address.protocol === "https:" || address.protocol === "http:" ? address : null;
}
