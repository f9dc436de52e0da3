"""What a service of the stand-in is asked and what it answers, before it becomes HTTP."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Query:
    """The path and the parameters of a request, and whether it asks for JSON."""

    path: str
    parameters: Mapping[str, list[str]] = field(default_factory=dict)
    wants_json: bool = False

    @classmethod
    def of(cls, target: str, accept: str = "") -> "Query":
        """Read a request's target."""
        parts = urlsplit(target)
        given = parse_qs(parts.query, keep_blank_values=True)
        return cls(parts.path, given, "json" in accept)

    def one(self, name: str) -> str:
        """Return a parameter's value, empty when it was not given."""
        return self.parameters.get(name, [""])[0]


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply: its body with type, status and further headers."""

    body: bytes
    kind: str = "application/json; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(body: Any, status: int = 200, **headers: str) -> Reply:
    """Return a reply of JSON; in the headers' names _ stands for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(json.dumps(body, ensure_ascii=False).encode(), status=status, headers=named)


def page_reply(text: str, status: int = 200) -> Reply:
    """Return an HTML page."""
    page = f"<!DOCTYPE html><html><body><p>{text}</p></body></html>"
    return Reply(page.encode(), "text/html; charset=utf-8", status)
