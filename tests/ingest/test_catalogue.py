"""The catalogue remembers who said what of a paper, and what follows what."""

from datetime import date

import pytest

from index import Store
from ingest import Catalogue, Link, Paper, Post
from ingest.catalogue import Place
from ingest.paper_rows import Origin

API, FILE, OTHER_FILE, LIST = (
    Origin("arxiv", 3),
    Origin("file:a", 2),
    Origin("file:b", 2),
    Origin("list:a", 1),
)
OTHER_LIST = Origin("list:b", 1)
FULL = Paper(
    "hep-th/9901001",
    "A title",
    "An abstract.",
    ("Léon Bottou", "Ann B."),
    ("cs.LG", "stat.ML"),
    "cs.LG",
    date(1999, 1, 2),
    date(2001, 2, 3),
    4,
    "12 pages",
    "10.1000/1",
    ("TitleNet",),
)


@pytest.fixture
def catalogue(store: Store) -> Catalogue:
    return Catalogue(store)


def merged(catalogue: Catalogue, *said: tuple[Origin, Paper]) -> Paper:
    for origin, paper in said:
        catalogue.merge([paper], origin)
    (known,) = catalogue.all_papers()
    return known


def a_paper(title: str | None = None, abstract: str | None = None, **more: object) -> Paper:
    return Paper("1901.00001", title, abstract, **more)  # type: ignore[arg-type]


def test_a_paper_comes_back_as_it_was_told(catalogue: Catalogue) -> None:
    assert merged(catalogue, (API, FULL)) == FULL
    assert catalogue.papers([FULL.id, "1901.00009"]) == [FULL]
    assert catalogue.count_papers() == 1


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ([(LIST, "list"), (FILE, "file")], "file"),
        ([(FILE, "file"), (LIST, "list")], "file"),
        ([(FILE, "file"), (API, "api")], "api"),
        ([(API, "api"), (FILE, "file"), (LIST, "list")], "api"),
        ([(FILE, "first"), (OTHER_FILE, "second")], "first"),
        ([(FILE, "first"), (OTHER_FILE, "second"), (FILE, "third")], "third"),
        ([(API, "old"), (API, "new")], "new"),
    ],
)
def test_the_higher_authority_is_believed_and_the_same_source_may_correct_itself(
    catalogue: Catalogue, said: list[tuple[Origin, str]], title: str
) -> None:
    told = [(origin, a_paper(title, f"{title}.")) for origin, title in said]
    assert merged(catalogue, *told) == a_paper(title, f"{title}.")


def test_a_lower_authority_fills_what_is_missing(catalogue: Catalogue) -> None:
    said = (API, a_paper("T", "A.")), (LIST, a_paper("x", doi="10.1000/1", names=("Net",)))
    assert merged(catalogue, *said) == a_paper("T", "A.", doi="10.1000/1", names=("Net",))


def test_a_source_that_brings_the_first_abstract_is_believed_from_then_on(
    catalogue: Catalogue,
) -> None:
    other = Origin("list:b", 1)
    said = (LIST, a_paper("old")), (other, a_paper("new", "A.")), (LIST, a_paper("older"))
    assert merged(catalogue, *said) == a_paper("new", "A.")


def test_nothing_is_replaced_by_nothing(catalogue: Catalogue) -> None:
    assert merged(catalogue, (API, FULL), (API, Paper(FULL.id, "New"))).title == "New"
    assert catalogue.papers([FULL.id])[0].abstract == "An abstract."
    assert merged(catalogue, (API, Paper(FULL.id))).authors == FULL.authors


def test_names_of_all_sources_are_kept_once_each(catalogue: Catalogue) -> None:
    said = [(OTHER_LIST, a_paper(names=("B", "C"))), (LIST, a_paper(names=("A", "B")))]
    assert merged(catalogue, *said, *said).names == ("A", "B", "C")
    assert merged(catalogue, *said[::-1]).names == ("A", "B", "C")


def test_a_source_that_names_a_paper_otherwise_takes_its_old_names_back(
    catalogue: Catalogue,
) -> None:
    said = [(LIST, a_paper("T", names=("Teapotter",))), (OTHER_LIST, a_paper(names=("Pot",)))]
    said += [(API, a_paper("T", "A."))]
    renamed = LIST, a_paper("T", names=("KettleNet",))
    assert merged(catalogue, *said, renamed).names == ("KettleNet", "Pot")
    assert merged(catalogue, *said, (LIST, a_paper("T"))).names == ("Pot",)


def test_a_source_that_follows_a_paper_no_more_takes_its_names_back(catalogue: Catalogue) -> None:
    catalogue.follow(["list:a"])
    catalogue.set_children("list:a", ["arxiv:1901.00001"])
    assert merged(catalogue, (LIST, a_paper(names=("Net",)))).names == ("Net",)
    catalogue.set_children("list:a", [])
    assert catalogue.papers(["1901.00001"])[0].names == ()


def test_one_batch_may_name_a_paper_twice(catalogue: Catalogue) -> None:
    catalogue.merge([a_paper("T"), a_paper(abstract="A.")], FILE)
    assert list(catalogue.all_papers()) == [a_paper("T", "A.")]


def test_a_missing_abstract_is_pending_until_it_comes(catalogue: Catalogue) -> None:
    catalogue.merge([a_paper("T"), FULL], LIST)
    catalogue.follow(["arxiv:1901.00001"], LIST.source)
    assert catalogue.pending() == {"1901.00001": "not fetched yet; run 'journalclub ingest'"}
    catalogue.set_pending("1901.00001", "arXiv is down")
    catalogue.set_pending(FULL.id, "not pending at all")
    catalogue.merge([a_paper("Told by a file")], FILE)
    assert catalogue.pending() == {"1901.00001": "arXiv is down"}
    catalogue.merge([a_paper(abstract="A.")], API)
    assert catalogue.pending() == {}


def test_what_two_sources_follow_leaves_with_the_second(catalogue: Catalogue) -> None:
    catalogue.follow(["list:a", "list:b"])
    catalogue.set_children("list:a", ["arxiv:1", "arxiv:2"])
    catalogue.set_children("list:b", ["arxiv:2"])

    catalogue.set_children("list:a", [])
    assert catalogue.leaving() == ["arxiv:1"]
    catalogue.set_children("list:b", [])
    assert sorted(catalogue.leaving()) == ["arxiv:1", "arxiv:2"]
    catalogue.forget(["arxiv:1", "arxiv:2"])
    assert catalogue.leaving() == []
    assert catalogue.children() == ["list:a", "list:b"]


def test_what_leaves_takes_along_what_only_it_followed(catalogue: Catalogue) -> None:
    catalogue.follow(["list:a"])
    catalogue.set_children("list:a", ["topic:t", "arxiv:1"])
    catalogue.set_children("topic:t", ["comment:1", "comment:2"])
    catalogue.follow(["arxiv:1"])

    catalogue.unfollow("list:a")

    assert sorted(catalogue.leaving()) == ["comment:1", "comment:2", "list:a", "topic:t"]
    assert not catalogue.is_followed("comment:1")
    assert catalogue.is_followed("arxiv:1")


def test_what_is_followed_again_before_it_was_forgotten_stays(catalogue: Catalogue) -> None:
    catalogue.follow(["topic:t"])
    catalogue.set_children("topic:t", ["comment:1"])
    catalogue.unfollow("topic:t")
    catalogue.follow(["topic:t"])
    assert catalogue.leaving() == []
    assert catalogue.children("topic:t") == ["comment:1"]


def test_what_is_excluded_stays_out_of_its_sources_until_it_is_given(catalogue: Catalogue) -> None:
    catalogue.follow(["list:a"])
    for _ in range(2):
        catalogue.set_children("list:a", ["arxiv:1", "arxiv:2"])
        catalogue.exclude("arxiv:1")
    assert catalogue.children("list:a") == ["arxiv:2"]
    assert catalogue.excluded() == {"arxiv:1"}
    catalogue.follow(["arxiv:1"])
    assert catalogue.excluded() == set()
    catalogue.exclude("list:a")
    assert catalogue.excluded() == set()


def a_post(number: int, reply_to: str | None = None, *links: str) -> Post:
    return Post(f"k{number}", "Title", "Text.", None, number, reply_to=reply_to, links=links)


def test_places_of_posts_come_back_in_their_order(catalogue: Catalogue) -> None:
    catalogue.set_posts("topic:a", [a_post(2, "k1", "https://a", "https://b"), a_post(1)])
    catalogue.set_posts("thread:b", [a_post(3)])
    catalogue.set_posts("thread:b", [a_post(4)])
    assert catalogue.places() == {
        "thread:b": [Place("k4", 4, None, ())],
        "topic:a": [Place("k1", 1, None, ()), Place("k2", 2, "k1", ("https://a", "https://b"))],
    }
    catalogue.forget(["topic:a"])
    assert list(catalogue.places()) == ["thread:b"]


def test_links_come_back_surest_first_and_are_replaced(catalogue: Catalogue) -> None:
    links = (Link("1901.1", "follows", 0.5), Link("1901.2", "id", 1.0))
    catalogue.set_links({"k1": links, "k2": links[:1]})
    assert catalogue.links("k1") == links[::-1]
    catalogue.set_links({"k1": ()})
    assert (catalogue.links("k1"), catalogue.links("k2")) == ((), links[:1])
    catalogue.forget(["comment:k2"])
    assert catalogue.links("k2") == ()


def test_troubles_are_remembered_until_they_pass(catalogue: Catalogue) -> None:
    catalogue.set_trouble("file:a", "gone")
    catalogue.set_trouble("file:a", "still gone")
    catalogue.set_trouble("file:b", "broken")
    catalogue.set_trouble("file:b", None)
    assert catalogue.troubles() == {"file:a": "still gone"}


def test_the_last_run_is_remembered_whether_or_not_it_ended(catalogue: Catalogue) -> None:
    first = catalogue.begin_run()
    state = catalogue.state()
    catalogue.end_run(first, "{}")
    assert (catalogue.last_run() or ())[2:] == ("{}",)
    assert catalogue.state() != state
    catalogue.begin_run()
    assert (catalogue.last_run() or ())[1:] == (None, None)


def test_a_catalogue_is_the_same_when_it_is_opened_again(
    catalogue: Catalogue, store: Store
) -> None:
    catalogue.follow(["list:a"])
    catalogue.merge([FULL], API)
    again = Catalogue(store)
    assert (again.children(), list(again.all_papers())) == (["list:a"], [FULL])
    assert store.generation() == 0
