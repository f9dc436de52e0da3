"""Whether words stand side by side: their passages by the word index, their order by the texts."""

import sqlite3
from collections.abc import Iterator, Sequence

import numpy as np

from index import rows
from index.words.postings import Ids
from index.words.terms import content_parts, folded_words, sequence, whole, word_terms
from index.words.word_index import WordIndex

# How many passages are read at most to see whether words stand side by side in them.
MOST_READ = 300


def holds_phrase(index: WordIndex, connection: sqlite3.Connection, text: str) -> bool:
    """Tell whether the words of a text stand side by side in a title, further words or a passage.

    Of the passages that have all its words, the `MOST_READ` with the highest scores are read.
    """
    wanted = sequence(text)
    if not wanted:
        return False
    passages = _best(index, text, index.holding(content_parts(text)))
    return next(_with_phrase(connection, wanted, passages), None) is not None


def count_matching(index: WordIndex, connection: sqlite3.Connection, text: str, most: int) -> int:
    """Return how many passages hold any of a text's words, `most` standing for more too.

    The parts of a word such as "CIFAR-10" must stand side by side; where they are not written as
    one word, of the passages that have them the `MOST_READ` with the highest scores are read.
    """
    words = {terms: word for word in folded_words(text) if (terms := word_terms(word))}
    if len(words) == 1 and len(only := next(iter(words))) == 1:
        return min(index.count(only[0]), most)
    found: set[int] = set()
    for word in words.values():
        found.update(_holding(index, connection, word, most))
        if len(found) >= most:
            return most
    return len(found)


def _holding(index: WordIndex, connection: sqlite3.Connection, word: str, most: int) -> set[int]:
    """Return passages that hold a word, all of them if there are fewer than `most`."""
    wanted = word_terms(word)
    if len(wanted) < 2:
        return set(index.holding(wanted)[:most].tolist())
    found = set(index.holding([whole(word)])[:most].tolist())
    if len(found) < most and (parts := content_parts(word)):
        apart = np.setdiff1d(index.holding(parts), np.array(list(found), np.int64))
        found.update(_with_phrase(connection, sequence(word), _best(index, word, apart)))
    return found


def _best(index: WordIndex, text: str, passages: Ids) -> list[int]:
    """Return the passages to read, those first in which a text's words matter most."""
    if len(passages) > MOST_READ and (best := index.matching(text, MOST_READ, passages)):
        return [passage for passage, _ in best]
    first: list[int] = passages[:MOST_READ].tolist()
    return first


def _with_phrase(
    connection: sqlite3.Connection, wanted: Sequence[str], passages: Sequence[int]
) -> Iterator[int]:
    """Yield those of the passages in which the stems stand side by side."""
    for row in rows.in_chunks(
        connection,
        f"select p.id, {rows.WORDS_OF}"
        " from passages p join documents d on d.id = p.document_id where p.id in ({})",
        passages,
        size=50,
    ):
        if any(_holds(sequence(text), wanted) for text in tuple(row)[1:]):
            yield row["id"]


def _holds(stems: Sequence[str], wanted: Sequence[str]) -> bool:
    size = len(wanted)
    return any(stems[at : at + size] == wanted for at in range(len(stems) - size + 1))
