"""Collections in BEIR's layout: a corpus, queries, and judgements of which document answers which.

Thakur et al., BEIR: A Heterogeneous Benchmark for Zero-shot Evaluation of Information Retrieval
Models, NeurIPS 2021.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index import Document
from ingest.one_line import one_line
from service.evaluation.errors import BadFile
from service.evaluation.measures import relevant_of
from service.evaluation.reading import json_object, numbered_lines, text_field

Judgements = dict[str, dict[str, int]]

_PREFIX = "beir:"
_LAYOUT = ("corpus.jsonl", "queries.jsonl", "qrels")
_COLUMNS = "query-id, corpus-id and score, parted by tabs"


@dataclass(frozen=True, slots=True)
class Collection:
    """The queries of one split that have a relevant document, and how documents are judged.

    `ids` are those of the whole corpus, which stays on disk. `left_out` counts the judged queries
    without a relevant document: nothing can be found for them. `absent` counts the relevant
    documents that the corpus does not hold: they count as not found.
    """

    folder: Path
    split: str
    ids: frozenset[str]
    queries: dict[str, str]
    judgements: Judgements
    left_out: int
    absent: int

    @property
    def name(self) -> str:
        """Return the name of its folder."""
        return self.folder.resolve().name


def read_collection(folder: Path, split: str) -> Collection:
    """Read queries and judgements, and check every line of the corpus. Raises `BadFile`."""
    _check_layout(folder)
    judgements = _read_judgements(folder, split)
    wanted = {query: judged for query, judged in judgements.items() if relevant_of(judged)}
    if not wanted:
        raise BadFile(_split_path(folder, split), None, "judges no document as relevant.")
    ids = frozenset(_checked_ids(folder))
    relevant = set().union(*(relevant_of(judged) for judged in wanted.values()))
    _check_holds(folder, ids, relevant)
    return Collection(
        folder=folder,
        split=split,
        ids=ids,
        queries=_read_queries(folder, wanted),
        judgements=wanted,
        left_out=len(judgements) - len(wanted),
        absent=len(relevant - ids),
    )


def corpus_documents(folder: Path) -> Iterator[Document]:
    """Yield the corpus as documents of kind abstract, one at a time. Raises `BadFile`.

    As ingest does with a paper, the title goes before the text when that is embedded and is not
    part of it. Where there is no text, the title stands in its place.
    """
    for _, fields in _rows(folder / "corpus.jsonl"):
        title, text = one_line(fields.get("title") or ""), one_line(fields["text"])
        yield Document(
            key=document_key(fields["_id"]),
            kind="abstract",
            title=title,
            text=text or title,
            context=title if text else "",
        )


def document_key(corpus_id: str) -> str:
    """Return the key under which a library keeps a document of a collection."""
    return f"{_PREFIX}{corpus_id}"


def corpus_id(key: str) -> str | None:
    """Return which document of a collection has this key; None when it is none of a collection."""
    return key.removeprefix(_PREFIX) if key.startswith(_PREFIX) else None


def _check_holds(folder: Path, ids: frozenset[str], relevant: set[str]) -> None:
    """Refuse a corpus in which nothing could be found."""
    path = folder / "corpus.jsonl"
    if not ids:
        raise BadFile(path, None, "holds no documents. Write one JSON object on each line.")
    if relevant.isdisjoint(ids):
        reason = (
            f"holds none of the {len(relevant)} documents that are judged relevant, such as "
            f"{min(relevant)!r}. Put the corpus here that the judgements are about."
        )
        raise BadFile(path, None, reason)


def _checked_ids(folder: Path) -> Iterator[str]:
    path = folder / "corpus.jsonl"
    seen: set[str] = set()
    for number, fields in _rows(path):
        if not isinstance(fields.get("title") or "", str):
            raise BadFile(path, number, "title must be a text, or left out.")
        if fields["_id"] in seen:
            raise BadFile(path, number, f"the _id {fields['_id']!r} is taken. Give each its own.")
        seen.add(fields["_id"])
        yield fields["_id"]


def _read_queries(folder: Path, wanted: Judgements) -> dict[str, str]:
    path = folder / "queries.jsonl"
    texts: dict[str, str] = {}
    for number, fields in _rows(path):
        query = fields["_id"]
        if query in texts:
            raise BadFile(path, number, f"the _id {query!r} is taken. Give each its own.")
        texts[query] = one_line(fields["text"])
        if query in wanted and not texts[query]:
            raise BadFile(path, number, f"the judged query {query!r} has no text. Write it.")
    if missing := [query for query in wanted if query not in texts]:
        named = ", ".join(map(repr, missing[:3]))
        reason = f"{len(missing)} judged queries are not here, such as {named}. Add them."
        raise BadFile(path, None, reason)
    return {query: texts[query] for query in wanted}


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield objects that have an id and a text, which may be empty; null is empty."""
    for number, line in numbered_lines(path):
        try:
            fields = json_object(line)
            if not text_field(fields, "_id").isprintable():
                raise ValueError("_id holds a character that cannot be shown. Take it out.")
            if "text" in fields and fields["text"] is None:
                fields["text"] = ""
            if not isinstance(fields.get("text"), str):
                raise ValueError("text must be a text; it may be empty.")
        except ValueError as error:
            raise BadFile(path, number, str(error)) from error
        yield number, fields


def _check_layout(folder: Path) -> None:
    """Refuse a folder that is no collection, such as one within it."""
    if missing := [name for name in _LAYOUT if not (folder / name).exists()]:
        reason = (
            f"has no {' and no '.join(missing)}. Name a folder in BEIR's layout, which holds "
            "corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv."
        )
        raise BadFile(folder, None, reason)


def _split_path(folder: Path, split: str) -> Path:
    return folder / "qrels" / f"{split}.tsv"


def _read_judgements(folder: Path, split: str) -> Judgements:
    path = _split_path(folder, split)
    if not path.is_file():
        there = ", ".join(sorted(found.stem for found in path.parent.glob("*.tsv"))) or "none"
        raise BadFile(path, None, f"is not there. Splits that are: {there}. Choose by --split.")
    judgements: Judgements = {}
    lines = numbered_lines(path)
    _check_header(path, next(lines, None))
    for number, line in lines:
        query, document, grade = _judgement(path, number, line)
        judged = judgements.setdefault(query, {})
        if judged.setdefault(document, grade) != grade:
            reason = f"{document!r} was judged differently for {query!r} before. Keep one of them."
            raise BadFile(path, number, reason)
    return judgements


def _check_header(path: Path, first: tuple[int, str] | None) -> None:
    """Refuse a file without a header: its first judgement would be lost."""
    if first is None:
        raise BadFile(path, None, f"is empty. Begin with a header line, then {_COLUMNS}.")
    if first[1].split("\t")[-1].strip().lstrip("-").isdecimal():
        raise BadFile(path, first[0], f"is no header. Begin with a header line, then {_COLUMNS}.")


def _judgement(path: Path, number: int, line: str) -> tuple[str, str, int]:
    columns = [column.strip() for column in line.split("\t")]
    if len(columns) != 3 or not all(columns):
        raise BadFile(path, number, f"must be {_COLUMNS}.")
    try:
        return columns[0], columns[1], int(columns[2])
    except ValueError as error:
        reason = f"the score {columns[2]!r} is no whole number. Write 0, 1, 2 …"
        raise BadFile(path, number, reason) from error
