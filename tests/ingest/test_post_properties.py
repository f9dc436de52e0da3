"""Whatever a post is made of, its author's words are kept and no one else's are given to him."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.forum.post_text import PostText, post_text

Tree: TypeAlias = tuple[str, list["Tree"]]
LEAVES: st.SearchStrategy[Tree] = st.tuples(
    st.sampled_from(["words", "code", "table", "line"]), st.just([])
)
TREES: st.SearchStrategy[Tree] = st.recursive(
    LEAVES,
    lambda inner: st.tuples(
        st.sampled_from(["quote", "block", "item", "details"]), st.lists(inner, max_size=3)
    ),
    max_leaves=12,
)
SIGNS = (
    '[quote="ann,post:2"] [/quote] [quote] [details=x] [/details] [code] [/code] [poll] [/poll] >'
    " [url=a.b] [/url] ``` ` $ $$ \\( \\) \\[ \\] ** _ ~~ [^1] [^1]: - 1. | |-| <!-- --> <![CDATA["
    " <blockquote> </blockquote> </aside> <pre> </pre> <code> </code> <li> <ul> <td> <tr> <table>"
    ' <details> <summary> <svg> <template> <textarea> <plaintext> <frameset> <a"b> <a:b> <*> <br>'
    " &#xfdd8; &#64985; &amp;#xfdd8; &#x0 0 \ufdd8 \ufddb \x00 \ud800 \u2028 & < word \n \n\n \t"
)
PHRASES = (
    *(" ", "    ", "<aside class=quote data-username=x>", "<div class=onebox>", "<img alt=x>"),
    *("<a href=https://a.b>", "<div class=math>", "On 5 Mar 10:30 A wrote:", "From: a"),
    *("To: b\nCc: c", "-----Original Message-----", "![a|1x2](upload://z)", "[x](//a.b)"),
)
POSTS = st.lists(st.sampled_from([*SIGNS.split(" "), *PHRASES]), max_size=25).map("".join)
UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


@dataclass
class Written:
    """A post in both its forms, with the words of its author and those that it quotes."""

    cooked: str = ""
    raw: str = ""
    own: set[str] = field(default_factory=set)
    quoted: set[str] = field(default_factory=set)


def _write(trees: list[Tree], words: Iterator[str], *, quoted: bool = False) -> Written:
    made = Written()
    for kind, inner in trees:
        theirs = quoted or kind in {"quote", "block", "line"}
        part = _write(inner, words, quoted=theirs)
        word = next(words)
        cooked, raw = _forms(kind, word, part)
        made.cooked += cooked
        made.raw += f"{raw}\n\n"
        made.own |= part.own | (set() if theirs else {word})
        made.quoted |= part.quoted | ({word} if theirs else set())
    return made


def _forms(kind: str, word: str, part: Written) -> tuple[str, str]:
    """Return the HTML and the Markdown of one piece, which holds a word and the part within it."""
    cooked, raw = f"<p>{word}</p>{part.cooked}", f"{word}\n\n{part.raw}".rstrip()
    forms = {
        "words": (cooked, raw),
        "code": (f"<pre><code>[spoiler]\n> {word}</code></pre>", f"```\n[spoiler]\n> {word}\n```"),
        "table": (f"<table><tr><td>{word}</td></tr></table>", f"|{word}|\n|-|"),
        "line": (f"<p>[quote=ann]{word}[/quote]</p>", f"[quote=ann]{word}[/quote]"),
        "quote": (
            f"<aside class='quote' data-username='ann'><blockquote>{cooked}</blockquote></aside>",
            f'[quote="ann, post:2, topic:3"]\n{raw}\n[/quote]',
        ),
        "block": (f"<blockquote>{cooked}</blockquote>", re.sub("(?m)^", "> ", raw)),
        "item": (f"<ul><li>{cooked}</li></ul>", "- " + raw.replace("\n", "\n  ")),
        "details": (
            f"<details><summary>More</summary>{cooked}</details>",
            f'[details="More"]\n{raw}\n[/details]',
        ),
    }
    return forms[kind]


def _said(post: PostText) -> tuple[set[str], set[str]]:
    quoted = " ".join(quote.text for quote in post.quotes)
    return set(re.findall(r"word\d+", post.text)), set(re.findall(r"word\d+", quoted))


@settings(max_examples=60, deadline=None)
@given(st.lists(TREES, min_size=1, max_size=5))
def test_each_word_is_its_author_s_or_quoted_as_it_was_written(trees: list[Tree]) -> None:
    written = _write(trees, (f"word{number}" for number in count()))

    assert _said(post_text(written.cooked)) == (written.own, written.quoted)
    assert _said(post_text("", written.raw)) == (written.own, written.quoted)
    assert _said(post_text(written.cooked, written.raw)) == (written.own, written.quoted)


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(st.text(), POSTS),
    st.one_of(st.none(), POSTS),
)
def test_any_string_is_read_and_leaves_nothing_that_cannot_be_stored(
    cooked: str, raw: str | None
) -> None:
    said = post_text(cooked, raw, "https://forum.example.org/talk")

    names = (quote.author or "" for quote in said.quotes)
    for text in (said.text, *said.links, *(quote.text for quote in said.quotes), *names):
        assert not UNWANTED.search(text)
    assert said == post_text(cooked, raw, "https://forum.example.org/talk")
