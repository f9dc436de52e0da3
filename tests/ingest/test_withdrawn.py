"""A paper is withdrawn if it says so of itself, and not because it speaks of withdrawing."""

import gzip
import json
from pathlib import Path

import pytest

from ingest.arxiv.withdrawn import is_withdrawn


@pytest.mark.parametrize(
    ("abstract", "comments"),
    [
        ("This paper has been withdrawn by the author due to a crucial error in the proof.", None),
        ("This article has been withdrawn.", None),
        ("Withdrawn by the author.", None),
        ("Paper has been withdrawn.", None),
        ("(Withdrawn) We study kettles.", None),
        ("We study kettles. This paper has been withdrawn from arXiv.org after a dispute.", None),
        ("Something is wrong with our code, this article is temporarily withdrawn.", None),
        ("We study kettles.", "This paper has been withdrawn by the authors"),
        ("We study kettles.", "9 pages, 2 figures. This paper is withdrawn for its sign error"),
        ("We study kettles.", "Withdrawn"),
        ("We study kettles.", "Withdrawn due to an error in Lemma 2"),
        ("We study kettles.", "paper withdrawn, a much revised version is under preparation"),
        ("We study kettles.", "This submission has been withdrawn by arXiv administrators"),
        ("We study kettles.", "This version withdrawn by arXiv administrators"),
        ("We study kettles.", "It rests on an error. For this reason, it has been withdrawn"),
        ("We study kettles.", "We decided to withdraw this paper because Lemma 2 is wrong"),
        ("We study kettles.", "this is a duplicate submission. Hence want to withdraw it"),
        ("We study kettles.", "Because of changes, it has been withdrawn from the archive"),
    ],
)
def test_a_paper_that_says_so_is_withdrawn(abstract: str, comments: str | None) -> None:
    assert is_withdrawn(abstract, comments)


@pytest.mark.parametrize(
    ("abstract", "comments"),
    [
        (None, None),
        ("We study why papers are withdrawn by their authors.", None),
        ("Articles that have been withdrawn by the authors are still cited.", None),
        ("Withdrawn drugs return to the market.", None),
        ("Notices such as “This paper has been withdrawn” are found by a rule.", None),
        ("The input that elicited that state is withdrawn.", None),
        ("The previous versions of the study have been withdrawn.", None),
        ("We withdraw money. The tap-withdrawal circuit of the worm is modelled.", None),
        ("We study kettles.", "The paper has been withdrawn from the XX Kettle Conference"),
        ("We study kettles.", "accepted to KETTLE 2018; withdrawn in order to add experiments"),
        ("We study kettles.", "Withdraw from the Special Issue on Kettles, sent to another one"),
        ("We study kettles.", "10 pages, withdraw experimental results on the pot dataset"),
        ("We study kettles.", "The first version has been withdrawn from a journal"),
        (
            "We study kettles.",
            "was in its second revision when it was withdrawn. Now uploaded here",
        ),
        ("We study kettles.", "Replaces arXiv:1905.00001, which has been withdrawn"),
        ("We study kettles.", "Equations (7)-(10) need to be withdrawn and revised"),
    ],
)
def test_a_paper_that_only_speaks_of_it_is_not(abstract: str | None, comments: str | None) -> None:
    assert not is_withdrawn(abstract, comments)


def test_of_real_papers_those_are_found_that_a_reader_finds(shared: Path) -> None:
    """Read 80,000 records; all that use the word were read by a person."""
    spoken, found = set(), set()
    with gzip.open(shared / "arxiv" / "abstracts_ml_to_2019.jsonl.gz", "rt") as file:
        for line in file:
            if "ithdr" not in line:
                continue
            row = json.loads(line)
            told = [" ".join((row[name] or "").split()) for name in ("abstract", "comments")]
            if any("ithdr" in text for text in told):
                spoken.add(row["id"])
            if is_withdrawn(*told):
                found.add(row["id"])

    assert len(spoken) == 240
    assert len(found) == 212
    assert spoken - found >= {"1805.05927", "1805.09776", "1804.08262", "1905.1115100000002"}
    assert {"1710.05341", "1809.07009"} <= spoken - found  # they say so in yet other words
