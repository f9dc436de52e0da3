"""The entries of a reading list: what each may say, and what is wrong with what it says."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)

from ingest.arxiv.ids import ArxivId, MalformedArxivId, parse_arxiv_id
from ingest.errors import BadSource
from ingest.forum.refs import parse_listing_url, parse_topic_url
from ingest.one_line import one_line
from ingest.paper import Paper
from ingest.titles import plain_doi, stands_alone, work_id

_KEY = re.compile(r"discourse:\S+:\d+:\d+|thread:[^\s:]+:\d+")
_POST_NUMBER = re.compile(r"/t/(?:[^/]*[^/\d][^/]*/)?\d+/(\d{1,9})/?")


def post_key(text: str) -> str:
    """Return the document key of a post that its address or its key names, or raise ValueError."""
    if _KEY.fullmatch(text.strip()):
        return text.strip()
    try:
        topic = parse_topic_url(text)
    except BadSource as error:
        reason = "this is no post: copy the address from its date, or give its key"
        raise ValueError(reason) from error
    number = _POST_NUMBER.search(urlsplit(text.strip()).path)
    if not number:
        raise ValueError("this names a topic and no post: copy the address from the post's date")
    return topic.key(int(number[1]))


def paper_id(text: str) -> str:
    """Return the id of a paper, on arXiv or not, without a version, or raise ValueError."""
    if text.startswith("work:"):
        return text
    with suppress(MalformedArxivId):
        return parse_arxiv_id(text).id
    if doi := plain_doi(text):
        return f"doi:{doi}"
    raise ValueError(f'{text[:80]!r} is no id: write an arXiv id such as "1905.02249", or a DOI')


def _in_quotes(value: object) -> object:
    if isinstance(value, float | int):
        raise ValueError(f'put the id in quotes, as in id = "1905.02249"; this is {value}')
    return value


def _id(value: object) -> object:
    value = _in_quotes(value)
    return parse_arxiv_id(value) if isinstance(value, str) else value


def _paper_id(value: object) -> object:
    value = _in_quotes(value)
    return paper_id(value) if isinstance(value, str) else value


def _post_key(value: object) -> object:
    return post_key(value) if isinstance(value, str) else value


def _line(value: object) -> object:
    return (one_line(value) or None) if isinstance(value, str) else value


def _doi(value: object) -> object:
    if not isinstance(value, str) or not value.strip():
        return _line(value)
    if doi := plain_doi(value):
        return doi
    raise ValueError("this is no DOI; one looks like 10.1000/182")


def _paragraphs(value: object) -> object:
    if not isinstance(value, str):
        return value
    return "\n\n".join(filter(None, map(one_line, re.split(r"\n\s*\n", value)))) or None


def _day(value: object) -> object:
    return value.date() if isinstance(value, datetime) else value


def _web_address(value: object) -> object:
    if isinstance(value, str) and not re.match(r"https?://[^\s/]+\S*$", value.strip()):
        raise ValueError("this is no web address: it begins with https:// or http://")
    return _line(value)


def _checked(parse: Callable[[str], object]) -> Callable[[object], object]:
    """Return what keeps a text that can be parsed, and raises ValueError for another."""

    def check(value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            parse(value)
        except BadSource as error:
            raise ValueError(error.reason) from error
        return value.strip()

    return check


def _file_beside(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str):
        return value
    folder = Path((info.context or {})["folder"])
    if "\0" in value or not (folder / value).is_file():
        raise ValueError(f"there is no file {value!r} in {folder}")
    return (folder / value).resolve()


Line = Annotated[str | None, BeforeValidator(_line)]
_Lines = tuple[Annotated[str, BeforeValidator(_line)], ...]
_Day = Annotated[date | None, BeforeValidator(_day)]
_Year = Annotated[int | None, Field(strict=True, ge=1500, le=2100)]
_FileBeside = Annotated[Path, BeforeValidator(_file_beside)]


class Table(BaseModel):
    """What stands below one heading of a reading list; keys that it does not know are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PaperEntry(Table):
    """A paper of a reading list: which it is, what the curator says of it, and facts where known.

    Without an id it is to be looked for under its title; where arXiv has no such paper it may
    stand in the library as it is.
    """

    wanted: Annotated[ArxivId | None, BeforeValidator(_id)] = Field(None, alias="id")
    title: Line = None
    authors: _Lines = ()
    year: _Year = None
    published: _Day = None
    updated: _Day = None
    categories: _Lines = ()
    comments: Line = None
    doi: Annotated[str | None, BeforeValidator(_doi)] = None
    url: Annotated[str | None, BeforeValidator(_web_address)] = None
    names: _Lines = ()
    note: Annotated[str | None, BeforeValidator(_paragraphs)] = None

    @model_validator(mode="after")
    def _is_told(self) -> Self:
        if not self._arxiv and not self.title:
            raise ValueError("give an id, or at least a title")
        return self

    @property
    def _arxiv(self) -> ArxivId | None:
        """Return the id that is given, or that an arXiv DOI holds."""
        if self.wanted or not self.doi:
            return self.wanted
        with suppress(MalformedArxivId):
            return parse_arxiv_id(self.doi)
        return None

    @property
    def id(self) -> str:
        """Return the paper's arXiv id without a version, or the id of a work outside arXiv."""
        return self._arxiv.id if self._arxiv else work_id(self.title, self._year, self.doi)

    @property
    def wants_search(self) -> bool:
        """Tell whether arXiv is to be searched for the title, because no id is given."""
        return self._arxiv is None

    @property
    def stands_alone(self) -> bool:
        """Tell whether the entry says enough to be a record if arXiv has no such paper."""
        return self.wants_search and stands_alone(self.to_paper())

    @property
    def _year(self) -> int | None:
        return self.year or (self.published.year if self.published else None)

    def to_paper(self) -> Paper:
        """Return the paper as far as the list tells of it."""
        return Paper(
            id=self.id,
            version=self._arxiv.version if self._arxiv else None,
            title=self.title,
            authors=self.authors,
            categories=self.categories,
            primary_category=next(iter(self.categories), None),
            published=self.published,
            updated=self.updated,
            comments=self.comments,
            doi=None if self._has_arxiv_doi else self.doi,
            names=self.names,
            year=self._year if self.wants_search else None,
            url=self.url if self.wants_search else None,
        )

    @property
    def _has_arxiv_doi(self) -> bool:
        return (self.doi or "").startswith("10.48550/arxiv.")


class TopicEntry(Table):
    """A live forum topic to follow."""

    url: Annotated[str, BeforeValidator(_checked(parse_topic_url))]


class CategoryEntry(Table):
    """A category or tag of a forum whose topics are to be followed."""

    url: Annotated[str, BeforeValidator(_checked(parse_listing_url))]


class ThreadEntry(Table):
    """A thread saved as text; `topic` is the live topic that it stands in for."""

    file: _FileBeside
    title: Line = None
    topic: Annotated[str | None, BeforeValidator(_checked(parse_topic_url))] = None


class BibliographyEntry(Table):
    """A file of BibTeX, RIS or CSL-JSON that lists papers."""

    file: _FileBeside


class LinkEntry(Table):
    """What a post is about, whatever the rules find: exactly these papers, or none."""

    post_key: Annotated[str, BeforeValidator(_post_key)] = Field(alias="post")
    papers: tuple[Annotated[str, BeforeValidator(_paper_id)], ...]
