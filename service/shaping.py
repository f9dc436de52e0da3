"""What was found becomes an answer of the contract: text, offsets, citations, suggestions."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields

from index import Filters, Hit
from ingest import Paper
from service.answers import Answer, Citation, Question, Sentence, Source, Timings
from service.confidence import Judgement
from service.facts import sources_of, span_source, withdrawn_of
from service.gate import Draft
from service.library import Library, short_name
from service.understanding import Understood

_ABSTAINED = "Not in this library."


@dataclass(frozen=True, slots=True)
class Found:
    """What a question led to: what would be quoted, what was read, and whether it answers."""

    understood: Understood
    drafts: list[Draft]
    hits: list[Hit]
    judgement: Judgement

    @property
    def abstains(self) -> bool:
        """Return whether nothing is answered."""
        return self.judgement.abstains or not self.drafts


def shape(
    question: Question, found: Found, library: Library, generation: int, timings: Timings
) -> Answer:
    """Return the answer with its drafts as numbered quotes, or the abstention."""
    drafts = [] if found.abstains else found.drafts
    sentences, text = _sentences(drafts)
    cited = {draft.document.key for draft in drafts}
    withdrawn = withdrawn_of((draft.document for draft in drafts), library.catalogue)
    reason = found.judgement.reason
    return Answer(
        id=uuid.uuid4().hex,
        conversation_id=None,
        question=question.question,
        standalone_question=found.understood.standalone,
        answer=f"{_ABSTAINED} {reason}" if found.abstains else text,
        abstained=found.abstains,
        abstain_reason=reason if found.abstains else None,
        confidence=found.judgement.confidence if found.drafts else 0.0,
        sentences=sentences,
        citations=tuple(
            _citation(draft, number, withdrawn) for number, draft in enumerate(drafts, 1)
        ),
        sources=_sources(found.hits, cited, library)[: question.top_k],
        suggestions=_suggestions(found, library),
        mode="extractive",
        model=None,
        embedding_model=library.embedder.identity.name,
        generation=generation,
        timings_ms=timings,
    )


def _sentences(drafts: Sequence[Draft]) -> tuple[tuple[Sentence, ...], str]:
    """Return the sentences and the text they stand in, with offsets that fit each other.

    A lead stands for all quotes behind it, up to the next one.
    """
    sentences: list[Sentence] = []
    text, leading = "", ""
    for number, given in enumerate(drafts, 1):
        lead = given.lead if given.lead != leading else None
        leading = given.lead
        text += f"{lead} “" if lead else "“"
        start, end = len(text), len(text) + len(given.quote)
        text += f"{given.quote}” [{number}]\n"
        sentences.append(Sentence(lead, given.quote, start, end, (number,), given.voice))
    return tuple(sentences), text.rstrip("\n")


def _citation(given: Draft, number: int, withdrawn: Collection[str]) -> Citation:
    source = span_source(given.document, given.start, given.end, given.score, withdrawn)
    return Citation(**{f.name: getattr(source, f.name) for f in fields(source)}, number=number)


def _sources(hits: Sequence[Hit], cited: set[str], library: Library) -> tuple[Source, ...]:
    read = [hit for hit in hits if hit.passage.document.key not in cited]
    return sources_of(read, library.catalogue)


def _suggestions(found: Found, library: Library) -> tuple[str, ...]:
    """Return up to three further questions that the records and comments here answer."""
    nearest = [paper for hit in found.hits[:3] for paper in hit.passage.document.papers]
    named = [paper.id for paper in found.understood.papers]
    ids = list(dict.fromkeys([*named, *nearest]))[:2]
    asked = found.understood.aim
    further: list[str] = []
    for paper in sorted(library.catalogue.papers.get(ids), key=lambda paper: ids.index(paper.id)):
        name = short_name(paper)
        if asked != "authors" and paper.authors:
            further.append(f"Who wrote {name}?")
        if asked != "discussion" and _is_discussed(paper, library):
            further.append(f"What did members say about {name}?")
        if asked != "dates" and paper.published:
            further.append(f"When was {name} submitted?")
    return tuple(further[:3])


def _is_discussed(paper: Paper, library: Library) -> bool:
    about = Filters(kinds=("comment",), arxiv_ids=(paper.id,))
    return bool(library.store.documents(about))
