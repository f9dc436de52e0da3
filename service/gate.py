"""The gate: nothing is answered that does not stand, word for word, in a stored document."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from index import Document
from service.answers import Voice


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence that an answerer wants to quote: a span of a document as it read it."""

    document: Document
    start: int
    end: int
    score: float
    voice: Voice
    lead: str

    @property
    def quote(self) -> str:
        """Return the words of the span."""
        return self.document.text[self.start : self.end]


def pass_gate(drafts: Iterable[Draft], fetch: Callable[[str], Document | None]) -> list[Draft]:
    """Return the drafts whose quote is, at this moment, the stored text at their offsets.

    `fetch` reads a document anew by key. What was changed or removed since the answerer read it,
    and what quotes nothing, is taken out.
    """
    return [draft for draft in drafts if _stands(draft, fetch)]


def _stands(draft: Draft, fetch: Callable[[str], Document | None]) -> bool:
    stored = fetch(draft.document.key)
    return (
        stored is not None
        and 0 <= draft.start < draft.end <= len(stored.text)
        and stored.text[draft.start : draft.end] == draft.quote
        and bool(draft.quote.strip())
    )
