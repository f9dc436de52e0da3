"""The commands that read the library: `ask` and `search`."""

from dataclasses import asdict

import click

from index import Filters, search
from service import terminal
from service.answering import answer
from service.answers import Question, Turn
from service.composition import library_of
from service.facts import sources_of
from service.options import AS_JSON, filtered, question_text, question_texts
from service.settings import Settings


@click.command("ask")
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
    library = library_of(settings)
    try:
        asked = Question(question, tuple(Turn(earlier) for earlier in after), filters)
        found = answer(asked, library)
    finally:
        library.store.close()
    click.echo(terminal.as_json(asdict(found)) if as_json else terminal.answer_text(found))
    return 0


@click.command("search")
@click.argument("query", nargs=-1, required=True, callback=question_text)
@click.option("-k", type=click.IntRange(1, 50), default=8, show_default=True, help="How many hits.")
@filtered
@AS_JSON
@click.pass_obj
def search_command(settings: Settings, query: str, k: int, filters: Filters, as_json: bool) -> int:
    """Show the passages nearest to a query."""
    library = library_of(settings)
    try:
        hits = search(query, library.store, library.embedder, k, filters, library.reranker)
        shown = [asdict(source) for source in sources_of(hits, library.catalogue)]
    finally:
        library.store.close()
    click.echo(terminal.as_json({"hits": shown}) if as_json else terminal.hits_text(hits))
    return 0
