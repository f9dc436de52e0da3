"""What a library follows stays, what nothing follows goes, and what was taken out stays out."""

import gzip
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index import Filters, Store
from ingest import (
    STARTER,
    ArxivApi,
    ArxivOai,
    BadSource,
    Catalogue,
    Discourse,
    Given,
    Outside,
    PaperChain,
    Unreachable,
    ingest,
    remove,
)
from ingest.forum.topics import Topic
from tests.fakes import FakeEmbedder
from tests.ingest.club import Club, a_list, a_post, counts, documents_of, paper_id


@pytest.fixture
def file(club: Club) -> Path:
    """Return a metadata file of two papers that the library follows."""
    path = club.metadata("papers.jsonl", p1="First words.", p2="Second words.")
    club.run(Given(files=(path,)))
    return path


def test_a_paper_that_its_file_dropped_goes(club: Club, file: Path) -> None:
    club.metadata(file.name, p1="First words.")
    assert counts(club.run()) == (0, 0, 2, 2, 0)
    assert club.stored() == documents_of("p1")
    assert [paper.id for paper in club.catalogue.papers.all()] == [paper_id("p1")]


def test_a_paper_that_another_source_follows_stays(club: Club, file: Path) -> None:
    club.run(Given(files=(club.metadata("other.jsonl", p2="Second words."),)))
    club.metadata(file.name, p1="First words.")
    assert club.run().removed == 0
    assert club.stored() == documents_of("p1", "p2")


def test_a_paper_that_moves_from_one_source_to_another_stays(club: Club, file: Path) -> None:
    later = club.metadata("zzz.jsonl", p3="Third words.")
    club.run(Given(files=(later,)))
    club.metadata(file.name, p1="First words.")
    club.metadata(later.name, p3="Third words.", p2="Second words.")

    assert counts(club.run()) == (0, 0, 6, 0, 0)

    assert club.stored() == documents_of("p1", "p2", "p3")
    assert club.catalogue.follows.leaving() == []


@pytest.mark.parametrize(
    ("broken", "failures"),
    [
        (None, 1),
        (b"", 1),
        (b"not JSON at all", 1),
        (b'{"id": "1901.00001", "abstract": "First words."}\n{"id": "1901', 1),
        (b'[{"id": "1901.00001", "abstract": "First words."}, ', 1),
        (b'{"id": "1901.00001", "abstract": "First words."}\n{"id": 5}\n{"id": "x"}\n', 2),
        (gzip.compress(b'{"id": "1901.00001", "abstract": "First words."}\n' * 999)[:60], 1),
    ],
    ids=["gone", "empty", "other", "cut line", "cut array", "bad records", "cut gzip"],
)
def test_a_file_that_cannot_be_read_whole_removes_nothing(
    club: Club, file: Path, broken: bytes | None, failures: int
) -> None:
    file.unlink() if broken is None else file.write_bytes(broken)

    report = club.run()

    assert (len(report.failed), report.removed) == (failures, 0)
    assert str(file) in report.failed[0].source
    assert club.text(f"arxiv:{paper_id('p2')}:abstract") == "Second words."
    assert club.stored() == documents_of("p1", "p2")


def test_a_broken_line_loses_no_other(club: Club) -> None:
    path = club.write(
        "papers.jsonl",
        '{"id": "1901.00001", "title": "A", "abstract": "Words."}\n{"id": \n'
        '{"id": "1901.00002", "title": "B\\u0000\\ud83d", "abstract": "Words\\u0000 \\ud83d."}\n',
    )
    report = club.run(Given(files=(path,)))
    assert [failure.source for failure in report.failed] == [f"{path}, line 2"]
    assert club.stored() == documents_of("p1", "p2")
    assert club.text(f"arxiv:{paper_id('p2')}:abstract") == "Words \ufffd."


def test_of_two_files_with_different_words_the_first_by_name_is_believed_while_it_is_there(
    club: Club, file: Path
) -> None:
    other = club.metadata("other.jsonl", p1="Other words.", p2="Second words.")
    assert counts(club.run(Given(files=(other,)))) == (0, 1, 3, 0, 1)
    assert counts(club.run()) == (0, 0, 4, 0, 0)
    club.metadata(file.name, p1="Changed words.", p2="Second words.")
    assert counts(club.run()) == (0, 0, 4, 0, 0)
    assert club.text(f"arxiv:{paper_id('p1')}:abstract") == "Other words."
    remove(club.store, [str(other)])
    assert counts(club.run()) == (0, 1, 3, 0, 1)
    assert club.text(f"arxiv:{paper_id('p1')}:abstract") == "Changed words."


def test_arxiv_is_believed_over_a_file_and_a_file_over_a_list(club: Club, file: Path) -> None:
    club.run(Given(lists=(a_list(club),)))
    record = f"arxiv:{paper_id('p1')}:record"
    assert "Title: Paper 1" in club.text(record)

    club.internet.papers[paper_id("p1")] = ("The real title", "The real words.")
    report = club.run()
    assert "Title: The real title" in club.text(record)
    assert club.text(f"arxiv:{paper_id('p1')}:abstract") == "The real words."
    assert report.changed == 3

    assert counts(club.run(Given(files=(file,)))) == (0, 0, 5, 0, 0)
    assert counts(club.run())[:2] == (0, 0)


def test_what_is_removed_stays_out_until_it_is_given_again(club: Club, file: Path) -> None:
    assert remove(club.store, [f"arxiv:{paper_id('p1')}"]).documents == 2
    assert club.stored() == documents_of("p2")
    assert counts(club.run()) == (0, 0, 2, 0, 0)
    assert counts(club.run(Given(files=(file,)))) == (0, 0, 2, 0, 0)
    assert club.stored() == documents_of("p2")

    club.internet.papers[paper_id("p1")] = ("One", "Words.")
    assert club.run(Given(arxiv_ids=(paper_id("p1"),))).added == 2
    assert club.run().removed == 0
    assert club.stored() == documents_of("p1", "p2")


def test_a_source_goes_with_all_that_only_it_held(club: Club, file: Path) -> None:
    club.run(Given(files=(club.metadata("other.jsonl", p2="Second words.", p3="Third."),)))
    assert remove(club.store, [f"file:{file}"]).documents == 2
    assert club.stored() == documents_of("p2", "p3")
    assert club.run().added == 0


def test_a_paper_goes_with_the_note_on_it_and_comes_back_with_it(club: Club) -> None:
    club.internet.papers[paper_id("p1")] = ("One", "Words.")
    club.run(Given(lists=(a_list(club),)))
    assert remove(club.store, [f"arxiv:{paper_id('p1')}"]).documents == 3
    club.run()
    assert club.stored() == [f"arxiv:{paper_id('p2')}:record"]
    club.run(Given(arxiv_ids=(paper_id("p1"),)))
    club.run()
    assert f"note:{paper_id('p1')}" in club.stored()


def test_one_comment_may_be_removed_from_its_topic(club: Club) -> None:
    url = club.internet.topic_url(41)
    club.internet.topics[41] = [a_post(1, "One."), a_post(2, "Two.")]
    club.run(Given(topics=(url,)))
    first, second = club.stored()

    assert remove(club.store, [f"comment:{first}"]).documents == 1
    assert counts(club.run()) == (0, 0, 1, 0, 0)
    assert club.stored() == [second]
    assert remove(club.store, [f"topic:{url}"]).documents == 1
    assert club.catalogue.threads.sources() == []


def test_a_topic_that_moves_to_another_list_keeps_its_posts_though_it_is_down(club: Club) -> None:
    url = club.internet.topic_url(41)
    topic = f'[[topics]]\nurl = "{url}"\n'
    club.internet.topics[41] = [a_post(1, "One.")]
    club.run(Given(lists=(a_list(club, "a.toml", topic), a_list(club, "b.toml"))))
    stored = club.stored()
    club.internet.is_down = True
    a_list(club, "a.toml")
    a_list(club, "b.toml", topic)

    assert club.run().removed == 0
    assert club.stored() == stored


def test_removing_what_is_not_there_removes_nothing(club: Club, file: Path) -> None:
    with pytest.raises(BadSource, match="journalclub status"):
        remove(club.store, [f"file:{file}", "arxiv:1234.56789"])
    assert club.stored() == documents_of("p1", "p2")


def test_a_removal_that_is_cut_off_is_completed_by_the_next_run(club: Club, file: Path) -> None:
    club.catalogue.follows.exclude(f"arxiv:{paper_id('p1')}")
    assert club.run().removed == 2
    assert club.stored() == documents_of("p2")


def test_a_new_source_that_is_no_good_is_not_remembered(club: Club, file: Path) -> None:
    followed = club.catalogue.follows.children()
    bad = Given(
        lists=(club.write("bad.toml", '[[papers]]\nnid = "1901.00001"\n'),),
        arxiv_ids=("1999.99999", "no id at all", "1901.77777"),
        topics=(club.internet.topic_url(404), "https://example.org/about"),
        files=(club.folder / "none.jsonl", club.write("text.jsonl", "just words")),
        threads=(club.write("empty.txt", ""),),
    )

    report = club.run(bad)

    assert len(report.failed) == 9
    assert club.catalogue.follows.children() == followed
    assert counts(club.run()) == (0, 0, 4, 0, 0)
    assert club.run().failed == ()
    assert club.catalogue.retries.all() == []


def test_a_source_that_turned_bad_is_kept_and_told(club: Club, file: Path) -> None:
    file.write_bytes(b"just words")
    assert len(club.run(Given(files=(file,))).failed) == 1
    assert club.catalogue.follows.children() == [f"file:{file}"]
    assert [retry.source for retry in club.catalogue.retries.all()] == [f"file:{file}"]


def test_a_bad_source_that_a_list_holds_is_not_taken_out_of_it(club: Club) -> None:
    url = club.internet.topic_url(41)
    path = a_list(club, more=f'[[topics]]\nurl = "{url}"\n')
    club.run(Given(lists=(path,)))
    club.run(Given(topics=(url,)))
    assert club.catalogue.follows.excluded() == set()
    club.internet.topics[41] = [a_post(1, "One.")]
    assert club.run().added == 1


def test_the_same_paper_in_any_form_is_followed_under_one_name(club: Club) -> None:
    club.internet.papers[paper_id("p1")] = ("One", "Words.")
    forms = ("1901.00001v2", "https://arxiv.org/pdf/1901.00001v1", "arXiv:1901.00001")
    assert Given(arxiv_ids=forms).sources() == ["arxiv:1901.00001"] * 3
    club.run(Given(arxiv_ids=("1901.00001v2",)))
    assert club.stored() == documents_of("p1")


class NoForum(Discourse):
    """A forum that is never reached."""

    def fetch(self, topic_url: str) -> Topic:
        raise Unreachable(topic_url, "no network in this test")


@pytest.fixture
def offline() -> Iterator[Outside]:
    arxiv = ArxivApi("http://127.0.0.1:9/api/query", delay_seconds=0)
    with closing(NoForum()) as forum:
        yield Outside(PaperChain([arxiv]), forum, ArxivOai("http://127.0.0.1:9/oai"))


def test_a_library_that_follows_nothing_follows_the_starter(
    store: Store, embedder: FakeEmbedder, offline: Outside
) -> None:
    report = ingest(store, embedder, offline, Given(), lambda progress: None)

    assert Catalogue(store).follows.children() == [STARTER]
    counted = store.counts()
    assert (counted["record"], counted["note"], counted["comment"]) == (14, 14, 20)
    assert report.failed == ()
    assert len(report.pending) == 15
    assert len(Catalogue(store).papers.pending()) == 14
    generation = store.generation()
    again = ingest(store, embedder, offline, Given(), lambda progress: None)
    assert (again.embeddings, again.changed, store.generation()) == (0, 0, generation)


def test_the_starter_can_be_taken_out_whole(
    store: Store, embedder: FakeEmbedder, offline: Outside
) -> None:
    ingest(store, embedder, offline, Given(), lambda progress: None)
    assert remove(store, [STARTER]).documents == 48
    assert store.counts() == {"passages": 0, "vectors": 0}
    assert Catalogue(store).papers.count() == 0
    again = ingest(store, embedder, offline, Given(), lambda progress: None)
    assert (again.added, Catalogue(store).follows.children()) == (0, [])


def test_comments_no_longer_speak_of_a_paper_that_was_removed(club: Club) -> None:
    thread = club.write("talk.txt", "Good papers\n\nKettleNet whistles in my kitchen.\n")
    club.run(Given(lists=(a_list(club),), threads=(thread,)))

    def spoken_of() -> list[tuple[str, ...]]:
        return [found.papers for found in club.store.documents(Filters(kinds=("comment",)))]

    assert spoken_of() == [("1901.00001",)]
    remove(club.store, ["1901.00001"])
    assert spoken_of() == [()]


def test_a_paper_whose_file_has_no_abstract_says_how_to_get_it(club: Club) -> None:
    club.run(Given(files=(club.metadata("file.jsonl", p1=None),)))
    (reason,) = club.catalogue.papers.pending().values()
    assert (
        reason == f"not in its file; run 'journalclub ingest --arxiv {paper_id('p1')}' to fetch it"
    )


def test_a_library_of_one_s_own_does_not_get_the_starter(club: Club, file: Path) -> None:
    club.run()
    assert club.catalogue.follows.children() == [f"file:{file}"]


def two_threads(club: Club, first: str, second: str) -> tuple[Path, Path]:
    """Write two saved threads in folders of their own."""
    for folder, name, word in (("a", first, "Kettles"), ("b", second, "Teapots")):
        (club.folder / folder).mkdir()
        club.write(f"{folder}/{name}", f"Talk\n\n{word} are good.\n")
    return club.folder / "a" / first, club.folder / "b" / second


@pytest.mark.parametrize("second", ["talk 1.txt", "Talk-1.txt", "talk_1.md"])
def test_a_saved_thread_does_not_overwrite_one_of_the_same_name(club: Club, second: str) -> None:
    kept, other = two_threads(club, "talk 1.txt", second)
    club.run(Given(threads=(kept,)))

    report = club.run(Given(threads=(other,)))

    (failure,) = report.failed
    assert failure.source == str(other)
    assert failure.reason == f"{kept} has this name as well: rename one of the two files"
    assert club.text("thread:talk-1:1") == "Kettles are good."
    assert club.run().failed == ()


def test_a_saved_thread_may_move_to_another_folder(club: Club) -> None:
    kept, other = two_threads(club, "talk.txt", "talk.txt")
    path = club.write("list.toml", '[[threads]]\nfile = "a/talk.txt"\n')
    club.run(Given(lists=(path,)))
    other.write_text(kept.read_text())
    club.write("list.toml", '[[threads]]\nfile = "b/talk.txt"\n')
    assert counts(club.run()) == (0, 0, 1, 0, 0)
    assert club.run().failed == ()


def test_what_a_list_drops_is_unlinked_in_the_run_that_forgets_it(club: Club) -> None:
    thread = club.write("talk.txt", "Good papers\n\nKettleNet whistles in my kitchen.\n")
    path = a_list(club)
    club.run(Given(lists=(path,), threads=(thread,)))
    club.write(path.name, '[[papers]]\nid = "1901.00002"\ntitle = "On Teapots"\n')

    report = club.run()

    assert (report.changed, report.removed) == (1, 2)
    assert club.store.documents(Filters(kinds=("comment",)))[0].papers == ()
    assert counts(club.run()) == (0, 0, 2, 0, 0)


def test_comments_that_leave_with_their_papers_are_not_changed_first(club: Club) -> None:
    path = a_list(club, more='[[threads]]\nfile = "thread.txt"\n')
    club.write("thread.txt", "Good papers\n\nKettleNet whistles.\n")
    club.run(Given(lists=(path,)))
    club.write(path.name, '[[papers]]\nid = "1901.00002"\ntitle = "On Teapots"\n')
    assert counts(club.run())[:4] == (0, 0, 1, 3)
    assert club.catalogue.threads.sources() == []


def test_of_two_notes_on_a_paper_the_first_list_s_stays_and_the_other_is_told(club: Club) -> None:
    first, second = a_list(club, "a.toml"), a_list(club, "b.toml")
    second.write_text(second.read_text().replace("It whistles well.", "It whistles badly."))

    for given in (Given(lists=(second, first)), Given(lists=(second,)), Given(), Given()):
        report = club.run(given)
        (told,) = [failure for failure in report.failed if "note" in failure.source]
        assert told.source == f"{second}, note on 1901.00001"
        assert f"{first} has one as well: take one of them out" in told.reason
        assert club.text("note:1901.00001") == "It whistles well."
    assert (report.changed, report.embeddings) == (0, 0)

    first.write_text(first.read_text().replace('note = "It whistles well."', ""))
    assert "note" not in str(club.run().failed)
    assert club.text("note:1901.00001") == "It whistles badly."


def test_an_id_given_offline_that_arxiv_does_not_know_is_told_once_and_gone(club: Club) -> None:
    club.internet.is_down = True
    club.run(Given(arxiv_ids=("1901.09999",)))
    assert club.stored() == ["arxiv:1901.09999:record"]
    club.internet.is_down = False

    report = club.run()

    assert [failure.source for failure in report.failed] == ["arXiv:1901.09999"]
    assert (report.removed, report.unchanged, club.stored()) == (1, 0, [])
    assert club.catalogue.follows.children() == []
    assert club.catalogue.papers.count() == 0


def test_a_paper_that_arxiv_gave_once_stays_though_it_does_not_know_it_now(club: Club) -> None:
    club.internet.papers[paper_id("p1")] = ("One", "Words.")
    club.run(Given(arxiv_ids=(paper_id("p1"),)))
    club.internet.papers.clear()
    assert (club.run().removed, club.stored()) == (0, documents_of("p1"))


@pytest.mark.parametrize("kind", ["abstract", "record"])
def test_a_paper_is_removed_by_the_key_of_either_document(
    club: Club, file: Path, kind: str
) -> None:
    assert remove(club.store, [f"arxiv:{paper_id('p1')}:{kind}"]).documents == 2


def test_records_that_repeat_a_paper_are_counted_and_a_true_id_is_believed(club: Club) -> None:
    rows = [("1901.0211", "Guessed."), ("1901.02110", "True."), ("1901.0211", "Late.")]
    lines = [f'{{"id": "{i}", "title": "T", "abstract": "{text}"}}' for i, text in rows]
    path = club.write("papers.jsonl", "\n".join(lines))

    report = club.run(Given(files=(path,)))

    assert (report.added, report.repeated, report.restored) == (2, 2, 2)
    assert club.text("arxiv:1901.02110:abstract") == "True."
    assert counts(club.run()) == (0, 0, 2, 0, 0)
