"""What a member writes, as Markdown and as the HTML that Discourse makes of it."""

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Markup:
    """A piece of a post in both forms; pieces are joined by +, each being a block of its own."""

    raw: str
    cooked: str

    def __add__(self, other: "Markup") -> "Markup":
        return Markup(f"{self.raw}\n\n{other.raw}", f"{self.cooked}\n{other.cooked}")


def words(text: str) -> Markup:
    """Return paragraphs without markup."""
    blocks = [f"<p>{escape(block, quote=False)}</p>" for block in text.split("\n\n")]
    return Markup(text, "\n".join(blocks))


def quoted(username: str, text: str, post: int, topic: int) -> Markup:
    """Return another member's words, as Discourse quotes them."""
    return Markup(
        f'[quote="{username}, post:{post}, topic:{topic}"]\n{text}\n[/quote]',
        f'<aside class="quote no-group" data-username="{username}" data-post="{post}" '
        f'data-topic="{topic}">\n<div class="title">\n<div class="quote-controls"></div>\n'
        f'<img alt="" width="24" height="24" src="/user_avatar/{username}/48/1.png" '
        f'class="avatar"> {username}:</div>\n'
        f"<blockquote>\n<p>{escape(text, quote=False)}</p>\n</blockquote>\n</aside>",
    )


def onebox(url: str, title: str, excerpt: str) -> Markup:
    """Return an address that stands alone, which Discourse shows as a preview of its page."""
    host = url.split("/")[2]
    return Markup(
        url,
        f'<aside class="onebox allowlistedgeneric" data-onebox-src="{url}">\n'
        f'<header class="source">\n<a href="{url}" target="_blank" rel="noopener">{host}</a>\n'
        f'</header>\n<article class="onebox-body">\n<h3><a href="{url}" target="_blank" '
        f'rel="noopener">{escape(title)}</a></h3>\n<p>{escape(excerpt)}</p>\n</article>\n'
        '<div class="onebox-metadata">\n</div>\n<div style="clear: both"></div>\n</aside>',
    )


def code(text: str, language: str = "python") -> Markup:
    """Return a block of code."""
    return Markup(
        f"```{language}\n{text}\n```",
        f'<pre><code class="lang-{language}">{escape(text)}\n</code></pre>',
    )
