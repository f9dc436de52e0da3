"""From a question to an answer that has passed the gate, or to an honest silence."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from index import Document, Filters, Hit, Vectors, search_by_vector
from ingest import Paper
from service import records
from service.answers import Answer, Citation, Question, Sentence, Source, Timings
from service.confidence import NO_WORDS, SURE, Judgement, evidence, judge, unknown_words
from service.extract import best_sentences, chosen, draft, stem_weights
from service.gate import Draft, pass_gate
from service.library import Library, short_name
from service.understanding import Understood, understand

_ABSTAINED = "Not in this library."
_READ = 24


@dataclass(frozen=True, slots=True)
class _Outcome:
    drafts: list[Draft]
    hits: list[Hit]
    judgement: Judgement


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
    outcome = _outcome(understood, hits, vector, library)
    clock.lap("answer")
    drafts = pass_gate(outcome.drafts, library.store.fetch)
    clock.lap("gate")
    return _shaped(question, understood, outcome, drafts, library, generation, clock.timings())


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


def _outcome(
    understood: Understood, hits: list[Hit], vector: Vectors, library: Library
) -> _Outcome:
    """Return what an answer would quote, and whether it answers."""
    from_records = _from_records(understood, hits, library)
    if from_records:
        return _Outcome(from_records, hits, SURE)
    if not (understood.words or understood.papers):
        return _Outcome([], hits, NO_WORDS)
    unknown = unknown_words(understood, library.store)
    weights = stem_weights(understood, library)
    best = best_sentences(understood, hits, vector, weights, library)
    judgement = judge(evidence(understood, hits, best, weights, unknown), unknown)
    return _Outcome([draft(c, library) for c in chosen(best, understood)], hits, judgement)


def _from_records(understood: Understood, hits: Sequence[Hit], library: Library) -> list[Draft]:
    """Return drafts from papers' records where the question asks for what stands in them."""
    store = library.store
    lines = records.asked_lines(understood)
    if not lines:
        return []
    if understood.papers:
        return records.line_drafts(understood.papers, lines, store)[: records.MOST]
    if understood.aim == "dates" and understood.period:
        found = records.records_in_period(understood, store)
        return records.entry_drafts(found, "Submitted")[: records.MOST]
    if understood.aim == "authors" and (found := records.records_by_author(understood, store)):
        return records.entry_drafts(found, "Authors")[: records.MOST]
    if unknown_words(understood, store):
        return []
    papers = library.catalogue.papers([p for hit in hits[:1] for p in hit.passage.document.papers])
    return records.line_drafts(papers, lines, store)[: records.MOST]


def _shaped(
    question: Question,
    understood: Understood,
    outcome: _Outcome,
    drafts: Sequence[Draft],
    library: Library,
    generation: int,
    timings: Timings,
) -> Answer:
    abstained = outcome.judgement.abstains or not drafts
    sentences, text = _sentences([] if abstained else drafts)
    citations = () if abstained else tuple(_citation(d, n) for n, d in enumerate(drafts, 1))
    cited = {(draft.document.key) for draft in drafts} if not abstained else set()
    reason = outcome.judgement.reason
    return Answer(
        id=uuid.uuid4().hex,
        conversation_id=None,
        question=question.question,
        standalone_question=understood.standalone,
        answer=f"{_ABSTAINED} {reason}" if abstained else text,
        abstained=abstained,
        abstain_reason=reason if abstained else None,
        confidence=outcome.judgement.confidence,
        sentences=sentences,
        citations=citations,
        sources=tuple(
            _source(hit) for hit in outcome.hits if hit.passage.document.key not in cited
        )[: question.top_k],
        suggestions=suggestions(understood, outcome.hits, library),
        mode="extractive",
        model=None,
        embedding_model=library.embedder.identity.name,
        generation=generation,
        timings_ms=timings,
    )


def _sentences(drafts: Sequence[Draft]) -> tuple[tuple[Sentence, ...], str]:
    """Return the sentences and the text they stand in, with offsets that fit each other."""
    sentences: list[Sentence] = []
    text = ""
    for number, given in enumerate(drafts, 1):
        text += f"{given.lead} “"
        start, end = len(text), len(text) + len(given.quote)
        text += f"{given.quote}” [{number}]\n"
        sentences.append(Sentence(given.lead, given.quote, start, end, (number,), given.voice))
    return tuple(sentences), text.rstrip("\n")


def _citation(given: Draft, number: int) -> Citation:
    found = _facts(given.document, given.start, given.end, given.score)
    return Citation(**{f.name: getattr(found, f.name) for f in fields(found)}, number=number)


def _source(hit: Hit) -> Source:
    passage = hit.passage
    return _facts(passage.document, passage.start, passage.end, hit.score)


def _facts(document: Document, start: int, end: int, score: float) -> Source:
    own = document.papers[0] if document.papers and document.kind != "comment" else None
    return Source(
        document=document.key,
        kind=document.kind,
        title=document.title,
        authors=document.authors,
        date=document.date.isoformat() if document.date else None,
        url=document.url,
        arxiv_id=own,
        version=document.version,
        topic_id=document.topic_id,
        post_number=document.post_number,
        about=document.papers,
        revision=document.revision,
        quote=document.text[start:end],
        start=start,
        end=end,
        score=round(score, 4),
    )


def suggestions(understood: Understood, hits: Sequence[Hit], library: Library) -> tuple[str, ...]:
    """Return up to three further questions that the records and comments here answer."""
    nearest = [paper for hit in hits[:3] for paper in hit.passage.document.papers]
    ids = dict.fromkeys([*(paper.arxiv_id for paper in understood.papers), *nearest])
    found: list[str] = []
    for paper in library.catalogue.papers(list(ids)[:2]):
        name = short_name(paper)
        if understood.aim != "authors" and paper.authors:
            found.append(f"Who wrote {name}?")
        if understood.aim != "discussion" and _is_discussed(paper, library):
            found.append(f"What did members say about {name}?")
        if understood.aim != "dates" and paper.published:
            found.append(f"When was {name} submitted?")
    return tuple(found[:3])


def _is_discussed(paper: Paper, library: Library) -> bool:
    about = Filters(kinds=("comment",), arxiv_ids=(paper.arxiv_id,))
    return bool(library.store.documents(about))


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
