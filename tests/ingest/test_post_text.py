"""A post's HTML becomes the words its author wrote, whatever the HTML is like."""

import pytest

from ingest.forum.post_text import LONGEST_TEXT, clean_text, post_text

ONEBOX = """
<p>Look:</p>
<aside class="onebox allowlistedgeneric" data-onebox-src="https://example.org/paper">
  <header class="source"><img src="icon.png" class="site-icon"><a href="https://example.org/paper">
  example.org</a></header>
  <article class="onebox-body"><h3><a href="https://example.org/paper">A Paper of Ours</a></h3>
  <p>The first lines of the page.</p></article>
</aside>
"""
QUOTE = """
<aside class="quote no-group" data-username="ann" data-post="2"><div class="title">ann:</div>
<blockquote><p>Is it <a href="https://example.org/hers">fast</a>?</p></blockquote></aside>
<p>It is.</p>
"""


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p><b>Table 2</b>. See mix<i>Match</i>.</p>", "Table 2. See mixMatch."),
        ("<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"),
        ("<ul><li>one</li><li><p>two</p></li></ul>", "• one\n• two"),
        ("<table><tr><td>loss</td><td>0.1</td></tr></table>", "loss 0.1"),
        ("<pre><code>def f():\n    return 1\n</code></pre>", "def f():\n    return 1"),
        ("<h2><a class='anchor' href='#x'>#</a>Results</h2>fine", "Results\n\nfine"),
        ("a &lt;script&gt; in words", "a <script> in words"),
        ("a<!-- not said --> b", "a b"),
        ("plain words", "plain words"),
        ("", ""),
        ("<!-- only this -->", ""),
    ],
)
def test_the_text_reads_as_the_page_does(html: str, text: str) -> None:
    assert post_text(html).text == text


def test_nothing_of_a_script_a_style_or_a_drawing_is_left() -> None:
    html = (
        "<p>a</p><script>alert(1)</script><style>p{}</style><svg><text>x</text></svg>"
        "<img src=x onerror=alert(1)><iframe src='https://example.org'></iframe><p>b</p>"
    )
    assert post_text(html).text == "a\n\nb"


def test_emoji_become_their_names_and_pictures_what_describes_them() -> None:
    html = (
        "nice <img class='emoji' src='x.png' title=':smile:' alt=':smile:'> "
        "<img src='y.png' alt='the loss over time'><img src='z.png' alt='image'>"
    )
    assert post_text(html).text == "nice :smile: the loss over time"


def test_words_that_link_are_followed_by_the_address() -> None:
    said = post_text("The code is <a href='https://example.org/code'>here</a>, and it runs.")
    assert said.text == "The code is here (https://example.org/code), and it runs."
    assert said.links == ("https://example.org/code",)


@pytest.mark.parametrize("words", ["https://example.org/a/long/way", "example.org/a/long…", ""])
def test_an_address_that_links_to_itself_is_written_once_and_whole(words: str) -> None:
    said = post_text(f"<a href='https://example.org/a/long/way'>{words}</a>")
    assert said.text == "https://example.org/a/long/way"
    assert said.links == ("https://example.org/a/long/way",)


@pytest.mark.parametrize("href", ["/u/ann", "#top", "javascript:alert(1)", "https://[", ""])
def test_links_within_the_forum_and_scripts_are_words_only(href: str) -> None:
    said = post_text(f"<a class='mention' href='{href}'>@ann</a>")
    assert (said.text, said.links) == ("@ann", ())


def test_what_another_member_said_is_left_out_with_its_links() -> None:
    said = post_text(QUOTE)
    assert (said.text, said.links) == ("It is.", ())


def test_a_preview_of_a_page_becomes_its_title_and_link() -> None:
    said = post_text(ONEBOX)
    assert said.text == "Look:\n\nA Paper of Ours (https://example.org/paper)"
    assert said.links == ("https://example.org/paper",)


def test_a_picture_that_links_to_its_file_leaves_no_file_name() -> None:
    html = (
        "a<div class='lightbox-wrapper'><a class='lightbox' href='https://example.org/p.png'>"
        "<img src='p.png' alt='p.png'><div class='meta'>p.png 640x480</div></a></div>b"
    )
    assert post_text(html).text == "a\nb"


def test_null_bytes_lone_surrogates_and_control_characters_do_not_pass() -> None:
    assert post_text("a\x00b\x1b \ud800<b>c</b>&#1;\ufdd0").text == "ab \ufffdc"


def test_right_to_left_words_and_joined_emoji_are_kept() -> None:
    words = "שלום 👨\u200d👩\u200d👧 مرحبا"
    assert post_text(f"<p dir='rtl'>{words}</p>").text == words


@pytest.mark.parametrize(
    "html", ["<p><b>un</p>closed", "<<<>>", "</div></p>x", "<p", "&#xFFFFFFFF;"]
)
def test_malformed_html_is_read_as_far_as_it_goes(html: str) -> None:
    assert not post_text(html).truncated


def test_a_post_of_three_megabytes_is_cut_at_a_blank_and_says_so() -> None:
    said = post_text("<p>" + "many <i>words</i> " * 170_000)
    assert said.truncated
    assert LONGEST_TEXT - 20 < len(said.text) <= LONGEST_TEXT
    assert said.text.endswith(("many", "words"))


def test_nesting_deeper_than_any_post_is_told_and_does_no_harm() -> None:
    assert post_text("<div>" * 100_000 + "deep").truncated
    assert post_text("<div>" * 500 + "deep").text == "deep"


def test_clean_text_keeps_words_and_lines() -> None:
    assert clean_text("\r\na  \r\n\n\n\n  b\tc\u2028d\x00\ufeff\n") == "a\n\n  b    c\nd"
