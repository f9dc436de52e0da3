"""What commands take: how their arguments and options are read, and what is said of bad ones."""

import functools
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from index import KINDS, Filters
from ingest import BadSource, parse_arxiv_id, parse_topic_url
from ingest.forum.refs import parse_listing_url
from service.paper_ids import read_paper_id
from service.repeating import parse_duration

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])
MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])
_NUMBER = click.IntRange(0, 2**63 - 1)  # what SQLite holds
_SET = re.compile(r"[\w.!~*'()-]+(?::[\w.!~*'()-]+)*", re.ASCII)  # of OAI-PMH 2.0


class Greedy(click.Command):
    """A command whose repeatable options take several values in a row: `--arxiv A B C`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Repeat the option before each further value, as click wants it."""
        many = {
            name
            for p in self.params
            if isinstance(p, click.Option) and p.multiple
            for name in p.opts
        }
        spread: list[str] = []
        current: str | None = None
        for arg in args:
            if arg.startswith("-"):
                current = arg if arg in many else None
            elif current and spread[-1] != current:
                spread.append(current)
            spread.append(arg)
        return super().parse_args(ctx, spread)


def arxiv_ids(
    _ctx: click.Context, _param: click.Parameter, values: Iterable[str]
) -> tuple[str, ...]:
    """Return the ids without versions."""
    return _read_all(values, lambda value: parse_arxiv_id(value).id)


def paper_ids(
    _ctx: click.Context, _param: click.Parameter, values: Iterable[str]
) -> tuple[str, ...]:
    """Return the ids, arXiv's without versions, those of other works as they are known."""
    return _read_all(values, read_paper_id)


def topics(_ctx: click.Context, _param: click.Parameter, values: Iterable[str]) -> tuple[str, ...]:
    """Return the topics' addresses, each of which names a topic."""
    return _read_all(values, _topic)


def _topic(value: str) -> str:
    parse_topic_url(value)
    return value.strip()


def categories(
    _ctx: click.Context, _param: click.Parameter, values: Iterable[str]
) -> tuple[str, ...]:
    """Return the addresses, each of which names a category or a tag."""
    return _read_all(values, _category)


def _category(value: str) -> str:
    parse_listing_url(value)
    return value.strip()


def oai_sets(
    _ctx: click.Context, _param: click.Parameter, values: Iterable[str]
) -> tuple[str, ...]:
    """Return the names, each of which could be a set's."""
    for value in values:
        if not _SET.fullmatch(value):
            raise click.BadParameter(f"{value!r} is no set: write it as arXiv does, as cs:cs:LG.")
    return tuple(values)


def day(_ctx: click.Context, _param: click.Parameter, value: datetime | None) -> date | None:
    """Return the day."""
    return value.date() if value else None


def moment(_ctx: click.Context, _param: click.Parameter, value: datetime | None) -> datetime | None:
    """Return the moment, which is one of UTC; a day's is its midnight."""
    return value and value.replace(tzinfo=UTC)


def duration(_ctx: click.Context, _param: click.Parameter, value: str | None) -> timedelta | None:
    """Return the time that is meant by "6h"."""
    try:
        return None if value is None else parse_duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _read_all(values: Iterable[str], read: Callable[[str], str]) -> tuple[str, ...]:
    try:
        return tuple(read(value) for value in values)
    except BadSource as error:
        raise click.BadParameter(str(error)) from error


def filtered(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a filtered search, passed on as `filters`."""

    @click.option("--kind", multiple=True, type=click.Choice(KINDS), help="Only this kind.")
    @click.option("--paper", multiple=True, callback=paper_ids, help="Only about this paper.")
    @click.option("--author", multiple=True, help="Only by this author or member.")
    @click.option("--category", multiple=True, help="Only of this arXiv category.")
    @click.option("--topic", multiple=True, type=_NUMBER, help="Only of this topic's number.")
    @click.option("--from", "date_from", type=DAY, callback=day, help="Not before.")
    @click.option("--to", "date_to", type=DAY, callback=day, help="Not after.")
    @functools.wraps(command)
    def with_filters(*args: Any, **given: Any) -> Any:
        first, last = given.pop("date_from"), given.pop("date_to")
        if first and last and last < first:
            raise click.UsageError(f"--to is before --from ({first}). Swap them.")
        filters = Filters(
            kinds=given.pop("kind"),
            arxiv_ids=given.pop("paper"),
            authors=given.pop("author"),
            categories=given.pop("category"),
            topic_ids=given.pop("topic"),
            date_from=first,
            date_to=last,
        )
        return command(*args, filters=filters, **given)

    return with_filters


def question_text(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> str:
    """Return the words as one question, quoted by the shell or not."""
    return _question(" ".join(value))


def question_texts(
    _ctx: click.Context, _param: click.Parameter, values: Iterable[str]
) -> tuple[str, ...]:
    """Return each as a question."""
    return tuple(map(_question, values))


def _question(given: str) -> str:
    text = given.strip()
    if not 1 <= len(text) <= 2000:
        raise click.BadParameter(f"Ask in 1 to 2000 characters; this has {len(text)}.")
    return text
