"""Replies that others recorded from arXiv and from a forum, to be given again."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from lxml import etree

from tests.outside.reply import Query, Reply

_ATOM = "application/atom+xml; charset=utf-8"
_OAI = "{http://www.openarchives.org/OAI/2.0/}"

_Asked = tuple[str, frozenset[tuple[str, str]]]


class Recordings:
    """The recorded replies of a folder, by what was asked; values that are empty do not count."""

    def __init__(self, folder: Path) -> None:
        self._replies = dict[_Asked, Reply]()
        samples = folder / "arxiv" / "api_samples"
        self._add_feeds(samples / "atom_2026_recorded")
        self._add_records(samples / "oai_pmh")
        topic = (folder / "discourse" / "topic.json").read_bytes()
        for name in ("/t/57", "/t/this-site-is-a-sandbox-it-is-reset-every-day/57"):
            self._replies[_asked(f"{name}.json", {})] = Reply(topic)

    def reply(self, query: Query) -> Reply | None:
        """Return what was recorded for a request; None where nothing was."""
        given = {name: values[0] for name, values in query.parameters.items()}
        given.pop("include_raw", None)
        return self._replies.get(_asked(query.path.replace("/oai2", "/oai"), given))

    def oai_ids(self) -> list[str]:
        """Return the ids of the papers of which a record was recorded."""
        asked = (dict(told) for path, told in self._replies if path == "/oai")
        identifiers = (told.get("identifier", "") for told in asked)
        return [name.rpartition(":")[2] for name in identifiers if name]

    def _add_feeds(self, folder: Path) -> None:
        for told in json.loads((folder / "index.json").read_text()):
            url = urlsplit(told["url"])
            body = (folder / told["file"]).read_bytes()
            asked = _asked(url.path, dict(parse_qsl(url.query)))
            self._replies[asked] = Reply(body, _ATOM, told["status_code"])

    def _add_records(self, folder: Path) -> None:
        for file in sorted(folder.glob("*.xml")):
            body = file.read_bytes()
            root = etree.fromstring(body, etree.XMLParser(recover=True))
            request = root.find(f"{_OAI}request") if root is not None else None
            if request is not None:
                told = {str(name): str(value) for name, value in request.attrib.items()}
                self._replies[_asked("/oai", told)] = Reply(body, "text/xml; charset=utf-8")


def _asked(path: str, parameters: Mapping[str, str]) -> _Asked:
    """Return a request without what makes no difference: order, and how results are sorted."""
    told = {(k, v) for k, v in parameters.items() if v and not re.match("sort", k)}
    return path, frozenset(told)
