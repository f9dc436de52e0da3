"""Pick the sentences of the best passages that answer a question, most relevant first."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from rapidfuzz import fuzz

from index import Hit, Passage, Vectors, content_words, sentence_spans
from ingest import Paper
from service import wording
from service.answers import Voice
from service.gate import Draft
from service.library import Library, called
from service.stems import word_stems
from service.understanding import Understood

MOST = 6
_CONSIDERED = 24
_LEAST_SHARE = 0.5
_LEAST_WORDS = 3
_COVERAGE, _HIT, _COSINE, _DIVERSITY = 1.0, 0.5, 2.0, 0.5
_SAME = 90
_PASTED = 40  # letters; fewer may be anybody's


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a hit, with what speaks for it."""

    passage: Passage
    start: int
    end: int
    coverage: float
    score: float
    cosine: float = 0.0
    vector: Vectors | None = None

    @property
    def text(self) -> str:
        """Return the sentence."""
        return self.passage.document.text[self.start : self.end]


def best_sentences(
    understood: Understood,
    hits: Sequence[Hit],
    vector: Vectors,
    weights: Mapping[str, float],
    library: Library,
) -> list[Candidate]:
    """Return the sentences of the hits by how well they answer, best first."""
    rough = sorted(
        (candidate for hit in hits for candidate in _sentences(hit, weights, understood)),
        key=lambda candidate: -candidate.score,
    )[:_CONSIDERED]
    if not rough:
        return []
    vectors = library.sentence_vectors([candidate.text for candidate in rough])
    scored = [_with_vector(c, row, vector) for c, row in zip(rough, vectors, strict=True)]
    if understood.aim == "discussion" and wording.MEMBERS.search(understood.asked):
        scored = _said_by_members(scored, understood.papers, library) or scored
    return sorted(scored, key=lambda candidate: -candidate.score)


def _said_by_members(
    candidates: Sequence[Candidate], papers: Sequence[Paper], library: Library
) -> list[Candidate]:
    """Return what members say in their own words, of the papers if any are named."""
    named = {paper.id for paper in papers}
    return [
        candidate
        for candidate in candidates
        if _voice(candidate, library) == "discussion"
        and (not named or named & set(candidate.passage.document.papers))
    ]


def _with_vector(candidate: Candidate, row: Vectors, question: Vectors) -> Candidate:
    cosine = float(row @ question)
    score = candidate.score + _COSINE * cosine
    return replace(candidate, score=score, cosine=cosine, vector=row)


def chosen(candidates: Sequence[Candidate], understood: Understood) -> list[Candidate]:
    """Return the best candidates, at most six, no two of which say the same.

    Each next one is the best that is least like those before it (maximal marginal relevance,
    Carbonell and Goldstein, SIGIR 1998). Where several papers are asked about, each has its turn.
    Where a member pasted the authors' words, the authors' own sentence stands for both.
    """
    least = _LEAST_SHARE * candidates[0].score if candidates else 0.0
    waiting = [c for c in candidates if c.score >= least]
    if understood.aim != "discussion":
        waiting = _own_words_first(waiting)
    kept: list[Candidate] = []
    while waiting and len(kept) < MOST:
        best = max(
            waiting,
            key=lambda c: (-_turn(c, kept, understood.papers), c.score - _likeness(c, kept)),
        )
        waiting.remove(best)
        if not any(says_the_same(best.text, other.text) for other in kept):
            kept.append(best)
    return kept


def by_voice(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts so that each voice speaks once, the one that answers best first."""
    order = list(dict.fromkeys(draft.voice for draft in drafts))
    return sorted(drafts, key=lambda draft: order.index(draft.voice))


def _own_words_first(candidates: list[Candidate]) -> list[Candidate]:
    """Return the candidates without a member's that repeats a sentence of an abstract here."""
    abstracts = [c for c in candidates if _kind(c) == "abstract"]
    return [
        c
        for c in candidates
        if _kind(c) != "comment" or not any(says_the_same(c.text, a.text) for a in abstracts)
    ]


def _likeness(candidate: Candidate, kept: Sequence[Candidate]) -> float:
    alike = (float(candidate.vector @ other.vector) for other in kept)  # type: ignore[operator]
    return _DIVERSITY * max(alike, default=0.0)


def _turn(candidate: Candidate, kept: Sequence[Candidate], papers: Sequence[Paper]) -> int:
    """Return how many sentences the candidate's paper has already, where papers take turns."""
    if len(papers) < 2:
        return 0
    about = candidate.passage.document.papers[:1]
    return sum(other.passage.document.papers[:1] == about for other in kept)


def _kind(candidate: Candidate) -> str:
    return candidate.passage.document.kind


def says_the_same(one: str, other: str) -> bool:
    """Tell whether one sentence stands in the other, but for spelling and a single word.

    A word that turns the meaning, a number or a "not", is never that word.
    """
    letters, others = _letters(one), _letters(other)
    if not (letters and others):
        return one == other
    if letters in others or others in letters:
        return True
    differing = set(word_stems(one)) ^ set(word_stems(other))
    turned = any(
        word.isdigit() or word in wording.NEGATIONS for word in _words(one) ^ _words(other)
    )
    return not turned and len(differing) <= 2 and fuzz.partial_ratio(letters, others) >= _SAME


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


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


def _sentences(hit: Hit, weights: Mapping[str, float], understood: Understood) -> list[Candidate]:
    passage = hit.passage
    spans = [
        (passage.start + start, passage.start + end)
        for start, end in sentence_spans(passage.text)
        if len(content_words(passage.text[start:end])) >= _LEAST_WORDS
    ]
    return [_candidate(hit, span, weights, understood) for span in spans]


def _candidate(
    hit: Hit, span: tuple[int, int], weights: Mapping[str, float], understood: Understood
) -> Candidate:
    text = hit.passage.document.text[slice(*span)]
    present = set(word_stems(text))
    covered = sum(weight * _held(stem, present) for stem, weight in weights.items())
    coverage = covered / (sum(weights.values()) or 1.0)
    score = _COVERAGE * coverage + _HIT * hit.score + _fit(text, hit, understood)
    return Candidate(hit.passage, *span, coverage, score)


def _held(stem: str, present: set[str]) -> float:
    """Return 1 for a stem that is there, a half for one that only its like stands for."""
    if stem in present:
        return 1.0
    return 0.5 * any(stem in group and present & set(group) for group in wording.ALIKE)


def _fit(text: str, hit: Hit, understood: Understood) -> float:
    """Return how well the kind of sentence fits what is asked for."""
    kind = hit.passage.document.kind
    is_question = text.endswith("?") and understood.aim != "discussion"
    fit = -1.0 * is_question - 1.0 * (kind == "record" or _is_heading(text, hit))
    if understood.aim == "discussion":
        fit += 0.5 if kind == "comment" else -0.2
        fit += 0.3 * bool(
            {paper.id for paper in understood.papers} & set(hit.passage.document.papers)
        )
    if understood.aim == "code":
        fit += 0.4 if wording.CODE.search(text) else -0.6
    if wording.NUMBER.search(understood.standalone):
        fit += 0.15 * bool(re.search(r"\d", text))
    if len(understood.words) < 3 and wording.DEFINITION.search(understood.standalone):
        fit += 0.4 * bool(wording.DEFINING.search(text)) - 0.4 * (kind == "comment")
    return fit


def _is_heading(text: str, hit: Hit) -> bool:
    """Tell whether a sentence is only a title, or points at what follows."""
    document = hit.passage.document
    points_on = text.endswith(":") and len(text.split()) < 6
    return points_on or any(_letters(text) in _letters(t) for t in (document.title, document.words))


def stem_weights(understood: Understood, library: Library) -> dict[str, float]:
    """Return how much each stem that is asked for counts: the rarer, the more."""
    total = max(library.store.counts()["passages"], 1)
    weights: dict[str, float] = {}
    for word in understood.words:
        found = library.store.count_matching(word)
        # A word that stands nowhere here may be the reader's own for a thing that does.
        weight = np.log(1 + total / (1 + found)) if found else 0.5 * np.log(1 + total)
        for stem in word_stems(word):
            weights[stem] = float(weight)
    return weights


def _voice(candidate: Candidate, library: Library) -> Voice:
    document = candidate.passage.document
    if document.kind == "note":
        return "curator"
    if document.kind != "comment":
        return "paper"
    return "paper" if _pasted_from(candidate, library) else "discussion"


def _pasted_from(candidate: Candidate, library: Library) -> Paper | None:
    """Return the paper from whose abstract a member's sentence is, to the letter, if it is."""
    letters = _letters(candidate.text)
    if len(letters) < _PASTED:
        return None
    papers = library.catalogue.papers.get(candidate.passage.document.papers)
    return next((p for p in papers if p.abstract and letters in _letters(p.abstract)), None)


def _lead(candidate: Candidate, voice: Voice, library: Library) -> str:
    document = candidate.passage.document
    papers = library.catalogue.papers.get(document.papers[:1])
    name = called(papers[0]) if papers else document.title
    if document.kind == "abstract":
        return f"The abstract of {name} says:"
    if document.kind == "note":
        return f"The curator's note on {name} says:"
    if document.kind == "record":
        return f"The record of {name} says:"
    who = document.authors[0] if document.authors else None
    if voice == "paper":
        pasted = _pasted_from(candidate, library)
        withdrawn = ", which has been withdrawn" if pasted and pasted.withdrawn else ""
        return f"In the thread, {who or 'a member'} quotes the paper{withdrawn}:"
    return f"In the thread, {who} says:" if who else "In the thread:"
