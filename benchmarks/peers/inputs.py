"""The two collections that every peer is given, split and embedded once by the product itself.

One is of arXiv records, for times; one is SciFact with its test claims, for quality. Both are kept
in their folders and used again.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from benchmarks.known_vectors import KnownVectors
from benchmarks.libraries import RECORDS, embedder_for
from benchmarks.peers.given import Passage, Source, write_passages, write_questions
from index import Document, Embedder, split
from ingest import Paper
from ingest.files.metadata_file import read_metadata
from ingest.making import paper_documents
from ingest.report import Tally
from service.evaluation.collection import Collection, corpus_documents, read_collection

QUESTIONS = 200


@dataclass(frozen=True, slots=True)
class Inputs:
    """A collection on disk: so many documents, their passages, and passages to add later."""

    folder: Path
    documents: int
    passages: int
    more: int


@dataclass(frozen=True, slots=True)
class _Texts:
    documents: Sequence[Document]
    more: Sequence[Document]
    questions: Sequence[tuple[str, str]]


def embedder(root: Path, library: Path | None) -> Embedder:
    """Return the product's embedder, which takes vectors from a library that has them."""
    return KnownVectors(embedder_for(root), [library] if library else [])


def arxiv_inputs(data: Path, limit: int, root: Path, embedder: Embedder) -> Inputs:
    """Return the abstracts of the first records, a hundredth of them more, and later titles to ask.

    Titles are those of records that are not among the documents.
    """
    extra = max(limit // 100, 1)
    folder = root / f"arxiv-{limit}"
    if (folder / "made.json").is_file():
        return _made(folder)
    papers = list(islice(_papers(data / RECORDS), limit + extra + QUESTIONS))
    documents = [paper_documents(paper)[0] for paper in papers]
    titles = [(paper.id, paper.title or "") for paper in papers[limit + extra :]]
    return _make(folder, _Texts(documents[:limit], documents[limit:-QUESTIONS], titles), embedder)


def scifact_inputs(data: Path, root: Path, embedder: Embedder) -> tuple[Inputs, Collection] | None:
    """Return SciFact with its judged test claims; None when the data is not there."""
    source = data / "retrieval" / "scifact"
    if not source.is_dir():
        return None
    collection = read_collection(source, "test")
    folder = root / "scifact-test"
    if (folder / "made.json").is_file():
        return _made(folder), collection
    documents = list(corpus_documents(source))
    texts = _Texts(documents, documents[:1], list(collection.queries.items()))
    return _make(folder, texts, embedder), collection


def _papers(file: Path) -> Iterator[Paper]:
    """Yield each paper once; one whose id was restored may come again under its true id."""
    seen: set[str] = set()
    for paper in read_metadata(file, Tally()):
        if isinstance(paper, Paper) and paper.abstract and paper.title and paper.id not in seen:
            seen.add(paper.id)
            yield paper


def _make(folder: Path, texts: _Texts, embedder: Embedder) -> Inputs:
    """Split and embed the texts and write all of it; what says so is written last."""
    folder.mkdir(parents=True, exist_ok=True)
    passages, more = _passages(texts.documents, embedder), _passages(texts.more, embedder)
    made = Inputs(
        folder=folder,
        documents=len(texts.documents),
        passages=len(passages),
        more=len(more),
    )
    for name, some in (("passages", passages), ("more", more)):
        write_passages(folder / name, some, embedder.encode([p.text for p in some]))
    vectors = embedder.encode([text for _, text in texts.questions])
    write_questions(folder / "questions", texts.questions, vectors)
    (folder / "made.json").write_text(json.dumps(asdict(made), default=str), "utf-8")
    return made


def _made(folder: Path) -> Inputs:
    told = json.loads((folder / "made.json").read_text("utf-8"))
    return Inputs(**told | {"folder": folder})


def _passages(documents: Sequence[Document], embedder: Embedder) -> list[Passage]:
    return [
        Passage(
            id=f"{document.key}#{piece.start}",
            text=piece.embedded_text or "",
            source=Source(document.key, document.title, document.text, document.context),
            start=piece.start,
            end=piece.end,
        )
        for document, pieces in zip(documents, split(documents, embedder), strict=True)
        for piece in pieces
    ]
