"""The questions that libraries are asked: claims, titles, readers' questions, always the same."""

import json
import random
from collections.abc import Iterable
from itertools import islice, zip_longest
from pathlib import Path

from index import Filters, Store

CLAIMS = Path("retrieval") / "scifact" / "queries.jsonl"
_OURS = Path(__file__).parent / "questions"
_SEED = 4


def questions(store: Store, data: Path, number: int) -> list[str]:
    """Return so many different questions for a library, in an order that is always the same."""
    return questions_with(_titles(store), data, number)


def questions_with(titles: Iterable[str], data: Path, number: int) -> list[str]:
    """Return so many different questions, or as many as there are.

    A third are SciFact's claims where they are at hand, a third such titles of papers, the rest
    questions that readers asked of the starter library.
    """
    dice = random.Random(_SEED)
    ours = [text for file in sorted(_OURS.glob("*.jsonl")) for text in _texts(file, "question")]
    kinds = [list(dict.fromkeys(texts)) for texts in (_texts(data / CLAIMS, "text"), titles, ours)]
    for kind in kinds:
        dice.shuffle(kind)
    in_turn = (text for row in zip_longest(*kinds) for text in row if text is not None)
    return list(islice(dict.fromkeys(in_turn), number))


def _titles(store: Store) -> list[str]:
    """Return titles from the beginning of the library: every size has these papers."""
    found = store.connection.execute(
        "select distinct title from documents where kind = 'record' order by id limit 2000"
    )
    return [row["title"] for row in found] or [d.title for d in store.documents(Filters())]


def _texts(file: Path, field: str) -> list[str]:
    if not file.is_file():
        return []
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line)[field] for line in lines if line.strip()]
