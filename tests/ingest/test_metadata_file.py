"""A local metadata file gives its papers in whatever of the known shapes it comes, and no more."""

import gzip
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import BadSource, SourceError
from ingest.files.metadata_file import read_metadata, split_authors
from ingest.paper import Paper, Version
from ingest.report import Tally

PLAIN = {
    "id": "1901.00001",
    "title": "On Kettles",
    "abstract": "Kettles whistle.",
    "authors": "Ann Boil, Bo Steam",
    "categories": ["cs.LG", "stat.ML"],
    "primary_category": "cs.LG",
    "published": "2019-01-01",
    "updated": None,
    "comments": "9 pages",
    "source": "somewhere",
}
SEED = {
    "arxiv_id": "1901.00002",
    "title": "On Teapots",
    "authors": ["Ann Boil", "Léon Pot"],
    "abstract": None,
    "primary_category": "cs.CV",
    "categories": None,
    "published": "2019-01-02T23:30:00-05:00",
    "updated": "2019-02-03T05:02:00Z",
    "comments": None,
    "doi": "10.1000/pot",
    "latest_version_seen": "v2",
    "provenance": "made up",
}
KAGGLE = {
    "id": "0704.0001",
    "submitter": "Ann Boil",
    "authors": "C. Bal\\'azs, A. Boil",
    "title": "Calculation of whistling in\n  the early morning",
    "comments": "37 pages,\n 15 figures",
    "journal-ref": "Tea.Rev.D76:013009,2007",
    "doi": "10.1103/TeaRevD.76.013009",
    "report-no": "TEA-07",
    "categories": "hep-ph cs.LG",
    "license": None,
    "abstract": "  A fully differential calculation of whistling\nis presented.\n",
    "versions": [
        {"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"},
        {"version": "v2", "created": "Tue, 24 Jul 2007 20:10:27 GMT"},
    ],
    "update_date": "2008-11-26",
    "authors_parsed": [["Balázs", "C.", ""], ["Boil", "A.", "Jr.", "Kettle U."]],
}


def _write(path: Path, *rows: dict[str, Any] | str) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _read(path: Path) -> tuple[list[Paper], list[SourceError]]:
    given = list(read_metadata(path, Tally()))
    papers = [item for item in given if isinstance(item, Paper)]
    return papers, [item for item in given if isinstance(item, SourceError)]


def _paper(tmp_path: Path, **fields: Any) -> Paper:
    (paper,), wrong = _read(_write(tmp_path / "one.jsonl", {"id": "1901.00001", **fields}))
    assert wrong == []
    return paper


def _complaint(tmp_path: Path, **fields: Any) -> str:
    path = _write(tmp_path / "one.jsonl", {"id": "1901.00001", **fields}, SEED)
    (paper,), (wrong,) = _read(path)
    assert paper.id == "1901.00002"
    assert wrong.source == f"{path}, line 1"
    assert isinstance(wrong, BadSource)
    return wrong.reason


def test_a_row_with_plain_fields_becomes_a_paper(tmp_path: Path) -> None:
    assert _read(_write(tmp_path / "a.jsonl", PLAIN)) == (
        [
            Paper(
                id="1901.00001",
                title="On Kettles",
                abstract="Kettles whistle.",
                authors=("Ann Boil", "Bo Steam"),
                categories=("cs.LG", "stat.ML"),
                primary_category="cs.LG",
                published=date(2019, 1, 1),
                comments="9 pages",
            )
        ],
        [],
    )


def test_a_row_with_an_arxiv_id_field_and_nulls_becomes_a_paper(tmp_path: Path) -> None:
    (paper,), _ = _read(_write(tmp_path / "a.jsonl", SEED))

    assert paper == Paper(
        id="1901.00002",
        title="On Teapots",
        authors=("Ann Boil", "Léon Pot"),
        categories=("cs.CV",),
        primary_category="cs.CV",
        published=date(2019, 1, 3),
        updated=date(2019, 2, 3),
        version=2,
        doi="10.1000/pot",
    )


def test_a_row_of_the_kaggle_snapshot_becomes_a_paper(tmp_path: Path) -> None:
    (paper,), _ = _read(_write(tmp_path / "a.jsonl", KAGGLE))

    assert paper == Paper(
        id="0704.0001",
        title="Calculation of whistling in the early morning",
        abstract="A fully differential calculation of whistling is presented.",
        authors=("C. Balázs", "A. Boil Jr."),
        categories=("hep-ph", "cs.LG"),
        primary_category="hep-ph",
        published=date(2007, 4, 2),
        updated=date(2007, 7, 24),
        version=2,
        comments="37 pages, 15 figures",
        doi="10.1103/TeaRevD.76.013009",
        versions=(Version(1, date(2007, 4, 2)), Version(2, date(2007, 7, 24))),
    )


def test_the_update_date_counts_where_there_are_no_versions(tmp_path: Path) -> None:
    assert _paper(tmp_path, update_date="2008-11-26").updated == date(2008, 11, 26)


def test_an_array_and_compressed_files_read_like_lines(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [PLAIN, SEED, KAGGLE]
    lines = _write(tmp_path / "a.jsonl", *rows)
    array, pretty, packed = tmp_path / "a.json", tmp_path / "p.json", tmp_path / "no-suffix"
    array.write_text(json.dumps(rows), encoding="utf-8")
    pretty.write_text("\ufeff\n" + json.dumps(rows, indent=1), encoding="utf-8")
    packed.write_bytes(gzip.compress(lines.read_bytes()))
    expected = _read(lines)

    assert len(expected[0]) == 3
    for path in (array, pretty, packed):
        assert _read(path) == expected


def test_an_array_larger_than_what_is_held_at_once_is_read_whole(tmp_path: Path) -> None:
    ids = [f"1901.{number:05}" for number in range(300)]
    rows = [{"id": arxiv_id, "abstract": "é" * 2_000} for arxiv_id in ids]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")

    papers, wrong = _read(path)

    assert ([paper.id for paper in papers], wrong) == (ids, [])
    assert {paper.abstract for paper in papers} == {"é" * 2_000}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A. Boil", ("A. Boil",)),
        ("A. Boil and B. Steam", ("A. Boil", "B. Steam")),
        ("A. Boil, B. Steam, and C. Pot", ("A. Boil", "B. Steam", "C. Pot")),
        ("A. Boil, B. Steam and\n C. Pot", ("A. Boil", "B. Steam", "C. Pot")),
        ("Ferdinand Anders, Sandy Land", ("Ferdinand Anders", "Sandy Land")),
        ("A. Boil (Kettle U., Rome, Italy), B. Steam (X and Y)", ("A. Boil", "B. Steam")),
        ("A. Boil (1), B. Steam (1 and 2) ((1) Rome, (2) Oslo)", ("A. Boil", "B. Steam")),
        ("A. Boil (Rome Inst.)B. Steam (2)C. Pot", ("A. Boil", "B. Steam", "C. Pot")),
        ("Hua (Helen)Pot, Alex ('Sandy') Land", ("Hua Pot", "Alex Land")),
        ("A. Boil, Jr., B. Steam, III", ("A. Boil Jr.", "B. Steam III")),
        ("Kettle Group, :, A. Boil,, B. Steam,", ("Kettle Group", "A. Boil", "B. Steam")),
        ("A. Boil, \\and B. Steam", ("A. Boil", "B. Steam")),
        ("", ()),
    ],
)
def test_authors_in_one_string_are_told_apart(text: str, names: tuple[str, ...]) -> None:
    assert split_authors(text) == names


@pytest.mark.parametrize(
    "text",
    ["2019-05-06", "2019-05-06T19:56:03Z", "2019-05-06 19:56:03", "Mon, 6 May 2019 19:56:03 GMT"],
)
def test_a_date_may_have_a_time(tmp_path: Path, text: str) -> None:
    assert _paper(tmp_path, published=text).published == date(2019, 5, 6)


def test_texts_are_one_clean_line_and_what_is_blank_is_nothing(tmp_path: Path) -> None:
    paper = _paper(
        tmp_path,
        title="A\x00 \n\t B\x1b[31m \ud800 \U0001f600",
        abstract=" \n\x00 ",
        authors=["A.\u00a0 Boil", "\x07"],
        comments="",
    )

    assert paper.title == "A B[31m \ufffd \U0001f600"
    assert (paper.abstract, paper.comments) == (None, None)
    assert paper.authors == ("A. Boil",)


def test_markup_and_right_to_left_text_stay_as_they_are(tmp_path: Path) -> None:
    title = "<script>alert(1)</script> שלום $x^2$"

    assert _paper(tmp_path, title=title).title == title


def test_the_version_of_an_id_counts(tmp_path: Path) -> None:
    paper = _paper(tmp_path, id="math.GT/0309136v3", latest_version_seen="v5")

    assert (paper.id, paper.version) == ("math/0309136", 3)


@pytest.mark.parametrize(
    ("damaged", "arxiv_id"),
    [
        ("704.0047", "0704.0047"),
        ("704.001", "0704.0010"),
        ("1905.0216", "1905.02160"),
        ("1905.1", "1905.10000"),
        ("1806.0812600000002", "1806.08126"),
        ("1904.1309399999998", "1904.13094"),
        ("1412.5", "1412.5000"),
        (1905.0216, "1905.02160"),
        (801.0003, "0801.0003"),
    ],
)
def test_an_id_that_was_stored_as_a_number_is_restored(
    tmp_path: Path, damaged: str | float, arxiv_id: str
) -> None:
    assert _paper(tmp_path, id=damaged).id == arxiv_id


@pytest.mark.parametrize(
    ("ids", "titles", "restored"),
    [
        (("1901.00010", "1901.00010"), ["On Kettles"], 0),
        (("1901.00010", "1901.0001"), ["On Kettles"], 1),
        (("1901.0001", "1901.0001"), ["On Kettles"], 2),
        (("1901.0001", "1901.00010"), ["On Kettles", "On Teapots"], 1),
    ],
    ids=["both true", "second restored", "both restored", "first restored"],
)
def test_a_paper_that_comes_again_is_passed_over_unless_its_id_is_the_truer_one(
    tmp_path: Path, ids: tuple[str, str], titles: list[str], restored: int
) -> None:
    path = _write(tmp_path / "a.jsonl", {**PLAIN, "id": ids[0]}, {**SEED, "arxiv_id": ids[1]})
    tally = Tally()

    assert [p.title for p in read_metadata(path, tally) if isinstance(p, Paper)] == titles

    assert (tally.repeated, tally.restored) == (1, restored)


def test_a_broken_line_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = [
        b"{broken",
        json.dumps(PLAIN).encode(),
        b"",
        b"[1]",
        b'{"title": "x"}',
        b'{"id": "\xff"}',
    ]
    path.write_bytes(b"\n".join([*lines, b"[" * 100_000, json.dumps(SEED).encode()]))

    papers, wrong = _read(path)

    assert [paper.id for paper in papers] == ["1901.00001", "1901.00002"]
    assert [error.source for error in wrong] == [f"{path}, line {n}" for n in (1, 4, 5, 6, 7)]
    assert wrong[0].reason.startswith("not JSON (Expecting property name")
    assert wrong[1].reason == "not a JSON object. This line was left out."
    assert wrong[2].reason == "no 'id' (or 'arxiv_id'). This record was left out."
    assert wrong[3].reason.startswith("not UTF-8.")
    assert wrong[4].reason.startswith("not usable JSON")
    assert all(isinstance(error, BadSource) for error in wrong)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"id": "abc"}, "id: 'abc': this is not an arXiv id. Accepted forms: 1905.02249"),
        ({"id": "1008.43101"}, "an id of 1008 has 4 digits after the dot"),
        ({"id": 3}, "id: '3': this is not an arXiv id"),
        ({"id": True}, "id: an id is a text such as 1905.02249"),
        ({"id": None}, "id: an id is a text such as 1905.02249"),
        ({"title": 3}, "title: input should be a valid string"),
        ({"abstract": ["x"]}, "abstract: input should be a valid string"),
        ({"authors": 3}, "authors: input should be a valid tuple"),
        ({"authors": [["Boil", "A."]]}, "authors.0: input should be a valid string"),
        ({"authors_parsed": ["Boil"]}, "authors_parsed: expected lists of last name"),
        ({"authors_parsed": [[1, 2]]}, "authors_parsed: expected lists of last name"),
        ({"categories": 3}, "categories: input should be a valid tuple"),
        ({"published": "soon"}, "published: a date looks like 2019-05-06"),
        ({"published": []}, "published: input should be a valid date"),
        ({"versions": [{"version": 1}]}, "versions.0.version: input should be a valid string"),
        ({"versions": [{"version": "one"}]}, "versions.0.version: string should match pattern"),
        ({"latest_version_seen": "2"}, "latest_version_seen: string should match pattern"),
    ],
)
def test_a_field_of_the_wrong_kind_is_named(
    tmp_path: Path, fields: dict[str, Any], complaint: str
) -> None:
    assert complaint in _complaint(tmp_path, **fields)


def test_all_wrong_fields_of_a_row_are_named_at_once(tmp_path: Path) -> None:
    assert re.search(
        "title: .*; published: .*left out", _complaint(tmp_path, title=3, published="x")
    )


def test_an_item_of_an_array_that_is_no_object_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[\n{"id": "1901.00001"},\n\n7,\n{"id": "1901.00002"}]')

    papers, (wrong,) = _read(path)

    assert len(papers) == 2
    assert str(wrong) == f"{path}, line 4: not a JSON object. It was left out."


@pytest.mark.parametrize(
    ("ending", "complaint"),
    [
        ('{"id": ', "line 2: not JSON (Expecting value)"),
        ("", "line 2: not JSON (the array is not closed)"),
        ("] []", "line 2: not JSON (more text after the array)"),
    ],
)
def test_an_array_that_breaks_off_gives_what_stands_before(
    tmp_path: Path, ending: str, complaint: str
) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"id": "1901.00001"},\n' + ending)

    papers, (wrong,) = _read(path)

    assert [paper.id for paper in papers] == ["1901.00001"]
    assert complaint in str(wrong)


def test_a_truncated_archive_gives_what_can_be_read_and_says_so(tmp_path: Path) -> None:
    rows = [{"id": f"1901.{n:05}", "abstract": f"{n * n} " * 50} for n in range(1_000)]
    whole = gzip.compress("\n".join(map(json.dumps, rows)).encode())
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])

    papers, wrong = _read(path)

    assert 300 < len(papers) < 700
    assert [paper.id for paper in papers] == [row["id"] for row in rows[: len(papers)]]
    assert "the compressed data break off or are damaged" in str(wrong[-1])


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "the file is empty. Expected one JSON object a line"),
        (b"\n \n", "no JSON object was found in this file. Expected one JSON object a line"),
        (b"[]", "no JSON object was found in this file"),
        (b"id,title\n1901.00001,Kettles\n", "First: {path}, line 1: not JSON"),
        (b"no\n" * 1_000_000, "no JSON object was found in this file"),
        ("{}".encode("utf-16"), "not UTF-8"),
        (b"PK\x03\x04rest", "this is a zip archive. Unpack it"),
    ],
)
def test_a_file_that_is_something_else_is_refused(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)

    with pytest.raises(BadSource, match=re.escape(complaint.replace("{path}", str(path)))):
        list(read_metadata(path, Tally()))


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadSource, match=r"the file cannot be read .* Check its name and rights"):
        list(read_metadata(tmp_path / name, Tally()))


def test_the_seed_papers_are_read(shared: Path) -> None:
    papers, wrong = _read(shared / "seed" / "papers.json")

    by_id = {paper.id: paper for paper in papers}
    assert (len(by_id), wrong) == (14, [])
    assert by_id["1905.02249"].authors[0] == "David Berthelot"
    assert by_id["1905.02161"].abstract is None
    assert by_id["1904.12848"].version == 6


@pytest.mark.long
def test_eighty_thousand_records_are_read_without_a_loss(shared: Path) -> None:
    path = shared / "arxiv" / "abstracts_ml_to_2019.jsonl.gz"

    papers, wrong = _read(path)

    assert wrong == []
    assert len({paper.id for paper in papers}) == 67_908
    assert all(paper.title and paper.abstract and paper.authors for paper in papers)
