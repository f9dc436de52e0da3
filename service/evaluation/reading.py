"""Files of one JSON object a line are read line by line; what is wrong is told with its line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service.evaluation.errors import BadFile


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank, without their ends, with their numbers from 1.

    Never holds more than a line in memory. Raises `BadFile`.
    """
    number = 0
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                if text.strip():
                    yield number, text.rstrip("\r\n")
    except OSError as error:
        reason = f"cannot be read ({error.strerror}). Check the path."
        raise BadFile(path, None, reason) from error
    except UnicodeDecodeError as error:
        raise BadFile(path, number, "is not UTF-8 text. Save it as UTF-8.") from error


def json_object(line: str) -> dict[str, Any]:
    """Return the object that a line holds. Raises `ValueError`, which says what to do."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON ({error}). Write one JSON object on one line.") from error
    if not isinstance(fields, dict):
        raise ValueError("is not a JSON object. Write one JSON object on one line.")
    return fields


def text_field(fields: dict[str, Any], name: str) -> str:
    """Return a text that is not empty. Raises `ValueError`."""
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} must be a text that is not empty.")
    return value
