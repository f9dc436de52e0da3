"""A thread saved as text comes apart into its posts, in the file's own words."""

from importlib import resources
from pathlib import Path

import pytest

from ingest.errors import BadSource
from ingest.files.saved_thread import read_thread
from ingest.post import Post

STARTER = Path(str(resources.files("ingest.starter") / "good-readings-2019.txt"))
BEGINNINGS = [
    "Photorealistic Style Transfer via Wavelet Transforms",
    "Generalised IOU.",
    "T-Net: Parametrizing Fully Convolutional Nets",
    "Very exciting new paper “Unsupervised Data Augmentation”",
    "I found the experiments from Deconstructing Lottery Tickets",
    "How Does Batch Normalization Help Optimization?",
    "Exciting new paper out this week which combines mixup",
    "Amazing results! Thanks for posting",
    "This fascinates me",
    "“The Lottery Ticket Hypothesis",
    "Non-robust features",
    "Not that I have seen no",
    "I haven’t looked at the code",
    "Bayesian Exploration with Heterogeneous Agents",
    "Batch Normalization is a Cause of Adversarial Vulnerability",
    "Incredible paper. I made a DataLoader",
    "A video presentation on this is available here.",
    "Loving that they turned a meme into a dataset.",
    "Cold Case: The Lost MNIST Digits",
    "TVM compiler speeds up PyTorch.",
]


def read(tmp_path: Path, text: str, name: str = "a thread.txt") -> tuple[Post, ...]:
    path = tmp_path / name
    path.write_bytes(text.encode())
    return read_thread(path)


def texts(posts: tuple[Post, ...]) -> list[str]:
    return [post.text for post in posts]


def test_the_starter_thread_comes_apart_as_its_members_wrote_it() -> None:
    posts = read_thread(STARTER)
    assert len(posts) == len(BEGINNINGS)
    for post, beginning in zip(posts, BEGINNINGS, strict=True):
        assert post.text.startswith(beginning)
    assert [p.position + 1 for p in posts if p.likes == 1] == [5, 6, 12, 13, 17, 18]
    assert posts[13].text.endswith("“explored” by each type.")


def test_every_word_of_the_starter_thread_is_in_one_post() -> None:
    lines = STARTER.read_text(encoding="utf-8").split("\n")[1:]
    kept = [line for line in lines if line.strip() not in ("", "1 Like")]
    assert [x for t in texts(read_thread(STARTER)) for x in t.split("\n") if x] == kept


def test_a_post_knows_its_thread_and_its_place(tmp_path: Path) -> None:
    path = tmp_path / "Our Readings_2020.txt"
    path.write_text("Our readings\n\nfirst\n\n\nsecond\n3 Likes\n", encoding="utf-8")
    url = "https://forum.example.org/t/our-readings/41"

    first, second = read_thread(path, topic_url=url)

    assert second == Post(
        key="thread:our-readings-2020:2",
        thread_title="Our readings",
        text="second",
        url=url,
        position=1,
        topic_id=41,
        likes=3,
    )
    assert (first.key, first.likes) == ("thread:our-readings-2020:1", None)
    assert read_thread(path, title="Better title")[0].thread_title == "Better title"


@pytest.mark.parametrize(
    ("body", "posts"),
    [
        ("one\n\nstill one\n\n\ntwo", ["one\n\nstill one", "two"]),
        ("one\n1 Like\n\ntwo", ["one", "two"]),
        ("one\n\n12 Likes\n\n\n\ntwo", ["one", "two"]),
        ("A Paper on Some Things\n\n\nIt is good.", ["A Paper on Some Things\n\nIt is good."]),
        ("Thanks a lot\n\n\nIt is good.", ["Thanks a lot", "It is good."]),
        (
            "A Paper on Some Things\n\n\nAnother Paper on Things\n\n\nGood.",
            ["A Paper on Some Things", "Another Paper on Things\n\nGood."],
        ),
        (
            "It ended.\n\nAnother Paper on Things\n\nGood.",
            ["It ended.", "Another Paper on Things\n\nGood."],
        ),
        ("It ended.\n\nA Paper on Some Things", ["It ended.\n\nA Paper on Some Things"]),
        ("see (\n\nYes, I saw.", ["see (", "Yes, I saw."]),
        ("It says:\n\n  • a\n  • b\n\nIs it?", ["It says:\n\n  • a\n  • b", "Is it?"]),
        ("1 Like\nonly", ["only"]),
    ],
)
def test_blank_lines_likes_and_four_signs_end_a_post(
    tmp_path: Path, body: str, posts: list[str]
) -> None:
    assert texts(read(tmp_path, f"Title\n\n{body}\n")) == posts


def test_line_ends_of_every_kind_read_alike(tmp_path: Path) -> None:
    text = "\ufeff\n\nTitle\n\none\nline\n\n\ntwo\n"
    expected = ["one\nline", "two"]
    assert texts(read(tmp_path, text)) == expected
    assert texts(read(tmp_path, text.replace("\n", "\r\n"))) == expected
    assert texts(read(tmp_path, text.replace("\n", "\r"))) == expected


def test_null_bytes_and_control_characters_do_not_pass(tmp_path: Path) -> None:
    assert texts(read(tmp_path, "Title\n\na\x00b\x1b שלום 👩\u200d👧")) == ["ab שלום 👩\u200d👧"]


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"", "empty"),
        (b" \n\n\t\n", "empty"),
        (b"Only a title\n", "no posts"),
        (b"Only a title\n\n\n1 Like\n", "no posts"),
        (b"Title\n\ncaf\xe9", "byte 10 is not UTF-8"),
        (b"x" * 20_000_001, "20 MB"),
    ],
)
def test_a_file_that_is_no_thread_is_told_why(tmp_path: Path, content: bytes, advice: str) -> None:
    path = tmp_path / "thread.txt"
    path.write_bytes(content)
    with pytest.raises(BadSource, match=advice) as caught:
        read_thread(path)
    assert caught.value.source == str(path)


def test_a_file_that_is_not_there_and_a_wrong_url_are_told(tmp_path: Path) -> None:
    for path in (tmp_path / "none.txt", tmp_path, Path("a\x00b")):
        with pytest.raises(BadSource, match="check the path"):
            read_thread(path)
    with pytest.raises(BadSource, match="no Discourse topic"):
        read_thread(STARTER, topic_url="https://forum.example.org/about")
