"""Characters that stand in a text for what plain text cannot say, while it is being made.

They are noncharacters. `cleaning` lets none in from outside, and none is left at the end.
"""

LINE_BREAK, SPACE, TAB, BRACKET = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
VERBATIM = "\ufdd4"  # what follows is code or a formula, in the four marks above
ITEM = "\ufdd5"  # a list's item: ITEM, its label, END
CELL = "\ufdd6"  # a further cell of a table's row
LINK = "\ufdd7"  # a link leads from here: LINK, its number, END
QUOTE = "\ufdd8"  # a quote begins: QUOTE, its number, END
UNQUOTE = "\ufdd9"  # the quote that began last ends
APART = "\ufdda"  # a quote stood here: APART, its number, END
END = "\ufddb"

_VERBATIM = str.maketrans({"\n": LINE_BREAK, " ": SPACE, "\t": TAB, "[": BRACKET})
_READABLE = str.maketrans({LINE_BREAK: "\n", SPACE: " ", TAB: "\t", BRACKET: "["})


def kept(text: str | None) -> str | None:
    """Return a text in marks that no later step changes or takes for anything else."""
    return text.translate(_VERBATIM) if text else text


def readable(text: str) -> str:
    """Return a text with those marks turned back."""
    return text.translate(_READABLE)


def quote_mark(number: int) -> str:
    """Return the mark of the place where a quote begins."""
    return f"{QUOTE}{number}{END}"


def apart(number: int) -> str:
    """Return the mark of the place from which a quote was taken."""
    return f"{APART}{number}{END}"
