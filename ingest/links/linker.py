"""Tell which papers each post of a thread is about, by which rule, and how surely."""

import re
from collections.abc import Iterable, Mapping, Sequence

from ingest.links.citations import by_authors_in
from ingest.links.follows import (
    compares,
    followed_post,
    is_aside,
    means_the_paper,
    most_alike,
    refers,
    stems,
)
from ingest.links.ids import named_ids
from ingest.links.in_memory import tables_of
from ingest.links.name_tables import NameTables
from ingest.links.naming import Named, Naming
from ingest.links.rules import CONFIDENCE, Link, Rule
from ingest.paper import Paper
from ingest.post import Post

__all__ = ["CONFIDENCE", "Link", "Linker", "Rule", "named_ids"]

_LEAST = 0.28  # what is less sure is no link: the fifth post down a chain of answers
_KINDS: dict[Rule, int] = {
    "list": 0,
    "id": 0,
    "doi": 0,
    "title": 1,
    "quote": 1,
    "name": 2,
    "authors": 2,
}  # the others are 3: taken from another post
_SEVERAL = re.compile(
    r"\b(?:both|either|neither)\b(?! (?:at|sides|directions|ways|hands))|\bcompar"
    r"|\bof (?:the|these|those) (?:two|three)\b"
    r"|\b(?:these|those) (?:two|three|papers|methods|techniques|approaches|models)\b",
    re.IGNORECASE,
)
_WHICH = re.compile(
    r"\bthe (?:(second|latter)|first|former)\b(?:$|[^\w\s]|\s(?:one|paper|method)\b)", re.IGNORECASE
)


class Linker:
    """Links posts to papers: those of a library by its tables, or any; none is looped over."""

    def __init__(self, papers: Iterable[Paper] | NameTables) -> None:
        tables = papers if isinstance(papers, NameTables) else tables_of(papers)
        self._naming = Naming(tables)

    def link(
        self, posts: Sequence[Post], corrections: Mapping[str, tuple[str, ...]] | None = None
    ) -> dict[str, tuple[Link, ...]]:
        """Return for each post of one thread, by key, what it is about, the surest first.

        A post that `corrections` name is about exactly the papers given there, as far as the
        library has them; posts that follow it take these.
        """
        talk = _Talk(self._naming, posts, corrections or {})
        for place in range(len(posts)):
            talk.take_over(place)
        return talk.links


class _Talk:
    """One thread while it is read: what its posts are about, as far as that is known."""

    def __init__(
        self, naming: Naming, posts: Sequence[Post], corrections: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._naming = naming
        self._posts = posts
        self._corrections = corrections
        self._own = {post.key: naming.named_in(post.text, post.links) for post in posts}
        self.links = {
            key: self._corrected(key) if key in corrections else tuple(map(_link, named))
            for key, named in self._own.items()
        }
        self._linked = {key for key, links in self.links.items() if links}
        title = naming.named_in(posts[0].thread_title) if posts else ()
        self._subject = _link(title[0]) if len(title) == 1 else None

    def take_over(self, place: int) -> None:
        """Add to a post's own papers those of the posts it quotes, answers or follows."""
        post = self._posts[place]
        if post.key in self._corrections:
            return
        ways = (self._quoted(post), self._followed(place), self._of_the_topic(place))
        taken = next(filter(None, map(_sure_enough, ways)), [])
        known = {link.paper for link in self.links[post.key]}
        added = [link for link in taken if link.paper not in known]
        joined = (*self.links[post.key], *added)
        self.links[post.key] = tuple(sorted(joined, key=lambda link: -link.confidence))
        self._linked |= {post.key} if joined else set()

    def _corrected(self, key: str) -> tuple[Link, ...]:
        papers = self._naming.tables.get(dict.fromkeys(self._corrections[key]))
        return tuple(Link(paper.id, "list", CONFIDENCE["list"]) for paper in papers)

    def _quoted(self, post: Post) -> list[Link]:
        """Return what the quoted words name, or else what the quoted posts are about."""
        named = [n for quote in post.quotes for n in self._naming.named_in(quote.text)]
        if named:
            return [_taken(_link(n), "quoted") for n in named]
        if self._own[post.key]:
            return []
        keys = dict.fromkeys(quote.post for quote in post.quotes if quote.post)
        return [
            link for key in keys if key in self.links for link in self._main(key, post, "quoted")
        ]

    def _followed(self, place: int) -> list[Link]:
        post = self._posts[place]
        followed = followed_post(place, self._posts, self._linked, self._own_start(post))
        if followed is None:
            return []
        everybodys = self._subject and means_the_paper(post.text)
        if (
            everybodys
            and followed.rule == "follows"
            and not most_alike(place, self._posts, self._linked)
        ):
            return []
        return self._main(followed.key, post, followed.rule)

    def _own_start(self, post: Post) -> int | None:
        """Return where a post's text first names papers itself."""
        own = self._own[post.key]
        return int(min(named.at for named in own) * len(post.text)) if own else None

    def _of_the_topic(self, place: int) -> list[Link]:
        """Return the subject of the topic if the post speaks of "the paper" and names none."""
        post = self._posts[place]
        own = self._own_start(post)
        speaks = refers(post.text) if own is None else compares(post.text, own)
        if is_aside(post.text) or not speaks:
            return []
        subject = self._subject or self._of_the_first_post(place)
        return [_taken(subject, "topic")] if subject else []

    def _of_the_first_post(self, place: int) -> Link | None:
        """Return the only paper of the first post, while no post in between speaks of another."""
        first = self.links[self._posts[0].key]
        if place == 0 or len(first) != 1 or self._posts[0].post_number is None:
            return None
        between = {link.paper for p in self._posts[:place] for link in self.links[p.key]}
        return first[0] if between == {first[0].paper} else None

    def _main(self, key: str, post: Post, rule: Rule) -> list[Link]:
        """Return what a post takes over from another: what that is surely about, or one of it.

        Of several papers it takes the one whose author it names. Of those named in the same way
        it takes none if it names one of them itself, all if it speaks of "both", else the topic's
        own, the one whose title it shares words with, or the first named; of a list of titles none.
        """
        links = self.links[key]
        by = by_authors_in(post.text, self._naming.tables.get(link.paper for link in links))
        kind = min(map(_kind, links))
        best = [link for link in links if _kind(link) == kind]
        if len(by) == 1:
            best = [link for link in links if link.paper in by]
        elif len(best) > 1:
            best = self._meant(best, post)
        return [_taken(link, rule) for link in best]

    def _meant(self, links: list[Link], post: Post) -> list[Link]:
        own = {named.paper for named in self._own[post.key]}
        if any(link.paper in own for link in links):
            return []
        if which := _WHICH.search(post.text):
            return links[1:2] if which[1] else links[:1]
        if _SEVERAL.search(post.text):
            return links
        for alike in (self._on_the_topic(links), self._sharing_words(links, post)):
            if len(alike) == 1:
                return alike
        return links[:1] if _kind(links[0]) >= _KINDS["name"] else []

    def _on_the_topic(self, links: list[Link]) -> list[Link]:
        return [link for link in links if self._subject and link.paper == self._subject.paper]

    def _sharing_words(self, links: list[Link], post: Post) -> list[Link]:
        said = stems(post.text)
        papers = self._naming.tables.get(link.paper for link in links)
        alike = {paper.id for paper in papers if said & stems(paper.title or "")}
        return [link for link in links if link.paper in alike]


def _sure_enough(links: list[Link]) -> list[Link]:
    return [link for link in links if link.confidence >= _LEAST]


def _kind(link: Link) -> int:
    return _KINDS.get(link.rule, 3)


def _link(named: Named) -> Link:
    return Link(named.paper, named.rule, named.confidence)


def _taken(link: Link, rule: Rule) -> Link:
    return Link(link.paper, rule, round(CONFIDENCE[rule] * link.confidence, 3))
