"""A reading group whose sources change while the processes that follow them are killed."""

import json
import random
from contextlib import closing
from dataclasses import dataclass, field

from index import Filters, Store
from tests.crash_driver import Victim
from tests.outside.filling import sentence
from tests.outside.papers import ArxivPaper
from tests.outside.server import OutsideServer

OF_SET = {"categories": ("stat.ML",)}  # stat:stat:ML


@dataclass
class Group:
    """A reading group whose papers, list and talk change between the runs that are killed."""

    victim: Victim
    outside: OutsideServer
    chance: random.Random
    recorded: dict[str, str] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """Begin with 90 papers in a file, ten on a list, 20 of a set, and sixty posts."""
        for number in range(1, 91):
            self.recorded[f"1901.{number:05}"] = sentence(self.chance, 20)
        for number in range(1, 16):
            self.outside.papers.add(f"1902.{number:05}", f"Title {number}", self._text())
        self.listed = {f"1902.{number:05}" for number in range(1, 11)}
        for number in range(1, 21):
            self.outside.papers.add(f"1904.{number:05}", f"Title {number}", self._text(), **OF_SET)
        self.outside.oai.page = 6
        self.outside.forum.open(41, "Good papers")
        for _ in range(60):
            self.outside.forum.write(41, self._text())
        self._write()

    def change(self) -> int:
        """Edit, add and strike some of everything; return how many texts are new at most."""
        forum, papers = self.outside.forum, self.outside.papers
        for paper_id in self.chance.sample(sorted(self.recorded), 15):
            self.recorded[paper_id] = self._text()
        for paper_id in self.chance.sample(sorted(self.recorded), 3):
            del self.recorded[paper_id]
            self.recorded[f"1903.{self.chance.randrange(1, 99999):05}"] = self._text()
        known = sorted(paper_id for paper_id in papers.by_id if paper_id.startswith("1902."))
        self.listed ^= set(self.chance.sample(known, 2))
        for paper_id in self.chance.sample(known, 3):
            papers.resubmit(paper_id, abstract=self._text())
        living = sorted(paper.id for paper in self._of_set())
        papers.delete(living[0])
        papers.edit(living[1], abstract=self._text())
        papers.add(f"1904.{len(papers.by_id):05}", "Title", self._text(), **OF_SET)
        for post in self.chance.sample(forum.topics[41].visible, 8):
            forum.edit(41, post.number, self._text())
        for post in self.chance.sample(forum.topics[41].visible[1:], 3):
            forum.delete(41, post.number)
            forum.write(41, self._text())
        self._write()
        return 40

    def expected(self) -> dict[str, str]:
        """Return the texts of abstracts and comments by key, as the sources have them."""
        found = {f"arxiv:{paper_id}:abstract": text for paper_id, text in self.recorded.items()}
        for paper_id in self.listed:
            found[f"arxiv:{paper_id}:abstract"] = self.outside.papers.by_id[
                paper_id
            ].newest.abstract
        for paper in self._of_set():
            found[f"arxiv:{paper.id}:abstract"] = paper.newest.abstract
        for post in self.outside.forum.topics[41].visible:
            found[f"discourse:{self.outside.host}:41:{post.number}"] = post.said.raw
        return found

    def held(self) -> dict[str, str]:
        """Return the same of the library."""
        with closing(Store.open(self.victim.library)) as store:
            documents = store.documents(Filters(kinds=("abstract", "comment")))
            return {document.key: document.text for document in documents}

    def _of_set(self) -> list[ArxivPaper]:
        papers = self.outside.papers.by_id.values()
        return [p for p in papers if p.categories == ("stat.ML",) and not p.deleted]

    def _text(self) -> str:
        return sentence(self.chance, 20)

    def _write(self) -> None:
        records = [
            json.dumps({"id": paper_id, "title": f"Title of {paper_id}", "abstract": text})
            for paper_id, text in self.recorded.items()
        ]
        (self.victim.folder / "papers.jsonl").write_text("\n".join(records))
        papers = "".join(f'[[papers]]\nid = "{paper_id}"\n' for paper_id in sorted(self.listed))
        topic = f'[[topics]]\nurl = "{self.outside.topic_url(41)}"\n'
        (self.victim.folder / "list.toml").write_text(papers + topic)
