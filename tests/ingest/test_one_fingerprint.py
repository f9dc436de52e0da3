"""The same paper by Atom, OAI-PMH, DataCite or a file is one paper, and embeds once."""

import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.rows import fingerprint
from ingest.arxiv.atom import ArxivApi
from ingest.arxiv.datacite import DataCite
from ingest.arxiv.normal_form import normal, normal_name, normal_text
from ingest.arxiv.oai import ArxivOai
from ingest.arxiv.snapshot import Snapshot
from ingest.making import paper_documents
from ingest.paper import Paper, Version
from ingest.paper_rows import ARXIV, DATACITE, Claim, agreed, renewed
from tests.outside.faults import Fault
from tests.outside.server import OutsideServer, standing_in

ID = "1905.01234"
# What was submitted, as OAI-PMH and the snapshot tell it, and what the API makes of it.
RAW_TITLE = 'Na\\"ive kettles after Erd\\H{o}s:\n  a $\\lambda$-theory'
API_TITLE = "Naïve kettles after Erdős: a $λ$-theory"
RAW_ABSTRACT = """  We show that $\\theta_i < \\frac{1}{2}$ for all na\\"{i}ve
kettles of Poincar\\'e \\& {\\L}ukasiewicz, in $O(\\log \\epsilon^{-1})$ steps and
at 30\\% of the cost.
  M\\o ller's cafe\\'{} is left alone.
"""
API_ABSTRACT = (
    "We show that $θ_i < \\frac{1}{2}$ for all naïve kettles of Poincaré \\& Łukasiewicz, in "
    "$O(\\log ε^{-1})$ steps and at 30\\% of the cost. Møller's cafe\\'{} is left alone."
)
COMMENTS = "12 pages,\n  3 figures"
DOI = "10.1000/kettle.2019"


def _atom() -> bytes:
    authors = ("J. -P. Bouilloire", "Søren A. B. Kedel", "Ann Boil Jr")
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" '
        'xmlns:arxiv="http://arxiv.org/schemas/atom">'
        "<opensearch:totalResults>1</opensearch:totalResults><entry>"
        f"<id>http://arxiv.org/abs/{ID}v2</id><title>{escape(API_TITLE)}</title>"
        "<updated>2019-07-01T22:30:00Z</updated><published>2019-05-03T20:00:01Z</published>"
        f"<summary>  {escape(API_ABSTRACT)}\n</summary>"
        '<category term="stat.ML"/><category term="cs.IT"/><category term="cs.LG"/>'
        f"<arxiv:comment>12 pages, 3 figures</arxiv:comment><arxiv:doi>{DOI}</arxiv:doi>"
        '<arxiv:primary_category term="stat.ML"/>'
        + "".join(f"<author><name>{name}</name></author>" for name in authors)
        + "</entry></feed>"
    ).encode()


def _oai(form: str, told: str) -> bytes:
    return (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        "<responseDate>2026-01-01T00:00:00Z</responseDate><GetRecord><record>"
        f"<header><identifier>oai:arXiv.org:{ID}</identifier></header><metadata>"
        f'<{form} xmlns="http://arxiv.org/OAI/{form}/"><id>{ID}</id>{told}'
        f"<title>{escape(RAW_TITLE)}</title><abstract>{escape(RAW_ABSTRACT)}</abstract>"
        f"<categories>stat.ML cs.LG cs.IT math.IT</categories><comments>{COMMENTS}</comments>"
        f"<doi>{DOI}</doi></{form}></metadata></record></GetRecord></OAI-PMH>"
    ).encode()


RAW = _oai(
    "arXivRaw",
    '<version version="v1"><date>Fri, 3 May 2019 20:00:01 GMT</date></version>'
    '<version version="v2"><date>Mon, 1 Jul 2019 22:30:00 GMT</date></version>'
    "<authors>J.-P. Bouilloire (Paris), S\\o ren A.B. Kedel and Ann Boil Jr</authors>",
)
STRUCTURED = _oai(
    "arXiv",
    "<created>2019-05-03</created><updated>2019-07-01</updated><authors>"
    "<author><keyname>Bouilloire</keyname><forenames>J. -P.</forenames></author>"
    "<author><keyname>Kedel</keyname><forenames>Søren A. B.</forenames></author>"
    "<author><keyname>Boil</keyname><forenames>Ann</forenames><suffix>Jr</suffix></author>"
    "</authors>",
)
SNAPSHOT = {
    "id": ID,
    "title": RAW_TITLE,
    "abstract": RAW_ABSTRACT,
    "authors_parsed": [
        ["Bouilloire", "J. -P.", ""],
        ["Kedel", "S{\\o}ren A. B.", ""],
        ["Boil", "Ann", "Jr"],
    ],
    "categories": "stat.ML cs.LG cs.IT math.IT",
    "comments": COMMENTS,
    "doi": DOI,
    "versions": [
        {"version": "v1", "created": "Fri, 3 May 2019 20:00:01 GMT"},
        {"version": "v2", "created": "Mon, 1 Jul 2019 22:30:00 GMT"},
    ],
    "update_date": "2021-02-03",
}
REGISTERED = {
    "titles": [{"title": RAW_TITLE}],
    "creators": [
        {"name": "Bouilloire, J. -P.", "givenName": "J. -P.", "familyName": "Bouilloire"},
        {"name": "Kedel, Søren A. B.", "givenName": "Søren A. B.", "familyName": "Kedel"},
        {"name": "Boil, Ann, Jr"},
    ],
    "descriptions": [{"description": escape(RAW_ABSTRACT), "descriptionType": "Abstract"}],
    "dates": [
        {"date": "2019-05-03T20:00:01Z", "dateType": "Submitted", "dateInformation": "v1"},
        {"date": "2019-07-01T22:30:00Z", "dateType": "Submitted", "dateInformation": "v2"},
        {"date": "2019-07-03T00:30:00Z", "dateType": "Updated", "dateInformation": "v2"},
    ],
    "subjects": [
        {"subject": f"A field ({category})", "subjectScheme": "arXiv"}
        for category in ("stat.ML", "cs.LG", "cs.IT", "math.IT")
    ],
    "relatedIdentifiers": [
        {"relationType": "IsVersionOf", "relatedIdentifier": DOI, "relatedIdentifierType": "DOI"}
    ],
    "version": "2",
}


@pytest.fixture
def outside() -> Iterator[OutsideServer]:
    with standing_in() as server:
        yield server


@pytest.fixture
def papers(outside: OutsideServer, tmp_path: Path) -> dict[str, Paper]:
    """Return the paper as each source gives it, over HTTP and from a file."""
    data = {"id": f"10.48550/arxiv.{ID}", "attributes": REGISTERED}
    outside.script.plan(Fault(body=_atom()), "/api/query")
    outside.script.plan(Fault(body=RAW), "/oai")
    outside.script.plan(Fault(200, body=json.dumps({"data": data}).encode()), "/dois")
    (tmp_path / "kept.jsonl").write_text(json.dumps(SNAPSHOT))
    sources = (
        ArxivApi(outside.arxiv_url, delay_seconds=0),
        ArxivOai(outside.oai_url, delay_seconds=0),
        DataCite(outside.datacite_url, delay_seconds=0),
        Snapshot(tmp_path / "kept.jsonl"),
    )
    told = {source.name: next(iter(source.fetch([ID]))) for source in sources}
    return {name: paper for name, paper in told.items() if isinstance(paper, Paper)}


def test_all_sources_give_one_fingerprint(papers: dict[str, Paper]) -> None:
    abstracts = {name: paper_documents(paper)[0] for name, paper in papers.items()}

    assert list(abstracts) == ["atom", "oai", "datacite", "file"]
    assert {document.text for document in abstracts.values()} == {API_ABSTRACT}
    assert len({fingerprint(document) for document in abstracts.values()}) == 1


def test_what_several_sources_know_they_say_alike(papers: dict[str, Paper]) -> None:
    assert papers["atom"] == Paper(
        id=ID,
        title=API_TITLE,
        abstract=API_ABSTRACT,
        authors=("J.-P. Bouilloire", "Søren A. B. Kedel", "Ann Boil Jr"),
        categories=("stat.ML", "cs.IT", "cs.LG"),
        primary_category="stat.ML",
        published=date(2019, 5, 3),
        updated=date(2019, 7, 1),
        version=2,
        comments="12 pages, 3 figures",
        doi=DOI,
        versions=(Version(1, date(2019, 5, 3)), Version(2, date(2019, 7, 1))),
    )
    assert papers["oai"] == papers["file"] == papers["atom"]
    for field in fields(Paper):
        said = {getattr(paper, field.name) for paper in papers.values()} - {None, (), False}
        assert len(said) <= 1, field.name


def test_a_source_that_knows_less_takes_nothing_away(
    outside: OutsideServer, papers: dict[str, Paper]
) -> None:
    outside.script.clear()
    outside.script.plan(Fault(body=STRUCTURED), "/oai")
    (less,) = ArxivOai(outside.oai_url, delay_seconds=0).fetch([ID])

    assert isinstance(less, Paper)
    assert (less.version, less.versions) == (None, ())
    said = Claim(ARXIV, papers["atom"]), Claim(DATACITE, papers["datacite"])
    for kept in (renewed(less, papers["atom"]), agreed(said)):
        assert [fingerprint(d) for d in paper_documents(kept)] == [
            fingerprint(d) for d in paper_documents(papers["atom"])
        ]


# -- the normal form ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"Schr\"odinger, Schr\"{o}dinger, Schr{\"o}dinger", "Schrödinger, " * 2 + "Schrödinger"),
        (r"Poincar\'e, Garc\'{\i}a, Garc\'\i a", "Poincaré, García, García"),
        (r"Erd\H{o}s, \v{S}koda, fran\c{c}ais, j\k{e}zyk", "Erdős, Škoda, français, język"),
        (r"Stra{\ss}e, M\o ller, {\L}ukasiewicz, \AA{}s", "Straße, Møller, Łukasiewicz, Ås"),
        (
            r"$\lambda$-calculus, {\mu}m, $x_{\alpha}$, $\sigma_i^2$",
            "$λ$-calculus, μm, $x_α$, $σ_i^2$",
        ),
        (r"\alpha1 \lambdas \Omegas", r"\alpha1 \lambdas \Omegas"),
        (
            r"$\frac{1}{2} \ell_1 \varepsilon \mathcal{O}$",
            r"$\frac{1}{2} \ell_1 \varepsilon \mathcal{O}$",
        ),
        (r"30\% of A\&B, \emph{new}, $\{x\}$, a\_b", r"30\% of A\&B, \emph{new}, $\{x\}$, a\_b"),
        ("one\n  two\ttwo \u00a0 three", "one two two three"),
        ("e\u0301te\u0301", "été"),
        (
            "$p&lt;0.05$, Tom &amp; Ann, &mu;-calculus, &#64257;ne",
            "$p<0.05$, Tom & Ann, μ-calculus, ﬁne",
        ),
        ("AT&T; R&D &nosuch; &#xffffff; &", "AT&T; R&D &nosuch; \ufffd &"),
        (r"\"b, \=q, \'t, \v{x}", r"\"b, \=q, \'t, \v{x}"),
        (r"${{x}}$ and ${{{y}}}$", "${x}$ and ${y}$"),
        ("", ""),
    ],
)
def test_texts_are_told_as_arxivs_api_tells_them(text: str, plain: str) -> None:
    assert normal_text(text) == plain


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("A.B. Boil", "A. B. Boil"),
        ("J. -P. Bouilloire", "J.-P. Bouilloire"),
        ("J.-P. Bouilloire", "J.-P. Bouilloire"),
        (r"L\'eon~Bottou", "Léon Bottou"),
        (r"{\'E}. Cartan", "É. Cartan"),
        ("K. St.John", "K. St.John"),
        ("Ann  Boil\n Jr.", "Ann Boil Jr."),
        ("BICEP2 Collaboration", "BICEP2 Collaboration"),
    ],
)
def test_names_have_one_form(name: str, plain: str) -> None:
    assert normal_name(name) == plain


@pytest.mark.parametrize(
    ("primary", "categories", "expected"),
    [
        ("cs.LG", ("stat.ML", "cs.LG", "cs.AI"), ("cs.LG", "cs.AI", "stat.ML")),
        (None, ("stat.ML", "cs.LG"), ("stat.ML", "cs.LG")),
        ("cs.IT", ("cs.IT", "math.IT"), ("cs.IT",)),
        ("cs.SY", ("cs.SY",), ("cs.SY",)),
        ("cs.SY", ("cs.SY", "eess.SY"), ("cs.SY", "eess.SY")),
        ("math.LO", ("math.LO", "03B70, 68Q99", "F.4.1; K.2"), ("math.LO",)),
        (None, (), ()),
    ],
)
def test_categories_have_one_order(
    primary: str | None, categories: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    paper = normal(Paper(ID, categories=categories, primary_category=primary))

    assert paper.categories == expected
    assert paper.primary_category == next(iter(expected), None)


@given(st.text(alphabet=st.sampled_from(list("ae{}\\'\"^~=.ckHuvo ıé&;$_\n12")), max_size=60))
def test_any_text_has_a_normal_form_on_one_line(text: str) -> None:
    plain = normal_text(text)

    assert plain == " ".join(plain.split())
    assert normal_name(text) == " ".join(normal_name(text).split())


@pytest.mark.parametrize(
    "text", ["{" * 50_000 + "\\", "\\'{" * 30_000, "&" * 100_000, "\\o" * 50_000]
)
def test_no_text_takes_long(text: str) -> None:
    assert normal_text(text)
