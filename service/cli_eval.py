"""The commands that measure how good searches and answers are."""

import os
import sys
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from index import Store
from index.database import DATABASE
from service import terminal
from service.answering import answer
from service.answers import Answer, Citation, Question
from service.composition import embedder_of, library_of, reranker_of
from service.evaluation.collection import read_collection
from service.evaluation.comparing import comparison_text, comparisons
from service.evaluation.indexing import check_library, index_collection
from service.evaluation.measurement import Measurement
from service.evaluation.plots import check_plots, draw
from service.evaluation.questions import evaluate, question_runs, read_questions, report
from service.evaluation.runs import check_writable, read_measures, usual_measure, write_runs
from service.evaluation.searching import search_all
from service.options import AS_JSON, FILE
from service.progress import progress_on
from service.settings import Settings

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_NEW_FOLDER = click.Path(file_okay=False, path_type=Path)
_RUNS = click.option(
    "--runs",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what came out for each query to this file, for `eval compare`.",
)


@click.group("eval")
def eval_group() -> None:
    """Measure how good searches and answers are."""


@eval_group.command("questions")
@click.argument("file", type=FILE)
@_RUNS
@AS_JSON
@click.pass_obj
def eval_questions_command(settings: Settings, file: Path, runs: Path | None, as_json: bool) -> int:
    """Ask each question of a JSONL file and print the share met, by kind, with the failures."""
    questions = read_questions(file)
    if runs:
        check_writable(runs)
    library = library_of(settings)

    def ask(question: Question) -> Answer:
        return answer(replace(question, top_k=8), library)

    def stored(citation: Citation) -> str | None:
        document = library.store.fetch(citation.document, citation.revision)
        return document.text if document else None

    with closing(library.store):
        found = evaluate(questions, ask, stored)
    if runs:
        write_runs(runs, question_runs(questions, found))
    click.echo(terminal.as_json(asdict(found)) if as_json else report(found))
    return 0


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is measured, and where things are kept; None where they are not."""

    folder: Path
    split: str
    library: Path | None
    runs: Path | None
    plots: Path | None

    def check(self) -> None:
        """See that files can be written before anything long is begun. Raises `BadFile`."""
        if self.library:
            check_library(self.library)
        if self.runs:
            check_writable(self.runs)
        if self.plots:
            check_plots(self.plots)


@eval_group.command("beir")
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option("--split", default="test", show_default=True, help="Which qrels: test, dev, train.")
@click.option(
    "--library",
    type=_NEW_FOLDER,
    help="Keep the library here; measuring again with it embeds nothing.",
)
@_RUNS
@click.option("--plots", type=_NEW_FOLDER, help="Write pictures (PNG) to this folder.")
@AS_JSON
@click.pass_obj
def eval_beir_command(settings: Settings, /, as_json: bool, **given: Any) -> int:
    """Measure the search on a collection in BEIR's layout.

    DIR holds corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv. The corpus is indexed in a library of
    its own and searched by vectors, by words and by both fused, as questions are. Measures are
    those of trec_eval; a document with the id of the query is left out, as BEIR does.
    """
    wanted = _Wanted(**given)
    wanted.check()
    found = _measured(settings, wanted, as_json)
    click.echo(terminal.as_json(asdict(found)) if as_json else found.as_text())
    return 0


def _measured(settings: Settings, wanted: _Wanted, quiet: bool) -> Measurement:
    collection = read_collection(wanted.folder, wanted.split)
    reranker = reranker_of(settings)
    if reranker:
        reranker.load()  # so that one that cannot be used is told before anything long is begun
    with ExitStack() as closed:
        folder = wanted.library or Path(
            closed.enter_context(TemporaryDirectory(prefix="journalclub-"))
        )
        embedder = embedder_of(_with_an_export(settings, folder))
        store = closed.enter_context(closing(Store.create(folder)))
        watch = closed.enter_context(progress_on(sys.stderr, quiet))
        indexed = index_collection(collection, store, embedder, watch)
        searched = search_all(collection, store, embedder, watch, reranker)
    if wanted.runs:
        write_runs(wanted.runs, searched.runs)
    if wanted.plots:
        draw(wanted.plots, collection, searched.runs)
    return Measurement.of(collection, indexed, searched, str(embedder.identity))


def _with_an_export(settings: Settings, folder: Path) -> Settings:
    """Return settings by which the model is read from its export in the library that is set.

    Where there is none, it is kept in the folder of the one that is measured, so that nothing is
    made where nothing was.
    """
    if os.access(settings.data / DATABASE, os.R_OK):
        return settings
    return settings.model_copy(update={"data": folder})


@eval_group.command("compare")
@click.argument("a", type=FILE)
@click.argument("b", type=FILE, required=False)
@click.option("--measure", help="Which measure: ndcg@10, or the only one that A holds.")
@AS_JSON
def eval_compare_command(a: Path, b: Path | None, measure: str | None, as_json: bool) -> int:
    """Tell whether one setting is better than another, query by query.

    A and B are files of `--runs`; each search in B is held against the same search in A. Of A
    alone, the fused search is held against the others.
    """
    files = str(a), str(b or a)
    measure = measure or usual_measure(a)
    found = comparisons(read_measures(a, measure), read_measures(b, measure) if b else None, files)
    if as_json:
        rows = [asdict(row) for row in found]
        told = {"a": files[0], "b": files[1], "measure": measure, "comparisons": rows}
        click.echo(terminal.as_json(told))
    else:
        click.echo(f"a: {files[0]}\nb: {files[1]}\n{comparison_text(found, measure)}")
    return 0
