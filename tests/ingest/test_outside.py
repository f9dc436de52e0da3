"""What arXiv and the forum say comes in when they can be asked, and stays when they cannot."""

from index import problems
from ingest import Given
from tests.ingest.club import Club, a_list, a_post, counts, documents_of, paper_id


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
    assert [link.rule for link in club.catalogue.links(key)] == ["title"]
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
    assert club.catalogue.pending() == {
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

    assert (report.added, report.pending, club.catalogue.pending()) == (2, (), {})
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
    assert url in [failure.source for failure in report.pending]
    assert f"topic:{url}" in club.catalogue.troubles()

    club.internet.is_down = False
    club.internet.topics[41] = [a_post(number, f"Live {number}.") for number in (1, 2, 3)]
    live = [f"discourse:{club.internet.address[7:]}:41:{number}" for number in (1, 2, 3)]
    assert club.run().removed == 2
    assert posts(club) == live
    assert f"topic:{url}" not in club.catalogue.troubles()

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
    club.internet.topics[41] = [a_post(1, "Live 1."), {"id": 902, "post_number": "x"}]

    report = club.run()

    assert (report.removed, len(report.failed), len(club.stored())) == (0, 1, 3)
    club.internet.topics[41] = [a_post(1, "Live 1.")]
    assert club.run().removed == 2


def test_a_topic_with_a_post_cut_for_its_length_still_drops_what_is_gone(club: Club) -> None:
    club.internet.topics[41] = [a_post(1, "many words " * 30_000), a_post(2, "Live.")]
    assert len(club.run(Given(topics=(club.internet.topic_url(41),))).failed) == 1
    club.internet.topics[41].pop()
    assert club.run().removed == 1
