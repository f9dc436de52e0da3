"""Sentence boundaries as spans of a text, so that quotes can be cut without changing a letter."""

import re
from itertools import pairwise

import sentencex

Span = tuple[int, int]

# How much is given to `sentencex` at once: its time grows with the square of a text's length.
_WINDOW = 20_000

# A line break ends a sentence unless the next line goes on in lower case (wrapped text).
_BLOCK_END = re.compile(r"\n(?=[^\S\n]*[^\sa-z])")
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
    spans: list[Span] = []
    while start < end:
        stop = min(start + _WINDOW, end)
        found = sentencex.get_sentence_boundaries("en", text[start:stop])
        spans += [(start + b["start_index"], start + b["end_index"]) for b in found]
        if stop < end and len(found) > 1:  # the last one may go on behind the window
            stop, _ = spans.pop()
        start = stop
    trimmed = (trim(text, *span) for span in spans)
    return [(first, last) for first, last in trimmed if first < last]


def _joined(text: str, spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in spans:
        if joined and _is_open(text, *joined[-1]):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _is_open(text: str, start: int, end: int) -> bool:
    if _OPEN_END.search(text, max(start, end - 16), end):
        return True
    return end - start < 400 and text[start:end].replace(r"\$", "").count("$") % 2 == 1


def trim(text: str, start: int, end: int) -> Span:
    """Return the span without the white space at its ends; an empty span where nothing is left."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
