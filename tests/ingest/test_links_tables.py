"""The tables by which texts find papers follow the papers, whatever becomes of these."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import Store
from ingest.catalogue import Catalogue
from ingest.links.linker import Linker
from ingest.links.name_rows import NameRows
from ingest.paper import Paper
from ingest.paper_rows import Origin
from ingest.post import Post

FILE = Origin("file:a", 2)
TABLES = (
    "title_starts",
    "abstract_runs",
    "short_names",
    "surnames",
    "dois",
    "title_words",
)
WORDS = "boat kettle SAIL Sail sail K-Net KNet Zhang folding wax generalised"
TEXT = " ".join((WORDS, "SAIL: a boat of wax. K-Net, KNets and Zhang et al. 2019; 10.1000/kettle"))

titles = st.builds(
    lambda name, words: f"{name}: {' '.join(words)}",
    st.sampled_from(("SAIL", "K-Net", "On Boats")),
    st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=5),
)
papers = st.builds(
    Paper,
    st.sampled_from([f"{year}01.0000{n}" for year in (17, 18, 19) for n in (1, 2)]),
    title=st.none() | titles,
    abstract=st.none() | titles,
    authors=st.lists(st.sampled_from(("Mei Zhang", "Ann Lid", "Ö"))).map(tuple),
    names=st.sampled_from(((), ("KNet",), ("Waxer", "Boat Net"))),
    doi=st.sampled_from((None, "10.1000/kettle")),
    published=st.sampled_from((None, date(2018, 12, 30))),
)
changes = st.lists(papers | papers.map(lambda paper: paper.id), max_size=14)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with closing(Store.create(tmp_path / "library")) as store:
        yield Catalogue(store)


def about(linker: Linker, text: str) -> list[str]:
    return [link.paper for link in linker.link([Post("p", "", text, None, 0)])["p"]]


def rows(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Return all that the tables hold, by the ids of papers, and the words that are sure."""
    number = "join naming n on n.number = t.paper"
    found: dict[str, list[tuple[object, ...]]] = {}
    for table in TABLES:
        selected = connection.execute(f"select t.*, n.paper as id from {table} t {number}")
        found[table] = sorted((*row[:-2], row[-1]) for row in map(tuple, selected))
    for table in ("vocabulary", "naming"):
        selected = connection.execute(f"select * from {table}")
        found[table] = sorted(tuple(row)[table == "naming" :] for row in selected)
    return found


def made_again(catalogue: Catalogue) -> dict[str, list[tuple[object, ...]]]:
    """Return what the tables hold once they are made anew from the papers."""
    catalogue.connection.execute("delete from marks where name = 'naming'")
    NameRows(catalogue.connection).open()
    return rows(catalogue.connection)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(changes, max_size=3))
def test_after_any_mix_of_changes_the_tables_are_as_if_made_anew(
    tmp_path_factory: pytest.TempPathFactory, steps: Sequence[Sequence[Paper | str]]
) -> None:
    with closing(Store.create(tmp_path_factory.mktemp("mix") / "library")) as store:
        catalogue = Catalogue(store)
        for step in steps:
            for change in step:
                if isinstance(change, Paper):
                    catalogue.papers.claim([change], FILE)
                else:
                    catalogue.forget([f"arxiv:{change}"])
        before, found = rows(catalogue.connection), about(catalogue.linker(), TEXT)

        assert before == made_again(catalogue)
        assert found == about(catalogue.linker(), TEXT)
        assert found == about(Linker(catalogue.papers.all()), TEXT)


def test_a_coined_name_is_its_papers_again_once_the_earlier_user_is_gone(
    catalogue: Catalogue,
) -> None:
    early = Paper("1801.00001", "Boats", "We sail without SAIL.")
    catalogue.papers.claim([early, Paper("1905.00001", "SAIL: Steering an Idle Lugger")], FILE)
    catalogue.papers.claim([Paper("2001.00001", "More", "We sail on.")], FILE)
    assert about(catalogue.linker(), "SAIL") == []

    catalogue.forget(["arxiv:1801.00001"])

    assert about(catalogue.linker(), "SAIL") == ["1905.00001"]


def test_papers_that_leave_are_not_linked_to_and_take_no_name(catalogue: Catalogue) -> None:
    catalogue.papers.claim([Paper("1801.00001", "WaxNet: One Coat")], FILE)
    catalogue.papers.claim([Paper("1901.00001", "WaxNet: Two Coats")], FILE)
    assert about(catalogue.linker(), "WaxNet") == []

    assert about(catalogue.linker(without={"1901.00001"}), "WaxNet") == ["1801.00001"]


def test_a_library_from_before_the_tables_has_them_once_it_is_opened(tmp_path: Path) -> None:
    with closing(Store.create(tmp_path / "library")) as store:
        catalogue = Catalogue(store)
        catalogue.papers.claim([Paper("1801.00001", "WaxNet: One Coat")], FILE)
        _forget_tables(catalogue.connection)
    with closing(Store.open(tmp_path / "library")) as store:
        assert about(Catalogue(store).linker(), "WaxNet") == ["1801.00001"]


def _forget_tables(connection: sqlite3.Connection) -> None:
    for trigger in ("papers_added", "papers_changed", "papers_removed"):
        connection.execute(f"drop trigger {trigger}")
    for table in (*TABLES, "vocabulary", "first_uses", "naming", "unnamed"):
        connection.execute(f"drop table {table}")
    connection.execute("delete from marks where name = 'naming'")
    connection.execute("update migrations set number = 4 where package = 'ingest.migrations'")


def many(number: int, start: int = 0) -> list[Paper]:
    return [Paper(f"1801.{n:05}", f"Coat{n}Net: Wax") for n in range(start, start + number)]


def waiting(catalogue: Catalogue) -> int:
    return int(catalogue.connection.execute("select count(*) from unnamed").fetchone()[0])


def test_a_large_batch_waits_for_the_end_of_the_run_and_a_crash_loses_none(
    tmp_path: Path,
) -> None:
    with closing(Store.create(tmp_path / "library")) as store:
        catalogue = Catalogue(store)
        catalogue.papers.claim(many(60, start=1), FILE)
        assert waiting(catalogue) == 60
    with closing(Store.open(tmp_path / "library")) as store:  # that run was killed
        catalogue = Catalogue(store)
        assert waiting(catalogue) == 60
        catalogue.forget([])  # the end of a run

        assert waiting(catalogue) == 0
        assert about(catalogue.linker(), "Coat7Net or Coat60Net") == ["1801.00007", "1801.00060"]


def test_making_the_tables_for_an_old_library_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    with closing(Store.create(tmp_path / "library")) as store:
        catalogue = Catalogue(store)
        catalogue.papers.claim([Paper("1901.00001", "WaxNet: One Coat")], FILE)
        catalogue.papers.claim(many(60, start=1), FILE)
        catalogue.connection.execute("update marks set value = -value where name = 'naming'")
    with closing(Store.open(tmp_path / "library")) as store:
        catalogue = Catalogue(store)

        assert waiting(catalogue) == 0
        assert about(catalogue.linker(), "WaxNet, Coat7Net") == ["1901.00001", "1801.00007"]


def test_what_a_transaction_takes_back_leaves_no_rows(catalogue: Catalogue) -> None:
    catalogue.papers.claim([Paper("1801.00001", "WaxNet: One Coat")], FILE)
    before = rows(catalogue.connection)
    broken = Paper("1801.00002", "BoatNet: Two", version=2**70)

    with pytest.raises(OverflowError):
        catalogue.papers.claim([Paper("1801.00001", "SailNet: One Coat"), broken], FILE)

    assert rows(catalogue.connection) == before
    assert about(catalogue.linker(), "WaxNet, SailNet, BoatNet") == ["1801.00001"]


@pytest.mark.parametrize(
    "change",
    [
        lambda catalogue: catalogue.papers.claim([Paper("1801.00001", "WaxNet: A", "B")], FILE),
        lambda catalogue: catalogue.papers.set_pending("1801.00001", "not yet"),
    ],
)
def test_what_names_do_not_rest_on_changes_no_row(
    catalogue: Catalogue, change: Callable[[Catalogue], None]
) -> None:
    catalogue.papers.claim([Paper("1801.00001", "WaxNet: A", "B")], FILE)
    before = catalogue.connection.total_changes
    change(catalogue)

    assert waiting(catalogue) == 0
    assert catalogue.connection.total_changes - before <= 1
