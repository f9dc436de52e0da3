"""A reader's words become a query of the word index, whatever they contain."""

import re

# Words that stand in most documents: they make OR queries slow and say nothing.
STOP_WORDS = frozenset(
    """
    a about above after again against all also am an and any are as at be because been before
    being below between both but by can could did do does doing done down during each else ever few
    for from further get give given gives had has have having he her here hers him his how i if in
    into is it its itself just let like many may me might more most much must my no nor not of off
    on once one only or other our ours out over own please same say says said she should show shows
    so some such tell than that the their theirs them themselves then there these they this those
    through to too under until up us use used uses using very was we were what when where which
    while who whom whose why will with would you your yours
    """.split()  # noqa: SIM905 - a word a line would be longer than the rest of the file
)
_WORD = re.compile(r"\w+(?:[-.'’]\w+)*")
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)


def content_words(text: str) -> list[str]:
    """Return the words of a text that are no stop words, in order, as they are written.

    A hyphen, dot or apostrophe between letters or digits joins them into one word ("CIFAR-10").
    """
    return [word for word in _WORD.findall(text) if word.casefold() not in STOP_WORDS]


def word_query(text: str) -> str | None:
    """Return an FTS5 query for any of the text's content words, or None when it has none.

    Every word is quoted, so nothing in the text is query syntax. "CIFAR10" also finds "CIFAR-10",
    and the other way round; a possessive ("MixMatch's") asks for the word itself.
    """
    words = (_POSSESSIVE.sub("", word) for word in content_words(text))
    forms = {form.casefold(): form for word in words for form in _forms(word)}
    # The index folds case in its own way: "Straße" stays as it is there.
    return " OR ".join(f'"{form}"' for form in forms.values()) or None


def phrase_query(text: str) -> str | None:
    """Return an FTS5 query for all of the text's words in a row, or None when it has none."""
    words = re.findall(r"\w+", text)
    return f'"{" ".join(words)}"' if words else None


def _forms(word: str) -> tuple[str, ...]:
    if "-" in word:
        return word, word.replace("-", "")
    return word, re.sub(r"(?<=[^\W\d_]{3})(?=\d)", "-", word)
