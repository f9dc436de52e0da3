"""A library is embedded again beside what is searched, and switches to the new set at once."""

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from index import (
    Document,
    Filters,
    HalfMade,
    Store,
    Vectors,
    WrongModel,
    half_made,
    problems,
    re_embed,
    search,
)
from tests.fakes import FakeEmbedder
from tests.index.filling import a_document, fill
from tests.index.three_groups import (
    COUNT,
    EMBEDDED,
    GROUP,
    as_a_fresh_one,
    shown,
    three_groups,
    unwatched,
)


class StoppedEmbedder(FakeEmbedder):
    """The next model, stopped by Ctrl-C after so many calls."""

    def __init__(self, calls: int, name: str = "next", dimension: int = 32) -> None:
        super().__init__(name, dimension)
        self._calls = calls

    def encode(self, texts: Sequence[str]) -> Vectors:
        if self._calls == 0:
            raise KeyboardInterrupt
        self._calls -= 1
        return super().encode(texts)


class MeanwhileEmbedder(FakeEmbedder):
    """A model in whose time something else happens, once."""

    def __init__(self, meanwhile: Callable[[], object], name: str, dimension: int) -> None:
        super().__init__(name, dimension)
        self._meanwhile: Callable[[], object] | None = meanwhile

    def encode(self, texts: Sequence[str]) -> Vectors:
        if self._meanwhile:
            happens, self._meanwhile = self._meanwhile, None
            happens()
        return super().encode(texts)


@pytest.fixture
def following() -> FakeEmbedder:
    """Return the model that comes after the fixture `embedder`."""
    return FakeEmbedder("next", dimension=32)


@pytest.fixture
def library(store: Store, embedder: FakeEmbedder) -> Store:
    """Return a library of three groups."""
    return three_groups(store, embedder)


def test_a_library_switches_to_another_model_with_all_it_holds(
    library: Store, following: FakeEmbedder, tmp_path: Path
) -> None:
    before = library.documents(Filters())
    seen: list[tuple[int, int]] = []

    made = re_embed(library, following, lambda done, total: seen.append((done, total)))

    assert (made, following.encoded) == (EMBEDDED, EMBEDDED)
    assert seen == [(0, COUNT), (GROUP, COUNT), (2 * GROUP, COUNT), (COUNT, COUNT)]
    assert library.model() == following.identity
    assert library.generation() == 2
    assert library.documents(Filters()) == before
    assert (half_made(library.connection), library.forgotten()) == (None, [])
    assert library.counts() == {"abstract": COUNT, "passages": COUNT, "vectors": EMBEDDED}
    assert as_a_fresh_one(library, following, tmp_path / "fresh")
    assert problems(library) == []


def test_an_empty_library_takes_the_model_too(store: Store, following: FakeEmbedder) -> None:
    assert re_embed(store, following, unwatched) == 0
    assert store.model() == following.identity


def test_until_the_switch_everything_is_answered_from_the_old_set(
    library: Store, embedder: FakeEmbedder
) -> None:
    before = search("word7", library, embedder)

    with suppress(KeyboardInterrupt):
        re_embed(library, StoppedEmbedder(1), unwatched)

    assert search("word7", library, embedder) == before
    assert (library.model(), library.generation()) == (embedder.identity, 1)
    assert half_made(library.connection) == HalfMade(StoppedEmbedder(0).identity, GROUP, COUNT)
    assert problems(library) == []


def test_what_was_stopped_goes_on_where_it_was(library: Store, following: FakeEmbedder) -> None:
    stopped = StoppedEmbedder(2)
    with suppress(KeyboardInterrupt):
        re_embed(library, stopped, unwatched)

    re_embed(library, following, unwatched)

    assert stopped.encoded + following.encoded == EMBEDDED
    assert library.model() == following.identity
    assert problems(library) == []


def test_what_the_old_model_brings_in_meanwhile_is_caught_up_with(
    library: Store, embedder: FakeEmbedder, following: FakeEmbedder, tmp_path: Path
) -> None:
    stopped = StoppedEmbedder(2)
    with suppress(KeyboardInterrupt):
        re_embed(library, stopped, unwatched)
    fill(
        library,
        embedder,
        a_document("k7", "Changed dropout."),
        a_document("new", "New words."),
        a_document("again", "Dropout and word8."),
    )
    library.update([replace(a_document("k9", "Dropout and word9."), likes=5)])
    library.remove(["k3", "k301", "k551"])
    assert search("changed", library, embedder)[0].passage.document.key == "k7"

    re_embed(library, following, unwatched)

    left = EMBEDDED - 1 - stopped.encoded  # k551 went before it was reached
    assert following.encoded == left + 2  # k7, new
    assert as_a_fresh_one(library, following, tmp_path / "fresh")
    assert problems(library) == []


def test_only_the_passages_that_changed_are_made_again(
    store: Store, embedder: FakeEmbedder
) -> None:
    first, second = (" ".join(f"{letter}{n}" for n in range(60)) + "." for letter in "ab")
    fill(store, embedder, a_document("a", f"{first} {second}"))
    fill(store, embedder, *(a_document(f"k{n}", f"word{n}") for n in range(GROUP)))
    with suppress(KeyboardInterrupt):
        re_embed(store, StoppedEmbedder(1), unwatched)
    fill(store, embedder, a_document("a", f"{first} Other words."))

    assert re_embed(store, FakeEmbedder("next", 32), unwatched) == 1 + 1


def test_a_change_in_the_very_last_moment_is_not_lost(
    library: Store, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    with closing(Store.open(library.folder)) as other:
        late = MeanwhileEmbedder(
            lambda: fill(other, embedder, a_document("k7", "Changed dropout.")), "next", 32
        )
        re_embed(library, late, unwatched)
    assert as_a_fresh_one(library, late, tmp_path / "fresh")


def test_a_set_begun_for_a_third_model_is_dropped(
    library: Store, following: FakeEmbedder, tmp_path: Path
) -> None:
    third = StoppedEmbedder(1, "third", 8)
    with suppress(KeyboardInterrupt):
        re_embed(library, third, unwatched)

    assert re_embed(library, following, unwatched) == EMBEDDED
    assert as_a_fresh_one(library, following, tmp_path / "fresh")


def test_the_same_model_may_embed_again_and_be_stopped_in_it(
    library: Store, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    library.connection.execute("update passages set vector = zeroblob(1024) where vector not null")
    stopped = StoppedEmbedder(1, "fake", 256)
    with suppress(KeyboardInterrupt):
        re_embed(library, stopped, unwatched)

    assert re_embed(library, embedder, unwatched) == EMBEDDED - stopped.encoded
    assert as_a_fresh_one(library, embedder, tmp_path / "fresh")
    assert re_embed(library, embedder, unwatched) == EMBEDDED


def test_a_document_altered_behind_our_back_is_to_be_stored_again(
    library: Store, following: FakeEmbedder
) -> None:
    library.connection.execute("update documents set text = 'Hm, hm.' where key = 'k7'")

    re_embed(library, following, unwatched)

    assert library.forgotten() == ["k7"]
    assert search("hm", library, following)[0].passage.text == "Hm, hm."
    fill(library, following, a_document("k7", "Dropout and word7."))
    assert problems(library) == []


@pytest.mark.parametrize("dimension", [256, 32])
def test_a_reader_in_another_process_follows_the_switch(
    library: Store, embedder: FakeEmbedder, tmp_path: Path, dimension: int
) -> None:
    following = FakeEmbedder("next", dimension)
    old = embedder.encode(["word7"])[0]
    with closing(Store.open(library.folder)) as reader:
        before = shown(search("word7", reader, embedder))
        re_embed(library, following, unwatched)

        with pytest.raises(WrongModel):
            search("word7", reader, embedder)
        if dimension != 256:
            for refused in (lambda: reader.nearest(old, 5), lambda: reader.cosines(old, [1])):
                with pytest.raises(WrongModel, match=r"next \(32 dimensions\), but a model of 256"):
                    refused()
        assert as_a_fresh_one(reader, following, tmp_path / "fresh")
        assert reader.vectors_derived(dimension) == EMBEDDED
        assert before[0][0] == "k7"


@pytest.mark.parametrize("dimension", [256, 32])
def test_a_question_that_is_asked_across_the_switch_finds_nothing_wrong(
    library: Store, dimension: int
) -> None:
    with closing(Store.open(library.folder)) as other:
        following = FakeEmbedder("next", dimension)
        asking = MeanwhileEmbedder(lambda: re_embed(other, following, unwatched), "fake", 256)
        with pytest.raises(WrongModel):
            search("word7", library, asking)


def test_documents_of_every_kind_come_through(
    store: Store, embedder: FakeEmbedder, following: FakeEmbedder
) -> None:
    documents = [
        Document("empty", "comment", "Title", " "),
        Document(
            "two",
            "note",
            "Title",
            " ".join(f"Sentence {n}." for n in range(60)),
            context="Title. Ann",
        ),
        Document("same", "abstract", "Title", "One."),
        Document("same too", "abstract", "Other", "One."),
    ]
    fill(store, embedder, *documents)
    passages = store.counts()["passages"]

    assert re_embed(store, following, unwatched) == passages - 1
    assert store.counts()["passages"] == passages
    assert store.documents(Filters()) == documents
    assert problems(store) == []
