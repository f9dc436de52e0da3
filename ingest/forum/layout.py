"""Lay a post's HTML out as lines of plain text: lists, tables and code included."""

import re

from html_text import DOUBLE_NEWLINE_TAGS, NEWLINE_TAGS, etree_to_text
from lxml import etree
from lxml.html import HtmlElement

from ingest.forum.cleaning import even_lines, without_controls
from ingest.forum.marks import (
    APART,
    CELL,
    END,
    ITEM,
    LINE_BREAK,
    LINK,
    SPACE,
    VERBATIM,
    kept,
    readable,
)

_FURTHER_BLOCKS = ("summary", "section", "center", "address", "hgroup", "caption", "option")
_BLOCKS = NEWLINE_TAGS | DOUBLE_NEWLINE_TAGS | {"html", "body", "td", "th"}


def text_of(root: HtmlElement) -> str:
    """Return the text of a tree, with marks (see `marks`) where it needs finishing."""
    _lay_out_tables(root)
    _lay_out_lists(root)
    _keep_code(root)
    for block in root.iter(*_FURTHER_BLOCKS):
        block.tag = "div"
    inline = {e.tag for e in root.iter() if isinstance(e.tag, str)} - _BLOCKS
    if inline:
        etree.strip_tags(root, *inline)  # joins their text with what stands around it
    return str(etree_to_text(root))


def finished(text: str) -> str:
    """Return a text without marks: places of quotes are paragraph ends, code is as it was."""
    # Each pattern begins and ends where its run of blanks does, or many blanks would take long.
    text = re.sub(rf"(?<! ) *+{APART}\d+{END} *", "\n\n", text)
    text = re.sub(rf"{LINK}\d+{END}", "", text)
    text = re.sub(rf"(?<!\s)\s*+{CELL}\s*", " | ", text)
    text = re.sub(rf"{ITEM}[^{END}]*{END}\s*+(?={ITEM}|\Z)", "", text)
    text = re.sub(rf"{ITEM}([^{END}]*){END}\s*", r"\1 ", text)
    text = re.sub(rf"(?<!{LINE_BREAK}){LINE_BREAK}++(?=\s|\Z)", "", text)
    text = re.sub(rf"{VERBATIM}{LINE_BREAK}*", "", text)
    return without_controls(readable(even_lines(text.strip()))).strip("\n")


def _lay_out_tables(root: HtmlElement) -> None:
    for row in root.iter("tr"):
        cells = [cell for cell in row if cell.tag in {"td", "th"}]
        for cell in cells[1:]:
            cell.text = CELL + (cell.text or "")
        for cell in cells:
            _be_one_line(cell)


def _be_one_line(cell: HtmlElement) -> None:
    for block in cell.iterdescendants(*(NEWLINE_TAGS | DOUBLE_NEWLINE_TAGS)):
        if block.tag != "pre":
            block.tag = "span"
            block.text = f" {block.text or ''}"
            block.tail = f" {block.tail or ''}"


def _lay_out_lists(root: HtmlElement) -> None:
    for listing in list(root.iter("ul", "ol")):
        number = int(listing.get("start", "")) if _is_number(listing.get("start")) else 1
        depth = sum(1 for _ in listing.iterancestors("li"))
        for item in listing.iterchildren("li"):
            if _is_number(item.get("value")):
                number = int(item.get("value", ""))
            label = _label(listing, item, number)
            item.text = f"{ITEM}{SPACE * 2 * min(depth, 8)}{label}{END}{item.text or ''}"
            number += 1
    for listing in list(root.iter("ul", "ol")):
        if next(listing.iterancestors("li"), None) is not None:
            listing.tag = "div"  # no empty line before it


def _label(listing: HtmlElement, item: HtmlElement, number: int) -> str:
    if "footnote-item" in item.classes or "footnotes-list" in listing.classes:
        return f"[{number}]"
    return f"{number}." if listing.tag == "ol" else "\u2022"


def _is_number(text: str | None) -> bool:
    return bool(text and re.fullmatch("[0-9]{1,9}", text))


def _keep_code(root: HtmlElement) -> None:
    """Put marks where a text of code has what would be folded away, or taken for a quote."""
    for code in root.iter("pre", "code"):
        if code.tag == "code" and next(code.iterancestors("pre"), None) is not None:
            continue
        for element in list(code.iter()):
            element.text = kept(element.text)
            if element is not code:
                element.tail = kept(element.tail)
            if element.tag == "br":
                element.tail = LINE_BREAK + (element.tail or "")
                element.tag = "span"
            elif element is not code and element.tag in _BLOCKS:
                element.tag = "span"
        code.text = VERBATIM + (code.text or "")
