"""Turn the TeX of titles and names into plain text."""

import codecs
import re

import latexcodec  # noqa: F401  registers the codec "ulatex"

from ingest.one_line import one_line

_LONGEST = 10_000  # letters; no title or name is longer
_DOTLESS = re.compile(r"\\([ij])(?![A-Za-z])\s?")
_NAMED = re.compile(r"\\text(\w+?)(?:\s|\{\}|(?![A-Za-z]))")
_COMMAND = re.compile(r"\\[A-Za-z]{2,}\s*(?=\{[^}])")
_ESCAPED = re.compile(r"\\([%&#_${}])")
_MATH_OR_BRACE = re.compile(r"(\$[^$]*\$)|[{}]")
_SIGNS = {  # what latexcodec does not know, and reference managers write
    "bar": "|",
    "quoteright": "’",
    "quoteleft": "‘",
    "quotesingle": "'",
    "quotedblleft": "“",
    "quotedblright": "”",
    "less": "<",
    "greater": ">",
    "ellipsis": "…",
    "underscore": "_",
    "dollar": "$",
    "asciicircum": "^",
}


def plain_tex(text: str) -> str:
    r"""Return a title or name as one plain line: "{BERT} and the G{\"o}del \& Co" without the TeX.

    Formulas stay as they are written, single Greek letters become characters. What is no TeX at
    all keeps its letters.
    """
    if not re.search(r"[\\{}$~`]|--", text) or len(text) > _LONGEST:
        return one_line(text)
    if re.search(r"[\\$~`]|--", text):
        text = _COMMAND.sub("", _NAMED.sub(_sign, _DOTLESS.sub(r"\1", text)))
        text = codecs.decode(text, "ulatex", "ignore")  # type: ignore[call-overload]  # text to text
    text = _MATH_OR_BRACE.sub(lambda found: found[1] or "", text)
    return one_line(_ESCAPED.sub(r"\1", text))


def plain_address(text: str) -> str:
    r"""Return an address or a DOI without the braces and backslashes that BibTeX asks for."""
    return one_line(re.sub(r"[{}]", "", _ESCAPED.sub(r"\1", text)))


def _sign(found: re.Match[str]) -> str:
    return _SIGNS.get(found[1], found[0])
