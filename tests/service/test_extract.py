"""The sentences that answer best are picked, none twice, papers in turn, with who says them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index import Document, Passage, Store
from ingest import Catalogue, Paper
from ingest.making import note_document, paper_documents
from ingest.paper_rows import Origin
from service.answers import Question
from service.extract import Candidate, by_voice, chosen, draft, says_the_same, stem_weights
from service.gate import Draft
from service.library import Library
from service.understanding import Understood, understand
from tests.fakes import FakeEmbedder
from tests.index.filling import a_document, fill

KETTLES = Paper(
    "1901.00001",
    title="KettleNet: Learning to Whistle",
    abstract="Kettles whistle when their water boils at one hundred degrees. They are loud.",
    names=("KettleNet",),
)
TEAPOTS = Paper("1901.00002", title="TeapotNet: Learning to Pour", names=("TeapotNet",))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Return a library of two papers and a note."""
    store = Store.create(tmp_path / "library")
    Catalogue(store).papers.claim([KETTLES, TEAPOTS], Origin("a file", 2))
    documents = [d for paper in (KETTLES, TEAPOTS) for d in paper_documents(paper)]
    fill(store, FakeEmbedder(), *documents, note_document(TEAPOTS, "Teapots pour tea."))
    yield Library(store, FakeEmbedder())
    store.close()


def a_comment(text: str, author: str | None = "ada", about: Paper = KETTLES) -> Document:
    authors = (author,) if author else ()
    return Document("c:1", "comment", "Talk", text, authors=authors, papers=(about.id,))


def candidate(document: Document, score: float = 2.0, end: int | None = None) -> Candidate:
    length = len(document.text) if end is None else end
    vector = FakeEmbedder().encode([document.text[:length]])[0]
    return Candidate(Passage(1, document, 0, length), 0, length, 0.5, score, 0.5, vector)


def asking(library: Library, question: str = "What whistles?") -> Understood:
    return understand(Question(question), library)


def texts(candidates: list[Candidate]) -> list[str]:
    return [candidate.text for candidate in candidates]


# -- sameness -------------------------------------------------------------------------------

LONG = "KettleNet reaches an error of 11 percent with 250 labels on the set of kettles"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (LONG, LONG.upper(), True),
        (LONG, f"“{LONG}!” — as they say.", True),
        (LONG, LONG.replace(" ", "\n"), True),
        (LONG, LONG.replace("reaches", "reached"), True),
        (LONG, LONG.replace("250", "4000"), False),
        (LONG, LONG.replace(" with 250 labels", ""), False),
        (LONG, f"In the end, {LONG}, which is more than we thought of 3 teapots.", True),
        (LONG, LONG.replace("reaches", "never reaches"), False),
        ("We reduce the error of kettles.", "We increase the error of kettles.", False),
        (LONG, "Teapots pour tea into cups when they are held by the handle.", False),
        ("🫖🫖🫖", LONG, False),
    ],
)
def test_sentences_say_the_same_when_one_holds_the_other_but_for_a_slip(
    one: str, other: str, same: bool
) -> None:
    assert says_the_same(one, other) is same
    assert says_the_same(other, one) is same


# -- picking --------------------------------------------------------------------------------


def test_the_best_come_first_and_six_are_enough(library: Library) -> None:
    words = ["boil", "whistle", "pour", "cool", "rust", "shine", "drip", "break"]
    waiting = [
        candidate(a_document(word, f"It will {word} {word}ly."), 3 - n / 10)
        for n, word in enumerate(words)
    ]

    assert texts(chosen(waiting, asking(library))) == [f"It will {w} {w}ly." for w in words[:6]]


def test_what_is_less_than_half_as_good_as_the_best_is_left_out(library: Library) -> None:
    good, half, poor = (
        candidate(a_document(key, f"It is {key} indeed."), score)
        for key, score in (("good", 2.0), ("half", 1.0), ("poor", 0.9))
    )

    assert texts(chosen([good, half, poor], asking(library))) == [good.text, half.text]


def test_of_two_that_are_as_good_the_one_that_says_more_that_is_new_goes_first(
    library: Library,
) -> None:
    first, like, new = (
        candidate(a_document(key, text), score)
        for key, text, score in (
            ("a", "Kettles whistle loudly.", 2.0),
            ("b", "Loudly, kettles whistle.", 1.9),
            ("c", "Teapots pour tea.", 1.8),
        )
    )

    assert texts(chosen([first, like, new], asking(library))) == [first.text, new.text, like.text]


def test_papers_that_are_compared_take_turns(library: Library) -> None:
    kettle = [candidate(a_comment(f"KettleNet has {n} lids."), 3.0 - n / 10) for n in range(3)]
    teapot = [
        candidate(a_comment(f"TeapotNet has {n} spouts.", about=TEAPOTS), 2.0) for n in range(2)
    ]

    picked = chosen([*kettle, *teapot], asking(library, "Compare KettleNet and TeapotNet"))

    assert [text.split()[0] for text in texts(picked)[:4]] == ["KettleNet", "TeapotNet"] * 2


def test_the_authors_own_sentence_stands_for_a_pasted_one_unless_members_are_asked(
    library: Library,
) -> None:
    abstract = paper_documents(KETTLES)[0]
    own, pasted = candidate(abstract, 2.0, 62), candidate(a_comment(abstract.text[:62]), 2.5)

    facts = chosen([pasted, own], asking(library))
    talk = chosen([pasted, own], asking(library, "What did members say about KettleNet?"))

    assert [c.passage.document.kind for c in facts] == ["abstract"]
    assert [c.passage.document.kind for c in talk] == ["comment"]


def test_nothing_is_picked_from_nothing(library: Library) -> None:
    assert chosen([], asking(library)) == []


# -- voices and leads -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "voice", "lead"),
    [
        (paper_documents(KETTLES)[0], "paper", "The abstract of KettleNet says:"),
        (paper_documents(KETTLES)[1], "paper", "The record of KettleNet says:"),
        (note_document(TEAPOTS, "It pours."), "curator", "The curator's note on TeapotNet says:"),
        (a_comment("I like kettles."), "discussion", "In the thread, ada says:"),
        (a_comment("I like kettles.", None), "discussion", "In the thread:"),
    ],
)
def test_a_lead_says_who_speaks(
    library: Library, document: Document, voice: str, lead: str
) -> None:
    drafted = draft(candidate(document), library)

    assert (drafted.voice, drafted.lead, drafted.quote) == (voice, lead, document.text)


@pytest.mark.parametrize(
    ("text", "about", "voice"),
    [
        (KETTLES.abstract[:62] if KETTLES.abstract else "", KETTLES, "paper"),
        ("Kettles whistle when their water boils at one hundred degrees", KETTLES, "paper"),
        ("Kettles whistle when their water boils", KETTLES, "discussion"),  # too short to tell
        ("Kettles whistle in my kitchen every day, and my cat hates it.", KETTLES, "discussion"),
        ("Kettles whistle when their water boils at one hundred degrees", TEAPOTS, "discussion"),
    ],
)
def test_a_member_s_words_are_the_paper_s_voice_where_they_were_pasted_from_it(
    library: Library, text: str, about: Paper, voice: str
) -> None:
    assert draft(candidate(a_comment(text, about=about)), library).voice == voice


def test_each_voice_speaks_once_the_one_that_answers_best_first(library: Library) -> None:
    note, comment, abstract = (
        draft(candidate(document), library)
        for document in (
            note_document(TEAPOTS, "It pours."),
            a_comment("I like kettles."),
            paper_documents(KETTLES)[0],
        )
    )

    ordered: list[Draft] = by_voice([comment, abstract, note, comment, abstract])

    assert ordered == [comment, comment, abstract, abstract, note]


# -- what counts ----------------------------------------------------------------------------


def test_a_rare_word_counts_more_than_a_common_one(library: Library) -> None:
    weights = stem_weights(asking(library, "Why does learning whistle?"), library)

    assert weights["whistl"] > weights["learn"] > 0


def test_a_word_that_stands_nowhere_counts_half_of_the_rarest(library: Library) -> None:
    weights = stem_weights(asking(library, "Why saffron?"), library)

    passages = library.store.counts()["passages"]
    assert weights == {"saffron": pytest.approx(0.5 * np.log(1 + passages))}
