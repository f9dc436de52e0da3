"""What the stand-in is filled with: real papers where they are at hand, and long topics."""

import json
import random
from datetime import UTC, datetime
from pathlib import Path

from tests.outside.forum import SMALL_ACTION, Forum
from tests.outside.markup import Markup, code, onebox, quoted, words
from tests.outside.papers import Papers

_WORDS = (
    *("kettle", "wombat", "dropout", "lottery", "ticket", "vector", "mixture", "label", "teapot"),
    *("whistle", "pruning", "gradient", "batch", "augment", "sample", "norm", "layer", "token"),
)


def add_seed_papers(papers: Papers, seed: Path) -> list[str]:
    """Add the real papers of a file such as `papers.json`; return the ids of those added.

    One without an abstract is left out: arXiv has none such. Where the file lacks a day or a
    category, the first of May 2019 and cs.LG stand in.
    """
    added = []
    for told in json.loads(seed.read_text(encoding="utf-8")):
        if told["abstract"] is None:
            continue
        submitted = datetime.fromisoformat(told["published"] or "2019-05-01T00:00:00Z")
        papers.add(
            told["arxiv_id"],
            told["title"],
            told["abstract"],
            authors=tuple(told["authors"]),
            categories=tuple(told["categories"] or [told["primary_category"] or "cs.LG"]),
            comments=told["comments"],
            doi=told["doi"],
            submitted=submitted.replace(tzinfo=UTC),
        )
        added.append(told["arxiv_id"])
    return added


def sentence(chance: random.Random, length: int = 9) -> str:
    """Return a sentence of common words that is unlike any other."""
    said = " ".join(chance.choices(_WORDS, k=length))
    return f"{said.capitalize()} number {chance.randrange(10**6)}."


def open_long_topic(forum: Forum, topic_id: int, posts: int, seed: int = 0) -> None:
    """Open a topic of so many posts: replies, quotes, previews, code, notices, and gaps."""
    chance = random.Random(seed)
    forum.open(topic_id, f"Good papers of topic {topic_id}", tags=("reading",))
    for number in range(1, posts + 1):
        action = number > 1 and chance.random() < 0.03
        said = words("closed this topic for a day") if action else _said(chance, number, topic_id)
        forum.write(
            topic_id,
            said,
            username=f"member{chance.randrange(9)}",
            reply_to=chance.randrange(1, number) if number > 1 and chance.random() < 0.3 else None,
            likes=chance.randrange(4),
            post_type=SMALL_ACTION if action else 1,
        )
    for number in chance.sample(range(2, posts), k=posts // 20):
        forum.delete(topic_id, number)


def _said(chance: random.Random, number: int, topic_id: int) -> Markup:
    own = words(f"{sentence(chance)} {sentence(chance)}")
    other = chance.randrange(1, number) if number > 1 else 1
    url = f"https://arxiv.org/abs/1901.{chance.randrange(1, 90):05}"
    return chance.choice(
        [
            own,
            own + words(sentence(chance)),
            quoted("member1", sentence(chance), other, topic_id) + own,
            own + onebox(url, f"[1901] {sentence(chance)}", sentence(chance, 30)),
            own + code("for kettle in shelf:\n    kettle.whistle()"),
        ]
    )
