"""The catalogue remembers who said what of a paper, and what follows what."""

from datetime import date

import pytest

from index import Store
from ingest import Catalogue, Link, Paper, Post
from ingest.paper import Version
from ingest.paper_rows import ARXIV, Origin
from ingest.post import Quoted
from ingest.report import Tally

API, FILE, OTHER_FILE, LIST = (
    ARXIV,
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
        catalogue.papers.claim([paper], origin)
    (known,) = catalogue.papers.all()
    return known


def a_paper(title: str | None = None, abstract: str | None = None, **more: object) -> Paper:
    return Paper("1901.00001", title, abstract, **more)  # type: ignore[arg-type]


def test_a_paper_comes_back_as_it_was_told(catalogue: Catalogue) -> None:
    assert merged(catalogue, (API, FULL)) == FULL
    assert catalogue.papers.get([FULL.id, "1901.00009"]) == [FULL]
    assert catalogue.papers.count() == 1


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ([(LIST, "list"), (FILE, "file")], "file"),
        ([(FILE, "file"), (LIST, "list")], "file"),
        ([(FILE, "file"), (API, "api")], "api"),
        ([(API, "api"), (FILE, "file"), (LIST, "list")], "api"),
        ([(FILE, "first"), (OTHER_FILE, "second")], "first"),
        ([(OTHER_FILE, "second"), (FILE, "first")], "first"),
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


def test_of_equal_authorities_the_first_by_name_is_believed_in_each_fact_that_it_tells(
    catalogue: Catalogue,
) -> None:
    said = (OTHER_LIST, a_paper("other", "A.")), (LIST, a_paper("first"))
    assert merged(catalogue, *said) == a_paper("first", "A.")
    assert merged(catalogue, *said[::-1]) == a_paper("first", "A.")


def test_what_one_form_of_arxiv_does_not_know_stays_as_another_told_it(
    catalogue: Catalogue,
) -> None:
    assert merged(catalogue, (API, FULL), (API, Paper(FULL.id, "New"))).title == "New"
    assert catalogue.papers.get([FULL.id])[0].abstract == "An abstract."
    assert merged(catalogue, (API, Paper(FULL.id))).authors == FULL.authors


def test_what_a_file_or_list_says_no_more_is_gone(catalogue: Catalogue) -> None:
    assert merged(catalogue, (FILE, FULL), (FILE, a_paper_like(FULL))) == a_paper_like(FULL)


def test_a_source_that_follows_a_paper_no_more_leaves_no_trace(catalogue: Catalogue) -> None:
    catalogue.follows.follow(["file:a", "list:a"])
    for origin in (FILE, LIST):
        catalogue.follows.follow(["arxiv:1901.00001"], origin.source)
    known = merged(catalogue, (FILE, a_paper("File", "A.")), (LIST, a_paper("List")))
    assert known == a_paper("File", "A.")
    catalogue.unwritten.written(["1901.00001"])

    catalogue.follows.set_children("file:a", [])

    assert list(catalogue.papers.all()) == [a_paper("List")]
    assert catalogue.unwritten.papers(5) == ["1901.00001"]


def test_versions_are_kept_as_history(catalogue: Catalogue) -> None:
    first, second = Version(1, date(2019, 5, 6)), Version(2, date(2019, 10, 23))
    told = a_paper("T", version=1, versions=(first,)), a_paper("T", version=2, versions=(second,))
    known = merged(catalogue, *((API, paper) for paper in told))
    assert (known.version, known.versions) == (2, (first, second))


def a_paper_like(paper: Paper) -> Paper:
    return Paper(paper.id, paper.title)


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
    catalogue.follows.follow(["list:a", "arxiv:1901.00001"])
    catalogue.follows.set_children("list:a", ["arxiv:1901.00001"])
    assert merged(catalogue, (LIST, a_paper(names=("Net",)))).names == ("Net",)
    catalogue.follows.set_children("list:a", [])
    assert catalogue.papers.get(["1901.00001"])[0].names == ()


def test_of_a_paper_that_is_twice_in_a_batch_the_last_word_counts(catalogue: Catalogue) -> None:
    catalogue.papers.claim([a_paper("T"), a_paper(abstract="A.")], FILE)
    assert list(catalogue.papers.all()) == [a_paper(abstract="A.")]


def test_a_missing_abstract_is_pending_until_it_comes(catalogue: Catalogue) -> None:
    catalogue.papers.claim([a_paper("T"), FULL], LIST)
    catalogue.follows.follow(["arxiv:1901.00001"], LIST.source)
    assert catalogue.papers.pending() == {"1901.00001": "not fetched yet; run 'journalclub ingest'"}
    catalogue.papers.set_pending("1901.00001", "arXiv is down")
    catalogue.papers.set_pending(FULL.id, "not pending at all")
    catalogue.papers.claim([a_paper("Told by a file")], FILE)
    assert catalogue.papers.pending() == {"1901.00001": "arXiv is down"}
    catalogue.papers.claim([a_paper(abstract="A.")], API)
    assert catalogue.papers.pending() == {}


def test_what_two_sources_follow_leaves_with_the_second(catalogue: Catalogue) -> None:
    catalogue.follows.follow(["list:a", "list:b"])
    catalogue.follows.set_children("list:a", ["arxiv:1", "arxiv:2"])
    catalogue.follows.set_children("list:b", ["arxiv:2"])

    catalogue.follows.set_children("list:a", [])
    assert catalogue.follows.leaving() == ["arxiv:1"]
    catalogue.follows.set_children("list:b", [])
    assert sorted(catalogue.follows.leaving()) == ["arxiv:1", "arxiv:2"]
    catalogue.forget(["arxiv:1", "arxiv:2"])
    assert catalogue.follows.leaving() == []
    assert catalogue.follows.children() == ["list:a", "list:b"]


def test_what_leaves_takes_along_what_only_it_followed(catalogue: Catalogue) -> None:
    catalogue.follows.follow(["list:a"])
    catalogue.follows.set_children("list:a", ["topic:t", "arxiv:1"])
    catalogue.follows.set_children("topic:t", ["comment:1", "comment:2"])
    catalogue.follows.follow(["arxiv:1"])

    catalogue.follows.unfollow("list:a")

    assert sorted(catalogue.follows.leaving()) == ["comment:1", "comment:2", "list:a", "topic:t"]
    assert not catalogue.follows.is_followed("comment:1")
    assert catalogue.follows.is_followed("arxiv:1")


def test_what_is_followed_again_before_it_was_forgotten_stays(catalogue: Catalogue) -> None:
    catalogue.follows.follow(["topic:t"])
    catalogue.follows.set_children("topic:t", ["comment:1"])
    catalogue.follows.unfollow("topic:t")
    catalogue.follows.follow(["topic:t"])
    assert catalogue.follows.leaving() == []
    assert catalogue.follows.children("topic:t") == ["comment:1"]


def test_what_is_excluded_stays_out_of_its_sources_until_it_is_given(catalogue: Catalogue) -> None:
    catalogue.follows.follow(["list:a"])
    for _ in range(2):
        catalogue.follows.set_children("list:a", ["arxiv:1", "arxiv:2"])
        catalogue.follows.exclude("arxiv:1")
    assert catalogue.follows.children("list:a") == ["arxiv:2"]
    assert catalogue.follows.excluded() == {"arxiv:1"}
    catalogue.follows.follow(["arxiv:1"])
    assert catalogue.follows.excluded() == set()
    catalogue.follows.exclude("list:a")
    assert catalogue.follows.excluded() == set()


def a_post(number: int, text: str = "Text.", reply_to: str | None = None) -> Post:
    quotes = (Quoted("They said so.", "ann", "k1"),)
    day = date(2019, 5, number)
    return Post(
        f"k{number}", "Title", text, None, number, date=day, reply_to=reply_to, quotes=quotes
    )


def test_posts_come_back_in_their_order_and_only_what_differs_is_unwritten(
    catalogue: Catalogue,
) -> None:
    threads = catalogue.threads
    posts = [a_post(1), a_post(2, reply_to="k1")]
    assert threads.keep("topic:a", posts[::-1]) == posts[::-1]
    assert threads.of("topic:a") == posts
    threads.written("topic:a")
    assert threads.sources(unwritten=True) == []

    edited = a_post(2, "Edited.", "k1")
    assert threads.keep("topic:a", [posts[0], edited]) == [edited]
    assert (threads.sources(unwritten=True), threads.of("topic:a")) == (
        ["topic:a"],
        [posts[0], edited],
    )
    assert threads.keep("topic:a", [], ["k2"]) == []
    assert threads.of("topic:a") == [edited]
    catalogue.forget(["topic:a"])
    assert threads.sources() == []


def test_links_come_back_surest_first_and_are_replaced(catalogue: Catalogue) -> None:
    links = (Link("1901.1", "follows", 0.5), Link("1901.2", "id", 1.0))
    catalogue.threads.set_links({"k1": links, "k2": links[:1]})
    assert catalogue.threads.links("k1") == links[::-1]
    catalogue.threads.set_links({"k1": ()})
    assert (catalogue.threads.links("k1"), catalogue.threads.links("k2")) == ((), links[:1])
    catalogue.forget(["comment:k2"])
    assert catalogue.threads.links("k2") == ()


def test_the_last_runs_are_remembered_whether_or_not_they_ended(catalogue: Catalogue) -> None:
    first = catalogue.runs.begin()
    report = Tally(added=1).report(0.5, stopped=False)
    catalogue.runs.end(first, report)
    second = catalogue.runs.begin()
    newest, oldest = catalogue.runs.all()
    assert catalogue.runs.last() == newest
    assert (newest.number, newest.finished, newest.report) == (second, None, None)
    assert (oldest.number, oldest.report) == (first, report)


def test_a_catalogue_is_the_same_when_it_is_opened_again(
    catalogue: Catalogue, store: Store
) -> None:
    catalogue.follows.follow(["list:a"])
    catalogue.papers.claim([FULL], API)
    again = Catalogue(store)
    assert (again.follows.children(), list(again.papers.all())) == (["list:a"], [FULL])
    assert store.generation() == 0
