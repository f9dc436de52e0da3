"""What arXiv and the forum say comes in when they can be asked, and stays when they cannot."""

from pathlib import Path

from index import problems
from ingest import Discourse, Given, remove
from ingest.errors import Gone
from ingest.forum.topics import Topic
from ingest.pipeline import BATCH
from tests.ingest.club import Club, Stopping, a_list, a_post, counts, documents_of, paper_id


def posts(club: Club) -> list[str]:
    return [key for key in club.stored() if key.startswith(("discourse:", "thread:"))]


def test_likes_and_links_change_without_embedding(club: Club) -> None:
    club.internet.topics[41] = [a_post(1, "See On Kettles and Their Whistles.", likes=1)]
    club.run(Given(topics=(club.internet.topic_url(41),)))
    key = f"discourse:{club.internet.address[7:]}:41:1"
    club.internet.topics[41] = [a_post(1, "See On Kettles and Their Whistles.", likes=5)]

    assert counts(club.run()) == (0, 1, 0, 0, 0)
    club.internet.papers["1901.00001"] = ("On Kettles and Their Whistles", "They whistle.")
    assert counts(club.run(Given(arxiv_ids=("1901.00001v1",)))) == (2, 1, 0, 0, 1)

    comment = club.store.fetch(key)
    assert comment is not None
    assert (comment.likes, comment.papers, comment.revision) == (5, ("1901.00001",), 1)
    assert [link.rule for link in club.catalogue.threads.links(key)] == ["title"]
    assert problems(club.store) == []


def test_comments_are_linked_to_a_new_paper_though_their_forum_is_down(club: Club) -> None:
    club.internet.topics[41] = [a_post(1, "KettleNet rules.")]
    club.run(Given(topics=(club.internet.topic_url(41),)))
    club.internet.is_down = True

    report = club.run(Given(lists=(a_list(club),)))

    assert (report.changed, report.embeddings) == (1, 1)
    comments = [document for document in club.stored() if document.startswith("discourse:")]
    (comment,) = (club.store.fetch(key) for key in comments)
    assert comment is not None
    assert (comment.papers, comment.url) == (("1901.00001",), f"{club.internet.topic_url(41)}/1")


def test_a_missing_abstract_is_pending_with_its_reason_until_arxiv_answers(club: Club) -> None:
    club.internet.is_down = True
    report = club.run(Given(lists=(a_list(club),)))
    pending = ["arXiv:1901.00001", "arXiv:1901.00002"]
    assert [failure.source for failure in report.pending] == pending
    assert "503" in report.pending[0].reason
    assert report.failed == ()
    assert club.catalogue.papers.pending() == {
        failure.source.removeprefix("arXiv:"): failure.reason for failure in report.pending
    }
    assert club.stored() == [
        "arxiv:1901.00001:record",
        "arxiv:1901.00002:record",
        "note:1901.00001",
    ]

    club.internet.is_down = False
    club.internet.papers = {paper_id(p): (f"Title of {p}", f"Text of {p}.") for p in ("p1", "p2")}
    report = club.run()

    assert (report.added, report.pending, club.catalogue.papers.pending()) == (2, (), {})
    assert club.text("arxiv:1901.00001:abstract") == "Text of p1."
    assert "Title: Title of p1" in club.text("arxiv:1901.00001:record")
    note = club.store.fetch("note:1901.00001")
    assert note is not None
    assert note.title == "Title of p1"


def test_known_papers_stay_while_arxiv_is_down_and_that_is_told_once(club: Club) -> None:
    club.internet.papers = {paper_id(p): (p, f"Text of {p}.") for p in ("p1", "p2")}
    club.run(Given(arxiv_ids=(paper_id("p1"), paper_id("p2"))))
    club.internet.is_down = True

    report = club.run()

    assert counts(report) == (0, 0, 4, 0, 0)
    (told,) = report.pending
    assert told.reason.startswith("2 known papers could not be looked up again")


def test_a_list_with_its_topic_thread_and_note_comes_in_whole(club: Club) -> None:
    club.internet.papers = {paper_id(p): (p, f"Text of {p}.") for p in ("p1", "p2")}
    club.internet.topics[41] = [a_post(1, "KettleNet rules."), a_post(2, "Yes.")]
    url = club.internet.topic_url(41)
    more = f'[[topics]]\nurl = "{url}"\n[[threads]]\nfile = "thread.txt"\n'

    club.run(Given(lists=(a_list(club, more=more),)))

    host = club.internet.address.removeprefix("http://")
    assert club.stored() == [
        *documents_of("p1", "p2"),
        f"discourse:{host}:41:1",
        f"discourse:{host}:41:2",
        "note:1901.00001",
        "thread:thread:1",
        "thread:thread:2",
    ]


def test_a_saved_thread_retires_when_the_live_posts_arrive_and_these_stay(club: Club) -> None:
    url = club.internet.topic_url(41)
    thread = f'[[threads]]\nfile = "thread.txt"\ntopic = "{url}"\n[[topics]]\nurl = "{url}"\n'
    path = a_list(club, more=thread)
    club.internet.is_down = True
    report = club.run(Given(lists=(path,)))
    saved = ["thread:thread:1", "thread:thread:2"]
    assert club.stored()[-2:] == saved
    topic = f"{club.internet.address}/t/41"
    assert topic in [failure.source for failure in report.pending]
    assert club.catalogue.retries.of(f"topic:{topic}")

    club.internet.is_down = False
    club.internet.topics[41] = [a_post(number, f"Live {number}.") for number in (1, 2, 3)]
    live = [f"discourse:{club.internet.address[7:]}:41:{number}" for number in (1, 2, 3)]
    assert club.run().removed == 2
    assert posts(club) == live
    assert club.catalogue.retries.of(f"topic:{topic}") is None

    club.internet.is_down = True
    assert club.run().removed == 0
    assert posts(club) == live

    club.internet.is_down = False
    club.internet.topics[41].pop(1)
    assert club.run().removed == 1
    assert posts(club) == [
        live[0],
        live[2],
    ]
    assert problems(club.store) == []


def test_posts_that_could_not_be_read_are_told_and_not_dropped(club: Club) -> None:
    club.internet.topics[41] = [a_post(number, f"Live {number}.") for number in (1, 2, 3)]
    club.run(Given(topics=(club.internet.topic_url(41),)))
    key = f"discourse:{club.internet.address[7:]}:41"
    club.internet.topics[41] = [a_post(1, "Live 1."), {"id": 902, "post_number": "x"}]

    report = club.run()

    assert (report.removed, len(report.failed)) == (1, 1)
    assert club.stored() == [f"{key}:1", f"{key}:2"]
    assert club.run().removed == 0
    assert club.stored() == [f"{key}:1", f"{key}:2"]
    club.internet.topics[41] = [a_post(1, "Live 1.")]
    assert club.run().removed == 1


def test_a_topic_that_was_deleted_for_good_loses_its_posts(club: Club) -> None:
    club.internet.topics[41] = [a_post(1, "Live.")]
    club.run(Given(topics=(club.internet.topic_url(41),)))
    del club.internet.topics[41]
    report = club.run()
    assert (report.removed, len(report.failed)) == (0, 1)

    with DeletingForum() as forum:
        report = club.run(forum=forum)

    assert (report.removed, len(report.failed), club.stored()) == (1, 1, [])


class DeletingForum(Discourse):
    """A forum that answers 410 to all."""

    def fetch(self, topic_url: str) -> Topic:
        raise Gone(topic_url, "the topic was deleted: take it off the list")


def test_a_topic_with_a_post_cut_for_its_length_still_drops_what_is_gone(club: Club) -> None:
    club.internet.topics[41] = [a_post(1, "many words " * 30_000), a_post(2, "Live.")]
    report = club.run(Given(topics=(club.internet.topic_url(41),)))
    assert (report.failed, len(report.notes)) == ((), 1)
    club.internet.topics[41].pop()
    assert club.run().removed == 1


def a_saved_and_a_live_thread(club: Club) -> Path:
    """Read the saved thread, the forum being down, then let it be up with a topic of two posts."""
    url = club.internet.topic_url(41)
    thread = f'[[threads]]\nfile = "thread.txt"\ntopic = "{url}"\n[[topics]]\nurl = "{url}"\n'
    path = a_list(club, more=thread)
    club.internet.is_down = True
    club.run(Given(lists=(path,)))
    club.internet.is_down = False
    club.internet.topics[41] = [a_post(number, f"Live {number}.") for number in (1, 2)]
    return path


def test_a_run_that_is_stopped_before_the_live_posts_are_stored_loses_no_discussion(
    club: Club,
) -> None:
    a_saved_and_a_live_thread(club)
    saved = ["thread:thread:1", "thread:thread:2"]
    assert club.run(watch=Stopping("storing", 0)).stopped
    assert posts(club) == saved

    club.internet.is_down = True
    assert club.run().removed == 2
    live = f"discourse:{club.internet.address[7:]}:41"
    assert posts(club) == [f"{live}:1", f"{live}:2"]


def test_a_saved_thread_stays_while_its_live_posts_are_stored_in_part(club: Club) -> None:
    a_saved_and_a_live_thread(club)
    club.internet.topics[41] = [a_post(number, f"Live {number}.") for number in range(1, 2 * BATCH)]
    club.run(watch=Stopping("storing", BATCH))
    assert posts(club)[-2:] == ["thread:thread:1", "thread:thread:2"]

    club.internet.is_down = True
    report = club.run()
    assert (report.removed, report.added + BATCH) == (2, 2 * BATCH - 1)
    assert len(posts(club)) == 2 * BATCH - 1


def test_a_topic_is_one_however_its_url_is_spelt(club: Club) -> None:
    address = club.internet.address
    spelt = ("/t/good-papers/41", "/t/41", "/t/x/41/3", "/t/good-papers/41/")
    club.internet.topics[41] = [a_post(1, "Live.")]
    topic = f'[[topics]]\nurl = "{address}/t/x/41/"\n'
    lists = (a_list(club, more=topic),)

    report = club.run(Given(lists=lists, topics=tuple(address + path for path in spelt)))

    assert f"topic:{address}/t/41" in club.catalogue.follows.children()
    assert (
        len([name for name in club.catalogue.follows.children() if name.startswith("topic:")]) == 1
    )
    assert remove(club.store, [f"{address}/t/another-title/41/2"]).documents == 1
    assert report.added == 1 + club.run().unchanged
    assert posts(club) == []
