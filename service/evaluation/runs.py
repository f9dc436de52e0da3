"""What came out for each query, one JSON object a line in a file, so that two can be compared."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from service.evaluation.errors import BadFile
from service.evaluation.reading import json_object, numbered_lines, text_field

_USUAL = "ndcg@10"


@dataclass(frozen=True, slots=True)
class QueryRun:
    """What one search found for one query.

    `words` counts the words of the query. `documents` are the best ones with their scores, best
    first; a question that was answered has none.
    """

    query: str
    search: str
    words: int
    measures: Mapping[str, float]
    documents: tuple[tuple[str, float], ...] = ()


def check_writable(path: Path) -> None:
    """Make the file and its folder; raise `BadFile` now rather than after minutes if that fails."""
    try:
        with suppress(FileExistsError):  # a file in the folder's place is told by opening
            path.parent.mkdir(parents=True, exist_ok=True)
        path.open("a").close()
    except OSError as error:
        raise _unwritable(path, error) from error


def write_runs(path: Path, runs: Iterable[QueryRun]) -> None:
    """Write a line for each run. Raises `BadFile`."""
    try:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(run), ensure_ascii=False) + "\n" for run in runs)
    except OSError as error:
        raise _unwritable(path, error) from error


def usual_measure(path: Path) -> str:
    """Return the measure that a file's first line holds alone, else ndcg@10. Raises `BadFile`."""
    _, first = next(numbered_lines(path), (0, ""))
    with suppress(ValueError):  # who reads the file tells what is wrong in it
        measures = json_object(first).get("measures")
        if isinstance(measures, dict) and len(measures) == 1:
            return str(*measures)
    return _USUAL


def read_measures(path: Path, measure: str) -> dict[str, dict[str, float]]:
    """Return, for each search in the file, this measure for each query. Raises `BadFile`."""
    values: dict[str, dict[str, float]] = {}
    for number, line in numbered_lines(path):
        try:
            fields = json_object(line)
            query, search = text_field(fields, "query"), text_field(fields, "search")
            if query in values.setdefault(search, {}):
                raise ValueError(f"{search} has query {query!r} twice. Keep one of them.")
            values[search][query] = _value(fields, measure)
        except ValueError as error:
            raise BadFile(path, number, str(error)) from error
    if not values:
        raise BadFile(path, None, "is empty. Make it by 'journalclub eval beir … --runs FILE'.")
    return values


def _unwritable(path: Path, error: OSError) -> BadFile:
    reason = f"cannot be written ({error.strerror}). Name a file in a folder you may write to."
    return BadFile(path, None, reason)


def _value(fields: Mapping[str, Any], measure: str) -> float:
    measures = fields.get("measures")
    if not isinstance(measures, dict) or not measures:
        raise ValueError("measures must be an object of names and numbers.")
    if measure not in measures:
        raise ValueError(f"has no {measure}; it has {', '.join(measures)}. Choose by --measure.")
    value = measures[measure]
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= 1:
        raise ValueError(f"{measure} must be a number from 0 to 1.")
    return float(value)
