"""Write out the elements of a post that show more than the words within them."""

import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement

from ingest.forum.addresses import append_words, replace_words
from ingest.forum.marks import VERBATIM, kept

_UNSEEN = ("script", "style", "svg", "noscript", "template", "iframe", "object", "embed", "head")
_UNSEEN_CLASSES = frozenset(
    {"anchor", "avatar", "poll-info", "poll-buttons", "footnote-backref", "footnotes-sep"}
    | {"quote-controls", "badge-category", "badge-category__wrapper", "click-count"}
)
_FILE_NAME = re.compile(
    r"image|\S*\.\w{3,4}|[\w-]{16,}|.*\.(png|jpe?g|gif|webp|svg|bmp|heic|mp4|mov)"
    r"|(screen ?shot|bildschirmfoto|img|dsc)[\s_-]*[\d(][^a-z]*( at [\d.\s]*([ap]m)?)?",
    re.IGNORECASE,
)
_UPLOAD = re.compile(r"\|(attachment|video|audio|[\dx%, ]*)$")


def drop_what_is_not_said(root: HtmlElement) -> None:
    """Take out scripts, drawings, votes, and the marks that a forum puts beside words."""
    etree.strip_elements(root, etree.Comment, etree.ProcessingInstruction, with_tail=False)
    unseen = [*root.iter(*_UNSEEN)]
    for element in root.iter():
        classes = set(element.classes) if "class" in element.attrib else set()
        if classes & _UNSEEN_CLASSES or ("meta" in classes and _is_in_lightbox(element)):
            unseen.append(element)
    for element in unseen:
        if element.getparent() is not None:
            element.drop_tree()


def write_out_elements(root: HtmlElement) -> None:
    """Let pictures, emoji, hashtags, dates, formulas and changes be what is read in them."""
    for image in list(root.iter("img")):
        image.tail = _label(image) + (image.tail or "")
    for tag in root.find_class("hashtag-cooked"):
        replace_words(tag, f"#{tag.get('data-slug') or str(tag.text_content()).strip()}")
    for day in root.find_class("discourse-local-date"):
        if day.get("data-date"):
            replace_words(day, _day(day))
    for file in root.xpath("//a[starts-with(@href, 'upload:')]"):
        file.text = _UPLOAD.sub("", file.text or "")
    for formula in _formulas(root):
        _write_out_formula(formula)
    _write_out_changes(root)


def _write_out_changes(root: HtmlElement) -> None:
    for struck in [*root.iter("s", "del", "strike"), *root.find_class("bbcode-s")]:
        struck.text = f"~~{struck.text or ''}"
        append_words(struck, "~~")
    for raised in root.iter("sup"):
        if re.fullmatch(r"[+\u2212-]?\d+", raised.text or "") and not len(raised):
            raised.text = f"^{raised.text}"  # or 10<sup>3</sup> would read 103


def _is_in_lightbox(element: HtmlElement) -> bool:
    return any("lightbox" in above.classes for above in element.iterancestors())


def _label(image: HtmlElement) -> str:
    """Return an emoji's name, or what describes a picture; nothing for a file's name."""
    label = image.get("alt") or image.get("title") or ""
    if "emoji" in image.classes:
        return label
    label = _UPLOAD.sub("", label)
    return "" if _FILE_NAME.fullmatch(label) else label


def _day(day: HtmlElement) -> str:
    said = (day.get("data-date"), day.get("data-time"), day.get("data-timezone"))
    return " ".join(part for part in said if part)


def _formulas(root: HtmlElement) -> Iterator[HtmlElement]:
    for formula in [*root.find_class("math"), *root.find_class("tex")]:
        if formula.tag in {"span", "div"} and formula.getparent() is not None:
            yield formula


def _write_out_formula(formula: HtmlElement) -> None:
    """Leave the formula as it was typed, within the dollars that the forum took off it."""
    words = str(formula.text_content())
    if "math" in formula.classes and not words.startswith(("$", "\\(", "\\[")):
        dollars = "$$" if formula.tag == "div" else "$"
        words = f"{dollars}{words}{dollars}"
    replace_words(formula, VERBATIM + (kept(words) or ""))
