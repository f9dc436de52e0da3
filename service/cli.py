"""The command line: each command parses, calls and prints; what it calls knows no terminal."""

import sys
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

import click

from index import Filters, Store, search
from service import terminal
from service.answering import answer
from service.answers import Answer, Citation, Question, Turn
from service.cli_ingest import ingest_command, remove_command
from service.cli_status import status_command
from service.composition import embedder_of
from service.doctor import examine, repaired
from service.evaluation import evaluate, read_questions, report
from service.facts import sources_of
from service.faults import FAULTS, told
from service.library import Library
from service.options import AS_JSON, FILE, filtered, question_text, question_texts
from service.settings import Settings


@click.group(
    commands=[ingest_command, remove_command, status_command],
    context_settings={"help_option_names": ["-h", "--help"]},
)
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
    except FAULTS as error:
        click.echo(told(error), err=True)
        sys.exit(1)


def _check_text(arguments: Iterable[str]) -> None:
    """Refuse bytes that are no text: Python passes them on as characters that nothing can store."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError as error:
            message = f"{argument!r} is not UTF-8 text. Write it in UTF-8."
            raise click.UsageError(message) from error


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
    click.echo(terminal.as_json(asdict(found)) if as_json else terminal.answer_text(found))
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
        shown = [asdict(source) for source in sources_of(hits, library.catalogue)]
    finally:
        library.store.close()
    click.echo(terminal.as_json({"hits": shown}) if as_json else terminal.hits_text(hits))
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


@cli.command("doctor")
@click.option("--repair", is_flag=True, help="Mend what is derived first.")
@AS_JSON
@click.pass_obj
def doctor_command(settings: Settings, repair: bool, as_json: bool) -> int:
    """Check versions, disk, model, library and derived index."""
    mended = list(repaired(settings)) if repair else []
    checks = [*mended, *examine(settings, embedder_of(settings))]
    if as_json:
        click.echo(terminal.as_json({"checks": [asdict(check) for check in checks]}))
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
    click.echo(terminal.as_json(asdict(found)) if as_json else report(found))
    return 0
