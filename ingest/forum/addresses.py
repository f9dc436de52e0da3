"""Find out where a link leads, and write its address behind the words that link."""

import re
from collections.abc import Mapping
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree
from lxml.html import Element, HtmlElement

from ingest.forum.marks import END, LINK

_WITHIN = frozenset({"mention", "mention-group", "hashtag", "hashtag-cooked", "lightbox"})


def address(href: str | None, base: str = "") -> str | None:
    """Return the web address that a link leads to, None for none: a script, a place on the page.

    A relative link leads nowhere unless the forum's own address, the base, is given.
    """
    url = "".join((href or "").split())
    url = f"https:{url}" if url.startswith("//") else url
    try:
        parts = urlsplit(url)
        if base and url and not parts.scheme and not url.startswith("#"):
            url = urljoin(f"{base.rstrip('/')}/", _under(base, url))
            parts = urlsplit(url)
        return url if parts.scheme in ("http", "https") and parts.netloc else None
    except ValueError:
        return None


def link_key(url: str) -> str:
    """Return what the spellings of one address have in common."""
    return re.sub(r"^(https?://)?(www\.)?|/$", "", unquote(url))


def write_out_links(root: HtmlElement, base: str, titles: Mapping[str, str]) -> list[str]:
    """Put each address behind the words that link to it, with a mark; return the addresses.

    A mark holds the place of its address in the list. An address that stands for itself gets the
    title that `titles` has under its `link_key`.
    """
    urls: list[str] = []
    for anchor in list(root.iter("a")):
        url = None if _WITHIN & set(anchor.classes) else address(anchor.get("href"), base)
        if not url:
            continue
        words = " ".join(str(anchor.text_content()).split())
        alone = not words or _is_the_address(words, url)
        title = titles.get(link_key(url)) if alone else None
        if alone:
            replace_words(anchor, f"{title} ({url})" if title else url)
        else:
            append_words(anchor, f" ({url})")
        append_words(anchor, f"{LINK}{len(urls)}{END}")
        urls.append(url)
    return urls


def replace_words(element: HtmlElement, words: str) -> None:
    """Let an element hold these words alone."""
    for child in list(element):
        element.remove(child)
    element.text = words


def append_words(element: HtmlElement, words: str) -> None:
    """Put words at the end of an element."""
    if len(element):
        element[-1].tail = (element[-1].tail or "") + words
    else:
        element.text = (element.text or "") + words


def linked(title: str, url: str) -> HtmlElement:
    """Return a paragraph that is a link."""
    paragraph = Element("p")
    etree.SubElement(paragraph, "a", href=url).text = title or url
    return paragraph


def _under(base: str, path: str) -> str:
    """Return a path from the root as one within the folder that the forum lives in."""
    folder = urlsplit(base).path.rstrip("/")
    inside = not path.startswith("/") or path == folder or path.startswith(f"{folder}/")
    return path if inside else folder + path


def _is_the_address(words: str, url: str) -> bool:
    """Tell whether the words are the address itself, whole or shortened with dots."""
    bare, shown = link_key(url), link_key(words)
    start = re.sub(r"(\u2026|\.\.\.)$", "", shown)
    return shown == bare or (start != shown and bare.startswith(start))
