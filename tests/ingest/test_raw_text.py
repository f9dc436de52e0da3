"""A post's Markdown, as Discourse reads it, becomes the words its author wrote."""

import pytest

from ingest.forum.post_text import LONGEST_RAW, MOST_BRACKETS, QuotedText, post_text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("*one* **two**\nthree `four`", "one two\nthree four"),
        ("nice :smile: 🎉 @ann #tag", "nice :smile: 🎉 @ann #tag"),
        ("![the loss|690x388, 50%](upload://x.png)", "the loss"),
        ("[paper.pdf|attachment](upload://x.pdf) (1 MB)", "paper.pdf (1 MB)"),
        ('[details="The rest"]\nhidden\n[/details]', "The rest\n\nhidden"),
        ("[spoiler]a[/spoiler] [u]b[/u] [s]c[/s] [color=red]d[/color]", "a b ~~c~~ d"),
        ("a[i] and b[s] stay", "a[i] and b[s] stay"),
        ("[poll type=regular]\n# Which?\n* a\n* b\n[/poll]", "Which?\n\n• a\n• b"),
        ("on [date=2026-01-01 time=10:00 timezone=UTC].", "on 2026-01-01 10:00 UTC."),
        ("[wrap=note]\nkept\n[/wrap]", "kept"),
        (
            "see[^1] and ^[inline]\n\n[^1]: the *note*",
            "see[1] and [2]\n\n[1] the note\n\n[2] inline",
        ),
        ("|a|b|\n|-|-|\n|1|`x`|", "a | b\n1 | x"),
        ("3. c\n4. d", "3. c\n4. d"),
        ("the <unk> token, <kbd>Ctrl</kbd>, 10<sup>3</sup>", "the <unk> token, Ctrl, 10^3"),
        ("<details>\n<summary>More</summary>\n\n*in* it\n\n</details>", "More\n\nin it"),
        ("run train.py, then `a  b`", "run train.py, then a  b"),
        ("[code]x[0][/code] [img]https://example.org/x.png[/img]", "x[0]"),
        ("~~gone~~ but said", "~~gone~~ but said"),
    ],
)
def test_markdown_and_bbcode_read_as_the_page_does(raw: str, text: str) -> None:
    assert post_text("", raw).text == text


@pytest.mark.parametrize(
    "formula",
    [
        "$a_i * b_i * c$",
        "$$\\sum_i x_i * y_i * z_i$$",
        "\\(x_i * y_i\\)",
        "\\[x_i = y * z * w\\]",
        "$$\n\\alpha_1 * \\\\\n  \\beta_1 *\n$$",
        "\\begin{align}\na_1 * b &= c \\\\\nd_1 * e\n\\end{align}",
        "$[quote]$",
    ],
)
def test_a_formula_stays_as_it_was_typed(formula: str) -> None:
    assert post_text("", f"so\n\n{formula}\n\n*then*").text == f"so\n\n{formula}\n\nthen"
    assert formula in post_text("", f"so {formula} *then*").text or "\n" in formula


def test_prices_are_no_formula() -> None:
    assert post_text("", "it costs $5 and **not** $10").text == "it costs $5 and not $10"


@pytest.mark.parametrize(
    ("opening", "quote"),
    [
        ('[quote="ann, post:3, topic:12, full:true"]', QuotedText("q", "ann", 12, 3)),
        ('[quote="Lee, Ann, post:3, topic:12, username:ann"]', QuotedText("q", "ann", 12, 3)),
        ('[quote="ann, topic:12, post:3"]', QuotedText("q", "ann", 12, 3)),
        ("[quote=ann]", QuotedText("q", "ann")),
        ("[QUOTE=“ann, post:3”]", QuotedText("q", "ann", None, 3)),
        ("[quote]", QuotedText("q")),
        ('[quote="ann, post:99999999999999999999"]', QuotedText("q", "ann")),
    ],
)
@pytest.mark.parametrize(
    "form",
    ["{}\nq\n[/quote]\nmine", "{}q[/quote]\nmine", "{}\nq[/quote]\nmine", "{}q[/quote] mine"],
)
def test_a_quote_in_bbcode_is_known_in_every_form(
    form: str, opening: str, quote: QuotedText
) -> None:
    closing = "[/QUOTE]" if "QUOTE" in opening else "[/quote]"
    said = post_text("", form.format(opening).replace("[/quote]", closing))
    assert (said.text, said.quotes) == ("mine", (quote,))


def test_quotes_within_quotes_lists_and_details_are_all_apart() -> None:
    raw = (
        '[quote="ann"]\nhers\n[quote="bob"]\nhis\n> a third\n[/quote]\nhers too\n[/quote]\n'
        "- mine\n  [quote]\n  listed\n  [/quote]\n\n  mine too\n\n"
        "[details=More]\n> detailed\n\nand mine\n[/details]"
    )
    said = post_text("", raw)
    assert said.text.split() == ["•", "mine", "mine", "too", "More", "and", "mine"]
    assert [quote.text.split() for quote in said.quotes] == [
        ["hers", "hers", "too"], ["his"], ["a", "third"], ["listed"], ["detailed"],
    ]  # fmt: skip


def test_a_quote_that_nothing_closes_ends_with_its_paragraph() -> None:
    said = post_text("", '[quote="ann, post:2"]\nhers\nstill hers\n\nmine')
    assert (said.text, said.quotes) == ("mine", (QuotedText("hers\nstill hers", "ann", None, 2),))


@pytest.mark.parametrize("code", ["```\n{}\n```", "`{}`", "    {}", "[code]\n{}\n[/code]"])
def test_bbcode_in_code_is_text(code: str) -> None:
    raw = code.format("[quote=ann] x [/quote] > y [details]")
    said = post_text("", raw)
    assert (said.text, said.quotes) == ("[quote=ann] x [/quote] > y [details]".lstrip(), ())


def test_a_chat_that_was_copied_is_quoted() -> None:
    raw = '[chat quote="ann;12;2022-01-25T05:40:39Z" channel="Reading"]\nhers\n[/chat]\nmine'
    assert post_text("", raw).quotes == (QuotedText("hers", "ann"),)
    assert post_text("", raw).text == "mine"


def test_a_bare_address_gets_the_title_that_the_page_shows() -> None:
    url = "https://example.org/paper"
    cooked = (
        f"<p>Look:</p><aside class='onebox' data-onebox-src='{url}'><h3><a href='{url}'>A Paper</a>"
        "</h3><p>words of the page</p></aside><p>and see <a href='/t/x/12/3'>this</a></p>"
    )
    said = post_text(
        cooked, f"Look:\n\n{url}\n\nand see [this](/t/x/12/3)", "https://f.example.org"
    )
    assert said.text == f"Look:\n\nA Paper ({url})\n\nand see this (https://f.example.org/t/x/12/3)"
    assert said.links == (url, "https://f.example.org/t/x/12/3")


def test_links_that_only_the_page_knows_are_kept() -> None:
    cooked = "<p>my <a class='attachment' href='/uploads/short-url/x.pdf'>file.pdf</a></p>"
    said = post_text(cooked, "my [file.pdf|attachment](upload://x.pdf)", "https://f.example.org")
    assert said.text == "my file.pdf"
    assert said.links == ("https://f.example.org/uploads/short-url/x.pdf",)


def test_markdown_too_long_to_read_is_left_for_the_page() -> None:
    long = "word " * (LONGEST_RAW // 5 + 1)
    assert post_text("<p>the page</p>", long).text == "the page"
    assert post_text("<p>the page</p>", "[" * (MOST_BRACKETS + 1)).text == "the page"
    assert post_text("", long).truncated
