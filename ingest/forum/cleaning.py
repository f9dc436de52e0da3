"""Take out of a text what cannot be stored, shown or trusted, and nothing else."""

import re

# Noncharacters are among them: the modules beside this one use U+FDD0.. as marks of their own.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\ufeff\ufdd0-\ufdef\ufffe\uffff]")
_CHARACTER = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,40})|([0-9]{1,40}));?")


def clean_text(text: str) -> str:
    """Return a text that can be stored and shown anywhere, its words and lines unchanged.

    Control characters, invisible fillers and noncharacters are gone, a lone surrogate is U+FFFD,
    there are no blanks at line ends and never more than two line breaks in a row.
    """
    return even_lines(without_controls(text).replace("\t", "    "))


def without_controls(text: str) -> str:
    """Return a text without control characters and the like; tabs stay, line ends are alike."""
    text = re.sub(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]", "\n", text)
    return _CONTROLS.sub("", re.sub("[\ud800-\udfff]", "\ufffd", text))


def without_hidden_controls(html: str) -> str:
    """Return HTML that does not spell such characters as numbers (`&#xFDD0;`) either."""
    return _CHARACTER.sub(_kept, html) if "&#" in html else html


def even_lines(text: str) -> str:
    """Return a text without blanks at line ends and with at most one empty line in a row."""
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def _kept(spelt: re.Match[str]) -> str:
    number = int(spelt[1], 16) if spelt[1] else int(spelt[2])
    return spelt[0] if number <= 0x10FFFF and not _CONTROLS.match(chr(number)) else ""
