"""Turn a forum post, Markdown or HTML, into the words its author wrote."""

import re
from dataclasses import dataclass, replace

from lxml import etree
from lxml.html import HtmlElement, HTMLParser

from ingest.forum.addresses import write_out_links
from ingest.forum.cleaning import clean_text, without_controls, without_hidden_controls
from ingest.forum.elements import drop_what_is_not_said, write_out_elements
from ingest.forum.layout import finished, text_of
from ingest.forum.mail import take_mail_apart
from ingest.forum.marks import END, LINK
from ingest.forum.oneboxes import shorten_oneboxes
from ingest.forum.quotes import QuotedText, in_order, mark_quotes, take_apart
from ingest.forum.raw_text import html_of

__all__ = ["LONGEST_HTML", "LONGEST_TEXT", "PostText", "QuotedText", "clean_text", "post_text"]

LONGEST_HTML = 1_000_000
LONGEST_RAW = 50_000
MOST_BRACKETS = 2_000  # Markdown takes time that grows with the square of their number
LONGEST_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class PostText:
    """What a post says: its words, and the addresses they link to, in order and each once.

    `truncated` says that the post was longer or deeper than is read, so that its end is missing.
    `quotes` are the words of others that it quotes, in order, each before those quoted within it;
    neither they nor their links are part of the text and the links.
    """

    text: str
    links: tuple[str, ...] = ()
    truncated: bool = False
    quotes: tuple[QuotedText, ...] = ()


def post_text(cooked: str, raw: str | None = None, base: str = "") -> PostText:
    """Return the words and links of a post, and apart from them what it quotes.

    The words are those of `raw`, its Markdown, where that is given, else of `cooked`, its HTML,
    which also has the titles of the pages that `raw` only links to. `cooked` is believed where
    the two disagree about what is quoted, or about everything. `base` is the forum's
    address: links within the forum are links then, and words only without it.

    Any string is accepted and nothing in it is executed or fetched. Words that link elsewhere are
    followed by the address in brackets. HTML is read up to a million characters, Markdown up to
    50,000 where there is no HTML to be read instead, and a text over 200,000 characters is cut at
    a paragraph or a blank.
    """
    shown, titles = _read(cooked, base, {})
    if not raw or not raw.strip() or (cooked.strip() and _takes_long(raw)):
        return shown
    written, _ = _read(html_of(raw[:LONGEST_RAW]), base, titles)
    written = replace(written, truncated=written.truncated or len(raw) > LONGEST_RAW)
    if not cooked.strip():
        return written
    if _disagree(written, shown):
        return shown
    return replace(written, links=tuple(dict.fromkeys((*written.links, *shown.links))))


def _takes_long(raw: str) -> bool:
    return len(raw) > LONGEST_RAW or raw.count("[") > MOST_BRACKETS


def _read(html: str, base: str, titles: dict[str, str]) -> tuple[PostText, dict[str, str]]:
    """Return what a piece of HTML says, and the titles of the pages that it shows."""
    root, whole = _parsed(without_hidden_controls(without_controls(html[:LONGEST_HTML])))
    drop_what_is_not_said(root)
    shown = shorten_oneboxes(root, base)
    quotes = mark_quotes(root)
    write_out_elements(root)
    urls = write_out_links(root, base, titles)
    said = take_mail_apart(take_apart(text_of(root), quotes), quotes)
    text = finished(said)
    cut = _cut(text)
    links = tuple(dict.fromkeys(urls[int(n)] for n in re.findall(rf"{LINK}(\d+){END}", said)))
    whole = whole and len(html) <= LONGEST_HTML and cut == text
    return PostText(cut, links, not whole, _finished_quotes(said, quotes)), shown


def _finished_quotes(said: str, quotes: list[QuotedText]) -> tuple[QuotedText, ...]:
    made = (replace(quote, text=_cut(finished(quote.text))) for quote in in_order(said, quotes))
    return tuple(quote for quote in made if quote.text or quote.post_number)


def _parsed(html: str) -> tuple[HtmlElement, bool]:
    """Return the tree, and whether the parser read the whole of it."""
    parser = HTMLParser(recover=True, encoding="utf-8", huge_tree=True)
    root = etree.fromstring(html.encode() or b"<html/>", parser)
    if root is None:  # nothing but comments
        root = etree.fromstring(b"<html/>", parser)
    whole = all(entry.type_name != "ERR_RESOURCE_LIMIT" for entry in parser.error_log)
    return root, whole


def _disagree(written: PostText, shown: PostText) -> bool:
    """Tell whether the readings differ about whose some words are, or have little in common."""
    ours, theirs = _words(written.text), _words(shown.text)
    ours_quoted = _words(" ".join(quote.text for quote in written.quotes))
    theirs_quoted = _words(" ".join(quote.text for quote in shown.quotes))
    if (ours - theirs) & theirs_quoted or (theirs - ours) & ours_quoted:
        return True
    all_ours, all_theirs = ours | ours_quoted, theirs | theirs_quoted
    common = len(all_ours & all_theirs)
    return common < 0.3 * min(len(all_ours), len(all_theirs)) or bool(all_theirs and not all_ours)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _cut(text: str) -> str:
    """Return the text, ended at a paragraph or at least a blank where it is too long."""
    if len(text) <= LONGEST_TEXT:
        return text
    room = LONGEST_TEXT - 2_000
    for end in ("\n\n", "\n", " "):
        if (at := text.rfind(end, room, LONGEST_TEXT)) > 0:
            return text[:at].rstrip()
    return text[:LONGEST_TEXT]
