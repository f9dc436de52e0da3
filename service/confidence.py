"""Whether what was found answers the question, or honesty asks for silence."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass

from index import Hit, Store, content_words
from service import wording
from service.extract import Candidate
from service.stems import word_stems
from service.understanding import Understood

OPERATING_POINT = 0.5
_TOLD = 5
_BIAS = -5.8
_WEIGHTS = (3.13, 2.59, 2.37, 1.52, 2.03, -2.5, -0.28, 1.03)


@dataclass(frozen=True, slots=True)
class Judgement:
    """How likely the best sentences answer the question, and what is missing where they do not."""

    confidence: float
    reason: str

    @property
    def abstains(self) -> bool:
        """Return whether to say nothing rather than this."""
        return self.confidence < OPERATING_POINT


# What stands in a paper's record is asked for and given by name.
SURE = Judgement(0.95, "The library does not say.")
NO_WORDS = Judgement(
    0.0, "There is no word in the question to look for. Ask about a paper or a post."
)
NO_NAMES = Judgement(0.0, "The posts here were saved without their members' names.")
NO_DATES = Judgement(0.0, "The posts here were saved without their dates.")
NO_POSTS_BY = Judgement(0.0, "No post here is known to be by the member who is named.")
NOT_LEFT = Judgement(0.0, "The filters leave nothing to read. Take one away.")
NOT_THERE = Judgement(0.0, "There is nothing in this library yet. Run 'journalclub ingest'.")
NOT_ON_THESE = Judgement(0.0, "The filters leave nothing on the paper that is asked about.")
NOT_SAID = Judgement(0.0, "No record that may be read says this.")
CHANGED = Judgement(0.0, "What answers this has changed this very moment. Ask again.")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer, each in 0..1 but for counts.

    `sentence` and `passage` are the best cosines, `coverage` how much of the question the best
    sentence holds, `together` how much the passages hold, `thing` how much of what is asked for by
    name one sentence holds; `unknown_names` counts names that stand nowhere in the library.
    """

    sentence: float
    passage: float
    coverage: float
    together: float
    thing: float
    unknown_names: int
    unknown_words: int
    names_paper: bool


def evidence(
    understood: Understood,
    hits: Sequence[Hit],
    best: Sequence[Candidate],
    weights: Mapping[str, float],
    unknown: Sequence[str],
) -> Evidence:
    """Return what speaks for the best sentences as an answer."""
    present = {stem for hit in hits for stem in word_stems(hit.passage.text)}
    total = sum(weights.values())
    held = sum(weight for stem, weight in weights.items() if stem in present)
    thing = word_stems(" ".join(understood.thing))
    names = sum(" " in word or _is_name(word, understood.standalone) for word in unknown)
    return Evidence(
        sentence=max((c.cosine for c in best), default=0.0),
        passage=max((hit.cosine for hit in hits), default=0.0),
        coverage=max((c.coverage for c in best), default=0.0) if weights else 1.0,
        together=held / total if total else 1.0,
        thing=max((_share(thing, c.text) for c in best), default=0.0) if thing else 1.0,
        unknown_names=names,
        unknown_words=len(unknown) - names,
        names_paper=bool(understood.papers),
    )


def judge(found: Evidence, unknown: Sequence[str]) -> Judgement:
    """Return how likely an answer is, by a logistic function of the evidence."""
    z = _BIAS + sum(w * float(x) for w, x in zip(_WEIGHTS, astuple(found), strict=True))
    missing = ", ".join(f"“{word}”" for word in unknown[:_TOLD])
    reason = f"Nothing here speaks of {missing}." if missing else "No passage here answers this."
    return Judgement(round(0.5 + 0.5 * math.tanh(z / 2), 3), reason)  # never overflows


def unknown_words(understood: Understood, store: Store) -> list[str]:
    """Return the words, and the phrases in quotation marks, that stand nowhere in the library."""
    quoted = [" ".join(groups).strip() for groups in wording.QUOTED.findall(understood.standalone)]
    phrases = [p for p in dict.fromkeys(quoted) if not store.holds_phrase(p)]
    told = " ".join(phrases)
    words = [w for w in understood.words if w not in told and not _is_known(w, store)]
    return [*phrases, *words]


def _is_known(word: str, store: Store) -> bool:
    sizes = re.split(r"(?<=\d)[x×](?=\d)", word)
    return any(store.count_matching(part, 1) for part in sizes)


def _share(wanted: Sequence[str], text: str) -> float:
    """Return how much of a thing a text holds: all when its words stand there in a row."""
    stems = word_stems(text)
    size = len(wanted)
    if any(stems[at : at + size] == wanted for at in range(len(stems) - size + 1)):
        return 1.0
    return 0.5 * len(set(wanted) & set(stems)) / size


def _is_name(word: str, question: str) -> bool:
    """Tell whether a word is written as a name: a capital inside the question, or a digit."""
    first = (content_words(question) or [""])[0] == word and question.startswith(word)
    return bool(re.search(r"\d", word) or re.search(r"[A-Z]", word[1:])) or (
        word[:1].isupper() and not first
    )
