"""A tiny collection in BEIR's layout, made by hand, with judgements of several grades."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

CORPUS: tuple[dict[str, Any], ...] = (
    {"_id": "kettle", "title": "On kettles", "text": "A kettle whistles when water boils."},
    {"_id": "lamp", "title": "On lamps", "text": "Lamps dim when the voltage drops."},
    {"_id": "bulb", "title": "On bulbs", "text": "Lamps hold bulbs. Bulbs burn for two years."},
    {"_id": "stone", "title": "Stones sink in rivers", "text": ""},
    {"_id": "query-of-itself", "text": "Do rivers carry sand?", "metadata": {}},
)
QUERIES: tuple[dict[str, Any], ...] = (
    {"_id": "q1", "text": "When does the kettle whistle?"},
    {"_id": "q2", "text": "Lamps with bulbs"},
    {"_id": "query-of-itself", "text": "Do rivers carry sand?"},
    {"_id": "unjudged", "text": "Is anybody there?"},
)
JUDGED = (
    ("q1", "kettle", 1),
    ("q2", "lamp", 1),
    ("q2", "bulb", 2),
    ("query-of-itself", "stone", 1),
    ("query-of-itself", "gone", 1),
    ("nothing", "lamp", 0),
)


def lines_of(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows as lines of JSON."""
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)


def made(
    folder: Path,
    corpus: str = lines_of(CORPUS),
    queries: str = lines_of(QUERIES),
    judged: str | None = None,
) -> Path:
    """Write a collection with a split named test, and return its folder."""
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    (folder / "corpus.jsonl").write_text(corpus, "utf-8")
    (folder / "queries.jsonl").write_text(queries, "utf-8")
    rows = "".join(f"{query}\t{document}\t{grade}\n" for query, document, grade in JUDGED)
    text = f"query-id\tcorpus-id\tscore\n{rows}" if judged is None else judged
    (folder / "qrels" / "test.tsv").write_text(text, "utf-8")
    return folder
