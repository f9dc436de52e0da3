"""Stems of words, so that "reconstructs" meets "reconstruction"."""

import re

import snowballstemmer

from index import content_words

# "semi-supervised", "1024x1024"; "CIFAR10" is "CIFAR-10".
_PARTS = re.compile(r"[-.'’_]|(?<=\d)[x×](?=\d)|(?<=[A-Za-z]{3})(?=\d)")


def word_stems(text: str) -> list[str]:
    """Return the Porter stems of a text's content words, parts of hyphenated words one by one."""
    words = [part for word in content_words(text) for part in _PARTS.split(word) if part]
    stemmer = snowballstemmer.stemmer("porter")
    found: list[str] = stemmer.stemWords([word.casefold() for word in words])
    return found
