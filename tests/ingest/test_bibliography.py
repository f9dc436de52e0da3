"""Bibliographies in any of three formats lead to the same works, and what is unclear is said."""

import json
from pathlib import Path
from time import perf_counter

import pytest

from ingest.errors import BadSource, SourceError
from ingest.files.bibliography import LARGEST_FILE, Entry, read_bibliography
from ingest.paper import Paper

# The same seven works as Zotero's own BibTeX, Better BibTeX's BibLaTeX, RIS and CSL JSON have them.
ZOTERO_BIBTEX = r"""
@misc{boil_whistlenet_2019,
	title = {{WhistleNet}: {A} {Holistic} {Approach} to {Semi}-{Supervised} {Kettles}},
	shorttitle = {{WhistleNet}},
	url = {http://arxiv.org/abs/1901.00001},
	doi = {10.48550/arXiv.1901.00001},
	abstract = {Kettles @ 100\% boil. Compare arXiv:1802.00002.},
	urldate = {2023-01-02},
	publisher = {arXiv},
	author = {Boil, Ann and Steam, Bo B.},
	month = oct,
	year = {2019},
	note = {arXiv:1901.00001 [cs, stat]
Comment: 9 pages, the long form of arXiv:1803.00003},
	keywords = {Computer Science - Machine Learning},
	file = {arXiv.org Snapshot:/home/ann/Zotero/storage/ABCD/1901.html:text/html},
}

@article{cup_deep_2015,
	title = {Deep tea \& deep coffee},
	volume = {521},
	copyright = {2015 Tea Group},
	issn = {1476-4687},
	url = {https://www.example.org/articles/tea14539},
	doi = {10.1000/Tea14539},
	number = {7553},
	journal = {Tea},
	author = {Cup, Yann and Müller, Šára},
	month = may,
	year = {2015},
	note = {Comment: extends arXiv:1804.00004},
	pages = {436--444},
}

@inproceedings{pour_pouring_2018,
	title = {Pouring considered harmful},
	url = {https://arxiv.org/pdf/1805.00005v2.pdf},
	booktitle = {Proceedings of the 3rd {Conference} on {Tea}},
	author = {Pour, Ida},
	year = {2018},
}

@article{maaten_visualizing_2008,
	title = {Visualizing {Steam} using k-{POT}},
	volume = {9},
	url = {http://journal.example.org/papers/v9/steam08a.html},
	number = {86},
	journal = {Journal of Tea Research},
	author = {Maaten, Laurens van der and Leaf, Jr., Max},
	year = {2008},
	pages = {2579--2605},
}

@misc{noauthor_boiling_nodate,
	title = {Boiling Point Transitions in Anisotropic Kettles},
}

@book{kettle_elements_2009,
	address = {New York, NY},
	edition = {2},
	series = {Springer {Series} in {Tea}},
	title = {The {Elements} of {Tea}},
	isbn = {978-0-387-84857-0 978-0-387-84858-7},
	url = {http://link.example.org/10.1007/978-0-387-84858-7\_1},
	doi = {10.1007/978-0-387-84858-7\_1},
	publisher = {Springer},
	author = {Kettle, Trevor and {The Tea Board}},
	year = {2009},
}

@misc{knot_knots_2003,
	title = {On the {Poincaré} kettle},
	url = {http://arxiv.org/abs/math/0309136},
	publisher = {arXiv},
	author = {Knot, Gøril},
	year = {2003},
	note = {arXiv:math/0309136},
}
"""

BETTER_BIBLATEX = r"""
@online{boilWhistleNetHolisticApproach2019,
  title = {{{WhistleNet}}: {{A Holistic Approach}} to {{Semi-Supervised Kettles}}},
  shorttitle = {{{WhistleNet}}},
  author = {Boil, Ann and Steam, Bo B.},
  date = {2019-10-23},
  eprint = {1901.00001},
  eprinttype = {arXiv},
  eprintclass = {cs, stat},
  doi = {10.48550/arXiv.1901.00001},
  url = {http://arxiv.org/abs/1901.00001},
  pubstate = {prepublished},
}

@article{cupDeepTea2015,
  title = {Deep tea \& deep coffee},
  author = {Cup, Yann and M{\"u}ller, {\v{S}}{\'a}ra},
  date = {2015-05},
  journaltitle = {Tea},
  doi = {10.1000/Tea14539},
  url = {https://www.example.org/articles/tea14539},
  annotation = {Comment: extends arXiv:1804.00004},
}

@inproceedings{pourPouring2018,
  title = {Pouring Considered Harmful},
  author = {Pour, Ida},
  date = {2018},
  eprint = {1805.00005},
  archiveprefix = {arXiv},
}

@article{maatenVisualizing2008,
  title = {Visualizing {{Steam}} Using K-{{POT}}},
  author = {family=Maaten, given=Laurens, prefix=van der},
  date = {2008},
}
"""

RIS = """
TY  - UNPB
TI  - WhistleNet: A Holistic Approach to Semi-Supervised Kettles
AU  - Boil, Ann
AU  - Steam, Bo B.
AB  - Kettles @ 100% boil. Compare arXiv:1802.00002.
DA  - 2019/10/23/
PY  - 2019
DO  - 10.48550/arXiv.1901.00001
DP  - arXiv.org
PB  - arXiv
ST  - WhistleNet
UR  - http://arxiv.org/abs/1901.00001
Y2  - 2023/01/02/11:12:13
L1  - https://arxiv.org/pdf/1901.00001.pdf
L2  - http://arxiv.org/abs/1901.00001
N1  - arXiv:1901.00001 [cs, stat]
Comment: 9 pages, the long form of arXiv:1803.00003
KW  - Computer Science - Machine Learning
ER  -

TY  - JOUR
TI  - Deep tea & deep coffee
AU  - Cup, Yann
AU  - Müller, Šára
T2  - Tea
DA  - 2015/05//
PY  - 2015
DO  - 10.1000/Tea14539
VL  - 521
IS  - 7553
SP  - 436
EP  - 444
SN  - 1476-4687
UR  - https://www.example.org/articles/tea14539
N1  - Comment: extends arXiv:1804.00004
ER  -

TY  - CONF
TI  - Pouring considered harmful
AU  - Pour, Ida
C3  - Proceedings of the 3rd Conference on Tea
PY  - 2018
UR  - https://arxiv.org/pdf/1805.00005v2.pdf
ER  -

TY  - JOUR
TI  - Visualizing Steam using k-POT
AU  - Maaten, Laurens van der
AU  - Leaf, Max, Jr.
T2  - Journal of Tea Research
PY  - 2008
VL  - 9
IS  - 86
UR  - http://journal.example.org/papers/v9/steam08a.html
ER  -

TY  - GEN
TI  - Boiling Point Transitions in Anisotropic Kettles
ER  -

TY  - BOOK
TI  - The Elements of Tea
AU  - Kettle, Trevor
AU  - The Tea Board
T2  - Springer Series in Tea
CY  - New York, NY
DA  - 2009///
PY  - 2009
DO  - 10.1007/978-0-387-84858-7_1
PB  - Springer
SN  - 978-0-387-84857-0
UR  - http://link.example.org/10.1007/978-0-387-84858-7_1
ER  -

TY  - UNPB
TI  - On the Poincaré kettle
AU  - Knot, Gøril
PY  - 2003
PB  - arXiv
M1  - arXiv:math/0309136
UR  - http://arxiv.org/abs/math/0309136
ER  -
"""

CSL = [
    {
        "id": "http://zotero.org/users/1/items/ABCD",
        "type": "article",
        "abstract": "Kettles @ 100% boil. Compare arXiv:1802.00002.",
        "note": "arXiv:1901.00001 [cs, stat]\nComment: 9 pages, the long form of arXiv:1803.00003",
        "number": "arXiv:1901.00001",
        "publisher": "arXiv",
        "source": "arXiv.org",
        "title": "WhistleNet: A Holistic Approach to Semi-Supervised Kettles",
        "DOI": "10.48550/arXiv.1901.00001",
        "URL": "http://arxiv.org/abs/1901.00001",
        "author": [{"family": "Boil", "given": "Ann"}, {"family": "Steam", "given": "Bo B."}],
        "issued": {"date-parts": [["2019", 10, 23]]},
    },
    {
        "id": "cup",
        "type": "article-journal",
        "title": "Deep tea & deep coffee",
        "container-title": "Tea",
        "DOI": "10.1000/Tea14539",
        "URL": "https://www.example.org/articles/tea14539",
        "volume": "521",
        "issue": "7553",
        "note": "Comment: extends arXiv:1804.00004",
        "author": [{"family": "Cup", "given": "Yann"}, {"family": "Müller", "given": "Šára"}],
        "issued": {"date-parts": [[2015, 5]]},
    },
    {
        "id": "pour",
        "type": "paper-conference",
        "title": "Pouring considered harmful",
        "URL": "https://arxiv.org/pdf/1805.00005v2.pdf",
        "author": [{"family": "Pour", "given": "Ida"}],
        "issued": {"date-parts": [["2018"]]},
    },
    {
        "id": 4,
        "type": "article-journal",
        "title": "Visualizing <span class='nocase'>Steam</span> using <i>k</i>-POT",
        "URL": "http://journal.example.org/papers/v9/steam08a.html",
        "author": [
            {"family": "Maaten", "given": "Laurens", "non-dropping-particle": "van der"},
            {"family": "Leaf", "given": "Max", "suffix": "Jr."},
        ],
        "issued": {"raw": "2008"},
    },
    {"id": "x", "type": "document", "title": "Boiling Point Transitions in Anisotropic Kettles"},
    {
        "id": "kettle",
        "type": "book",
        "title": "The Elements of Tea",
        "collection-title": "Springer Series in Tea",
        "DOI": "10.1007/978-0-387-84858-7_1",
        "URL": "http://link.example.org/10.1007/978-0-387-84858-7_1",
        "author": [{"family": "Kettle", "given": "Trevor"}, {"literal": "The Tea Board"}],
        "issued": {"date-parts": [["2009"]]},
    },
    {
        "id": "knot",
        "type": "article",
        "title": "On the Poincaré kettle",
        "archive": "arXiv",
        "archive_location": "math/0309136",
        "author": [{"family": "Knot", "given": "Gøril"}],
        "issued": {"date-parts": [["2003"]]},
    },
]

WORKS = [
    Paper(
        "1901.00001",
        title="WhistleNet: A Holistic Approach to Semi-Supervised Kettles",
        authors=("Ann Boil", "Bo B. Steam"),
    ),
    Paper(
        "doi:10.1000/tea14539",
        title="Deep tea & deep coffee",
        authors=("Yann Cup", "Šára Müller"),
        doi="10.1000/tea14539",
        year=2015,
        url="https://www.example.org/articles/tea14539",
    ),
    Paper("1805.00005", title="Pouring considered harmful", authors=("Ida Pour",)),
    Paper(
        "work:visualizing-steam-using-k-pot-2008",
        title="Visualizing Steam using k-POT",
        authors=("Laurens van der Maaten", "Max Leaf Jr."),
        year=2008,
        url="http://journal.example.org/papers/v9/steam08a.html",
    ),
    Paper(
        "work:boiling-point-transitions-in-anisotropic-kettles",
        title="Boiling Point Transitions in Anisotropic Kettles",
    ),
    Paper(
        "doi:10.1007/978-0-387-84858-7_1",
        title="The Elements of Tea",
        authors=("Trevor Kettle", "The Tea Board"),
        doi="10.1007/978-0-387-84858-7_1",
        year=2009,
        url="http://link.example.org/10.1007/978-0-387-84858-7_1",
    ),
    Paper("math/0309136", title="On the Poincaré kettle", authors=("Gøril Knot",)),
]


def _read(tmp_path: Path, content: str | bytes) -> list[Entry | SourceError]:
    path = tmp_path / "list"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_bibliography(path))


def _papers(tmp_path: Path, content: str) -> list[Paper]:
    entries = _read(tmp_path, content)
    assert not [entry for entry in entries if isinstance(entry, SourceError)]
    return [entry.paper for entry in entries if isinstance(entry, Entry)]


def _one(tmp_path: Path, content: str) -> Paper:
    (paper,) = _papers(tmp_path, content)
    return paper


@pytest.mark.parametrize(
    "content", [ZOTERO_BIBTEX, RIS, json.dumps(CSL)], ids=["bib", "ris", "csl"]
)
def test_every_format_gives_the_same_works(tmp_path: Path, content: str) -> None:
    assert _papers(tmp_path, content) == WORKS


def test_biblatex_gives_the_same_works_as_far_as_it_tells_of_them(tmp_path: Path) -> None:
    papers = _papers(tmp_path, BETTER_BIBLATEX)

    assert [paper.id for paper in papers] == [work.id for work in WORKS[:4]]
    assert papers[:2] == WORKS[:2]


@pytest.mark.parametrize(
    "fields",
    [
        "eprint = {1901.00001}, archiveprefix = {arXiv}",
        "eprint = {1901.00001v3}, eprinttype = {arxiv}",
        "eprint = {arXiv:1901.00001}",
        "eprint = {1901.00001}",
        "eprint = {https://arxiv.org/abs/1901.00001}",
        "arxivId = {1901.00001}",
        "doi = {10.48550/arXiv.1901.00001}",
        "doi = {https://doi.org/10.48550/ARXIV.1901.00001}",
        "journal = {arXiv preprint arXiv:1901.00001}",
        "journal = {arXiv:1901.00001 [cs, stat]}",
        "journal = {CoRR}, volume = {abs/1901.00001}",
        "publisher = {arXiv}, number = {arXiv:1901.00001}",
        "howpublished = {\\url{https://arxiv.org/abs/1901.00001}}",
        "url = {https://www.arxiv.org/pdf/1901.00001v2.pdf}",
        "note = {arXiv:1901.00001 [cs]}",
        "note = {arXiv: 1901.00001}",
        "annote = {Read in May.\narXiv:1901.00001 [cs, stat]\nComment: see arXiv:1802.00002}",
    ],
)
def test_an_arxiv_id_is_found_wherever_people_write_it(tmp_path: Path, fields: str) -> None:
    assert _one(tmp_path, f"@misc{{k, title = {{Tea}}, {fields}}}").id == "1901.00001"


def test_an_old_id_may_stand_apart_from_its_archive(tmp_path: Path) -> None:
    fields = "eprint = {0309136}, archiveprefix = {arXiv}, primaryclass = {math}"

    assert _one(tmp_path, f"@misc{{k, title = {{Tea}}, {fields}}}").id == "math/0309136"


@pytest.mark.parametrize(
    "fields",
    [
        "note = {Comment: extends arXiv:1901.00001}",
        "note = {arXiv:1901.00001 is what we reply to}",
        "abstract = {arXiv:1901.00001}",
        "number = {1901.00001}",
        "pages = {1901.00001--1901.00009}",
        "note = {1901.00001}",
        "eprint = {1203456}, archiveprefix = {pmid}",
        "eprint = {1901.00001}, eprinttype = {hal}",
        "url = {https://example.org/1901.00001}",
    ],
)
def test_numbers_that_are_not_the_works_own_id_are_none(tmp_path: Path, fields: str) -> None:
    assert _one(tmp_path, f"@misc{{k, title = {{Tea}}, {fields}}}").id == "work:tea"


def test_an_entry_that_names_two_papers_is_told_and_left_out(tmp_path: Path) -> None:
    fields = "eprint = {1901.00001}, doi = {10.48550/arXiv.1802.00002}"

    (error,) = _read(tmp_path, f"@misc{{k, title = {{Tea}}, {fields}}}")

    assert str(error) == (
        f"{tmp_path / 'list'}, line 1 (k): it names several arXiv papers (1901.00001, "
        "1802.00002). This entry was left out: keep the one that it is."
    )


def test_a_published_doi_stays_with_an_arxiv_paper(tmp_path: Path) -> None:
    paper = _one(tmp_path, "@article{k, title={Tea}, doi={10.1000/X}, eprint={1901.00001}}")

    assert (paper.id, paper.doi) == ("1901.00001", "10.1000/x")


@pytest.mark.parametrize(
    "fields",
    ["url = {https://doi.org/10.1000/X}", "note = {DOI: 10.1000/X}", "doi = {doi:10.1000/X}"],
)
def test_a_doi_is_found_wherever_people_write_it(tmp_path: Path, fields: str) -> None:
    assert _one(tmp_path, f"@book{{k, title = {{Tea}}, {fields}}}").id == "doi:10.1000/x"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Boil, Ann", ("Ann Boil",)),
        ("Ann Boil and Bo Steam", ("Ann Boil", "Bo Steam")),
        ("van der Boil, Ann and others", ("Ann van der Boil",)),
        ("Leaf, Jr., Max", ("Max Leaf Jr.",)),
        ("{The Tea Board} and M{\\\"u}ller, {\\v{S}}{\\'a}ra", ("The Tea Board", "Šára Müller")),
        ("A, B, C, D and Boil, Ann", ("A, B, C, D", "Ann Boil")),
    ],
)
def test_names_are_read_in_any_order(tmp_path: Path, written: str, read: tuple[str, ...]) -> None:
    assert _one(tmp_path, f"@misc{{k, title = {{Tea}}, author = {{{written}}}}}").authors == read


def test_titles_lose_their_tex_and_keep_their_formulas(tmp_path: Path) -> None:
    title = r"{{TeaNet}}: $\alpha$-kettles of G{\"o}del \& {\'E}mile {\textendash} in $O(n^{2})$"

    assert _one(tmp_path, f"@misc{{k, title = {{{title}}}}}").title == (
        "TeaNet: α-kettles of Gödel & Émile – in $O(n^{2})$"
    )


BROKEN = """
@string{tea = "Journal of Tea"}
@comment{not an entry}
@article{one, title = {On Kettles}, journal = tea, month = foo}
@article{two, title = {Broken, author = {X}
@article{three, title = "On } Pots"}
@article{, title = {No key}}
@article{five}
@article{six, title = {On Cups}, title = {Again}}
"""


def test_a_broken_entry_is_told_with_its_line_and_loses_no_other(tmp_path: Path) -> None:
    entries = _read(tmp_path, BROKEN)

    assert [entry.paper.title for entry in entries if isinstance(entry, Entry)] == [
        "On Kettles",
        "On Cups",
    ]
    source, out = str(tmp_path / "list"), "This entry was left out: correct it."
    assert [str(entry) for entry in entries if isinstance(entry, SourceError)] == [
        f"{source}, line 5: not BibTeX (premature end of file). {out}",
        f"{source}, line 6: not BibTeX (unbalanced braces). {out}",
        f"{source}, line 7: not BibTeX (entry key expected). {out}",
        f"{source}, line 8 (five): it has neither an arXiv id nor a DOI nor a title. "
        "This entry was left out.",
    ]


def test_a_broken_ris_entry_loses_no_other(tmp_path: Path) -> None:
    ris = "stray\nTY  - JOUR\nmore\nTI  - On\nKettles\nTY  - JOUR\nER  -\nTY  - GEN\nT1  - On Pots"

    first, error, last = _read(tmp_path, ris.replace("\n", "\r\n"))

    assert isinstance(first, Entry)
    assert isinstance(last, Entry)
    assert (first.place, first.paper.title) == (f"{tmp_path / 'list'}, line 2", "On Kettles")
    assert str(error).startswith(f"{tmp_path / 'list'}, line 6: it has neither an arXiv id")
    assert last.paper.title == "On Pots"


def test_a_broken_csl_entry_loses_no_other(tmp_path: Path) -> None:
    items = [1, {"title": "On Kettles", "author": "Ann Boil"}, {"title": "On Pots", "author": None}]

    *errors, last = _read(tmp_path, json.dumps(items))
    source = str(tmp_path / "list")

    assert [str(error) for error in errors] == [
        f"{source}, entry 1: not CSL-JSON (the entry is wrong). This entry was left out.",
        f"{source}, entry 2: not CSL-JSON (author is wrong). This entry was left out.",
    ]
    assert isinstance(last, Entry)
    assert last.paper == Paper("work:on-pots", title="On Pots")


def test_what_is_in_a_file_twice_counts_once(tmp_path: Path) -> None:
    assert _papers(tmp_path, ZOTERO_BIBTEX * 2) == WORKS


def test_a_byte_order_mark_and_the_files_name_make_no_difference(tmp_path: Path) -> None:
    path = tmp_path / "export.bib"
    path.write_bytes(RIS.replace("\n", "\r").encode("utf-8-sig"))

    assert [e.paper for e in read_bibliography(path) if isinstance(e, Entry)] == WORKS


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "this is none of the formats that can be read. Expected BibTeX, RIS or CSL-JSON: "),
        ("hello", "this is none of the formats that can be read."),
        ("[]", "no entry was found in this file. Expected BibTeX"),
        ("@comment{x}", "no entry was found in this file."),
        ('{"items": []}', "this is JSON but no list of works. Export it as CSL JSON."),
        ("[{]", "this begins like CSL-JSON and cannot be read as JSON (Expecting property name"),
        ("[" * 100_000, "cannot be read as JSON (maximum recursion depth exceeded"),
        ("[" + "9" * 5000 + "]", "cannot be read as JSON (Exceeds the limit"),
        (b"@misc{\0}", "this is no text file. Expected"),
        (b"@misc{a,\n title={\xfcber}}", "line 2 is not UTF-8. Save or export the file as UTF-8."),
        ("@misc{a}".encode("utf-16"), "line 1 is not UTF-8."),
    ],
)
def test_another_kind_of_file_is_refused_with_what_to_do(
    tmp_path: Path, content: str | bytes, reason: str
) -> None:
    with pytest.raises(BadSource) as refused:
        _read(tmp_path, content)

    assert refused.value.source == str(tmp_path / "list")
    assert reason in refused.value.reason


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.bib"
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)

    with pytest.raises(BadSource, match="the file is over 50 MB: split it"):
        list(read_bibliography(path))


@pytest.mark.parametrize("name", ["missing.bib", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadSource, match=r"the file cannot be read \(.*\)\. Check its name"):
        list(read_bibliography(tmp_path / name))


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("@misc{a, title = {" + "x" * 2001 + "}}", "its title has 2,001 letters. This entry was"),
        ("@misc{a, title = {" + "x" * 200_000 + "}}", "this entry has over 200,000 letters."),
        ("@misc{a, title = {" + "{" * 200 + "}" * 200 + "}}", "(too many nested braces)"),
        ('@string{s="x"}\n' + "@string{s=s#s}\n" * 60 + "@misc{a, title=s}", "nor a title"),
        ("TY  - GEN\nTI  - x" + "\nx" * 100_000, "this entry has over 200,000 letters."),
    ],
)
def test_an_entry_made_to_break_the_reader_is_left_out(
    tmp_path: Path, entry: str, reason: str
) -> None:
    (error,) = _read(tmp_path, entry)

    assert isinstance(error, BadSource)
    assert reason in error.reason


def test_two_thousand_entries_are_read_in_seconds(tmp_path: Path) -> None:
    entry = "@misc{{k{0}, title={{Kettle {0}}}, author={{Boil, Ann and Steam, Bo}}, year=2019}}\n"
    started = perf_counter()

    assert len(_papers(tmp_path, "".join(map(entry.format, range(2000))))) == 2000

    assert perf_counter() - started < 10
