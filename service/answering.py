"""From a question to an answer that has passed the gate, or to an honest silence."""

import time
from collections.abc import Sequence
from dataclasses import replace

from index import Document, Filters, Hit, Vectors, search_by_vector
from service import records, wording
from service.answers import Answer, Question, Timings
from service.confidence import (
    CHANGED,
    NO_DATES,
    NO_NAMES,
    NO_POSTS_BY,
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
    hits = [
        hit
        for limited in _limits(understood, question.filters)
        for hit in search_by_vector(
            understood.query, vector, library.store, depth, limited, library.reranker
        )
    ]
    best: dict[int, Hit] = {}
    for hit in sorted(hits, key=lambda hit: -hit.score):
        best.setdefault(hit.passage.id, hit)
    return list(best.values())


def _limits(understood: Understood, filters: Filters) -> list[Filters]:
    """Return where to search: in what is on each named paper, in the posts, or everywhere."""
    may_be_posts = "comment" in (filters.kinds or ("comment",))
    if understood.member and may_be_posts and not filters.authors:
        return [replace(filters, kinds=("comment",), authors=(understood.member,))]
    limits = [
        replace(filters, arxiv_ids=(paper.id,))
        for paper in understood.papers
        if not filters.arxiv_ids or paper.id in filters.arxiv_ids
    ]
    if understood.aim == "discussion" and may_be_posts:
        limits.append(replace(filters, kinds=("comment",)))
    return limits or [filters]


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
    if understood.aim in ("authors", "dates") and not understood.papers:
        drafts = (
            [] if unknown else _within(filters, _from_nearest(understood, hits, library), library)
        )
        return Found(understood, drafts, hits, judgement if drafts or unknown else NOT_SAID)
    drafts = by_voice([draft(candidate, library) for candidate in chosen(best, understood)])
    return Found(understood, drafts, hits, judgement)


def _from_records(understood: Understood, library: Library) -> list[Draft]:
    """Return drafts from papers' records where the question asks for what stands in them."""
    store = library.store
    lines = records.asked_lines(understood)
    if not lines or records.asks_for_more(understood):
        return []
    if understood.papers:
        return records.line_drafts(understood.papers, lines, store)
    if understood.aim == "dates" and understood.period:
        found = records.records_in_period(understood, store)
        return records.entry_drafts(found, "Submitted", library.catalogue)
    if understood.aim == "authors" and (found := records.records_by_author(understood, store)):
        return records.entry_drafts(found, "Authors", library.catalogue)
    return []


def _from_nearest(understood: Understood, hits: Sequence[Hit], library: Library) -> list[Draft]:
    """Return such drafts from the paper of the best hit, if it is as the question describes it."""
    papers = library.catalogue.papers.get(
        [p for hit in hits[:1] for p in hit.passage.document.papers]
    )
    described = [paper for paper in papers if records.is_described(paper, understood)]
    return records.line_drafts(described, records.asked_lines(understood), library.store)


def _within(filters: Filters, drafts: Sequence[Draft], library: Library) -> list[Draft]:
    """Return those of the drafts that the question's filters let through, at most six."""
    keys = library.store.passing([draft.document.key for draft in drafts], filters)
    return [draft for draft in drafts if draft.document.key in keys][: records.MOST]


def _nothing_to_say(
    understood: Understood, hits: Sequence[Hit], filters: Filters
) -> Judgement | None:
    """Return why no sentence here can answer, however near it is; None when one may."""
    about = {arxiv_id for hit in hits for arxiv_id in hit.passage.document.papers}
    reasons = (
        (NO_WORDS, not (understood.words or understood.papers)),
        (NO_POSTS_BY, understood.member and not hits),
        (NOT_THERE if filters == Filters() else NOT_LEFT, not hits),
        (NO_NAMES, _asks_for_nameless(understood, hits)),
        (NO_DATES, _asks_for_undated(understood, hits)),
        (
            NOT_ON_THESE,
            understood.papers and about.isdisjoint(p.id for p in understood.papers),
        ),
        (NOT_SAID, _asks_for_a_record(understood)),
    )
    return next((judgement for judgement, holds in reasons if holds), None)


def _asks_for_a_record(understood: Understood) -> bool:
    """Tell whether only a record could answer, so that no sentence may stand in for it."""
    if understood.aim == "dates" and understood.papers and wording.WHEN.search(understood.asked):
        return True
    return understood.aim in ("authors", "dates") and not understood.words


def _asks_for_nameless(understood: Understood, hits: Sequence[Hit]) -> bool:
    """Tell whether a question asks which member said something, and no post here has a name."""
    comments = _comments(hits)
    asks = understood.aim == "discussion" and wording.WHICH_MEMBER.search(understood.standalone)
    return bool(asks) and not any(comment.authors for comment in comments)


def _asks_for_undated(understood: Understood, hits: Sequence[Hit]) -> bool:
    """Tell whether a question asks when something was posted, and no post here has a date."""
    asks = understood.aim == "discussion" and wording.WHEN.search(understood.asked)
    return bool(asks) and not any(comment.date for comment in _comments(hits))


def _comments(hits: Sequence[Hit]) -> list[Document]:
    return [hit.passage.document for hit in hits if hit.passage.document.kind == "comment"]


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
