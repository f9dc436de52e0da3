"""Libraries of a given size for measuring, made of real arXiv records through the product itself.

A library of n documents holds n texts with vectors, four abstracts for each comment, and beside
them each paper's record, which has words only. The vectors are the packaged model's; records that
must be repeated to reach n get new ids, a mark in their titles, and the first one's vector with
noise. What was made stays in its folder and is used again.
"""

import gzip
import json
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import wraps
from itertools import islice
from pathlib import Path
from typing import Any

import click

from benchmarks.comments import write_comments
from benchmarks.known_vectors import KnownVectors, marked
from benchmarks.spread import alone
from index import Embedder, Store
from index.database import DATABASE
from ingest import ArxivApi, ArxivOai, Discourse, Given, Outside, Paper, PaperChain, ingest
from ingest.files.metadata_file import read_metadata
from ingest.paper_rows import thing_of
from ingest.report import Tally
from service.composition import embedder_of
from service.settings import Settings

PROGRAM = (sys.executable, "-m", "service")
RECORDS = Path("arxiv") / "abstracts_ml_to_2019.jsonl.gz"
SEED = 4
_NOWHERE = "http://127.0.0.1:9/api/query"
OFFLINE = os.environ | {
    f"JOURNALCLUB_{name}_URL": _NOWHERE for name in ("ARXIV", "OAI", "DATACITE")
}
_EMBEDDED = 8000  # records, where no library has their vectors: those of 10,000 documents
_COMMENTS = 5  # one document in so many
_PATIENCE_S = 3600


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a library is made of: so many papers of so many different records, and comments."""

    documents: int
    papers: int
    comments: int
    records: int
    seed: int = SEED


@dataclass(frozen=True, slots=True)
class Made:
    """A library that is there, with its recipe."""

    recipe: Recipe
    folder: Path


@dataclass(frozen=True, slots=True)
class Ingredients:
    """Where libraries are made and of what: records, and a library that has their vectors."""

    root: Path
    records: Path
    library: Path | None
    at_most: int | None


def sized(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options by which libraries are chosen: `sizes`, `ingredients` and `data`."""

    @wraps(command)
    def run(data: Path, root: Path, library: Path | None, real: int | None, **others: Any) -> None:
        given = Ingredients(root, data / RECORDS, library, real)
        command(ingredients=given, data=data, **others)

    for option in reversed(_OPTIONS):
        run = option(run)
    return run


def made(sizes: Sequence[int], given: Ingredients) -> Iterator[Made]:
    """Yield the library of each size, made when it is not there yet."""
    papers: list[Paper] = []
    for size in sorted(sizes):
        folder = given.root / str(size)
        ready = _ready(folder)
        if ready is None:
            papers = papers or _papers(given)
            ready = recipe(size, min(len(papers), _most(given)))
            click.echo(f"Making a library of {size} documents in {folder}.", err=True)
            _make(folder, ready, papers, given)
        finish(folder / "library")
        alone(save_model, folder / "library")
        yield Made(ready, folder / "library")


def recipe(documents: int, records: int) -> Recipe:
    """Return what a library of so many documents is made of, with so many records at hand."""
    comments = documents // _COMMENTS
    papers = documents - comments
    return Recipe(documents, papers, comments, min(papers, records))


def shuffled(file: Path) -> list[Paper]:
    """Return the file's papers that have an abstract, in an order that is always the same."""
    found = (p for p in read_metadata(file, Tally()) if isinstance(p, Paper))
    papers = list({paper.id: paper for paper in found if paper.abstract and paper.title}.values())
    random.Random(SEED).shuffle(papers)
    return papers


def write_library(folder: Path, what: Recipe, papers: Sequence[Paper], embedder: Embedder) -> None:
    """Fill a library with what the recipe says; what is there already stays."""
    file = folder.parent / "papers.jsonl.gz"
    _write_records(file, what, papers)
    chain = PaperChain([ArxivApi(_NOWHERE, delay_seconds=0, timeout_seconds=5)])
    with closing(Store.create(folder)) as store, Discourse() as forum:
        outside = Outside(chain, forum, ArxivOai(_NOWHERE))
        ingest(store, embedder, outside, Given(files=(file,)), lambda progress: None)
        write_comments(store, what.comments, embedder.identity, random.Random(what.seed))


def finish(folder: Path, program: Sequence[str] = PROGRAM) -> None:
    """Run `journalclub ingest` over the library: it saves whatever an ingest saves at its end.

    It reads nothing again that was read; a library that another version made is brought up to date.
    """
    subprocess.run(
        [*program, "--data", str(folder), "ingest", "--json"],
        check=True,
        stdout=subprocess.DEVNULL,
        env=OFFLINE,
        timeout=_PATIENCE_S,
    )


def save_model(folder: Path) -> None:
    """Load the model as the first to need it does: it is saved in the folder in its fast form.

    An ingest that embedded nothing has not done so.
    """
    folder.mkdir(parents=True, exist_ok=True)
    embedder_for(folder).encode(["ready"])


def embedder_for(folder: Path) -> Embedder:
    """Return the embedder that the product uses for the library in a folder."""
    settings = Settings.from_environment()
    return embedder_of(settings.model_copy(update={"data": folder}))


def _make(folder: Path, what: Recipe, papers: Sequence[Paper], given: Ingredients) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    kept = [path / "library" for path in given.root.iterdir()]
    libraries = [*([given.library] if given.library else ()), *kept]
    embedder = KnownVectors(embedder_for(folder / "library"), libraries)
    write_library(folder / "library", what, papers, embedder)
    (folder / "made.json").write_text(json.dumps(asdict(what)), encoding="utf-8")


def _ready(folder: Path) -> Recipe | None:
    """Return the recipe of what lies in a folder; it is written when all else is done."""
    told = folder / "made.json"
    return Recipe(**json.loads(told.read_text(encoding="utf-8"))) if told.is_file() else None


def _papers(given: Ingredients) -> list[Paper]:
    """Return the records there are, of a library that has vectors only those that it has."""
    papers = shuffled(given.records)
    if given.library is None:
        return papers
    address = f"{(given.library / DATABASE).resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        keys = connection.execute("select key from documents where kind = 'abstract'")
        known = {key for (key,) in keys}
    return [paper for paper in papers if f"{thing_of(paper.id)}:abstract" in known]


def _most(given: Ingredients) -> int:
    """Return how many records may be embedded: all of them where a library has their vectors."""
    return given.at_most or (sys.maxsize if given.library else _EMBEDDED)


def _write_records(file: Path, what: Recipe, papers: Sequence[Paper]) -> None:
    with gzip.open(file, "wt", compresslevel=1, encoding="utf-8") as out:
        for record in islice(_records(papers[: what.records]), what.papers):
            out.write(json.dumps(record, ensure_ascii=False, default=str) + "\n")


def _records(papers: Sequence[Paper]) -> Iterator[dict[str, object]]:
    """Yield the papers as records, again and again, each time under new ids."""
    copy = 0
    while True:
        for number, paper in enumerate(papers, start=1):
            yield {
                "id": f"{20 + copy % 70}{1 + copy // 70:02}.{number:05}" if copy else paper.id,
                "title": marked(paper.title or "", copy),
                "abstract": paper.abstract,
                "authors": paper.authors,
                "categories": paper.categories,
                "primary_category": paper.primary_category,
                "published": paper.published,
                "updated": paper.updated,
                "comments": paper.comments,
            }
        copy += 1


def numbers(_ctx: click.Context, _option: click.Parameter, value: str) -> tuple[int, ...]:
    """Return the numbers of a list with commas."""
    try:
        return tuple(int(each) for each in value.split(","))
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is no list such as 1000,10000.") from error


_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
DATA = click.option(
    "--data",
    type=_FOLDER,
    default="../shared",
    envvar="JOURNALCLUB_TEST_DATA",
    help="The folder of real data, ../shared unless set.",
)
ROOT = click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default="build/bench/libraries",
    show_default=True,
    help="Where libraries are made and kept.",
)
_OPTIONS = (
    click.option(
        "--sizes",
        callback=numbers,
        default="1000,10000",
        show_default=True,
        help="Documents of each library.",
    ),
    DATA,
    click.option("--library", type=_FOLDER, help="A library that has vectors of the records."),
    click.option("--real", type=int, help="Take so many different records, and repeat them."),
    ROOT,
)
