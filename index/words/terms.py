"""Words of texts and questions, and the terms under which the word index keeps them."""

import re
import unicodedata
from functools import lru_cache
from itertools import chain

import snowballstemmer

# Words that stand in most documents and say nothing about which is meant.
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
_FOLDED_WORD = re.compile(r"[^\W_]+(?:[-.'_][^\W_]+)*")
# "semi-supervised", "o'neill"; "cifar10" is "cifar-10", "v1" and "p53" are one word.
_PARTED = re.compile(r"[-.'_]|(?<=[^\W\d_]{3})(?=\d)")
_DROPPED = re.compile(r"[-'_]")
_MARKS = re.compile("[\u0300-\u036f]+")
_LONGEST = 64  # letters; what is longer is no word of a language and has no stem


def content_words(text: str) -> list[str]:
    """Return the words of a text that are no stop words, in order, as they are written.

    A hyphen, dot or apostrophe between letters or digits joins them into one word ("CIFAR-10").
    """
    return [word for word in _WORD.findall(text) if word.casefold() not in STOP_WORDS]


def indexed(title: str, words: str, text: str) -> str:
    """Return what a passage is found by: its document's title and further words, and its text."""
    return f"{title} {words} {text}"


def folded_words(text: str) -> list[str]:
    """Return all words of a text in order, without case and accents."""
    if text.isascii():
        folded = text.lower()
    else:
        plain = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
        folded = _MARKS.sub("", plain).casefold()
    words: list[str] = _FOLDED_WORD.findall(folded)
    return words


def terms(text: str) -> list[str]:
    """Return the terms under which a text is found, each as often as it stands there.

    Texts and questions have the same: the stems (Snowball's English) of their words without stop
    words. A word of several parts has those of its parts and one of the whole, so that "CIFAR-10",
    "CIFAR10" and "cifar 10" meet.
    """
    return [term for word in folded_words(text) for term in word_terms(word)]


def word_terms(word: str) -> tuple[str, ...]:
    """Return the terms of one folded word, without a possessive's ending; none of a stop word."""
    parts = _parts(word)
    own = tuple(_stem(part) for part in parts if part not in STOP_WORDS)
    return (*own, whole(word)) if len(parts) > 1 else own


def whole(word: str) -> str:
    """Return the term of a folded word as a whole: hyphens go, dots stay ("v1.5" is not "v15")."""
    return _stem(_DROPPED.sub("", word.removesuffix("'s")))


def sequence(text: str) -> list[str]:
    """Return the stems of all words of a text in order, of their parts one by one."""
    return list(chain.from_iterable(map(_stems, folded_words(text))))


def content_parts(text: str) -> list[str]:
    """Return those of a text's terms that whatever holds its words in a row has too."""
    parts = (part for word in folded_words(text) for part in _parts(word))
    return [_stem(part) for part in parts if part not in STOP_WORDS]


def _parts(word: str) -> list[str]:
    return [part for part in _PARTED.split(word.removesuffix("'s")) if part]


@lru_cache(1 << 14)
def _stems(word: str) -> tuple[str, ...]:
    return tuple(_stem(part) for part in _parts(word))


def _stem(word: str) -> str:
    # A stemmer keeps the word it works on, so threads cannot share one.
    stemmed: str = (
        snowballstemmer.stemmer("english").stemWord(word) if len(word) <= _LONGEST else word
    )
    return stemmed
