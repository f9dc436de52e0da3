"""Nothing is answered that is not, at that moment, the stored text at its offsets."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from index import Document, Filters, Store, Vectors
from service.answering import answer
from service.answers import Question
from service.gate import Draft, pass_gate
from service.library import Library
from tests.fakes import FakeEmbedder
from tests.index.filling import a_document, fill
from tests.service.conftest import Open

TEXT = "Kettles whistle loudly. Teapots do not 🫖."
ABSTRACT = "arxiv:1905.02249:abstract"
GUESSES = "MixMatch guesses labels for unlabeled pictures."
MIXING = "Mixing pictures makes the guesses calm."
QUESTION = Question("How does MixMatch guess for pictures?", filters=Filters(kinds=("abstract",)))


def drafted(document: Document, start: int = 0, end: int = 23) -> Draft:
    return Draft(document, start, end, 1.0, "paper", "It says:")


@pytest.fixture
def kettles(store: Store, embedder: FakeEmbedder) -> Document:
    """Return a document that is stored."""
    fill(store, embedder, a_document("kettles", TEXT))
    found = store.fetch("kettles")
    assert found is not None
    return found


def test_a_quote_that_stands_passes_as_it_is(store: Store, kettles: Document) -> None:
    drafts = [drafted(kettles), drafted(kettles, 24, 41)]

    passed = pass_gate(drafts, store.fetch)

    assert passed == drafts
    assert [draft.quote for draft in passed] == [
        "Kettles whistle loudly.",
        "Teapots do not 🫖.",
    ]


@pytest.mark.parametrize(
    "text", ["Kettles whistle softly. Teapots do not 🫖.", f"So: {TEXT}", "Kettles", TEXT.upper()]
)
def test_what_changed_or_moved_since_it_was_read_is_taken_out(
    store: Store, embedder: FakeEmbedder, kettles: Document, text: str
) -> None:
    fill(store, embedder, replace(kettles, text=text))

    assert pass_gate([drafted(kettles)], store.fetch) == []


def test_a_quote_before_the_change_stays_where_it_is(
    store: Store, embedder: FakeEmbedder, kettles: Document
) -> None:
    fill(store, embedder, replace(kettles, text=TEXT.replace("do not", "do")))

    passed = pass_gate([drafted(kettles), drafted(kettles, 24, 41)], store.fetch)

    assert [draft.quote for draft in passed] == ["Kettles whistle loudly."]


def test_what_was_removed_since_it_was_read_is_taken_out(store: Store, kettles: Document) -> None:
    store.remove(["kettles"])

    assert pass_gate([drafted(kettles)], store.fetch) == []


@pytest.mark.parametrize(
    ("start", "end"), [(0, 0), (5, 4), (-7, 41), (0, 42), (23, 24), (100, 200)]
)
def test_a_span_that_is_empty_blank_or_out_of_the_text_does_not_pass(
    store: Store, kettles: Document, start: int, end: int
) -> None:
    assert pass_gate([drafted(kettles, start, end)], store.fetch) == []


def test_a_made_up_document_does_not_pass(store: Store, kettles: Document) -> None:
    invented = replace(kettles, text="Kettles sing like birds, they say.")

    assert pass_gate([drafted(invented), drafted(a_document("none", TEXT))], store.fetch) == []


# -- in the way of a question ---------------------------------------------------------------


class Meddling(FakeEmbedder):
    """Lets something happen to the library after the search, when sentences are embedded."""

    def __init__(self) -> None:
        super().__init__()
        self.between: Callable[[], object] = bool

    def encode(self, texts: Sequence[str]) -> Vectors:
        if len(texts) > 1:
            self.between()
        return super().encode(texts)


@pytest.fixture
def embedded() -> Meddling:
    return Meddling()


@pytest.fixture
def library(library_folder: Path, tmp_path: Path, opened: Open, embedded: Meddling) -> Library:
    """Return a library of one's own, to change it."""
    opening = opened(shutil.copytree(library_folder, tmp_path / "own"), embedded)
    opening.load()
    return opening.library()


def changed(library: Library, key: str, old: str, new: str) -> Callable[[], None]:
    """Return what changes a stored text."""
    document = library.store.fetch(key)
    assert document is not None
    text = document.text.replace(old, new)
    return lambda: fill(library.store, FakeEmbedder(), replace(document, text=text))


@pytest.mark.parametrize(
    ("old", "new", "quotes"),
    [
        ("calm", "calm", {GUESSES, MIXING}),
        ("calm", "wild", {GUESSES}),
        ("MixMatch guesses", "MixMatch often guesses", set()),
    ],
)
def test_only_what_still_stands_is_answered(
    library: Library, embedded: Meddling, old: str, new: str, quotes: set[str]
) -> None:
    embedded.between = changed(library, ABSTRACT, old, new)

    answered = answer(QUESTION, library)

    assert {citation.quote for citation in answered.citations} == quotes
    assert {sentence.text for sentence in answered.sentences} == quotes


def test_an_answer_abstains_when_nothing_of_it_stands_any_more(
    library: Library, embedded: Meddling
) -> None:
    embedded.between = lambda: library.store.remove([ABSTRACT])

    answered = answer(QUESTION, library)

    assert (answered.abstained, answered.confidence) == (True, 0.0)
    assert (answered.sentences, answered.citations) == ((), ())
    assert answered.answer == f"Not in this library. {answered.abstain_reason}"
    assert answered.abstain_reason == "What answers this has changed this very moment. Ask again."
