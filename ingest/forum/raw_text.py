"""Turn the Markdown of a post, as Discourse reads it, into HTML like that of its pages."""

import re
from collections.abc import Sequence
from functools import cache
from html import escape

from lxml.html import defs
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.amsmath import amsmath_block, amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from ingest.forum.bbcode import bbcode_plugin
from ingest.forum.cleaning import without_controls

# Bare names of hosts are links under these alone, as in Discourse: `train.py` is a file.
_DOMAINS = "com net org io onion co tv ru cn us uk me de fr fi gov"
_TAG = re.compile(r"</?([a-zA-Z][\w-]*)")
_TAGS = frozenset(defs.tags) | {"picture", "center", "big", "strike"}
_FORMULA = re.compile(r"\\\((?:[^\\\n]|\\[^)\n])+?\\\)|\\\[(?=[^]]*[\\^_=])(?:[^\\]|\\[^]])+?\\\]")


def html_of(raw: str) -> str:
    """Return the HTML of a post's Markdown.

    Line breaks are kept; formulas stand within `class="tex"` as they were typed; tags that HTML
    does not know (`<unk>`) are words. HTML in it is passed on: nothing here makes it safe to show.
    """
    return str(_parser().render(without_controls(raw)))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("js-default", {"html": True, "linkify": True, "breaks": True})
    parser.use(footnote_plugin).use(bbcode_plugin).use(amsmath_plugin)
    parser.use(
        dollarmath_plugin,
        allow_labels=False,
        allow_space=False,
        allow_digits=False,
        allow_blank_lines=False,
        double_inline=True,
    )
    interrupted = ["paragraph", "reference", "blockquote", "list", "footnote_def"]
    parser.block.ruler.at("amsmath", _equations, {"alt": interrupted})
    parser.inline.ruler.before("escape", "formula", _formula)
    for kind in ("math_inline", "math_inline_double", "math_block", "amsmath", "formula"):
        parser.add_render_rule(kind, _render_formula)
    parser.add_render_rule("html_inline", _render_tag)
    if parser.linkify:
        parser.linkify.tlds(_DOMAINS.split())
    return parser


def _equations(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Read an equation without dollars; look for its end only where one can be."""
    if not state.src.startswith("\\begin{", state.bMarks[first] + state.tShift[first]):
        return False
    if "last_end" not in state.env:
        state.env["last_end"] = state.src.rfind("\\end{")
    is_ahead = bool(state.env["last_end"] >= state.bMarks[first])
    return is_ahead and amsmath_block(state, first, end, silent)


def _formula(state: StateInline, silent: bool) -> bool:
    r"""Read \( … \) and \[ … \] as a formula, where Markdown would take the backslashes off."""
    if not state.src.startswith(("\\(", "\\["), state.pos):
        return False
    found = _FORMULA.match(state.src, state.pos, min(state.posMax, state.pos + 2_000))
    if found is None:
        return False
    if not silent:
        state.push("formula", "", 0).content = found[0]
    state.pos = found.end()
    return True


def _render_formula(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[at]
    tag = "div" if token.block else "span"
    words = f"{token.markup}{token.content}{token.markup}"
    return f'<{tag} class="tex">{escape(words)}</{tag}>'


def _render_tag(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    words = tokens[at].content
    tag = _TAG.match(words)
    return escape(words) if tag and tag[1].lower() not in _TAGS else words
