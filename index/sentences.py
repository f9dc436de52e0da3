"""Sentence boundaries as spans of a text, so that quotes can be cut without changing a letter."""

import re
from itertools import pairwise

import sentencex

Span = tuple[int, int]

# A line break ends a sentence unless the next line goes on in lower case (wrapped text).
_BLOCK_END = re.compile(r"\n(?=\s*[^\sa-z])")
_OPEN_END = re.compile(
    r"\b(?:Eqs?|Figs?|Secs?|Sects?|Tabs?|Refs?|Thms?|Algs?|Chaps?|Dr|Prof|approx|resp|vs"
    r"|cf|incl|pp|e\.g|i\.e|w\.r\.t)\.$"
)


def sentence_spans(text: str) -> list[Span]:
    """Return the spans of the sentences of a text, in order, without blanks around them.

    Everything but white space is in exactly one span. Boundaries come from `sentencex`; what it
    parts after an abbreviation ("Eq. (2)") or inside a formula (`$a. B$`) is joined again.
    """
    spans: list[Span] = []
    for start, end in _blocks(text):
        spans += _joined(text, _boundaries(text, start, end))
    return spans


def _blocks(text: str) -> list[Span]:
    cuts = [0, *(match.end() for match in _BLOCK_END.finditer(text)), len(text)]
    return [(start, end) for start, end in pairwise(cuts) if start < end]


def _boundaries(text: str, start: int, end: int) -> list[Span]:
    found = sentencex.get_sentence_boundaries("en", text[start:end])
    spans = (trim(text, start + b["start_index"], start + b["end_index"]) for b in found)
    return [(first, last) for first, last in spans if first < last]


def _joined(text: str, spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in spans:
        if joined and _is_open(text[slice(*joined[-1])]):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _is_open(sentence: str) -> bool:
    inside_formula = sentence.replace(r"\$", "").count("$") % 2 == 1 and len(sentence) < 400
    return inside_formula or _OPEN_END.search(sentence) is not None


def trim(text: str, start: int, end: int) -> Span:
    """Return the span without the white space at its ends; an empty span where nothing is left."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
