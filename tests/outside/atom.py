"""The arXiv API as it answers since 2026: Atom feeds for ids and for searches of titles."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

from tests.outside.clock import stamp
from tests.outside.papers import ArxivPaper, Papers
from tests.outside.reply import Query, Reply

_NAMESPACES = (
    'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" '
    'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom"'
)
_ID = re.compile(r"(?:[0-9]{4}\.[0-9]{4,5}|[a-z-]+(?:\.[A-Z]{2})?/[0-9]{7})(?:v[0-9]+)?")
_TERM = re.compile(r'(?:(ti|abs|au|all):)?(?:"([^"]*)"|([^\s()"]+))')
_MOST = 2000


def atom_reply(papers: Papers, query: Query, now: datetime) -> Reply:
    """Answer `/api/query`."""
    ids = [i for i in query.one("id_list").split(",") if i]
    wrong = [i for i in ids if not _ID.fullmatch(i)]
    if wrong:
        return _error(f"incorrect id format for {wrong[0]}", now)
    start, most = query.one("start") or "0", query.one("max_results") or "10"
    for name, number in (("start", start), ("max_results", most)):
        if not number.isdigit():
            return _error(f"{name} must be an integer", now)
    found = _with_ids(papers, ids) if ids else _matching(papers, query.one("search_query"))
    page = found[int(start) : int(start) + min(int(most), _MOST)]
    return _feed_reply(_feed(query, page, len(found), now))


def _with_ids(papers: Papers, ids: Iterable[str]) -> list[ArxivPaper]:
    """Return the papers that are there, each as the version asked for has it."""
    found = []
    for asked in ids:
        name, _, number = asked.partition("v") if re.search(r"v\d+$", asked) else (asked, "", "")
        paper = papers.living(name)
        if paper and int(number or 1) <= len(paper.versions):
            kept = paper.versions[: int(number)] if number else paper.versions
            found.append(replace(paper, versions=kept))
    return found


def _matching(papers: Papers, wanted: str) -> list[ArxivPaper]:
    """Return the papers that hold all terms of a search; OR between terms asks for any."""
    terms = [
        (field or "all", _words(phrase or word))
        for field, phrase, word in _TERM.findall(wanted)
        if word not in ("AND", "OR", "ANDNOT")
    ]
    enough = any if " OR " in wanted else all
    living = (paper for paper in papers.by_id.values() if not paper.deleted)
    return [p for p in living if terms and enough(_holds(p, *term) for term in terms)]


def _holds(paper: ArxivPaper, field: str, words: Sequence[str]) -> bool:
    texts = {
        "ti": paper.newest.title,
        "abs": paper.newest.abstract,
        "au": " ".join(paper.authors),
    }
    said = _words(texts.get(field) or " ".join(texts.values()))
    return bool(words) and set(words) <= set(said)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _feed(query: Query, page: Sequence[ArxivPaper], total: int, now: datetime) -> str:
    asked = {name: query.one(name) for name in ("search_query", "id_list", "start", "max_results")}
    told = "&".join(f"{name}={value}" for name, value in asked.items())
    link = f"https://arxiv.org/api/query?{urlencode(asked)}"
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<feed {_NAMESPACES}>\n"
        "  <id>https://arxiv.org/api/qFNnN3Zc8bA02fouemuGZq2J4Tg</id>\n"
        f"  <title>arXiv Query: {escape(told)}</title>\n  <updated>{stamp(now)}</updated>\n"
        f'  <link href={quoteattr(link)} type="application/atom+xml"/>\n'
        f"  <opensearch:itemsPerPage>{asked['max_results'] or 10}</opensearch:itemsPerPage>\n"
        f"  <opensearch:totalResults>{total}</opensearch:totalResults>\n"
        f"  <opensearch:startIndex>{asked['start'] or 0}</opensearch:startIndex>\n"
        f"{''.join(map(_entry, page))}</feed>\n"
    )


def _entry(paper: ArxivPaper) -> str:
    versioned, newest = f"{paper.id}v{len(paper.versions)}", paper.newest
    more = {"comment": newest.comments, "doi": paper.doi, "journal_ref": paper.journal}
    links = [("abs", "alternate", "text/html", ""), ("pdf", "related", "application/pdf", "pdf")]
    return (
        f"  <entry>\n    <id>http://arxiv.org/abs/{versioned}</id>\n"
        f"    <title>{escape(newest.title)}</title>\n"
        f"    <updated>{stamp(newest.submitted)}</updated>\n"
        + "".join(_link(versioned, *link) for link in links)
        + f"    <summary>{escape(newest.abstract)}</summary>\n"
        + "".join(
            f'    <category term="{category}" scheme="http://arxiv.org/schemas/atom"/>\n'
            for category in paper.categories
        )
        + f"    <published>{stamp(paper.versions[0].submitted)}</published>\n"
        + "".join(f"    <arxiv:{k}>{escape(v)}</arxiv:{k}>\n" for k, v in more.items() if v)
        + f'    <arxiv:primary_category term="{paper.categories[0]}"/>\n'
        + "".join(
            f"    <author>\n      <name>{escape(author)}</name>\n    </author>\n"
            for author in paper.authors
        )
        + "  </entry>\n"
    )


def _link(versioned: str, page: str, rel: str, kind: str, title: str) -> str:
    address = f"https://arxiv.org/{page}/{versioned}"
    named = f' title="{title}"' if title else ""
    return f'    <link href="{address}" rel="{rel}" type="{kind}"{named}/>\n'


def _error(what: str, now: datetime) -> Reply:
    place = f"https://arxiv.org/api/errors#{what.replace(' ', '_')}"
    feed = (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<feed {_NAMESPACES}>\n"
        "  <id>https://arxiv.org/</id>\n  <title>arXiv Search Results</title>\n"
        f"  <updated>{stamp(now)}</updated>\n"
        "  <opensearch:itemsPerPage>1</opensearch:itemsPerPage>\n"
        "  <opensearch:totalResults>1</opensearch:totalResults>\n"
        "  <opensearch:startIndex>0</opensearch:startIndex>\n"
        f"  <entry>\n    <id>{escape(place)}</id>\n    <title>Error</title>\n"
        f"    <updated>{stamp(now)}</updated>\n"
        f'    <link href={quoteattr(place)} rel="alternate" type="text/html"/>\n'
        f"    <summary>{escape(what)}</summary>\n"
        "    <author>\n      <name>arXiv api core</name>\n    </author>\n  </entry>\n</feed>\n"
    )
    return _feed_reply(feed, 400)


def _feed_reply(feed: str, status: int = 200) -> Reply:
    return Reply(feed.encode(), "application/atom+xml; charset=utf-8", status)
