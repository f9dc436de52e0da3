"""A reading list says what it lists, and everything that is wrong with it at once."""

from datetime import date
from pathlib import Path

import pytest

from ingest.errors import BadSource
from ingest.files.reading_list import BadReadingList, ReadingList, read_reading_list
from ingest.paper import Paper

COMPLETE = """
title = "Good tea"

[[papers]]
id = "https://arxiv.org/abs/1901.00001v2"
title = "On  Kettles"
authors = ["Ann Boil", "Bo Steam"]
published = 2019-01-02
updated = 2019-02-03T04:05:06Z
categories = ["cs.LG", "stat.ML"]
comments = "9 pages"
doi = "10.1000/kettle"
names = ["KettleNet", "KN"]
note = \"\"\"
It whistles,
loudly.

And \\u0000it boils.\"\"\"

[[papers]]
id = "math.GT/0309136"

[[topics]]
url = "https://forum.example.org/t/good-tea/12"

[[threads]]
file = "tea.txt"
title = "Good tea"
topic = "https://forum.example.org/t/good-tea/12/3"
"""


def _read(tmp_path: Path, text: str | bytes) -> ReadingList:
    (tmp_path / "tea.txt").write_text("Good tea\n\nYes.\n")
    path = tmp_path / "list.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_reading_list(path)


def _reason(tmp_path: Path, text: str | bytes) -> str:
    with pytest.raises(BadReadingList) as refused:
        _read(tmp_path, text)
    assert refused.value.source == str(tmp_path / "list.toml")
    assert isinstance(refused.value, BadSource)
    return refused.value.reason


def test_a_complete_entry_becomes_a_paper(tmp_path: Path) -> None:
    reading = _read(tmp_path, COMPLETE)

    assert reading.title == "Good tea"
    assert [entry.id for entry in reading.papers] == ["1901.00001", "math/0309136"]
    assert reading.papers[0].to_paper() == Paper(
        id="1901.00001",
        title="On Kettles",
        authors=("Ann Boil", "Bo Steam"),
        categories=("cs.LG", "stat.ML"),
        primary_category="cs.LG",
        published=date(2019, 1, 2),
        updated=date(2019, 2, 3),
        version=2,
        comments="9 pages",
        doi="10.1000/kettle",
        names=("KettleNet", "KN"),
    )
    assert reading.papers[0].note == "It whistles, loudly.\n\nAnd it boils."


def test_an_id_alone_is_an_entry(tmp_path: Path) -> None:
    entry = _read(tmp_path, COMPLETE).papers[1]

    assert entry.to_paper() == Paper(id="math/0309136")
    assert entry.note is None


def test_topics_and_threads_are_read(tmp_path: Path) -> None:
    reading = _read(tmp_path, COMPLETE)

    (topic,), (thread,) = reading.topics, reading.threads
    assert topic.url == "https://forum.example.org/t/good-tea/12"
    assert thread.file == (tmp_path / "tea.txt").resolve()
    assert (thread.title, thread.topic) == ("Good tea", f"{topic.url}/3")


def test_a_thread_may_have_no_title_and_no_topic(tmp_path: Path) -> None:
    (thread,) = _read(tmp_path, '[[threads]]\nfile = "tea.txt"').threads

    assert (thread.title, thread.topic) == (None, None)


def test_a_mark_at_the_start_and_windows_lines_do_no_harm(tmp_path: Path) -> None:
    windows = COMPLETE.replace("\n", "\r\n").encode("utf-8-sig")

    assert _read(tmp_path, windows) == _read(tmp_path, COMPLETE)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[[papers]]\nid = "x"', "papers[1] (x), id: this is not an arXiv id. Accepted forms: "),
        ('[[papers]]\nid = "1901.00001"\ntitel = "x"', "did you mean 'title'?"),
        ('[[papers]]\nid = "1901.00001"\nzzz = 1', "unknown key 'zzz'; known are id, title, "),
        ("[[papers]]\nid = 1901.00001", "papers[1] (1901.00001), id: put the id in quotes, as in "),
        ('[[papers]]\ntitle = "x"', "papers[1], id: is missing; every entry needs an id"),
        ('[[papers]]\nid = "1901.00001"\ntitle = 3', "title: must be a text in quotes"),
        ('[[papers]]\nid = "1901.00001"\nauthors = "A, B"', "authors: must be a list, as in "),
        ('[[papers]]\nid = "1901.00001"\nnames = [3]', "names: must be a text in quotes"),
        ('[[papers]]\nid = "1901.00001"\npublished = "soon"', "published: must be a date, as in "),
        ('[papers]\nid = "1901.00001"', "papers: write [[papers]]"),
        ("papers = [1]", "papers[1]: write its keys below [[papers]]"),
        ('paper = "1901.00001"', "paper: unknown key 'paper'; did you mean 'papers'?"),
        ('[[topics]]\nurl = "ftp://x.org/t/a/1"', "topics[1] (ftp://x.org/t/a/1), url: this is no"),
        ('[[topics]]\nurl = "https://x.org/c/1"', "url: this is no Discourse topic: copy its addr"),
        ("[[topics]]", "topics[1], url: is missing; every entry needs a url"),
        ('[[threads]]\nfile = "no.txt"', "threads[1] (no.txt), file: there is no file 'no.txt' in"),
        ('[[threads]]\nfile = "."', "threads[1] (.), file: there is no file '.' in"),
        ('[[threads]]\nfile = "a\\u0000b"', "file: there is no file 'a\\x00b' in"),
        ('[[threads]]\nfile = "tea.txt"\ntopic = "x"', "topic: this is no Discourse topic"),
        ("", "nothing is listed: add [[papers]], [[topics]] or [[threads]]"),
        ("papers = []", "nothing is listed: add [[papers]], [[topics]] or [[threads]]"),
        ('title = "x"\n\noops', "this is not TOML: "),
        ("a = " + "[" * 100_000, "TOML"),
        (b'title = "x"\n\n# \xff', "line 3 is not UTF-8. Save the file as UTF-8."),
    ],
)
def test_a_mistake_is_named_with_entry_and_field(
    tmp_path: Path, text: str | bytes, reason: str
) -> None:
    assert reason in _reason(tmp_path, text)


def test_the_line_of_a_syntax_error_is_named(tmp_path: Path) -> None:
    assert "(at line 3," in _reason(tmp_path, 'title = "x"\n\noops !\n')


def test_all_mistakes_are_named_in_one_error(tmp_path: Path) -> None:
    text = """
    titel = "x"
    [[papers]]
    id = "1901.00001"
    autors = ["A"]
    published = "soon"
    [[papers]]
    id = "1913.00001"
    """

    count, *mistakes = _reason(tmp_path, text).split("\n  ")

    assert count == "4 mistakes:"
    assert sorted(mistake.split(":")[0] for mistake in mistakes) == [
        "papers[1] (1901.00001), autors",
        "papers[1] (1901.00001), published",
        "papers[2] (1913.00001), id",
        "titel",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            '[[papers]]\nid = "1901.00001"\n[[papers]]\nid = "arXiv:1901.00001v2"',
            "papers[2] (arXiv:1901.00001v2), id: the same as papers[1]; take one out",
        ),
        (
            '[[topics]]\nurl = "https://x.org/t/a/1"\n[[topics]]\nurl = "https://x.org/t/1"',
            "topics[2] (https://x.org/t/1), url: the same as topics[1]; take one out",
        ),
        (
            '[[threads]]\nfile = "tea.txt"\n[[threads]]\nfile = "./tea.txt"',
            "threads[2] (./tea.txt), file: the same as threads[1]; take one out",
        ),
        (
            '[[threads]]\nfile = "tea.txt"\n[[threads]]\nfile = "more/Tea_.txt"',
            "2 mistakes:\n  threads[2] (more/Tea_.txt), file: there is no file 'more/Tea_.txt' in "
            "{folder}\n  threads[2] (more/Tea_.txt), file: the same as threads[1]; take one out",
        ),
    ],
)
def test_what_is_listed_twice_is_named(tmp_path: Path, text: str, reason: str) -> None:
    assert _reason(tmp_path, text) == reason.format(folder=tmp_path)


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_list_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadReadingList, match=r"the list cannot be read \(.*\)\. Check its name"):
        read_reading_list(tmp_path / name)
