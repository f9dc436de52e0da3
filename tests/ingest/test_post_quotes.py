"""What a post quotes is kept apart from what its author says, in HTML and in Markdown alike."""

import pytest

from ingest.forum.post_text import QuotedText, post_text

ASIDE = """
<p>before</p>
<aside class="quote no-group quote-modified" data-post="3" data-topic="12" data-username="ann">
<div class="title"><div class="quote-controls"></div><img class="avatar" alt="">Ann Lee:</div>
<blockquote><p>her words</p>
<aside class="quote" data-username="bob"><div class="title">bob:</div>
<blockquote><p>his <a href="https://example.org">words</a></p></blockquote></aside>
<p>hers again</p></blockquote></aside>
<p>after</p>
"""


def test_a_quote_says_whose_words_it_holds_and_from_which_post() -> None:
    said = post_text(ASIDE)
    assert (said.text, said.links) == ("before\n\nafter", ())
    assert said.quotes == (
        QuotedText("her words\n\nhers again", "ann", 12, 3),
        QuotedText("his words (https://example.org)", "bob"),
    )


@pytest.mark.parametrize(
    "html",
    [
        "mine<blockquote><p>theirs</p></blockquote>also mine",
        "<ul><li>mine<blockquote>theirs</blockquote></li></ul>also mine",
        "mine<details><summary></summary><blockquote>theirs</blockquote>also mine</details>",
        "mine<details class='elided'><summary>···</summary>theirs</details>also mine",
        "mine<div class='gmail_quote'>theirs</div>also mine",
        "mine<div class='chat-transcript' data-username='x'><div class='chat-transcript-user'>x"
        "</div><div class='chat-transcript-messages'>theirs</div></div>also mine",
        "mine <p>[quote=“ann”]<br>theirs[/quote]<br>also mine</p>",
        "mine <p>[quote]theirs[/quote] also mine</p>",
        "mine <p>[quote=ann]</p><p>theirs</p><p>also mine</p>",
        "<p>mine</p><p>&gt; theirs</p><p>also mine</p>",
    ],
)
def test_other_people_s_words_are_known_by_many_signs(html: str) -> None:
    said = post_text(html)
    assert said.text.split() in (["mine", "also", "mine"], ["•", "mine", "also", "mine"])
    assert [quote.text for quote in said.quotes] == ["theirs"]


def test_an_unclosed_quote_before_another_leaves_the_reply_alone() -> None:
    html = (
        "<p>[quote=“ann, post:2, topic:9”]</p><aside class='quote' data-username='bob'>"
        "<blockquote>theirs</blockquote></aside><p>mine</p>"
    )
    said = post_text(html)
    assert said.text == "mine"
    assert said.quotes == (QuotedText("", "ann", 9, 2), QuotedText("theirs", "bob"))


def test_the_preview_of_a_topic_is_its_title_and_link_and_a_quote() -> None:
    html = (
        "<p>see</p><aside class='quote quote-modified' data-post='2' data-topic='9'><div "
        "class='title'><img class='avatar'><div><a href='/t/slug/9/2'>A Topic</a> "
        "<a class='badge-category__wrapper' href='/c/x/1'><span>Support</span></a></div></div>"
        "<blockquote>its words</blockquote></aside>"
    )
    said = post_text(html, base="https://forum.example.org")
    assert said.text == "see\n\nA Topic (https://forum.example.org/t/slug/9/2)"
    assert said.quotes == (QuotedText("its words", None, 9, 2),)


def test_a_quoted_picture_still_says_which_post_it_is_from() -> None:
    html = "<aside class='quote' data-username='ann' data-post='2'><blockquote><img></blockquote>"
    assert post_text(html).quotes == (QuotedText("", "ann", None, 2),)


def test_a_footnote_of_a_quote_is_quoted_too() -> None:
    mark = "<sup class='footnote-ref'><a href='#{0}'>[{0}]</a></sup>"
    html = (
        f"<blockquote>theirs{mark.format(1)}</blockquote><p>mine{mark.format(2)}</p>"
        "<section class='footnotes'><ol class='footnotes-list'><li class='footnote-item' id='1'>"
        "their note</li><li class='footnote-item' id='2'>my note</li></ol></section>"
    )
    said = post_text(html)
    assert said.text == "mine[2]\n\n[2] my note"
    assert [quote.text for quote in said.quotes] == ["theirs[1]", "their note"]


MAIL = """Thanks.

On Tue, Mar 5, 2019 at 10:31 PM Ann Lee <ann@example.org>
wrote:

> is it fast?

It is.

-----Original Message-----
From: Bob Ray <bob@example.org>
Sent: Monday

Old words.

> older words
"""


def test_a_reply_by_mail_is_without_the_mails_that_it_answers() -> None:
    said = post_text("", MAIL)
    assert said.text == "Thanks.\n\nIt is."
    assert [quote.author for quote in said.quotes] == ["Ann Lee", "Bob Ray", None]
    assert said.quotes[0].text.endswith("wrote:\n\nis it fast?")
    assert said.quotes[1].text.endswith("Old words.")
    assert said.quotes[2].text == "older words"


@pytest.mark.parametrize(
    "tail",
    [
        "From: Ann\nSent: Monday\nTo: Bob\nSubject: x\n\nold",
        "---------- Forwarded message ---------\nold",
        "Am 5. März 2019 um 10:31 schrieb Ann:\n\nold",
        "Le mar. 5 mars 2019 à 10:31, Ann a écrit :\n\nold",
    ],
)
def test_a_mail_below_a_reply_is_quoted_to_its_end(tail: str) -> None:
    said = post_text("", f"new\n\n{tail}\n\nand older")
    assert said.text == "new"
    assert len(said.quotes) == 1
    assert said.quotes[0].text.endswith("old\n\nand older")


@pytest.mark.parametrize(
    "words",
    [
        "On page 5 the authors wrote: it works.",
        "From: here\nit goes on",
        "On 5 of 7 sets they wrote:\n\nnothing at all",
        "a -> b >= c",
        "see [quote] marks [/code]"[4:9],
    ],
)
def test_words_that_only_look_like_mail_are_the_author_s(words: str) -> None:
    assert post_text("", words).text == words
    assert post_text("", words).quotes == ()


def test_the_page_is_believed_where_the_markdown_would_give_quoted_words_to_the_quoter() -> None:
    cooked = "<aside class='quote' data-username='ann'><blockquote>hers</blockquote></aside>mine"
    said = post_text(cooked, "<mystery>\nhers\n</mystery>\n\nmine")
    assert (said.text, said.quotes) == ("mine", (QuotedText("hers", "ann"),))


def test_the_page_is_believed_where_the_markdown_takes_its_author_s_words_for_quoted() -> None:
    assert post_text("<p>all of it mine</p>", "> all of it\n\nmine").text == "all of it mine"


@pytest.mark.parametrize("raw", ["", "  \n", "quite another text than that", None])
def test_the_page_is_believed_where_the_markdown_has_nothing_to_do_with_it(raw: str | None) -> None:
    assert post_text("<p>what everybody reads here</p>", raw).text == "what everybody reads here"
