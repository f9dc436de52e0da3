"""Turn the HTML of a forum post into the words its author wrote."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from html_text import DOUBLE_NEWLINE_TAGS, NEWLINE_TAGS, etree_to_text
from lxml import etree
from lxml.html import HtmlElement, HTMLParser

LONGEST_HTML = 1_000_000
LONGEST_TEXT = 200_000

# Noncharacters stand in for what etree_to_text would fold away; clean_text lets none in.
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u200b\ufeff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_BREAK, _SPACE, _BULLET = "\ufdd0", "\ufdd1", "\ufdd2"

_UNSEEN = ("script", "style", "svg", "noscript", "template", "iframe", "object", "embed", "head")
_BLOCKS = NEWLINE_TAGS | DOUBLE_NEWLINE_TAGS | {"html", "body", "td", "th"}


@dataclass(frozen=True, slots=True)
class PostText:
    """What a post says: its words, and the addresses they link to, in order and each once.

    `truncated` says that the post was longer or deeper than is read, so that its end is missing.
    """

    text: str
    links: tuple[str, ...] = ()
    truncated: bool = False


def post_text(cooked: str) -> PostText:
    """Return the words and links of a post's HTML, without those quoted from other members.

    Any string is accepted and nothing in it is executed or fetched. Words that link elsewhere are
    followed by the address in brackets. HTML is read up to a million characters, and a text over
    200,000 characters is cut at a paragraph or a blank.
    """
    root, whole = _parsed(clean_text(cooked[:LONGEST_HTML]))
    _drop_what_is_not_said(root)
    _shorten_oneboxes(root)
    links = tuple(dict.fromkeys(_write_out_links(root)))
    _write_out_images(root)
    _mark_layout(root)
    inline = {e.tag for e in root.iter() if isinstance(e.tag, str)} - _BLOCKS
    if inline:
        etree.strip_tags(root, *inline)  # joins their text with what stands around it
    text = clean_text(_unmark(etree_to_text(root)))
    cut = _cut(text)
    return PostText(cut, links, truncated=not whole or len(cooked) > LONGEST_HTML or cut != text)


def clean_text(text: str) -> str:
    """Return a text that can be stored and shown anywhere, its words and lines unchanged.

    Control characters, invisible fillers and noncharacters are gone, a lone surrogate is U+FFFD,
    there are no blanks at line ends and never more than two line breaks in a row.
    """
    text = re.sub(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]", "\n", text).replace("\t", "    ")
    text = re.sub("[\ud800-\udfff]", "\ufffd", text)
    text = _CONTROLS.sub("", text)
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def _parsed(html: str) -> tuple[HtmlElement, bool]:
    """Return the tree, and whether the parser read the whole of it."""
    parser = HTMLParser(recover=True, encoding="utf-8", huge_tree=True)
    root = etree.fromstring(html.encode() or b"<html/>", parser)
    if root is None:  # nothing but comments
        root = etree.fromstring(b"<html/>", parser)
    whole = all(entry.type_name != "ERR_RESOURCE_LIMIT" for entry in parser.error_log)
    return root, whole


def _drop_what_is_not_said(root: HtmlElement) -> None:
    etree.strip_elements(root, etree.Comment, etree.ProcessingInstruction, with_tail=False)
    unseen = [
        *root.iter(*_UNSEEN),
        *_with_class(root, "aside", "quote"),  # another member's words
        *_with_class(root, "a", "anchor"),  # the mark beside a heading
    ]
    for box in _with_class(root, "a", "lightbox"):
        unseen += _with_class(box, "div", "meta")  # a picture's file name and size
    for element in unseen:
        if element.getparent() is not None:
            element.drop_tree()


def _with_class(root: HtmlElement, tag: str, name: str) -> list[HtmlElement]:
    return [element for element in root.iter(tag) if name in element.classes]


def _shorten_oneboxes(root: HtmlElement) -> None:
    """Leave of each preview of a linked page its title, as a link."""
    for box in _with_class(root, "aside", "onebox"):
        anchors = [a for a in box.iter("a") if _address(a.get("href"))]
        heading = next(box.iter("h3", "h4"), None)
        url = box.get("data-onebox-src") or (anchors[0].get("href") if anchors else "")
        title = " ".join(str(heading.text_content()).split()) if heading is not None else ""
        for child in list(box):
            box.remove(child)
        box.text = None
        link = etree.SubElement(box, "a", href=url or "")
        link.text = title or url


def _write_out_links(root: HtmlElement) -> Iterator[str]:
    """Put each address behind the words that link to it, and yield it."""
    for anchor in list(root.iter("a")):
        url = _address(anchor.get("href"))
        if not url or "lightbox" in anchor.classes:
            continue
        yield url
        words = " ".join(str(anchor.text_content()).split())
        if not words or _is_the_address(words, url):
            _replace_words(anchor, url)
        else:
            _append_words(anchor, f" ({url})")


def _address(href: str | None) -> str | None:
    """Return the web address that a link leads to, None for one within the forum or a script."""
    url = "".join((href or "").split())
    url = f"https:{url}" if url.startswith("//") else url
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def _is_the_address(words: str, url: str) -> bool:
    """Tell whether the words are the address itself, whole or shortened with dots."""
    bare = re.sub(r"^https?://(www\.)?|/$", "", url)
    shown = re.sub(r"^https?://(www\.)?|/$", "", words)
    start = re.sub(r"(\u2026|\.\.\.)$", "", shown)
    return shown == bare or (start != shown and bare.startswith(start))


def _replace_words(element: HtmlElement, words: str) -> None:
    for child in list(element):
        element.remove(child)
    element.text = words


def _append_words(element: HtmlElement, words: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + words
    else:
        element.text = (element.text or "") + words


def _write_out_images(root: HtmlElement) -> None:
    """Let an emoji be its name and a picture its description, where it has one."""
    for image in list(root.iter("img")):
        label = image.get("alt") or image.get("title") or ""
        is_file_name = re.fullmatch(r"image|\S*\.\w{3,4}|[\w-]{16,}", label, re.IGNORECASE)
        image.tail = ("" if is_file_name else label) + (image.tail or "")


def _mark_layout(root: HtmlElement) -> None:
    """Put marks where the text needs a bullet, or a line break or blank of code."""
    for item in root.iter("li"):
        item.text = _BULLET + (item.text or "")
    for code in root.iter("pre"):
        for element in code.iter():
            element.text = _fixed(element.text)
            if element is not code:
                element.tail = _fixed(element.tail)


def _fixed(text: str | None) -> str | None:
    return text.replace("\n", _LINE_BREAK).replace(" ", _SPACE) if text else text


def _unmark(text: str) -> str:
    text = re.sub(rf"{_BULLET}\s*", "\u2022 ", text)
    return text.replace(_LINE_BREAK, "\n").replace(_SPACE, " ")


def _cut(text: str) -> str:
    """Return the text, ended at a paragraph or at least a blank where it is too long."""
    if len(text) <= LONGEST_TEXT:
        return text
    room = LONGEST_TEXT - 2_000
    for end in ("\n\n", "\n", " "):
        if (at := text.rfind(end, room, LONGEST_TEXT)) > 0:
            return text[:at].rstrip()
    return text[:LONGEST_TEXT]
