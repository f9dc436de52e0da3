"""Tell which papers each post of a thread is about, by which rule, and how surely."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.arxiv.ids import find_arxiv_ids
from ingest.links.follows import followed_post
from ingest.links.mentions import LikeTitles, Phrase, Phrases, Quotes, Words, outermost
from ingest.paper import Paper
from ingest.post import Post

Rule = Literal["id", "title", "quote", "name", "follows"]

CONFIDENCE: dict[Rule, float] = {"id": 1.0, "title": 0.95, "quote": 0.9, "name": 0.85}
_LIKE_TITLE = 0.8
_FOLLOWING = 0.6  # of the confidence of the post that is followed
_LEAST = 0.1


@dataclass(frozen=True, slots=True)
class Link:
    """A paper that a post is about, the rule that found it, and how sure that is, in 0..1.

    `id`: the post gives the paper's id or address. `title`, `name`, `quote`: it holds the title
    (or a telling part of it), a short name, or a piece of the abstract. `follows`: it speaks of
    the paper of another post ("this technique", a reply), which is a guess.
    """

    paper: str
    rule: Rule
    confidence: float


class Linker:
    """Links posts to papers; made once for a library, it reads each post without a loop over it."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        papers = tuple(papers)
        titles = {paper.id: Words.of(paper.title) for paper in papers if paper.title}
        self._ids = frozenset(paper.id for paper in papers)
        self._phrases = Phrases([*_title_phrases(papers, titles), *_name_phrases(papers, titles)])
        self._like_titles = LikeTitles(titles)
        self._quotes = Quotes(papers)

    def link(self, posts: Sequence[Post]) -> dict[str, tuple[Link, ...]]:
        """Return for each post of one thread, by key, what it is about, the surest first."""
        links = {post.key: self._named_in(post) for post in posts}
        linked = {key for key, found in links.items() if found}
        for place, post in enumerate(posts):
            if followed := followed_post(place, posts, linked):
                links[post.key] = _joined(links[post.key], links[followed])
                linked |= {post.key} if links[post.key] else set()
        return links

    def _named_in(self, post: Post) -> tuple[Link, ...]:
        """Return the papers that a post itself names."""
        found: dict[str, Link] = {}
        for link in self._found(post):
            if link.paper not in found or link.confidence > found[link.paper].confidence:
                found[link.paper] = link
        return _surest_first(found.values())

    def _found(self, post: Post) -> Iterator[Link]:
        for paper_id in find_arxiv_ids("\n".join((post.text, *post.links))):
            if paper_id in self._ids:
                yield Link(paper_id, "id", CONFIDENCE["id"])
        words = Words.of(post.text)
        for mention in outermost(self._phrases.find(words)):
            rule = mention.phrase.rule
            yield Link(mention.phrase.paper, rule, CONFIDENCE[rule])
        for paper_id in self._like_titles.find(words):
            yield Link(paper_id, "title", _LIKE_TITLE)
        for paper_id in self._quotes.find(words):
            yield Link(paper_id, "quote", CONFIDENCE["quote"])


def _surest_first(links: Iterable[Link]) -> tuple[Link, ...]:
    return tuple(sorted(links, key=lambda link: (-link.confidence, link.paper)))


def _joined(own: tuple[Link, ...], followed: tuple[Link, ...]) -> tuple[Link, ...]:
    """Return a post's own links and what it takes from the post it follows: its surest."""
    confidence = round(followed[0].confidence * _FOLLOWING, 3)
    known = {link.paper for link in own}
    taken = [
        Link(link.paper, "follows", confidence)
        for link in followed
        if link.confidence == followed[0].confidence and link.paper not in known
    ]
    return _surest_first([*own, *taken]) if confidence >= _LEAST else own


def _title_phrases(papers: Sequence[Paper], titles: dict[str, Words]) -> Iterator[Phrase]:
    """Yield whole titles, and the parts around a colon that are long and one paper's own.

    Short ones must be written with the title's capitals ("Back to the Future" is also just words),
    and short parts must have some ("a necessary and sufficient condition" tells no paper).
    """
    parts = {
        paper.id: [Words.of(part) for part in re.split(r":\s", paper.title)]
        for paper in papers
        if paper.title and ": " in paper.title
    }
    uses = Counter(part.letters for some in parts.values() for part in some)
    for paper_id, title in titles.items():
        if len(title) >= 3 and len(title.letters) >= 12:
            yield _phrase(paper_id, title, any_case=len(title) >= 4)
        for part in parts.get(paper_id, ()):
            capitals = sum(word[0].isupper() for word in part.cased)
            telling = len(part) >= 6 or (len(part) >= 4 and capitals >= 3)
            if telling and uses[part.letters] == 1:
                yield _phrase(paper_id, part, any_case=len(part) >= 6)


def _phrase(paper_id: str, words: Words, any_case: bool) -> Phrase:
    spellings = () if any_case else ("".join(words.cased),)
    return Phrase(paper_id, words.letters, "title", spellings)


def _name_phrases(papers: Sequence[Paper], titles: dict[str, Words]) -> Iterator[Phrase]:
    """Yield the names that curators gave, and those that titles coin before a colon."""
    given = {Words.of(name).letters for paper in papers for name in paper.names}
    for paper in papers:
        for name in paper.names:
            yield from _name_phrase(paper.id, name)
    for paper_id, name in _coined_names(papers, titles).items():
        if Words.of(name).letters not in given:
            yield from _name_phrase(paper_id, name)


def _name_phrase(paper_id: str, name: str) -> Iterator[Phrase]:
    words = Words.of(name)
    cased = "".join(words.cased)
    one_word = not re.search(r"\s", name.strip())
    if len(cased) < 2:
        return
    if not one_word or cased == words.letters or (_has_inner_capital(cased) and len(cased) >= 5):
        yield Phrase(paper_id, words.letters, "name", (), one_word)
    else:
        yield Phrase(paper_id, words.letters, "name", (cased, cased.upper()), one_word)


def _has_inner_capital(word: str) -> bool:
    return word[1:] != word[1:].lower() and word != word.upper()


def _coined_names(papers: Sequence[Paper], titles: dict[str, Words]) -> dict[str, str]:
    """Return the made-up word before the colon of titles, where that paper was first to use it.

    "GAN: …" coins nothing once earlier titles speak of GANs; two papers that coin one word leave
    it without a paper.
    """
    coined: dict[str, str] = {}
    for paper in papers:
        match = re.match(r"\s*(\S{3,30}):\s", paper.title or "")
        if match and _is_coined(match[1]):
            coined[paper.id] = match[1]
    letters = {paper_id: Words.of(name).letters for paper_id, name in coined.items()}
    uses = Counter(letters.values())
    phrases = Phrases(Phrase(key, name, "name", one_word=True) for key, name in letters.items())
    first: dict[str, str] = {}
    for paper_id in sorted(titles, key=_age):
        for mention in phrases.find(titles[paper_id]):
            first.setdefault(mention.phrase.letters, paper_id)
    return {
        paper_id: name
        for paper_id, name in coined.items()
        if uses[letters[paper_id]] == 1 and first.get(letters[paper_id]) == paper_id
    }


def _age(paper_id: str) -> tuple[bool, int, str]:
    """Return what sorts ids by their month: those with an archive are the older ones."""
    month = re.match(r"\d{4}", paper_id)
    return (month is not None, int(month[0]) if month else 0, paper_id)


def _is_coined(word: str) -> bool:
    """Tell whether a word was made up: an inner capital, a digit, all capitals, or "T-Net"."""
    parts = Words.of(word).cased
    letters = "".join(parts)
    if len(letters) < 3 or not re.search(r"[^\W\d_]", letters):
        return False
    shouted = any(len(part) >= 2 and part == part.upper() for part in parts)
    initial = len(parts) > 1 and any(len(part) == 1 and part.isupper() for part in parts)
    return shouted or initial or any(_has_inner_capital(p) or re.search(r"\d", p) for p in parts)
