"""Keep apart what a reply that was sent by mail quotes from the mail that it answers."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.forum.marks import APART, END, apart
from ingest.forum.quotes import QuotedText

_LONGEST_HEAD = 400
_TAIL = re.compile(
    r"[-_*\s]*-{2,}\s*(original message|forwarded message|urspr\xfcngliche nachricht"
    r"|message d.origine|mensaje original|messaggio originale|oorspronkelijk bericht)\s*-{2,}.*",
    re.IGNORECASE,
)
_FROM = re.compile(r"(?:From|Von|De|Da|Van)\s?: ?(\S[^<\[]*)")
_MORE_OF_HEAD = re.compile(
    r"(Sent|Date|To|Cc|Subject|Gesendet|Datum|An|Betreff|Envoy\xe9|\xc0|Objet|Enviado|Para"
    r"|Asunto|Inviato|A|Oggetto|Verzonden|Aan|Onderwerp)\s?:"
)
_ON_A_DAY = re.compile(r"(On|Am|Le|El|Il|Op|Em|Den|W dniu)\s.*\d", re.DOTALL)
_WROTE = re.compile(
    r"\s((wrote|a \xe9crit|escribi\xf3|ha scritto|schreef|escreveu)|"
    r"(schrieb|skrev|napisa\u0142)([\s(][^:]{1,150})?)\s?:$"
)
_WRITER = re.compile(
    r"(?:, |\d:\d\d(?: ?[AP]M)? |\d{4} )([^\d,:<>]{2,80}?) ?(<[^>]*>|\S+@\S+)? wrote:"
)
_SURELY_MAIL = re.compile(r"\d:\d\d|@")
_MARK = re.compile(rf"\s*{APART}(\d+){END}\s*")


def take_mail_apart(text: str, quotes: list[QuotedText]) -> str:
    """Return the text with a mark where mail is quoted in it; add what is quoted to the quotes.

    Three forms are known: lines that begin with `>`; "On Tue, 5 Mar 2019 Ann wrote:" before
    such lines, before a quote, or before all the rest; and all the rest after "-----Original
    Message-----" or the head of a mail (From, Sent, To, Subject).
    """
    lines = text.split("\n")
    end = next((at for at in range(len(lines)) if _begins_a_mail(lines, at)), len(lines))
    kept = _without_quoted_lines(lines[:end], quotes)
    if end < len(lines):
        kept += ["", _taken(lines[end:], quotes)]
    return "\n".join(kept)


def _begins_a_mail(lines: list[str], at: int) -> bool:
    line = lines[at]
    if len(line) > _LONGEST_HEAD:
        return False
    if _FROM.match(line):
        return sum(bool(_MORE_OF_HEAD.match(more)) for more in lines[at + 1 : at + 6]) >= 2
    return _TAIL.fullmatch(line) is not None


def _without_quoted_lines(lines: list[str], quotes: list[QuotedText]) -> list[str]:
    kept: list[str] = []
    at = 0
    while at < len(lines):
        head = lines[at : at + _head_length(lines, at)]
        start = at + len(head)
        while head and start < len(lines) and not lines[start].strip():
            start += 1
        mark = _MARK.match(lines[start]) if head and start < len(lines) else None
        end = _end_of_quoted(lines, start, all_the_rest=_is_surely_mail(head))
        if mark:
            _put_before(head, int(mark[1]), quotes)
            kept.append(lines[start])
            at = start + 1
        elif end > start:
            kept += ["", _taken(lines[at:end], quotes), ""]
            at = end
        else:
            kept.append(lines[at])
            at += 1
    return kept


def _head_length(lines: list[str], at: int) -> int:
    """Return how many lines from here say that somebody wrote what follows; three at most."""
    if not _ON_A_DAY.match(lines[at]):
        return 0
    for length, last in enumerate(lines[at : at + 3], start=1):
        head = "\n".join(lines[at : at + length])
        if last.endswith(":"):
            return length if len(head) <= _LONGEST_HEAD and _WROTE.search(head) else 0
    return 0


def _end_of_quoted(lines: list[str], start: int, *, all_the_rest: bool) -> int:
    end = start
    for at in range(start, len(lines)):
        if lines[at].startswith(">"):
            end = at + 1
        elif lines[at].strip():
            break
    return len(lines) if all_the_rest and end == start else end


def _is_surely_mail(head: Sequence[str]) -> bool:
    return _SURELY_MAIL.search("\n".join(head)) is not None


def _taken(lines: Sequence[str], quotes: list[QuotedText]) -> str:
    """Add these lines to the quotes; return the mark of their place."""
    text = "\n".join(re.sub(r"^(> ?)+", "", line) for line in lines)
    quotes.append(QuotedText(text.strip(), _writer(lines)))
    return apart(len(quotes) - 1)


def _put_before(head: Sequence[str], number: int, quotes: list[QuotedText]) -> None:
    quote = quotes[number]
    text = "\n".join((*head, "", quote.text))
    quotes[number] = replace(quote, text=text, author=quote.author or _writer(head))


def _writer(lines: Sequence[str]) -> str | None:
    """Return the name in "From: Ann Lee <ann@example.org>" or "On …, Ann Lee <…> wrote:"."""
    for line in lines[:4]:
        if named := _FROM.match(line[:_LONGEST_HEAD]):
            return _name(named[1])
    said = re.sub(r"\s+", " ", "\n".join(lines[:3])[:_LONGEST_HEAD])
    named = re.search(
        r"(?:, |\d:\d\d(?: ?[AP]M)? |\d{4} )([^\d,:<>]{2,80}?) ?(<[^>]*>|\S+@\S+)? wrote:", said
    )
    return _name(named[1]) if named else None


def _name(text: str) -> str | None:
    return re.sub(r"\S*@\S*", "", " ".join(text.split())).strip("\"' ,()") or None
