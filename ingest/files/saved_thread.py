"""Read a forum thread that somebody saved as plain text: no authors, no dates, no numbers.

The first line is the title. Two blank lines, or a line such as `1 Like`, end a post. Copying
loses such ends and adds false ones, so four signs correct them:

* a title alone (a single line, most words with a capital, no stop at its end) belongs to what
  follows it: the copy put blank lines where the forum showed a preview;
* within a post, a short line without a stop, after a sentence that had ended and before more
  text, opens the next post, as a paper's title does;
* a paragraph that ends with an open bracket ended its post: a link stood there;
* an indented list ended its post when the next paragraph is not indented.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from ingest.errors import BadSource
from ingest.forum.post_text import clean_text
from ingest.forum.topics import parse_topic_url
from ingest.post import Post

LARGEST_FILE = 20_000_000
_LIKES = re.compile(r"\s*(\d{1,6}) Likes?\s*", re.IGNORECASE)
_STOPS = (".", "!", "?", ":", ";", ",", "…", "”", '"', ")", "(")


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """Lines that stand together, and what stood between them and the lines before."""

    text: str
    apart: bool  # two blank lines, or a line of likes
    likes: int | None = None  # of the post that ends here

    @property
    def is_open_line(self) -> bool:
        """Tell whether this is a single short line that no stop ends."""
        is_line = "\n" not in self.text and len(self.text) <= 120
        return is_line and not self.text.endswith(_STOPS)

    @property
    def is_title(self) -> bool:
        words = re.findall(r"[^\W\d_]{4,}", self.text)
        capitals = sum(word != word.lower() for word in words)
        is_line = "\n" not in self.text and not self.text.endswith((".", "!", ":", ",", ";"))
        return is_line and len(self.text) <= 200 and len(words) >= 2 and capitals > 0.6 * len(words)


def thread_slug(path: Path) -> str:
    """Return what the keys of a thread's posts call it: its file's name, in letters and digits."""
    return re.sub(r"[\W_]+", "-", path.stem.lower()).strip("-") or "thread"


def read_thread(
    path: Path, title: str | None = None, topic_url: str | None = None
) -> tuple[Post, ...]:
    """Return the posts of a saved thread, in order, their texts in the file's own words.

    The file's first line is its title and no post; `title` is shown instead where it is given.
    `topic_url` is where the live thread is. Raises BadSource if the file or the URL is no good.
    """
    topic_id = parse_topic_url(topic_url).topic_id if topic_url else None
    first, *rest = _lines(path)
    pieces = _pieces(_paragraphs(rest))
    if not pieces:
        raise BadSource(str(path), "the thread has a title and no posts: save it again, whole")
    return tuple(
        Post(
            key=f"thread:{thread_slug(path)}:{place + 1}",
            thread_title=title or first.strip(),
            text=clean_text("\n\n".join(paragraph.text for paragraph in piece)),
            url=topic_url,
            position=place,
            topic_id=topic_id,
            likes=piece[-1].likes,
        )
        for place, piece in enumerate(pieces)
    )


def _lines(path: Path) -> list[str]:
    """Return the lines of a file from the first with words on it."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadSource(str(path), "the file is over 20 MB: is it a thread? Split it")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} is not UTF-8: save the file as UTF-8"
        raise BadSource(str(path), reason) from error
    except (OSError, ValueError) as error:
        reason = f"the file cannot be read ({getattr(error, 'strerror', error)}): check the path"
        raise BadSource(str(path), reason) from error
    lines = [clean_text(line) for line in text.splitlines()]
    while lines and not lines[0]:
        lines.pop(0)
    if not lines:
        raise BadSource(str(path), "the file is empty: save the thread again")
    return lines


def _paragraphs(lines: Sequence[str]) -> list[_Paragraph]:
    """Return the paragraphs, each with the likes that a line after it tells."""
    paragraphs: list[_Paragraph] = []
    blank, apart, together = 1, False, False
    for line in lines:
        likes = _LIKES.fullmatch(line)
        if likes:
            paragraphs[-1:] = [replace(last, likes=int(likes[1])) for last in paragraphs[-1:]]
            apart, together = True, False
        elif not line:
            blank, together = blank + 1, False
        elif together:
            paragraphs[-1] = replace(paragraphs[-1], text=f"{paragraphs[-1].text}\n{line}")
        else:
            paragraphs.append(_Paragraph(line, apart or blank >= 2))
            blank, apart, together = 0, False, True
    return paragraphs


def _pieces(paragraphs: Sequence[_Paragraph]) -> list[list[_Paragraph]]:
    """Return the paragraphs of each post."""
    pieces: list[list[_Paragraph]] = []
    starts = [True, *(_starts_a_post(*three) for three in _threes(paragraphs))]
    for paragraph, starts_a_post in zip(paragraphs, starts, strict=False):
        if starts_a_post and not (pieces and _goes_on(pieces[-1], paragraph)):
            pieces.append([])
        pieces[-1].append(paragraph)
    return pieces


def _threes(
    paragraphs: Sequence[_Paragraph],
) -> Iterator[tuple[_Paragraph, _Paragraph, _Paragraph | None]]:
    after = [*paragraphs[2:], None]
    for (before, this), following in zip(pairwise(paragraphs), after, strict=False):
        yield before, this, following


def _starts_a_post(before: _Paragraph, this: _Paragraph, after: _Paragraph | None) -> bool:
    if this.apart or before.text.endswith("("):
        return True
    if _is_indented_list(before.text):
        return not this.text.startswith((" ", "\t"))
    goes_on = after is not None and not after.apart
    return this.is_open_line and goes_on and before.text.endswith((".", "!", "?"))


def _is_indented_list(text: str) -> bool:
    return re.match(r"\s+[•*-]\s", text.rpartition("\n")[2]) is not None


def _goes_on(piece: list[_Paragraph], paragraph: _Paragraph) -> bool:
    """Tell whether a piece is a title alone, so that the next paragraph belongs to it."""
    alone = len(piece) == 1 and piece[0].is_title and piece[0].likes is None
    return alone and not paragraph.is_title
