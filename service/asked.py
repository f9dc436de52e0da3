"""Read what clients send: the body of a question and the parameters of the other routes."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from index import Filters
from service.answers import Question, Turn
from service.fields import (
    AskFields,
    FilterFields,
    RevisionFields,
    SearchFields,
    SliceFields,
    Strict,
    TurnFields,
)

_MOST_ERRORS = 20
_LONGEST_NAME = 80
_ANSWER_READ = 2000
_LISTS = ("kinds", "arxiv_ids", "authors", "categories", "topic_ids")
_NUMBERS = ("k", "topic_ids", "limit", "offset", "revision")
_NESTED: dict[str, type[Strict]] = {"filters": FilterFields, "history": TurnFields}
_MESSAGES = {
    "missing": "This is required. Send it.",
    "value_error": "{error}",
    "too_long": "At most {max_length} are taken at once. Send fewer.",
    "int_type": "This should be a whole number, such as 8 without quotes.",
    "tuple_type": "This should be a list.",
    "model_type": "This should be an object.",
    "string_unicode": "This holds half of a character (a lone surrogate). Send whole ones.",
}
_EXAMPLE = 'Send a JSON object such as {"question": "Who wrote MixMatch?"}.'

Parameters = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class FieldError:
    """A field that cannot be used, and what to send instead."""

    field: str
    message: str


class NotJson(Exception):
    """The body is not JSON; the message says where and what to send."""


class BadFields(Exception):
    """Fields of a request cannot be used; `errors` names them."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Search:
    """What to search for."""

    question: str
    k: int
    filters: Filters


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of a long list is wanted."""

    limit: int
    offset: int


def read_question(body: bytes) -> Question:
    """Return the question that a JSON body asks. Raises `NotJson` and `BadFields`."""
    asked = _validated(AskFields, _json(body))
    return Question(
        question=asked.question,
        history=tuple(_turn(turn) for turn in asked.history),
        filters=asked.filters.to_filters(),
        top_k=asked.top_k,
    )


def _turn(given: TurnFields) -> Turn:
    """Return an earlier turn; of its answer only the beginning is ever needed."""
    return Turn(given.question, given.answer and given.answer[:_ANSWER_READ])


def read_search(given: Parameters) -> Search:
    """Return the search that a URL's parameters ask for. Raises `BadFields`."""
    asked = _validated(SearchFields, _plain(given))
    return Search(asked.q, asked.k, asked.to_filters())


def read_slice(given: Parameters) -> Slice:
    """Return which part of a list a URL's parameters ask for. Raises `BadFields`."""
    asked = _validated(SliceFields, _plain(given))
    return Slice(asked.limit, asked.offset)


def read_revision(given: Parameters) -> int | None:
    """Return the revision that a URL's parameters name, if any. Raises `BadFields`."""
    return _validated(RevisionFields, _plain(given)).revision


def _json(body: bytes) -> object:
    try:
        return json.loads(body, object_pairs_hook=_object, parse_constant=_no_number)
    except RecursionError as error:
        raise NotJson(f"The body is nested too deeply. {_EXAMPLE}") from error
    except ValueError as error:
        raise NotJson(f"The body cannot be read as JSON ({error}). {_EXAMPLE}") from error


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _plain(given: Parameters) -> dict[str, object]:
    """Return parameters as JSON would have them: lists split at commas, numbers as such."""
    plain: dict[str, object] = {}
    for name, values in given.items():
        items: Sequence[str] = values
        if name in _LISTS:
            items = [item.strip() for value in values for item in value.split(",") if item.strip()]
        elif len(values) > 1:
            message = "This is given more than once. Send it once."
            raise BadFields(FieldError(name[:_LONGEST_NAME], message))
        read = [_number(item) if name in _NUMBERS else item for item in items]
        plain[name] = read if name in _LISTS else read[0]
    return plain


def _number(text: str) -> int | str:
    return int(text) if re.fullmatch(r"-?\d{1,20}", text, re.ASCII) else text


_Model = TypeVar("_Model", bound=Strict)


def _validated(model: type[_Model], value: object) -> _Model:
    if not isinstance(value, dict):
        raise BadFields(FieldError("body", _EXAMPLE))
    try:
        return model.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[:_MOST_ERRORS]
        raise BadFields(*(_error(detail, model) for detail in found)) from error


def _error(detail: ErrorDetails, model: type[Strict]) -> FieldError:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"])
    return FieldError(place[1:][:_LONGEST_NAME] or "body", _message(detail, model))


def _message(detail: ErrorDetails, model: type[Strict]) -> str:
    if detail["type"] == "extra_forbidden":
        *above, name = map(str, detail["loc"])
        return _unknown(name, _NESTED[above[0]] if above else model)
    if detail["type"] in _MESSAGES:
        return _MESSAGES[detail["type"]].format(**detail.get("ctx", {}))
    return detail["msg"].replace("Input should", "This should") + "."


def _unknown(name: str, model: type[Strict]) -> str:
    near = get_close_matches(name, model.model_fields, n=1)
    advice = f"Did you mean '{near[0]}'?" if near else f"Known are {', '.join(model.model_fields)}."
    return f"There is no field '{name[:_LONGEST_NAME]}'. {advice}"
