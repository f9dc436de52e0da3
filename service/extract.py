"""Pick the sentences of the best passages that answer a question, most relevant first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz

from index import Hit, Passage, Vectors, sentence_spans
from ingest import Paper
from service.answers import Voice
from service.gate import Draft
from service.library import Library, short_name
from service.understanding import Understood, stems

MOST = 6
_CONSIDERED = 16
_LEAST_SHARE = 0.5
_SAME = 85
_PASTED = 88


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a hit, with what speaks for it."""

    passage: Passage
    start: int
    end: int
    coverage: float
    cosine: float
    score: float

    @property
    def text(self) -> str:
        """Return the sentence."""
        return self.passage.document.text[self.start : self.end]


def best_sentences(
    understood: Understood, hits: Sequence[Hit], vector: Vectors, library: Library
) -> list[Candidate]:
    """Return the sentences of the hits by how well they answer, best first."""
    weights = _weights(understood, library)
    rough = sorted(
        (candidate for hit in hits for candidate in _sentences(hit, weights, understood)),
        key=lambda candidate: -candidate.score,
    )[:_CONSIDERED]
    if not rough:
        return []
    cosines = library.sentence_vectors([candidate.text for candidate in rough]) @ vector
    scored = [
        Candidate(c.passage, c.start, c.end, c.coverage, float(cosine), c.score + float(cosine))
        for c, cosine in zip(rough, cosines, strict=True)
    ]
    return sorted(scored, key=lambda candidate: -candidate.score)


def chosen(candidates: Sequence[Candidate], most: int = MOST) -> list[Candidate]:
    """Return the best candidates, no two of which say the same."""
    kept: list[Candidate] = []
    for candidate in candidates:
        if len(kept) == most or candidate.score < _LEAST_SHARE * candidates[0].score:
            break
        if not any(says_the_same(candidate.text, other.text) for other in kept):
            kept.append(candidate)
    return kept


def says_the_same(one: str, other: str) -> bool:
    """Tell whether two sentences have so nearly the same words that one of them is enough."""
    return fuzz.token_sort_ratio(one.casefold(), other.casefold()) >= _SAME


def draft(candidate: Candidate, library: Library) -> Draft:
    """Return the candidate as a quote with its voice and a lead that says who speaks."""
    document = candidate.passage.document
    voice = _voice(candidate, library)
    return Draft(
        document,
        candidate.start,
        candidate.end,
        candidate.score,
        voice,
        _lead(candidate, voice, library),
    )


def _sentences(hit: Hit, weights: dict[str, float], understood: Understood) -> list[Candidate]:
    passage = hit.passage
    spans = [
        (passage.start + start, passage.start + end)
        for start, end in sentence_spans(passage.text)
        if end - start >= 12
    ]
    return [_candidate(hit, span, weights, understood) for span in spans]


def _candidate(
    hit: Hit, span: tuple[int, int], weights: dict[str, float], understood: Understood
) -> Candidate:
    document = hit.passage.document
    text = document.text[slice(*span)]
    present = set(stems(text))
    covered = sum(weight for stem, weight in weights.items() if stem in present)
    coverage = covered / (sum(weights.values()) or 1.0)
    named = {paper.arxiv_id for paper in understood.papers} & set(document.papers)
    score = coverage + 0.5 * hit.score + 0.4 * bool(named) + _fit(text, hit, understood)
    return Candidate(hit.passage, *span, coverage, 0.0, score)


def _fit(text: str, hit: Hit, understood: Understood) -> float:
    """Return how well the kind of sentence fits what is asked for."""
    kind = hit.passage.document.kind
    fit = 0.0
    if text.endswith("?"):
        fit -= 0.3
    if kind == "record" or _is_heading(text, hit):
        fit -= 1.0
    if understood.aim == "discussion":
        fit += 0.5 if kind == "comment" else -0.2
    if understood.aim == "code" and re.search(
        r"\bcode\b|github|pytorch|implement|open.sourc", text, re.IGNORECASE
    ):
        fit += 0.4
    if re.search(
        r"\bhow (?:many|much|long|fast|accurate|often|big|large|well)\b|\brates?\b",
        understood.standalone,
        re.IGNORECASE,
    ):
        fit += 0.15 if re.search(r"\d", text) else 0.0
    return fit


def _is_heading(text: str, hit: Hit) -> bool:
    """Tell whether a sentence is only the title of a thread or of a paper, or points at what follows."""
    document = hit.passage.document
    titles = (document.title, *document.words.split("\n"))
    return text.endswith(":") or any(says_the_same(text, title) for title in titles)


def _weights(understood: Understood, library: Library) -> dict[str, float]:
    """Return how much each stem that is asked for counts: the rarer, the more."""
    total = max(library.store.counts()["passages"], 1)
    weights = {}
    for word in understood.words:
        found = library.store.count_matching(word)
        for stem in stems(word):
            weights[stem] = float(np.log(1 + total / (1 + found)))
    return weights


def _voice(candidate: Candidate, library: Library) -> Voice:
    document = candidate.passage.document
    if document.kind == "note":
        return "curator"
    if document.kind != "comment":
        return "paper"
    return "paper" if _is_pasted(candidate, library) else "discussion"


def _is_pasted(candidate: Candidate, library: Library) -> bool:
    """Tell whether a member's sentence is the authors' own, pasted from an abstract."""
    papers = library.catalogue.papers(candidate.passage.document.papers)
    return len(candidate.text) >= 40 and any(
        fuzz.partial_ratio(candidate.text, paper.abstract) >= _PASTED
        for paper in papers
        if paper.abstract and len(paper.abstract) >= len(candidate.text)
    )


def _lead(candidate: Candidate, voice: Voice, library: Library) -> str:
    document = candidate.passage.document
    papers = library.catalogue.papers(document.papers[:1])
    name = _name(papers) or document.title
    if document.kind == "abstract":
        return f"The abstract of {name} says:"
    if document.kind == "note":
        return f"The curator's note on {name} says:"
    if document.kind == "record":
        return f"The record of {name} says:"
    who = document.authors[0] if document.authors else "a member"
    if voice == "paper":
        return f"In the thread, {who} quotes the paper:"
    return f"In the thread, {who} says:"


def _name(papers: Sequence[Paper]) -> str | None:
    return short_name(papers[0]) if papers else None
