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


TITLED = """
[[papers]]
title = "On {Kettles}"
authors = ["Ann Boil"]
year = 1999
url = "https://example.org/kettles"
note = "Not on arXiv."

[[papers]]
title = "On Pots"
doi = "https://doi.org/10.1000/POTS"

[[papers]]
title = "On Lids"

[[papers]]
title = "On Cups"
doi = "10.48550/arXiv.1901.00002"
year = 2019

[[papers]]
title = "On Pans"
published = 2001-02-03
authors = ["Bo Steam"]
"""


def test_a_paper_without_an_id_is_listed_by_title_authors_year_and_doi(tmp_path: Path) -> None:
    kettles, pots, lids, _, pans = _read(tmp_path, TITLED).papers

    assert kettles.to_paper() == Paper(
        id="work:on-kettles-1999",
        title="On {Kettles}",
        authors=("Ann Boil",),
        year=1999,
        url="https://example.org/kettles",
    )
    assert pots.to_paper() == Paper(id="doi:10.1000/pots", title="On Pots", doi="10.1000/pots")
    assert (lids.id, pans.id) == ("work:on-lids", "work:on-pans-2001")
    assert pans.to_paper().year == 2001
    assert kettles.note == "Not on arXiv."


def test_an_arxiv_doi_is_an_id(tmp_path: Path) -> None:
    cups = _read(tmp_path, TITLED).papers[3]

    assert not cups.wants_search
    assert cups.to_paper() == Paper(id="1901.00002", title="On Cups")


def test_an_entry_tells_whether_it_is_to_be_searched_and_can_stand_alone(tmp_path: Path) -> None:
    entries = _read(tmp_path, COMPLETE + TITLED).papers

    assert [entry.wants_search for entry in entries] == [False] * 2 + [True] * 3 + [False, True]
    assert [entry.stands_alone for entry in entries[2:]] == [True, True, False, False, True]


def test_links_categories_and_bibliographies_are_read(tmp_path: Path) -> None:
    (tmp_path / "tea.bib").write_text("@misc{a}")
    reading = _read(
        tmp_path,
        """
        [[links]]
        post = "https://forum.example.org/t/good-tea/12/3?u=ann"
        papers = ["https://arxiv.org/abs/1901.00001v2", "10.1000/POTS", "work:on-kettles-1999"]

        [[links]]
        post = "thread:tea:4"
        papers = []

        [[links]]
        post = "discourse:forum.example.org:8080:12:5"
        papers = ["math.GT/0309136"]

        [[categories]]
        url = "https://forum.example.org/c/papers/12"

        [[categories]]
        url = "https://forum.example.org/tag/tea"

        [[bibliographies]]
        file = "tea.bib"
        """,
    )

    assert [(link.post_key, link.papers) for link in reading.links] == [
        (
            "discourse:forum.example.org:12:3",
            ("1901.00001", "doi:10.1000/pots", "work:on-kettles-1999"),
        ),
        ("thread:tea:4", ()),
        ("discourse:forum.example.org:8080:12:5", ("math/0309136",)),
    ]
    assert [category.url for category in reading.categories] == [
        "https://forum.example.org/c/papers/12",
        "https://forum.example.org/tag/tea",
    ]
    assert [listed.file for listed in reading.bibliographies] == [(tmp_path / "tea.bib").resolve()]


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
        ('[[papers]]\nnames = ["x"]', "papers[1], id: give an id, or at least a title"),
        ('[[papers]]\ndoi = "10.1000/1"', "papers[1] (10.1000/1), id: give an id, or at least a t"),
        (
            '[[papers]]\ntitle = "x"\ndoi = "12"',
            "papers[1] (x), doi: this is no DOI; one looks like",
        ),
        (
            '[[papers]]\ntitle = "x"\nyear = "2019"',
            "year: must be a year without quotes, as in 2019",
        ),
        ('[[papers]]\ntitle = "x"\nyear = 19', "year: must be a year without quotes, as in 2019"),
        ('[[papers]]\ntitle = "x"\nurl = "x.org"', "url: this is no web address: it begins with "),
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
        ('[[categories]]\nurl = "https://x.org/t/a/1"', "url: this is no category or tag of a "),
        (
            '[[category]]\nurl = "https://x.org/c/a/1"',
            "category: unknown key 'category'; did you m",
        ),
        ('[[bibliographies]]\nfile = "no.bib"', "bibliographies[1] (no.bib), file: there is no"),
        ("[[links]]\npapers = []", "links[1], post: is missing; every entry needs a post"),
        ('[[links]]\npost = "thread:a:1"', "links[1] (thread:a:1), papers: is missing; every "),
        ('[[links]]\npost = "x"\npapers = []', "post: this is no post: copy the address from"),
        ('[[links]]\npost = "https://x.org/t/a/1"\npapers = []', "this names a topic and no post"),
        ('[[links]]\npost = "thread:a:1"\npapers = "x"', "papers: must be a list, as in "),
        ('[[links]]\npost = "thread:a:1"\npapers = [1901.1]', "papers: put the id in quotes, as"),
        ('[[links]]\npost = "thread:a:1"\npapers = ["x"]', "papers: 'x' is no id: write an arXiv"),
        (
            '[[links]]\npost = "thread:a:1"\npaper = []',
            "unknown key 'paper'; did you mean 'papers'?",
        ),
        ("", "nothing is listed: add [[papers]], [[topics]], [[categories]], "),
        ("papers = []", "nothing is listed: add [[papers]], [[topics]], [[categories]], "),
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
            '[[papers]]\ntitle = "On Tea"\n[[papers]]\ntitle = "On $TEA$."',
            "papers[2] (On $TEA$.), title: the same as papers[1]; take one out",
        ),
        (
            '[[papers]]\ntitle = "A"\ndoi = "10.1000/X"\n[[papers]]\ntitle = "B"\n'
            'doi = "doi:10.1000/x"',
            "papers[2] (B), title: the same as papers[1]; take one out",
        ),
        (
            '[[links]]\npost = "https://x.org/t/a/1/2"\npapers = []\n'
            '[[links]]\npost = "discourse:x.org:1:2"\npapers = ["1901.00001"]',
            "links[2] (discourse:x.org:1:2), post: the same as links[1]; take one out",
        ),
        (
            '[[categories]]\nurl = "https://x.org/c/a/1"\n'
            '[[categories]]\nurl = "https://x.org/c/a/1/l/latest"',
            "categories[2] (https://x.org/c/a/1/l/latest), url: the same as categories[1]; "
            "take one out",
        ),
        (
            '[[bibliographies]]\nfile = "tea.txt"\n[[bibliographies]]\nfile = "./tea.txt"',
            "bibliographies[2] (./tea.txt), file: the same as bibliographies[1]; take one out",
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
