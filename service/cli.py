"""The command line: each command parses, calls and prints; what it calls knows no terminal."""

import json
import sqlite3
import sys
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NoReturn

import click

from index import (
    Filters,
    LibraryError,
    LibraryUnusable,
    ModelUnusable,
    Store,
    rebuild_words,
    search,
    writer_lock,
)
from ingest import STARTER, BadSource, Catalogue, Given
from ingest import ingest as run_ingest
from ingest import remove as remove_things
from service import terminal
from service.answering import answer
from service.answers import Answer, Citation, Question, Turn
from service.composition import embedder_of, outside_of
from service.doctor import examine
from service.evaluation import BadQuestion, evaluate, read_questions, report
from service.facts import source_of
from service.library import Library
from service.options import (
    AS_JSON,
    FILE,
    Greedy,
    arxiv_ids,
    filtered,
    question_text,
    question_texts,
    topics,
)
from service.settings import BadSettings, Settings
from service.standing import status_of

_FAULTS = (LibraryError, ModelUnusable, BadSource, BadQuestion, BadSettings)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="journal-club")
@click.option("--data", type=click.Path(path_type=Path), help="The library's folder.")
@click.pass_context
def cli(ctx: click.Context, data: Path | None) -> None:
    """Journal Club: a reading group's memory, answered with quotes that can be checked.

    Settings come from the environment or from .env (see .env.example); flags win.
    """
    settings = Settings.from_environment()
    ctx.obj = settings.model_copy(update={"data": data}) if data else settings


def main() -> None:
    """Run the command line; what a user can mend is told in a line, never as a traceback."""
    try:
        _check_text(sys.argv)
        sys.exit(cli(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except sqlite3.DatabaseError as error:
        _fail(LibraryUnusable.because_of(error))
    except _FAULTS as error:
        _fail(error)


def _check_text(arguments: Iterable[str]) -> None:
    """Refuse bytes that are no text: Python passes them on as characters that nothing can store."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError as error:
            message = f"{argument!r} is not UTF-8 text. Write it in UTF-8."
            raise click.UsageError(message) from error


def _fail(error: Exception) -> NoReturn:
    click.echo(f"Error: {error}", err=True)
    sys.exit(1)


# -- bringing in ----------------------------------------------------------------------------


@cli.command("ingest", cls=Greedy)
@click.argument("reading_lists", nargs=-1, type=FILE)
@click.option("--arxiv", "arxiv_ids", multiple=True, callback=arxiv_ids, help="arXiv ids or URLs.")
@click.option("--topic", "topics", multiple=True, callback=topics, help="URLs of Discourse topics.")
@click.option("--file", "files", multiple=True, type=FILE, help="Files of arXiv metadata (JSON).")
@click.option("--thread", "threads", multiple=True, type=FILE, help="Threads saved as text.")
@click.option("--limit", type=click.IntRange(min=1), help="Read only so many records of each file.")
@click.option("--re-embed", is_flag=True, help="Embed everything again, as for another model.")
@AS_JSON
@click.pass_obj
def ingest_command(
    settings: Settings, /, re_embed: bool, as_json: bool, limit: int | None, **given: Any
) -> int:
    """Bring in what is given and remember it; without arguments, all that the library follows.

    READING_LISTS come before the options. An empty library begins with the starter reading list,
    "Good readings 2019". Nothing is embedded twice. Exit code 0 when done, 1 when something failed
    that is listed.
    """
    wanted = Given(lists=given.pop("reading_lists"), limit=limit, **given)
    store = Store.create(settings.data)
    try:
        embedder = embedder_of(settings)
        if re_embed:
            embedder.encode(["ready"])  # a model that cannot be loaded must not cost the vectors
            with writer_lock(store.folder):
                store.forget_vectors()
        with terminal.Bars(sys.stderr) as bars:
            done = run_ingest(store, embedder, outside_of(settings), wanted, bars)
    finally:
        store.close()
    click.echo(_as_json(done.as_dict()) if as_json else terminal.report_text(done))
    return 130 if done.stopped else int(bool(done.failed))


@cli.command("remove")
@click.argument("things", nargs=-1)
@click.option("--starter", is_flag=True, help="Take out the starter reading list.")
@click.pass_obj
def remove_command(settings: Settings, things: tuple[str, ...], starter: bool) -> int:
    """Take papers, posts, notes or whole sources out of the library.

    THINGS are arXiv ids, topic URLs, paths, document keys, or sources as `status` names them. What
    is taken out stays out until it is given to `ingest` again; the starter stays out for good.
    """
    wanted = [*things, *([STARTER] if starter else [])]
    if not wanted:
        raise click.UsageError("Name what to remove, or pass --starter.")
    store = Store.open(settings.data)
    try:
        removed = remove_things(store, wanted)
    finally:
        store.close()
    click.echo(f"{removed} documents removed.")
    return 0


# -- asking ---------------------------------------------------------------------------------


def _open(settings: Settings) -> Library:
    return Library(Store.open(settings.data), embedder_of(settings))


@cli.command("ask")
@click.argument("question", nargs=-1, required=True, callback=question_text)
@click.option(
    "--after", multiple=True, callback=question_texts, help="An earlier question it leans on."
)
@filtered
@AS_JSON
@click.pass_obj
def ask_command(
    settings: Settings, question: str, after: tuple[str, ...], filters: Filters, as_json: bool
) -> int:
    """Answer a question with quotes, or say that nothing here answers it."""
    library = _open(settings)
    try:
        asked = Question(question, tuple(Turn(earlier) for earlier in after), filters)
        found = answer(asked, library)
    finally:
        library.store.close()
    click.echo(_as_json(asdict(found)) if as_json else terminal.answer_text(found))
    return 0


@cli.command("search")
@click.argument("query", nargs=-1, required=True, callback=question_text)
@click.option("-k", type=click.IntRange(1, 50), default=8, show_default=True, help="How many hits.")
@filtered
@AS_JSON
@click.pass_obj
def search_command(settings: Settings, query: str, k: int, filters: Filters, as_json: bool) -> int:
    """Show the passages nearest to a query."""
    library = _open(settings)
    try:
        hits = search(query, library.store, library.embedder, k, filters)
    finally:
        library.store.close()
    shown = {"hits": [asdict(source_of(hit)) for hit in hits]}
    click.echo(_as_json(shown) if as_json else terminal.hits_text(hits))
    return 0


@cli.command("serve")
@click.option("--host", help="Where to listen; 127.0.0.1 unless set.")
@click.option("--port", type=click.IntRange(1, 65535), help="8000 unless set.")
@click.option(
    "--ingest", is_flag=True, help="Bring in what the library follows, behind the server."
)
@click.pass_obj
def serve_command(settings: Settings, host: str | None, port: int | None, ingest: bool) -> int:
    """Serve the web chat and the HTTP API."""
    from service.serving import AddressTaken, serve  # noqa: PLC0415 - gunicorn is for POSIX only

    flags = {"host": host, "port": port}
    chosen = settings.model_copy(update={name: v for name, v in flags.items() if v is not None})
    try:
        serve(chosen, ingest, click.echo)
    except AddressTaken as error:
        raise click.ClickException(str(error)) from error
    return 0


# -- looking after --------------------------------------------------------------------------


@cli.command("status")
@AS_JSON
@click.pass_obj
def status_command(settings: Settings, as_json: bool) -> int:
    """Show what the library holds and follows, and what is still missing."""
    store = Store.open(settings.data)
    try:
        found = status_of(store, Catalogue(store))
    finally:
        store.close()
    click.echo(_as_json(asdict(found)) if as_json else found.as_text())
    return 0


@cli.command("doctor")
@click.option("--repair", is_flag=True, help="Make the word index anew.")
@AS_JSON
@click.pass_obj
def doctor_command(settings: Settings, repair: bool, as_json: bool) -> int:
    """Check versions, disk, model, library and derived index."""
    if repair:
        store = Store.open(settings.data)
        with writer_lock(store.folder):
            rebuild_words(store)
        store.close()
    checks = list(examine(settings, embedder_of(settings)))
    if as_json:
        click.echo(_as_json({"checks": [asdict(check) for check in checks]}))
    else:
        for check in checks:
            click.echo(f"{'ok ' if check.sound else 'BAD'}  {check.name}: {check.detail}")
            if check.cure and not check.sound:
                click.echo(f"     {check.cure}")
    return int(not all(check.sound for check in checks))


@cli.group("eval")
def eval_group() -> None:
    """Measure how good answers are."""


@eval_group.command("questions")
@click.argument("file", type=FILE)
@AS_JSON
@click.pass_obj
def eval_questions_command(settings: Settings, file: Path, as_json: bool) -> int:
    """Ask each question of a JSONL file and print the share met, by kind, with the failures."""
    questions = read_questions(file)
    library = _open(settings)

    def ask(question: Question) -> Answer:
        return answer(replace(question, top_k=8), library)

    def stored(citation: Citation) -> str | None:
        document = library.store.fetch(citation.document, citation.revision)
        return document.text if document else None

    try:
        found = evaluate(questions, ask, stored)
    finally:
        library.store.close()
    click.echo(_as_json(asdict(found)) if as_json else report(found))
    return 0


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
