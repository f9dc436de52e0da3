"""Keep the words that a post quotes apart from those of its author."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from lxml.html import HtmlElement

from ingest.forum.addresses import append_words
from ingest.forum.bbcode_quotes import understood
from ingest.forum.layout import finished
from ingest.forum.marks import APART, END, QUOTE, UNQUOTE, apart, quote_mark

_CHATS = frozenset({"chat-transcript", "discourse-chat-transcript"})
_QUOTES = _CHATS | {"gmail_quote", "yahoo_quoted", "elided", "twitter-tweet"}
_HEADS = frozenset({"title", "chat-transcript-user", "chat-transcript-meta"})
_NOT_OF_A_NAME = " =\\\"'\u201c\u201d\u2018\u2019\u201e\u00ab\u00bb"


@dataclass(frozen=True, slots=True)
class QuotedText:
    """Words that a post quotes, and whose they are where that is known.

    `topic_id` and `post_number` name the post of the same forum that they are from. The text is
    empty where such a quote held only what is not text, a picture for one.
    """

    text: str
    author: str | None = None
    topic_id: int | None = None
    post_number: int | None = None


def quoted_from(said: str) -> QuotedText:
    """Return a quote without words from what BBCode says of it: `="ann, post:2, topic:7"`.

    A name may hold commas; `username:` tells the name that is an account.
    """
    first, *parts = [part.strip() for part in said.strip(_NOT_OF_A_NAME).split(",")]
    name = ", ".join([first, *takewhile(lambda part: ":" not in part, parts)])
    known = {key: value.strip() for key, _, value in (part.partition(":") for part in parts)}
    author = known.get("username") or name
    return QuotedText("", author or None, _number(known.get("topic")), _number(known.get("post")))


def mark_quotes(root: HtmlElement) -> list[QuotedText]:
    """Put marks around each quote in the tree; return the quotes, in order, still without words.

    Quotes are the forum's own (`aside.quote`), block quotes of any kind, transcripts of chats,
    the mail that a reply by mail quotes, and footnotes that only quotes refer to.
    """
    quotes: list[QuotedText] = []
    within: set[HtmlElement] = set()
    for element in list(root.iter("aside", "blockquote", "details", "div")):
        if _is_quote(element):
            quotes.append(_reference(element))
            _leave_the_quoted_words(element)
            _mark(element, len(quotes) - 1)
            within.add(element)
    for note in _notes_to(within, root):
        quotes.append(QuotedText(""))
        _mark(note, len(quotes) - 1)
    return quotes


def take_apart(text: str, quotes: list[QuotedText]) -> str:
    """Return the text with a mark where each quote stood; give the quotes their words.

    BBCode that the forum left as it was typed (`[quote="ann"]words[/quote] and mine`) is a quote
    too, and is added to them.
    """
    text, typed = understood(text, len(quotes))
    quotes += [quoted_from(finished(said)) for said in typed]
    levels: list[tuple[int, list[str]]] = [(-1, [])]
    at = 0
    for token in re.finditer(rf"{QUOTE}(\d+){END}|{UNQUOTE}", text):
        levels[-1][1].append(text[at : token.start()])
        at = token.end()
        if token[1]:
            levels.append((int(token[1]), []))
        elif len(levels) > 1:
            _close(levels, quotes)
    levels[-1][1].append(text[at:])
    while len(levels) > 1:
        _close(levels, quotes)
    return "".join(levels[0][1])


def in_order(text: str, quotes: Sequence[QuotedText]) -> Iterator[QuotedText]:
    """Yield the quotes as their marks stand in the text, each before those within it."""
    ahead = _numbers(text)[::-1]
    while ahead:
        quote = quotes[ahead.pop()]
        yield quote
        ahead += _numbers(quote.text)[::-1]


def _numbers(text: str) -> list[int]:
    return [int(mark[1]) for mark in re.finditer(rf"{APART}(\d+){END}", text)]


def _close(levels: list[tuple[int, list[str]]], quotes: list[QuotedText]) -> None:
    """Give the innermost open quote its words, and its place in what stands around it."""
    number, words = levels.pop()
    quotes[number] = replace(quotes[number], text="".join(words))
    levels[-1][1].append(apart(number))


def _is_quote(element: HtmlElement) -> bool:
    if element.tag == "aside":
        return "quote" in element.classes
    return element.tag == "blockquote" or bool(_QUOTES & set(element.classes))


def _reference(element: HtmlElement) -> QuotedText:
    """Return whose words a quote holds, and from where, as its attributes or its head say."""
    author = element.get("data-username") or _name_in_head(element)
    topic, post = element.get("data-topic"), element.get("data-post")
    return QuotedText("", " ".join(author.split()) or None, _number(topic), _number(post))


def _name_in_head(element: HtmlElement) -> str:
    heads = [child for child in element if "title" in child.classes] if _is_aside(element) else []
    if not heads or next(heads[0].iter("a"), None) is not None:  # a link names a topic
        return ""
    return re.sub(r"(\s+(said|wrote))?\s*:\s*$", "", str(heads[0].text_content()))


def _leave_the_quoted_words(element: HtmlElement) -> None:
    for child in list(element):
        if child.tag == "summary" or _HEADS & set(child.classes):
            child.drop_tree()
        elif child.tag == "blockquote" and _is_aside(element):
            child.tag = "div"  # or it would be a quote of its own


def _is_aside(element: HtmlElement) -> bool:
    return bool(element.tag == "aside")


def _mark(element: HtmlElement, number: int) -> None:
    element.text = quote_mark(number) + (element.text or "")
    append_words(element, UNQUOTE)


def _notes_to(quotes: set[HtmlElement], root: HtmlElement) -> list[HtmlElement]:
    """Return the footnotes that these quotes refer to and nothing else does."""
    notes = [e for e in root.iter("li") if "footnote-item" in e.classes] if quotes else []
    if not notes:
        return []
    outside: set[str] = set()
    inside: set[str] = set()
    for mark in root.find_class("footnote-ref"):
        hrefs = {anchor.get("href") or "" for anchor in mark.iter("a")}
        (inside if quotes.intersection(mark.iterancestors()) else outside).update(hrefs)
    return [note for note in notes if f"#{note.get('id')}" in inside - outside]


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"[0-9]{1,9}", text) else None
