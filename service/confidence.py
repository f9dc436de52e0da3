"""Whether what was found answers the question, or honesty asks for silence."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from index import Hit, Store, content_words
from service.extract import Candidate
from service.understanding import Understood

OPERATING_POINT = 0.5


@dataclass(frozen=True, slots=True)
class Judgement:
    """How likely the best sentences answer the question, and what is missing where they do not."""

    confidence: float
    reason: str | None

    @property
    def abstains(self) -> bool:
        """Return whether to say nothing rather than this."""
        return self.confidence < OPERATING_POINT


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer, each in 0..1 but for the count of unknown names."""

    cosine: float
    passage_cosine: float
    coverage: float
    unknown_names: int
    unknown_words: float
    names_paper: bool


def evidence(
    understood: Understood, hits: Sequence[Hit], best: Sequence[Candidate], store: Store
) -> Evidence:
    """Return what speaks for the best sentences as an answer."""
    unknown = unknown_words(understood, store)
    words = understood.words or ("",)
    return Evidence(
        cosine=max((c.cosine for c in best), default=0.0),
        passage_cosine=max((hit.cosine for hit in hits), default=0.0),
        coverage=max((c.coverage for c in best), default=0.0),
        unknown_names=sum(_is_name(word, understood.standalone) for word in unknown),
        unknown_words=len(unknown) / len(words),
        names_paper=bool(understood.papers),
    )


def judge(found: Evidence, unknown: Sequence[str]) -> Judgement:
    """Return how likely an answer is, by a logistic function of the evidence."""
    z = (
        -3.0
        + 4.0 * found.cosine
        + 2.0 * found.passage_cosine
        + 3.0 * found.coverage
        - 3.0 * found.unknown_names
        - 2.0 * found.unknown_words
        + 0.8 * found.names_paper
    )
    confidence = 1 / (1 + math.exp(-z))
    missing = ", ".join(f"“{word}”" for word in unknown)
    reason = f"Nothing here speaks of {missing}." if missing else "No passage here answers this."
    return Judgement(round(confidence, 3), reason)


def unknown_words(understood: Understood, store: Store) -> list[str]:
    """Return the content words of a question that stand nowhere in the library."""
    return [word for word in dict.fromkeys(understood.words) if store.count_matching(word) == 0]


def _is_name(word: str, question: str) -> bool:
    """Tell whether a word is written as a name: a capital inside the question, or a digit."""
    first = (content_words(question) or [""])[0] == word and question.startswith(word)
    return bool(re.search(r"\d", word) or re.search(r"[A-Z]", word[1:])) or (
        word[:1].isupper() and not first
    )
