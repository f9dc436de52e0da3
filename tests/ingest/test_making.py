"""Papers, posts and notes become documents that say what is known and nothing else."""

from dataclasses import replace
from datetime import date

from index import Document
from ingest import Paper, Post
from ingest.making import (
    comment_document,
    note_document,
    paper_documents,
    paper_keys,
    record_text,
)

PAPER = Paper(
    id="1905.02249",
    title="MixMatch",
    abstract="We unify.",
    authors=("David B.", "Nicholas C.", "Ann D."),
    categories=("cs.AI", "cs.LG"),
    primary_category="cs.LG",
    published=date(2019, 5, 6),
    updated=date(2019, 10, 23),
    version=2,
    comments="Code at example.org",
    doi="10.1000/1",
    names=("MixMatch", "mix match"),
)


def test_a_paper_becomes_an_abstract_and_a_record() -> None:
    abstract, record = paper_documents(PAPER)
    assert abstract == Document(
        key="arxiv:1905.02249:abstract",
        kind="abstract",
        title="MixMatch",
        text="We unify.",
        url="https://arxiv.org/abs/1905.02249",
        authors=PAPER.authors,
        date=date(2019, 5, 6),
        categories=("cs.LG", "cs.AI"),
        papers=("1905.02249",),
        version=2,
        context="MixMatch. David B.",
        words="MixMatch mix match",
    )
    assert (record.key, record.kind) == ("arxiv:1905.02249:record", "record")
    assert (record.embedded, record.text) == (False, record_text(PAPER))


def test_a_record_says_each_thing_on_a_line_of_its_own() -> None:
    assert record_text(PAPER).split("\n") == [
        "Title: MixMatch",
        "Authors: David B., Nicholas C. and Ann D.",
        "Submitted: 6 May 2019 (2019-05-06)",
        "Last revised: 23 October 2019 (2019-10-23)",
        "Categories: cs.LG, cs.AI",
        "Comments: Code at example.org",
        "DOI: 10.1000/1",
        "arXiv: 1905.02249 (version 2)",
    ]


def test_a_record_leaves_out_what_is_not_known() -> None:
    assert record_text(Paper("hep-th/9901001")) == "arXiv: hep-th/9901001"
    same_day = replace(PAPER, updated=PAPER.published, authors=("Ann",), comments=None, doi=None)
    assert "revised" not in record_text(same_day)
    assert "Authors: Ann\n" in record_text(same_day)
    assert "Authors: Ann and Bo\n" in record_text(replace(same_day, authors=("Ann", "Bo")))


def test_a_paper_without_an_abstract_has_a_record_under_its_id() -> None:
    (record,) = paper_documents(Paper("hep-th/9901001"))
    assert (record.key, record.title) == ("arxiv:hep-th/9901001:record", "arXiv:hep-th/9901001")
    assert record.url == "https://arxiv.org/abs/hep-th/9901001"
    assert (record.context, record.authors, record.date) == ("arXiv:hep-th/9901001", (), None)


def test_a_note_is_about_its_paper_and_by_none_of_its_authors() -> None:
    assert note_document(PAPER, "It unifies.") == Document(
        key="note:1905.02249",
        kind="note",
        title="MixMatch",
        text="It unifies.",
        url="https://arxiv.org/abs/1905.02249",
        papers=("1905.02249",),
        context="MixMatch",
        words="MixMatch mix match",
    )


def test_a_comment_is_found_by_the_papers_it_is_about_and_says_only_its_own_words() -> None:
    post = Post(
        key="discourse:forum.example.org:41:2",
        thread_title="Good papers",
        text="I like it.",
        url="https://forum.example.org/t/good-papers/41/2",
        position=1,
        author="ann",
        date=date(2019, 5, 8),
        topic_id=41,
        post_number=2,
        likes=0,
    )
    document = comment_document(post, [PAPER, Paper("1901.00001")])
    assert document == Document(
        key=post.key,
        kind="comment",
        title="Good papers",
        text="I like it.",
        url=post.url,
        authors=("ann",),
        date=post.date,
        papers=("1905.02249", "1901.00001"),
        topic_id=41,
        post_number=2,
        likes=0,
        context="Good papers. ann",
        words="MixMatch MixMatch mix match arXiv:1901.00001",
    )
    saved = comment_document(replace(post, author=None, date=None), [])
    assert (saved.authors, saved.context, saved.words, saved.papers) == ((), "Good papers", "", ())


def test_the_keys_of_a_paper_are_those_of_all_that_is_made_of_it() -> None:
    made = [*paper_documents(PAPER), note_document(PAPER, "It unifies.")]
    assert paper_keys(PAPER.id) == [document.key for document in made]
