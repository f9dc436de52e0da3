"""Leave of each preview of a linked page its title, as a link: the rest are others' words."""

from collections.abc import Iterator
from urllib.parse import quote

from lxml.html import HtmlElement

from ingest.forum.addresses import address, link_key, linked

_BOXES = frozenset({"onebox", "onebox-result", "video-onebox", "lazyYT", "lazy-video-container"})
_VIDEOS = {
    "youtube": "https://www.youtube.com/watch?v=",
    "vimeo": "https://vimeo.com/",
    "tiktok": "https://m.tiktok.com/v/",
}


def shorten_oneboxes(root: HtmlElement, base: str) -> dict[str, str]:
    """Let previews be links with a title; return the titles by the `link_key` of the address.

    The preview of a topic of the forum itself has the form of a quote, and stays one: its title
    and link go before it.
    """
    titles: dict[str, str] = {}
    gone: set[HtmlElement] = set()
    for box in [e for e in root.iter("aside", "div") if _BOXES & set(e.classes)]:
        if box not in gone:
            gone.update(box.iterdescendants("aside", "div"))
            title, url = _box(box, base)
            _note(titles, title, url)
            box.addprevious(linked(title, url))
            box.drop_tree()
    for aside in [e for e in root.iter("aside") if _is_of_a_topic(e)]:
        title, url = _topic(aside, base)
        if url:
            _note(titles, title, url)
            aside.addprevious(linked(title, url))
    for anchor in root.iter("a"):
        if "inline-onebox" in anchor.classes:
            _note(titles, _words(anchor), address(anchor.get("href"), base) or "")
    return titles


def _note(titles: dict[str, str], title: str, url: str) -> None:
    if title and url and link_key(title) != link_key(url):
        titles[link_key(url)] = title


def _box(box: HtmlElement, base: str) -> tuple[str, str]:
    """Return the title and the address that a preview shows; either may be empty."""
    heading = next(box.iter("h3", "h4"), None)
    within = next(_addresses(box, base), "")
    url = address(box.get("data-onebox-src"), base) or within or _video(box)
    shown = box.get("data-video-title") or box.get("data-youtube-title")
    return _words(heading) if heading is not None else " ".join((shown or "").split()), url


def _video(box: HtmlElement) -> str:
    number = box.get("data-video-id") or box.get("data-youtube-id")
    site = _VIDEOS.get(box.get("data-provider-name") or "youtube")
    return f"{site}{quote(number)}" if number and site else ""


def _is_of_a_topic(aside: HtmlElement) -> bool:
    return "quote" in aside.classes and not aside.get("data-username")


def _topic(aside: HtmlElement, base: str) -> tuple[str, str]:
    for head in aside.find_class("title"):
        for anchor in head.iter("a"):
            if url := address(anchor.get("href"), base):
                return _words(anchor), url
    return "", ""


def _addresses(box: HtmlElement, base: str) -> Iterator[str]:
    """Yield where the links of a preview lead, those of its heading first."""
    for part in (*box.iter("h3", "h4"), box):
        yield from filter(None, (address(a.get("href"), base) for a in part.iter("a")))


def _words(element: HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())
