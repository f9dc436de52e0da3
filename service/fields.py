"""What the fields of a request may hold, each refusal in words that say what to send instead."""

import re
from dataclasses import fields
from datetime import date
from typing import Annotated, Literal, NoReturn, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from index import Filters, Kind
from service.paper_ids import read_paper_id

_LONGEST_QUESTION = 2000
_LONGEST_ANSWER = 20_000
_LONGEST_WORD = 200
_MOST_VALUES = 100
_MOST_TURNS = 20
_LARGEST = 2**63 - 1  # of an integer in SQLite
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _whole(value: str) -> str:
    if found := _SURROGATE.search(value):
        raise ValueError(
            f"Character {found.start() + 1} is half of one (the lone surrogate "
            f"U+{ord(found[0]):04X}). Send whole Unicode characters."
        )
    return value


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("There are no words in it. Write some.")
    if found := _CONTROL.search(value):
        raise ValueError(
            f"Character {found.start() + 1} is a control character (U+{ord(found[0]):04X}). "
            "Take it out and send again."
        )
    return _whole(value)


def _question(value: str) -> str:
    if len(value) > _LONGEST_QUESTION:
        raise ValueError(
            f"A question has at most {_LONGEST_QUESTION:,} characters; this one has "
            f"{len(value):,}. Shorten it."
        )
    return _text(value)


def _day(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not _DAY.fullmatch(value):
        raise ValueError("Write the day as YYYY-MM-DD, such as 2019-05-06.")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"There is no day {value}. Write one that the calendar has.") from error


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _not_built(what: str, instead: str) -> NoReturn:
    raise ValueError(f"{what} is not built yet. {instead}")


def _no_conversation(value: str | None) -> None:
    if value is not None:
        _not_built("conversation_id", "Leave it out and send the earlier turns as 'history'.")


def _no_stream(value: bool) -> bool:
    if value:
        _not_built("stream", "Leave it out and read the whole answer.")
    return value


def _no_model(value: str) -> str:
    if value == "llm":
        _not_built('mode "llm"', 'Send "auto" or "extractive".')
    return value


_Item = TypeVar("_Item")
_Tuple = Annotated[tuple[_Item, ...], BeforeValidator(_tuple)]
_Values = Annotated[_Tuple[_Item], Field(max_length=_MOST_VALUES)]
_Text = Annotated[str, Field(max_length=_LONGEST_WORD), AfterValidator(_text)]
_Id = Annotated[str, Field(max_length=_LONGEST_WORD), AfterValidator(read_paper_id)]
_Question = Annotated[str, AfterValidator(_question)]
_Answer = Annotated[str, Field(max_length=_LONGEST_ANSWER), AfterValidator(_whole)]
_Day = Annotated[date | None, BeforeValidator(_day)]
_Number = Annotated[int, Field(ge=0, le=_LARGEST)]
_Depth = Annotated[int, Field(ge=1, le=50)]
_Mode = Annotated[Literal["auto", "extractive", "llm"], AfterValidator(_no_model)]


class Strict(BaseModel):
    """Fields of exactly the types that JSON gives them, and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class FilterFields(Strict):
    """What a search may be limited to; arXiv ids in any form become plain ones."""

    kinds: _Values[Kind] = ()
    arxiv_ids: _Values[_Id] = ()
    authors: _Values[_Text] = ()
    categories: _Values[_Text] = ()
    topic_ids: _Values[_Number] = ()
    date_from: _Day = None
    date_to: _Day = None

    @field_validator("date_to")
    @classmethod
    def _after_the_first(cls, value: date | None, info: ValidationInfo) -> date | None:
        first = info.data.get("date_from")
        if value and first and value < first:
            raise ValueError(f"date_to is before date_from ({first}). Swap them.")
        return value

    def to_filters(self) -> Filters:
        """Return them as the index knows them."""
        return Filters(**{field.name: getattr(self, field.name) for field in fields(Filters)})


class TurnFields(Strict):
    """An earlier turn as the client remembers it."""

    question: _Question
    answer: _Answer | None = None


class AskFields(Strict):
    """The body of a question."""

    question: _Question
    history: Annotated[_Tuple[TurnFields], Field(max_length=_MOST_TURNS)] = ()
    conversation_id: Annotated[str | None, AfterValidator(_no_conversation)] = None
    filters: FilterFields = FilterFields()
    top_k: _Depth = 8
    mode: _Mode = "auto"
    stream: Annotated[bool, AfterValidator(_no_stream)] = False


class SearchFields(FilterFields):
    """The parameters of a search."""

    q: _Question
    k: _Depth = 8


class SliceFields(Strict):
    """The parameters of a long list."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    offset: _Number = 0


class RevisionFields(Strict):
    """The parameters of a document."""

    revision: Annotated[int | None, Field(ge=1, le=_LARGEST)] = None
