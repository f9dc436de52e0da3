"""The commands that change what a library holds: `ingest`, once or for ever, and `remove`."""

import random
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from index import Embedder, LibraryMissing, Store, writer_lock
from index import re_embed as embed_again
from ingest import STARTER, Given, Progress, Watch, rehearse, restore
from ingest import ingest as run_ingest
from ingest import remove as remove_things
from service import options, terminal
from service.composition import embedder_of
from service.faults import FAULTS, told
from service.options import AS_JSON, DAY, FILE, Greedy
from service.outside import outside_of
from service.progress import progress_on
from service.repeating import STOPPED, repeat, told_by_signals
from service.settings import Settings

_NEW = (
    "reading_lists", "bibs", "arxiv_ids", "topics", "categories", "files", "threads", "oai_sets",
    "starter",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a run is done, and how it is told."""

    dry_run: bool
    re_embed: bool
    as_json: bool
    again: bool


@click.command("ingest", cls=Greedy)
@click.argument("reading_lists", nargs=-1, type=FILE)
@click.option("--bib", "bibs", multiple=True, type=FILE, help="BibTeX, RIS or CSL-JSON files.")
@click.option(
    "--arxiv", "arxiv_ids", multiple=True, callback=options.arxiv_ids, help="arXiv ids or URLs."
)
@click.option(
    "--topic", "topics", multiple=True, callback=options.topics, help="URLs of Discourse topics."
)
@click.option(
    "--category",
    "categories",
    multiple=True,
    callback=options.categories,
    help="URLs of Discourse categories or tags.",
)
@click.option("--file", "files", multiple=True, type=FILE, help="Files of arXiv metadata (JSON).")
@click.option("--thread", "threads", multiple=True, type=FILE, help="Threads saved as text.")
@click.option(
    "--oai-set",
    "oai_sets",
    multiple=True,
    callback=options.oai_sets,
    help="Sets of arXiv to harvest, such as cs:cs:LG.",
)
@click.option(
    "--from", "oai_from", type=DAY, callback=options.day, help="Harvest what changed since a day."
)
@click.option("--starter", is_flag=True, help="The starter reading list, if it was removed too.")
@click.option("--source", "only", multiple=True, help="Only these of the sources followed so far.")
@click.option("--limit", type=click.IntRange(min=1), help="Read only so many records of each file.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option(
    "--allow-removals", is_flag=True, help="Let a source lose more than a fifth of what it held."
)
@click.option("--re-embed", is_flag=True, help="Embed everything again, as for another model.")
@click.option(
    "--every",
    metavar="DURATION",
    callback=options.duration,
    help="Run now and then again and again: 30m, 6h, 1d.",
)
@AS_JSON
@click.pass_obj
def ingest_command(
    settings: Settings,
    /,
    every: timedelta | None,
    dry_run: bool,
    re_embed: bool,
    as_json: bool,
    **given: Any,
) -> int:
    """Bring in what is given and remember it; without arguments, all that the library follows.

    READING_LISTS come before the options. An empty library begins with the starter reading list,
    "Good readings 2019". Nothing is embedded twice. Exit code 0 when done, 1 when something failed
    that is listed, 130 when stopped by Ctrl-C. With --every it stays until SIGTERM or Ctrl-C, which
    it answers with 0, and --json prints one report a line.
    """
    manner = _Manner(dry_run, re_embed, as_json, again=every is not None)
    _refuse(given, manner)
    wanted = Given(lists=given.pop("reading_lists"), patient=manner.again, **given)
    run = partial(_run, settings, embedder_of(settings), wanted, manner)
    with told_by_signals() as stop:
        if every is None:
            return run()
        repeat(partial(_tried, run), every, stop, random.Random())  # noqa: S311
    return 0


def _refuse(given: Mapping[str, Any], manner: _Manner) -> None:
    """Raise a usage error for options that do not go together."""
    dry_run, re_embed, again = manner.dry_run, manner.re_embed, manner.again
    wrong = {
        "--from is the day a harvest begins: name its set with --oai-set.": (
            given["oai_from"] and not given["oai_sets"]
        ),
        "--source limits a run to what is followed already: leave out what is new.": (
            given["only"] and any(given[name] for name in _NEW)
        ),
        "--dry-run changes nothing and --re-embed everything: choose one.": dry_run and re_embed,
        "--dry-run is for one run: leave out --every.": dry_run and again,
        "--re-embed is for one run: leave out --every, or run it once before.": re_embed and again,
        "--allow-removals is for one run that you have looked at: leave out --every.": (
            given["allow_removals"] and again
        ),
    }
    for message, holds in wrong.items():
        if holds:
            raise click.UsageError(message)


def _run(settings: Settings, embedder: Embedder, wanted: Given, manner: _Manner) -> int:
    """Do one run with everything but the model made anew, print its report, return its code."""
    with ExitStack() as closed:
        store = _opened(settings, manner.dry_run, closed)
        outside = outside_of(settings)
        closed.callback(outside.forum.close)
        watch = closed.enter_context(progress_on(sys.stderr, quiet=manner.as_json))
        began = time.monotonic()
        made = _embedded_again(store, embedder, watch) if manner.re_embed else 0
        before = time.monotonic() - began
        do = rehearse if manner.dry_run else run_ingest
        done = do(store, embedder, outside, wanted, watch)
    seconds = round(done.seconds + before, 2)
    done = replace(done, embeddings=done.embeddings + made, seconds=seconds)
    text = terminal.as_json(done.as_dict(), manner.again) if manner.as_json else None
    click.echo(text or terminal.report_text(done))
    return STOPPED if done.stopped else int(bool(done.failed))


def _opened(settings: Settings, dry_run: bool, closed: ExitStack) -> Store:
    """Open the library, or make it; a dry run makes one that is gone afterwards."""
    folder = settings.data
    try:
        store = Store.open(folder) if dry_run else Store.create(folder)
    except LibraryMissing:
        folder = Path(closed.enter_context(TemporaryDirectory(prefix="journalclub-")))
        store = Store.create(folder)
    closed.callback(store.close)
    return store


def _embedded_again(store: Store, embedder: Embedder, watch: Watch) -> int:
    """Embed the library anew beside what is searched, then switch; return how many vectors."""

    def told(done: int, total: int) -> None:
        watch(Progress("re-embedding", done, total))

    with writer_lock(store.folder):
        return embed_again(store, embedder, told)


def _tried(run: Callable[[], int]) -> int:
    """Do one of many runs: what fails it is told in a line, and the next one may go well."""
    try:
        return run()
    except FAULTS as error:
        click.echo(" ".join(told(error).split()), err=True)
        return 1


@click.command("remove")
@click.argument("things", nargs=-1)
@click.option("--starter", is_flag=True, help="Take out the starter reading list.")
@click.option("--undo", is_flag=True, help="Let the next ingest bring these back.")
@click.pass_obj
def remove_command(settings: Settings, things: tuple[str, ...], starter: bool, undo: bool) -> int:
    """Take papers, posts, notes or whole sources out of the library.

    THINGS are arXiv ids, topic URLs, paths, document keys, or sources as `status` names them. What
    is taken out stays out until --undo, or until it is itself given to `ingest` again.
    """
    wanted = [*things, *([STARTER] if starter else [])]
    if not wanted:
        raise click.UsageError("Name what to remove, or pass --starter.")
    with closing(Store.open(settings.data)) as store:
        if undo:
            restore(store, wanted)
            click.echo("The next 'journalclub ingest' brings it back.")
        else:
            click.echo(terminal.removed_text(remove_things(store, wanted)))
    return 0
