"""A post's HTML becomes the words its author wrote, whatever the HTML is like."""

import json
from pathlib import Path

import pytest

from ingest.forum.post_text import LONGEST_TEXT, clean_text, post_text

FORUM = "https://forum.example.org"

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
        ("<ol start='3'><li>c</li><li>d<ul><li>e</li></ul></li></ol>", "3. c\n4. d\n  • e"),
        (
            "<table><thead><tr><th>loss</th><th>lr</th></tr></thead>"
            "<tbody><tr><td><p>0.1</p></td><td>1</td></tr></tbody></table>",
            "loss | lr\n0.1 | 1",
        ),
        ("<details><summary>More</summary><p>hidden</p></details>", "More\n\nhidden"),
        ("a <span class='spoiler'>secret</span><div class='spoiled'>b</div>", "a secret\nb"),
        ("a<hr>b<del>c</del> x<sup>2</sup> H<sub>2</sub>O", "a\nb~~c~~ x^2 H2O"),
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


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<img class='emoji emoji-custom' title=':parrot:' alt=':parrot:'>", ":parrot:"),
        (
            "<img class='emoji only-emoji' title=':a_very_long_emoji_name:'>",
            ":a_very_long_emoji_name:",
        ),
        ("<img data-src='lazy.png' alt='a lazy picture'>", "a lazy picture"),
        ("<img data-base62-sha1='x' alt='Screenshot 2023-01-02 at 10.11.12'>", ""),
        ("<img data-base62-sha1='x' alt='loss, by epoch|690x388'>", "loss, by epoch"),
        ("<img class='avatar' alt='ann'>", ""),
        ("<a class='hashtag' href='/c/feature'>#<span>feature</span></a>", "#feature"),
        (
            "<a class='hashtag-cooked' href='/c/f' data-slug='feature'><svg><use></use></svg>"
            "<span>Feature</span></a>",
            "#feature",
        ),
        (
            "<a class='mention' href='/u/ann'>@ann</a> <span class='mention'>@bob</span>",
            "@ann @bob",
        ),
        (
            "<div class='poll'><div class='poll-title'>Which?</div><ul><li>a</li></ul>"
            "<div class='poll-info'>9 voters</div></div>",
            "Which?\n\n• a",
        ),
        (
            "<span class='discourse-local-date' data-date='2026-01-01' data-time='10:00:00' "
            "data-timezone='Europe/Berlin'>Jan 1</span>",
            "2026-01-01 10:00:00 Europe/Berlin",
        ),
    ],
)
def test_what_a_forum_draws_is_what_its_author_meant(html: str, text: str) -> None:
    said = post_text(html, base=FORUM)
    assert (said.text, said.links) == (text, ())


@pytest.mark.parametrize(
    "code",
    [
        "def f(x):\n\treturn x  # tab\n\n\n\n    y = [1]",
        "    indented first line\nlast",
        "if a < b && c > d: print('&amp;')",
        "x" * 5_000,
        '[quote="ann"]\nno quote\n[/quote]\n> nor this\nOn 5 Mar 2019 10:30 Ann wrote:',
        "line with blanks at its end   \nnext",
    ],
)
def test_code_is_kept_to_the_letter(code: str) -> None:
    spelt = code.replace("&", "&amp;").replace("<", "&lt;")
    html = f"<p>a</p><pre data-x='1'><code class='lang-python hljs'>{spelt}\n</code></pre><p>b</p>"
    assert post_text(html).text == f"a\n\n{code}\n\nb"
    assert post_text(html).quotes == ()


def test_code_within_a_line_is_its_text() -> None:
    html = "<p>call <code>f(x)[0]  &lt; [/quote]</code>.</p>"
    assert post_text(html).text == "call f(x)[0]  < [/quote]."


def test_formulas_get_back_the_dollars_that_the_forum_took() -> None:
    html = "<p>so <span class='math'>x_i * y</span>:</p><div class='math'>\n a \\\\\n b\n</div>"
    assert post_text(html).text == "so $x_i * y$:\n\n$$\n a \\\\\n b\n$$"


def test_footnotes_keep_their_marks_and_stand_at_the_end() -> None:
    html = (
        "<p>said<sup class='footnote-ref'><a href='#footnote-9-1'>[1]</a></sup> so</p>"
        "<hr class='footnotes-sep'><section class='footnotes'><ol class='footnotes-list'>"
        "<li id='footnote-9-1' class='footnote-item'><p>by whom "
        "<a href='#footnote-ref-9-1' class='footnote-backref'>↩︎</a></p></li></ol></section>"
    )
    assert post_text(html).text == "said[1] so\n\n[1] by whom"


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


@pytest.mark.parametrize(
    ("base", "href", "link"),
    [
        (FORUM, "/t/slug/12/3", f"{FORUM}/t/slug/12/3"),
        (f"{FORUM}/", "/uploads/short-url/x.pdf", f"{FORUM}/uploads/short-url/x.pdf"),
        (f"{FORUM}/talk", "/t/slug/12", f"{FORUM}/talk/t/slug/12"),
        (f"{FORUM}/talk", "/talk/t/slug/12", f"{FORUM}/talk/t/slug/12"),
        (FORUM, "//cdn.example.org/x", "https://cdn.example.org/x"),
    ],
)
def test_links_within_the_forum_are_links_when_its_address_is_given(
    base: str, href: str, link: str
) -> None:
    said = post_text(f"<a href='{href}'>there</a>", base=base)
    assert (said.text, said.links) == (f"there ({link})", (link,))


def test_what_another_member_said_is_left_out_with_its_links() -> None:
    said = post_text(QUOTE)
    assert (said.text, said.links) == ("It is.", ())


def test_a_preview_of_a_page_becomes_its_title_and_link() -> None:
    said = post_text(ONEBOX)
    assert said.text == "Look:\n\nA Paper of Ours (https://example.org/paper)"
    assert said.links == ("https://example.org/paper",)


@pytest.mark.parametrize(
    "html",
    [
        "<aside class='onebox githubpullrequest'><header><a href='URL'>github.com</a></header>"
        "<h4><a href='URL'>A Title</a></h4><div>by ann</div><pre>code</pre></aside>",
        "<aside class='onebox pdf'><h3><a href='URL'>A Title</a></h3>9 KB</aside>",
        "<div class='onebox-result'><h3><a href='URL'>A Title</a></h3><div>"
        "words of the page</div></div>",
        "<div class='youtube-onebox lazy-video-container' data-video-title='A Title'><a href='URL'>"
        "<img title='A Title'></a></div>",
        "<a class='inline-onebox' href='URL'>A Title</a>",
        "<aside class='onebox twitterstatus' data-onebox-src='URL'><h4>A Title</h4>"
        "<blockquote>a tweet</blockquote></aside>",
    ],
)
def test_every_kind_of_preview_is_its_title_and_link(html: str) -> None:
    url = "https://example.org/watch"
    said = post_text(html.replace("URL", url))
    assert (said.text, said.links, said.quotes) == (f"A Title ({url})", (url,), ())


def test_a_video_that_is_loaded_later_leads_to_its_page() -> None:
    said = post_text("<div class='lazyYT' data-youtube-id='a_b-1' data-youtube-title='Talk'></div>")
    assert said.text == "Talk (https://www.youtube.com/watch?v=a_b-1)"


def test_a_picture_that_links_to_its_file_leaves_no_file_name() -> None:
    html = (
        "a<div class='lightbox-wrapper'><a class='lightbox' href='https://example.org/p.png'>"
        "<img src='p.png' alt='p.png'><div class='meta'>p.png 640x480</div></a></div>b"
    )
    assert post_text(html).text == "a\nb"


def test_null_bytes_lone_surrogates_and_control_characters_do_not_pass() -> None:
    assert post_text("a\x00b\x1b \ud800<b>c</b>&#1;\ufdd0").text == "ab \ufffdc"


@pytest.mark.parametrize("mark", ["\ufdd8", "&#xFDD8;", "&#64984;", "&#x00FDD9;", "&#xfddb;"])
def test_marks_that_are_used_within_cannot_be_smuggled_in(mark: str) -> None:
    html = f"{mark}0&#xfddb;<blockquote>hers {mark} too</blockquote>mine {mark} alone"
    said = post_text(html)
    assert (said.text.split(), [q.text.split() for q in said.quotes]) == (
        ["0", "mine", "alone"],
        [["hers", "too"]],
    )


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


def test_posts_recorded_from_real_forums_read_as_their_pages_do(shared: Path) -> None:
    topic = json.loads((shared / "discourse" / "topic.json").read_text("utf-8"))
    posts = [post_text(post["cooked"]) for post in topic["post_stream"]["posts"]]

    assert posts[0].text.startswith("Welcome!\n\nTry is a sandbox, a safe place")
    assert posts[0].links == (
        "http://www.discourse.org",
        "http://meta.discourse.org",
        "https://github.com/discourse/discourse",
    )
    assert "• For more information on the Discourse project" in posts[0].text
    assert posts[2].text == ""
    assert posts[3].text == "What? So I have to post this every day?"


def test_a_recorded_post_reads_alike_from_its_markdown_and_from_its_page(shared: Path) -> None:
    replies = json.loads((shared / "discourse" / "posts_before.json").read_text("utf-8"))
    post = next(post for post in replies["latest_posts"] if post["id"] == 10)

    cooked = post_text(post["cooked"]).text
    raw = post_text(post["cooked"], post["raw"]).text

    assert raw == cooked.replace("\u2019", "'")
    assert "via the admin :wrench: (at the upper right" in raw
