"""Find the quotes in BBCode that a forum did not understand and left as it was typed."""

import re
from dataclasses import dataclass

from ingest.forum.marks import END, QUOTE, UNQUOTE, quote_mark

_TOKEN = re.compile(
    rf"(?P<open>{QUOTE}\d+{END})|(?P<end>{UNQUOTE})"
    r"|(?P<close>\[/quote\])|\[quote(?P<said>=[^\]\n]{0,300})?\s*\]",
    re.IGNORECASE,
)
_BLANK = "\0"  # in the place of each character of a quote


@dataclass(frozen=True, slots=True)
class _Typed:
    """An opening tag that was typed, and the token that closes it, if one does."""

    open: re.Match[str]
    close: re.Match[str] | None


def understood(text: str, first: int) -> tuple[str, list[str]]:
    """Return the text with marks, numbered from `first`, for quotes typed in BBCode.

    The second value is what each said of its source. A quote that nothing closes ends with its
    paragraph, or the next if it has one to itself; where another quote follows it, at once:
    nobody can know, but in real posts the reply begins there. A closing tag that closes nothing
    stays as it is.
    """
    tokens = list(_TOKEN.finditer(text))
    typed = _typed(tokens)
    edits: list[tuple[int, int, str]] = []
    said: list[str] = []
    done = 0  # up to here an unclosed quote reaches
    blank = _without_quotes(text, tokens, typed) if any(not t.close for t in typed) else ""
    for quote in typed:
        opened = quote.open
        if quote.close is None and opened.start() < done:
            continue
        edits.append((*opened.span(), quote_mark(first + len(said))))
        said.append(opened["said"] or "")
        if quote.close is None:
            done = _paragraph_end(blank, opened.end())
            edits.append((done, done, UNQUOTE))
        else:
            edits.append((*quote.close.span(), UNQUOTE))
    return _edited(text, edits), said


def _typed(tokens: list[re.Match[str]]) -> list[_Typed]:
    """Return the quotes that were typed, in order: those with an end, and those outside others."""
    closed: dict[int, re.Match[str]] = {}
    still_open: list[int] = []
    for place, token in enumerate(tokens):
        if token["end"]:
            while still_open and not tokens[still_open.pop()]["open"]:
                pass
        elif not token["close"]:
            still_open.append(place)
        elif still_open and not tokens[still_open[-1]]["open"]:
            closed[still_open.pop()] = token
    places = sorted({*closed, *still_open})
    return [_Typed(tokens[place], closed.get(place)) for place in places]


def _without_quotes(text: str, tokens: list[re.Match[str]], typed: list[_Typed]) -> str:
    """Return the text with `_BLANK` for each character of the quotes that end."""
    opening = {quote.open.start() for quote in typed if quote.close}
    closing = {quote.close.start() for quote in typed if quote.close}
    parts: list[str] = []
    depth = at = 0
    for token in tokens:
        if token["open"] or token.start() in opening:
            if not depth:
                parts.append(text[at : token.start()])
                at = token.start()
            depth += 1
        elif depth and (token["end"] or token.start() in closing):
            depth -= 1
            if not depth:
                parts.append(_BLANK * (token.end() - at))
                at = token.end()
    return "".join((*parts, text[at:]))


def _paragraph_end(text: str, start: int) -> int:
    """Return where an unclosed quote ends: at once, if another quote is what follows."""
    words = re.compile(r"\S").search(text, start)
    if words is None or words[0] == _BLANK:
        return start
    end = text.find("\n\n", words.start())
    return end if end >= 0 else len(text)


def _edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    at = 0
    for start, end, words in sorted(edits):
        parts += (text[at:start], words)
        at = end
    return "".join((*parts, text[at:]))
