"""The rules by which a post is linked to a paper, in order of trust, and how often each is right.

`docs/links.md` tells how the confidences were measured.
"""

from dataclasses import dataclass
from typing import Literal

Rule = Literal[
    "list", "id", "doi", "title", "quote", "name", "authors", "quoted", "reply", "follows", "topic"
]

CONFIDENCE: dict[Rule, float] = {
    "list": 1.0,
    "id": 1.0,
    "doi": 1.0,
    "title": 0.95,
    "quote": 0.94,
    "name": 0.94,
    "authors": 0.87,
    "quoted": 0.75,
    "reply": 0.75,
    "follows": 0.74,
    "topic": 0.73,
}
LIKE_TITLE = 0.9  # a title with a slip in it


@dataclass(frozen=True, slots=True)
class Link:
    """A paper that a post is about, the rule that found it, and how sure that is, in 0..1.

    `list`: the reading list says so. `id`, `doi`: the post gives the paper's id, DOI or address.
    `title`, `name`, `quote`: it holds the title (or a telling part of it), a short name, or a
    piece of the abstract. `authors`: it names authors and year. These come from the post's own
    words. `quoted`: the post quotes words that name the paper, or a post about it. `reply`: it
    answers such a post. `follows`: it speaks of the paper of an earlier post ("this technique"),
    `topic`: of the one that the whole topic is on. What is taken from elsewhere is a guess, and
    less sure the longer the way.
    """

    paper: str
    rule: Rule
    confidence: float
