"""Documents become passages: spans that end at sentence ends and fit what the model reads."""

import hashlib
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.documents import Document
from index.encoding.embedding import Embedder
from index.sentences import Span, sentence_spans, trim

CONTEXT_TOKENS = 40
# Passages of so many tokens, context included, are found better than longer ones, also by models
# that read more: docs/retrieval.md.
MOST_TOKENS = 190


@dataclass(frozen=True, slots=True)
class Piece:
    """A span of a document with the words that are embedded for it, context first.

    `embedded_text` is None for a document that is not embedded. `digest` names these words: two
    pieces with the same digest have the same vector under the same model.
    """

    start: int
    end: int
    embedded_text: str | None

    @property
    def digest(self) -> bytes | None:
        """Return the name of the embedded words, or None when nothing is embedded."""
        if self.embedded_text is None:
            return None
        return hashlib.blake2b(self.embedded_text.encode(), digest_size=16).digest()


def split(documents: Sequence[Document], embedder: Embedder) -> list[list[Piece]]:
    """Return the pieces of each document, in order.

    Context (at most 40 tokens of it) and text together never exceed what the model reads. A piece
    ends at a sentence end; a sentence that is too long by itself is cut between tokens. Pieces
    cover the whole text but for white space between them; a document without words has none.
    """
    return [_split(document, embedder) for document in documents]


def _split(document: Document, embedder: Embedder) -> list[Piece]:
    if not document.embedded:
        start, end = trim(document.text, 0, len(document.text))
        return [Piece(start, end, None)] if start < end else []
    context = _fitting_context(document.context, embedder)
    budget = min(embedder.max_tokens, MOST_TOKENS) - _count(context, embedder)
    spans = _packed(document.text, budget, embedder)
    return [Piece(a, b, _embedded_text(context, document.text[a:b])) for a, b in spans]


def _embedded_text(context: str, text: str) -> str:
    return f"{context}\n{text}" if context else text


def _fitting_context(context: str, embedder: Embedder) -> str:
    tokens = embedder.token_spans([context])[0]
    most = min(CONTEXT_TOKENS, embedder.max_tokens // 2)
    return context if len(tokens) <= most else context[: tokens[most - 1][1]]


def _count(text: str, embedder: Embedder) -> int:
    return len(embedder.token_spans([text])[0])


def _packed(text: str, budget: int, embedder: Embedder) -> list[Span]:
    """Join neighbouring sentences to as few spans as the budget allows, as even as they can be.

    A short rest would be found by the context before it rather than by its own words.
    """
    sentences = _fitting(text, sentence_spans(text), budget, embedder)
    fewest = len(_joined(text, sentences, budget))
    even = bisect_left(
        range(budget), -fewest, key=lambda least: -len(_joined(text, sentences, least))
    )
    return _joined(text, sentences, even)


def _joined(text: str, sentences: Sequence[tuple[Span, int]], budget: int) -> list[Span]:
    """Join each sentence to those before it as long as they fit the budget together."""
    joined: list[Span] = []
    used = 0
    for span, tokens in sentences:
        if joined and used + tokens <= budget and _apart(text, joined[-1][1], span[0]):
            joined[-1] = (joined[-1][0], span[1])
            used += tokens
        else:
            joined.append(span)
            used = tokens
    return joined


def _apart(text: str, end: int, start: int) -> bool:
    """Tell whether two spans have the same tokens together as alone: no word goes across."""
    return end < start or not (text[end - 1].isalnum() and text[start].isalnum())


def _fitting(
    text: str, spans: Sequence[Span], budget: int, embedder: Embedder
) -> list[tuple[Span, int]]:
    """Return the spans with their counts of tokens, those that are too long cut."""
    tokenized = embedder.token_spans([text[start:end] for start, end in spans]) if spans else []
    fitting: list[tuple[Span, int]] = []
    for (start, end), tokens in zip(spans, tokenized, strict=True):
        if len(tokens) <= budget:
            fitting.append(((start, end), len(tokens)))
        else:  # what begins within a word may have more tokens than it had there
            parts = _cut(text, start, end, [start + first for first, _ in tokens], budget)
            fitting += _fitting(text, parts, budget, embedder)
    return fitting


def _cut(text: str, start: int, end: int, tokens: list[int], budget: int) -> list[Span]:
    """Cut a sentence that is longer than the budget at its tokens' starts, at blanks if it can."""
    cuts = [0]
    while len(tokens) - cuts[-1] > budget:
        window = range(cuts[-1] + budget, cuts[-1] + budget // 2, -1)
        at_blank = (i for i in window if text[tokens[i] - 1].isspace())
        cuts.append(next(at_blank, cuts[-1] + budget))
    edges = [start, *(tokens[cut] for cut in cuts[1:]), end]
    spans = [trim(text, a, b) for a, b in pairwise(edges)]
    return [(first, last) for first, last in spans if first < last]
