"""The papers that the stand-in's arXiv and DataCite know, with their versions and dates."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

WITHDRAWN = "This paper has been withdrawn by the authors due to an error in Lemma 2."

_OF_PHYSICS = (
    *("astro-ph", "cond-mat", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math-ph"),
    *("nlin", "nucl-ex", "nucl-th", "physics", "quant-ph"),
)


@dataclass(frozen=True, slots=True)
class PaperVersion:
    """What was submitted, and when."""

    submitted: datetime
    title: str
    abstract: str
    comments: str | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class ArxivPaper:
    """A paper with all its versions; `changed` is the datestamp of its record."""

    id: str
    versions: tuple[PaperVersion, ...]
    changed: datetime
    authors: tuple[str, ...] = ("Ann Boil", "Björn von Lid")
    categories: tuple[str, ...] = ("cs.LG",)
    doi: str | None = None
    journal: str | None = None
    deleted: bool = False

    @property
    def newest(self) -> PaperVersion:
        return self.versions[-1]

    @property
    def sets(self) -> tuple[str, ...]:
        """Return the OAI sets of its categories, such as cs:cs:LG."""
        return tuple(dict.fromkeys(_set_of(category) for category in self.categories))


_OF_A_VERSION = {field.name for field in fields(PaperVersion)}


class Papers:
    """All papers by id. Edits are by methods, which move the datestamp."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.by_id: dict[str, ArxivPaper] = {}

    def add(self, paper_id: str, title: str, abstract: str, **more: Any) -> ArxivPaper:
        """Submit a paper; `more` are fields of the paper, or `submitted` and `comments`."""
        now = self._clock()
        told = {"submitted": now} | {name: more.pop(name) for name in _OF_A_VERSION & more.keys()}
        version = PaperVersion(title=title, abstract=abstract, **told)
        return self._keep(ArxivPaper(paper_id, (version,), now, **more))

    def edit(self, paper_id: str, **changes: Any) -> ArxivPaper:
        """Correct what is told of a paper, without a new version."""
        paper = self.by_id[paper_id]
        newest = {name: changes.pop(name) for name in _OF_A_VERSION & changes.keys()}
        versions = (*paper.versions[:-1], replace(paper.newest, **newest))
        return self._keep(replace(paper, versions=versions, **changes))

    def resubmit(self, paper_id: str, **changes: Any) -> ArxivPaper:
        """Submit a further version."""
        paper = self.by_id[paper_id]
        version = replace(paper.newest, **{"submitted": self._clock(), **changes})
        return self._keep(replace(paper, versions=(*paper.versions, version)))

    def withdraw(self, paper_id: str) -> ArxivPaper:
        """Submit a version that says that the paper is withdrawn."""
        return self.resubmit(paper_id, comments=WITHDRAWN, withdrawn=True)

    def delete(self, paper_id: str) -> ArxivPaper:
        """Take a paper out: OAI-PMH says so, the others do not know it any more."""
        return self._keep(replace(self.by_id[paper_id], deleted=True))

    def living(self, paper_id: str) -> ArxivPaper | None:
        """Return a paper that is there and not deleted."""
        paper = self.by_id.get(paper_id)
        return None if paper is None or paper.deleted else paper

    def _keep(self, paper: ArxivPaper) -> ArxivPaper:
        kept = replace(paper, changed=self._clock())
        self.by_id[paper.id] = kept
        return kept


def _set_of(category: str) -> str:
    archive, _, subject = category.partition(".")
    group = "physics" if archive in _OF_PHYSICS else archive
    if group == "physics" and archive != "physics":
        return ":".join(filter(None, (group, archive, subject)))
    return f"{group}:{archive}:{subject}" if subject else group
