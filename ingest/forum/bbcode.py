"""Read Discourse's BBCode in Markdown: quotes, details, spoilers, polls, dates and the rest."""

import re
from collections.abc import Iterator
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from ingest.forum.quotes import quoted_from

_TAG = re.compile(
    r'\[(/?)([a-z][a-z-]{0,30})((?:[=\s](?:"[^"\n]{0,500}"|[^\]\n"]){0,300})?)\]', re.IGNORECASE
)
_ATTRIBUTE = re.compile(r'([\w-]+)=(?:"([^"]*)"|\u201c([^\u201d]*)\u201d|([^\s\]]+))')
_LINE = re.compile(r"(?:[\s>]|[-*+]\s|\d{1,9}[.)]\s){0,40}")
_BLOCKS = frozenset(
    {"quote", "details", "spoiler", "blur", "poll", "wrap", "chat", "grid", "excerpt"}
    | {"policy", "center", "code"}
)
_DROPPED = frozenset(
    {"b", "i", "u", "color", "size", "font", "spoiler", "blur", "wrap", "center", "left", "right"}
    | {"small", "big", "highlight", "bgcolor", "email"}
)


def bbcode_plugin(parser: MarkdownIt) -> None:
    """Teach a Markdown parser BBCode; tags that nothing closes stay text."""
    interrupted = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.after("fence", "bbcode", _block, {"alt": interrupted})
    parser.inline.ruler.before("link", "bbcode", _inline)


def _block(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    if state.is_code_block(first):
        return False
    line = state.src[state.bMarks[first] + state.tShift[first] : state.eMarks[first]].rstrip()
    opened = _TAG.match(line)
    if not opened or opened[1] or opened[2].lower() not in _BLOCKS:
        return False
    tag = opened[2].lower()
    within = line[opened.end() :]
    if within.lower().endswith(f"[/{tag}]"):
        within, last = within[: -len(f"[/{tag}]")], first
    else:
        last = _closing_lines(state).get(first, end)
    if (within and last != first) or last >= end or _leaves_its_list(state, first, last):
        return False
    if not silent:
        _push(state, tag, opened[3], (first, last), within)
    return True


def _leaves_its_list(state: StateBlock, first: int, last: int) -> bool:
    lines = range(first + 1, last + 1) if state.blkIndent else ()
    return any(state.sCount[at] < state.blkIndent and not state.isEmpty(at) for at in lines)


def _closing_lines(state: StateBlock) -> dict[int, int]:
    """Return for each line that opens a block the line that closes it, found once for a post."""
    if "closing_lines" not in state.env:
        found: dict[int, int] = {}
        open_lines: dict[str, list[int]] = {}
        for number, line in enumerate(state.src.split("\n")):
            at = _LINE.match(line)
            tag = _TAG.fullmatch(line.rstrip(), at.end() if at else 0)
            if not tag:
                continue
            lines = open_lines.setdefault(tag[2].lower(), [])
            if not tag[1]:
                lines.append(number)
            elif lines:
                found[lines.pop()] = number
        state.env["closing_lines"] = found
    known: dict[int, int] = state.env["closing_lines"]
    return known


def _push(state: StateBlock, tag: str, said: str, lines: tuple[int, int], within: str) -> None:
    first, last = lines
    if tag == "code":
        code = state.push("fence", "code", 0)
        code.content = within or state.getLines(first + 1, last, state.blkIndent, True)
    else:
        elements = list(_elements(tag, said))
        for name, attributes in elements:
            state.push("bbcode_open", name, 1).attrs = dict(attributes)
        _push_summary(state, tag, said)
        _push_within(state, first, last, within)
        for name, _ in reversed(elements):
            state.push("bbcode_close", name, -1)
    state.line = last + 1


def _push_within(state: StateBlock, first: int, last: int, within: str) -> None:
    if first != last:
        parent, maximum = state.parentType, state.lineMax
        state.lineMax = last  # no paragraph within goes on past the end
        state.md.block.tokenize(state, first + 1, last)
        state.parentType, state.lineMax = parent, maximum
        return
    _push_paragraph(state, "p", within, first)


def _push_paragraph(state: StateBlock, name: str, words: str, line: int) -> None:
    state.push("paragraph_open", name, 1)
    inline = state.push("inline", "", 0)
    inline.content, inline.map, inline.children = words, [line, line], []
    state.push("paragraph_close", name, -1)


def _push_summary(state: StateBlock, tag: str, said: str) -> None:
    if tag == "details":
        _push_paragraph(state, "summary", said.strip(' ="\u201c\u201d') or "Details", state.line)


def _elements(tag: str, said: str) -> Iterator[tuple[str, dict[str, str | int | float]]]:
    """Yield the elements that a block opens, the outer first, with their attributes."""
    if tag == "quote":
        quote = quoted_from(said)
        known: dict[str, Any] = {
            "data-username": quote.author,
            "data-topic": quote.topic_id,
            "data-post": quote.post_number,
        }
        yield "aside", {"class": "quote", **{k: v for k, v in known.items() if v is not None}}
        yield "blockquote", {}
    elif tag == "chat":
        name = _attributes(said).get("quote", "").partition(";")[0]
        yield "div", {"class": "chat-transcript", "data-username": name}
    else:
        yield ("details" if tag == "details" else "div"), {}


def _inline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "[":
        return False
    found = _TAG.match(state.src, state.pos, state.posMax)
    read = _read(state, found) if found else None
    if read is None:
        return False
    html, end = read
    if not silent:
        state.push("html_inline", "", 0).content = html
    state.pos = end
    return True


def _read(state: StateInline, found: re.Match[str]) -> tuple[str, int] | None:
    """Return the HTML that a tag within a line stands for, and where it ends; None for words."""
    tag, said, end = found[2].lower(), found[3], found.end()
    if tag in {"date", "date-range"} and not found[1]:
        return _date(_attributes(f"date{said}")), end
    if tag not in _closed_tags(state):
        return None
    if tag in {"code", "img"}:
        return None if found[1] else _whole(state, tag, end)
    html = _tag(tag, found[1], said)
    return None if html is None else (html, end)


def _tag(name: str, slash: str, said: str) -> str | None:
    if name in _DROPPED:
        return ""
    if name == "s":
        return f"<{slash}s>"
    if name == "url":
        url = said.strip(' ="\u201c\u201d')
        return "</a>" if slash else f'<a href="{escape(url)}">' if url else ""
    return None


def _closed_tags(state: StateInline) -> set[str]:
    """Return the tags that are closed somewhere in this paragraph, found once for each."""
    known: tuple[str, set[str]] | None = state.env.get("closed_tags")
    if known is None or known[0] is not state.src:
        tags = {tag.lower() for tag in re.findall(r"\[/([a-zA-Z-]{1,30})\]", state.src)}
        state.env["closed_tags"] = known = (state.src, tags)
    return known[1]


def _whole(state: StateInline, tag: str, start: int) -> tuple[str, int] | None:
    """Return what stands for a tag together with the words up to its end."""
    size = state.src[start : start + 20_000].lower().find(f"[/{tag}]")
    if size < 0:
        return None
    words = state.src[start : start + size]
    html = f"<code>{escape(words)}</code>" if tag == "code" else ""
    return html, start + size + len(tag) + 3


def _date(said: dict[str, str]) -> str:
    day, until = said.get("date") or said.get("from", ""), said.get("to")
    words = (day, said.get("time"), f"\u2013 {until}" if until else None, said.get("timezone"))
    return f"<span>{escape(' '.join(word for word in words if word))}</span>"


def _attributes(said: str) -> dict[str, str]:
    found = _ATTRIBUTE.findall(said)
    return {name.lower(): quoted or curly or bare for name, quoted, curly, bare in found}
