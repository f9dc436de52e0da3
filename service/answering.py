"""From a question to an answer that has passed the gate, or to an honest silence."""

import time
from collections.abc import Sequence
from dataclasses import replace

from index import Filters, Hit, Vectors, search_by_vector
from ingest import Paper
from service import records, wording
from service.answers import Answer, Question, Timings
from service.confidence import (
    CHANGED,
    NO_NAMES,
    NO_WORDS,
    NOT_LEFT,
    NOT_ON_THESE,
    NOT_SAID,
    NOT_THERE,
    SURE,
    Judgement,
    evidence,
    judge,
    unknown_words,
)
from service.extract import best_sentences, by_voice, chosen, draft, stem_weights
from service.gate import Draft, pass_gate
from service.library import Library
from service.shaping import Found, shape
from service.understanding import Understood, understand

_READ = 24


def answer(question: Question, library: Library) -> Answer:
    """Return the answer to a question, every sentence of it a quote, or an abstention.

    Raises `WrongModel` when the library was embedded with another model.
    """
    clock = _Clock()
    library.store.check_model(library.embedder.identity)
    generation = library.store.generation()
    understood = understand(question, library)
    vector = library.embedder.encode([understood.query])[0]
    clock.lap("embed")
    hits = _hits(understood, question, vector, library)
    clock.lap("search")
    found = _found(understood, question.filters, hits, vector, library)
    clock.lap("answer")
    drafts = pass_gate(found.drafts, library.store.fetch)
    clock.lap("gate")
    if found.drafts and not drafts:
        found = replace(found, judgement=CHANGED)
    return shape(question, replace(found, drafts=drafts), library, generation, clock.timings())


def _hits(
    understood: Understood, question: Question, vector: Vectors, library: Library
) -> list[Hit]:
    """Return the best hits: of each paper that the question names, else of the whole library."""
    depth = max(question.top_k, _READ)
    limits = [f for paper in understood.papers if (f := _limited_to(question.filters, paper))]
    if understood.aim == "discussion" and "comment" in (question.filters.kinds or ("comment",)):
        limits.append(replace(question.filters, kinds=("comment",)))
    hits = [
        hit
        for limited in limits or [question.filters]
        for hit in search_by_vector(understood.query, vector, library.store, depth, limited)
    ]
    best: dict[int, Hit] = {}
    for hit in sorted(hits, key=lambda hit: -hit.score):
        best.setdefault(hit.passage.id, hit)
    return list(best.values())


def _limited_to(filters: Filters, paper: Paper) -> Filters | None:
    if filters.arxiv_ids and paper.arxiv_id not in filters.arxiv_ids:
        return None
    return replace(filters, arxiv_ids=(paper.arxiv_id,))


def _found(
    understood: Understood, filters: Filters, hits: list[Hit], vector: Vectors, library: Library
) -> Found:
    """Return what an answer would quote, and whether it answers."""
    in_records = _within(filters, _from_records(understood, library), library)
    if in_records:
        return Found(understood, in_records, hits, SURE)
    if nothing := _nothing_to_say(understood, hits, filters):
        return Found(understood, [], hits, nothing)
    unknown = unknown_words(understood, library.store)
    weights = stem_weights(understood, library)
    best = best_sentences(understood, hits, vector, weights, library)
    judgement = judge(evidence(understood, hits, best, weights, unknown), unknown)
    drafts = [] if unknown else _within(filters, _from_nearest(understood, hits, library), library)
    if not drafts:
        drafts = by_voice([draft(candidate, library) for candidate in chosen(best, understood)])
    return Found(understood, drafts, hits, judgement)


def _from_records(understood: Understood, library: Library) -> list[Draft]:
    """Return drafts from papers' records where the question asks for what stands in them."""
    store = library.store
    lines = records.asked_lines(understood)
    if not lines:
        return []
    if understood.papers:
        return records.line_drafts(understood.papers, lines, store)
    if understood.aim == "dates" and understood.period:
        return records.entry_drafts(records.records_in_period(understood, store), "Submitted")
    if understood.aim == "authors" and (found := records.records_by_author(understood, store)):
        return records.entry_drafts(found, "Authors")
    return []


def _from_nearest(understood: Understood, hits: Sequence[Hit], library: Library) -> list[Draft]:
    """Return such drafts from the papers of the best hit, where the question names none itself."""
    lines = [] if understood.papers else records.asked_lines(understood)
    papers = library.catalogue.papers([p for hit in hits[:1] for p in hit.passage.document.papers])
    return records.line_drafts(papers, lines, library.store)


def _within(filters: Filters, drafts: Sequence[Draft], library: Library) -> list[Draft]:
    """Return those of the drafts that the question's filters let through, at most six."""
    keys = library.store.passing([draft.document.key for draft in drafts], filters)
    return [draft for draft in drafts if draft.document.key in keys][: records.MOST]


def _nothing_to_say(
    understood: Understood, hits: Sequence[Hit], filters: Filters
) -> Judgement | None:
    """Return why no sentence here can answer, however near it is; None when one may."""
    if not (understood.words or understood.papers):
        return NO_WORDS
    if not hits:
        return NOT_LEFT if filters != Filters() else NOT_THERE
    if _asks_for_nameless(understood, hits):
        return NO_NAMES
    about = {arxiv_id for hit in hits for arxiv_id in hit.passage.document.papers}
    if understood.papers and about.isdisjoint(p.arxiv_id for p in understood.papers):
        return NOT_ON_THESE
    return NOT_SAID if understood.aim in ("authors", "dates") and not understood.words else None


def _asks_for_nameless(understood: Understood, hits: Sequence[Hit]) -> bool:
    """Tell whether a question asks which member said something, and no post here has a name."""
    comments = [hit.passage.document for hit in hits if hit.passage.document.kind == "comment"]
    asks = understood.aim == "discussion" and wording.WHICH_MEMBER.search(understood.standalone)
    return bool(asks) and not any(comment.authors for comment in comments)


class _Clock:
    """Milliseconds between laps, by name."""

    def __init__(self) -> None:
        self._began = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self._laps[name] = round((now - self._last) * 1000, 2)
        self._last = now

    def timings(self) -> Timings:
        total = round((time.perf_counter() - self._began) * 1000, 2)
        return Timings(**self._laps, total=total)
