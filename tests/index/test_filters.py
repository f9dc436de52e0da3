"""A search with filters finds what going through all documents finds, exact or approximate."""

import datetime
import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import KINDS, Document, Filters, Store, Vectors, fold
from index.store import DERIVED
from index.vectors import vectors_file
from index.vectors.coding import save_vectors
from tests.fakes import FakeEmbedder
from tests.index.filling import a_document, fill
from tests.index.vectors_made import stored

AUTHORS = ("Léon Bottou", "Yoshua Bengio", "Samy Bengio", "Ann-Marie O'Neil", "Wei Li", "Li Wei")
CATEGORIES = ("cs.LG", "cs.CV", "stat.ML", "cs.CL")
PAPERS = ("1706.03762", "1905.02249", "cs/0112017")
TOPICS = (7, 39367)
DAYS = [datetime.date(2019, month, day) for month in (1, 2, 12) for day in (1, 15, 28)]
WORDS = [f"word{number}" for number in range(40)]
MANY = 600


def a_random_document(number: int, chance: random.Random) -> Document:
    text = ". ".join(
        " ".join(chance.choices(WORDS, k=chance.randrange(1, 30)))
        for _ in range(chance.randrange(1, 4))
    )
    return Document(
        f"k{number}",
        chance.choice(KINDS),
        "A title",
        text,
        authors=tuple(chance.sample(AUTHORS, chance.randrange(3))),
        date=chance.choice([None, *DAYS]),
        categories=tuple(chance.sample(CATEGORIES, chance.randrange(3))),
        papers=tuple(chance.sample(PAPERS, chance.randrange(2))),
        topic_id=chance.choice([None, None, *TOPICS]),
        embedded=chance.random() < 0.8,
    )


def passes(document: Document, filters: Filters) -> bool:
    """Tell whether a document passes, as the docstring of `Filters` says it."""
    folded = [f" {fold(author)} " for author in document.authors]
    day = document.date
    return (
        (not filters.kinds or document.kind in filters.kinds)
        and (not filters.arxiv_ids or bool({*filters.arxiv_ids} & {*document.papers}))
        and (
            not filters.authors
            or any(f" {fold(name)} " in author for name in filters.authors for author in folded)
        )
        and (
            not filters.categories
            or bool({fold(c) for c in filters.categories} & {fold(c) for c in document.categories})
        )
        and (not filters.topic_ids or document.topic_id in filters.topic_ids)
        and (filters.date_from is None or (day is not None and day >= filters.date_from))
        and (filters.date_to is None or (day is not None and day <= filters.date_to))
    )


def passing(store: Store, filters: Filters) -> list[int]:
    """Return the passages whose documents pass, by going through all of them."""
    keys = {document.key for document in store.documents(Filters()) if passes(document, filters)}
    found = store.connection.execute(
        "select p.id, d.key from passages p join documents d on d.id = p.document_id order by p.id"
    )
    return [row["id"] for row in found if row["key"] in keys]


def by_arithmetic(store: Store, vector: Vectors, left: list[int]) -> list[tuple[int, float]]:
    """Return these passages that have a vector, with their cosines, best first."""
    ids, vectors = stored(store)
    cosines = (vectors.astype(np.float64) * vector.astype(np.float64)).sum(axis=1)
    order = np.lexsort((ids, -cosines))
    known = [(int(ids[i]), float(cosines[i])) for i in order]
    counting = set(left)
    return [hit for hit in known if hit[0] in counting]


def few(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.one_of(st.just(()), st.lists(st.sampled_from(values), max_size=2).map(tuple))


FILTERS = st.builds(
    Filters,
    kinds=st.one_of(st.just(()), st.lists(st.sampled_from(KINDS), max_size=2).map(tuple)),
    arxiv_ids=few((*PAPERS, "2001.00001")),
    authors=few(("bottou", "BENGIO", "samy bengio", "li", "o'neil", "nobody", "ann marie")),
    categories=few(("cs.LG", "CS.cv", "stat.ml", "math.CO")),
    topic_ids=st.one_of(st.just(()), st.lists(st.sampled_from((*TOPICS, 1))).map(tuple)),
    date_from=st.one_of(st.none(), st.sampled_from(DAYS)),
    date_to=st.one_of(st.none(), st.sampled_from(DAYS)),
)
QUESTIONS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)


@pytest.fixture(scope="module", params=["exact", "approximate"])
def library(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """Return a library of documents of all kinds, changed after its codes were saved."""
    chance = random.Random(4)
    made = [a_random_document(number, chance) for number in range(MANY)]
    embedder = FakeEmbedder(dimension=64)
    with closing(Store.create(tmp_path_factory.mktemp("filters") / "library")) as store:
        fill(store, embedder, *made[: MANY - 40])
        if request.param == "approximate":
            assert save_vectors(store.connection, store.folder / DERIVED, 50)
        fill(store, embedder, *made[MANY - 40 :], replace(made[3], text="Word1. Word2."))
        store.remove([f"k{number}" for number in range(10, 30)])
        yield store


@settings(max_examples=50, deadline=None)
@given(filters=FILTERS, question=QUESTIONS)
def test_a_search_with_any_filters_finds_what_going_through_all_finds(
    library: Store, filters: Filters, question: str
) -> None:
    vector = FakeEmbedder(dimension=64).encode([question])[0]
    left = passing(library, filters)
    allowed = library.allowed(filters)
    exact = by_arithmetic(library, vector, left)

    assert (allowed is None) == (filters == Filters())
    assert allowed is None or allowed.tolist() == left
    assert library.nearest(vector, MANY * 4, filters) == exact  # all of them
    near = library.nearest(vector, 10, filters)
    assert set(near) <= set(exact)
    assert len(near) == min(10, len(exact))
    is_coded = vectors_file.read(library.folder / DERIVED) is not None
    missed = {hit for hit in exact[:10] if hit[1] > near[-1][1]} - set(near)
    assert len(missed) <= is_coded


@settings(max_examples=20, deadline=None)
@given(filters=FILTERS, question=QUESTIONS)
def test_a_search_by_words_keeps_to_the_filters(
    library: Store, filters: Filters, question: str
) -> None:
    left = set(passing(library, filters))
    unfiltered = library.matching(question, MANY * 4)
    found = library.matching(question, MANY * 4, filters)
    assert found == [hit for hit in unfiltered if hit[0] in left]


def test_no_filter_limits_nothing(library: Store) -> None:
    assert library.allowed(None) is None
    assert library.allowed(Filters()) is None


def test_what_passes_is_known_anew_after_each_change(store: Store, embedder: FakeEmbedder) -> None:
    notes = Filters(kinds=("note",))
    fill(store, embedder, a_document("a", "One."), a_document("b", "Two.", kind="note"))
    before = store.allowed(notes)
    assert before is not None
    assert before.tolist() == [2]
    assert store.allowed(notes) is before
    fill(store, embedder, a_document("c", "Three.", kind="note"))
    store.remove(["b"])
    after = store.allowed(notes)
    assert after is not None
    assert after.tolist() == [3]


def test_a_filter_that_leaves_one_in_a_thousand_finds_it(
    store: Store, embedder: FakeEmbedder
) -> None:
    documents = [a_document(f"k{number}", f"word{number % 50} same.") for number in range(1000)]
    rare = replace(documents[777], text="Something else.", categories=("q-bio.NC",))
    fill(store, embedder, *documents[:777], rare, *documents[778:])
    assert save_vectors(store.connection, store.folder / DERIVED, 50)
    asked = embedder.encode(["word7 same"])[0]
    found = store.nearest(asked, 10, Filters(categories=("q-bio.NC",)))
    assert [store.passages([hit])[hit].document.key for hit, _ in found] == ["k777"]
