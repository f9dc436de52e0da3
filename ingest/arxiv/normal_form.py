r"""Bring papers into the one form that they have whatever source told us of them.

arXiv's API gives titles and abstracts with accents, ligatures and Greek letters of TeX turned into
characters, formulas included, while OAI-PMH, DataCite and metadata files give what was submitted,
broken into lines as it was. What the API does not undo is left as it is.
"""

import re
import unicodedata
from dataclasses import replace
from html import unescape

from ingest.arxiv.withdrawn import is_withdrawn
from ingest.one_line import one_line
from ingest.paper import Paper

_LETTERS: dict[str, str] = dict(
    re.findall(
        r"(\w+)=(\w|\W)",
        "AA=Å AE=Æ DH=Ð DJ=Đ ETH=Ð L=Ł NG=Ŋ O=Ø OE=Œ TH=Þ aa=å ae=æ dh=ð dj=đ eth=ð i=ı l=ł ng=ŋ"
        " o=ø oe=œ ss=ß th=þ P=¶ S=§ copyright=© dag=† ddag=‡ deg=° div=÷ guillemotleft=«"
        " guillemotright=» pounds=£ Gamma=Γ Delta=Δ Theta=Θ Lambda=Λ Xi=Ξ Pi=Π Sigma=Σ Upsilon=Υ"
        " Phi=Φ Psi=Ψ Omega=Ω alpha=α beta=β gamma=γ delta=δ epsilon=ε zeta=ζ eta=η theta=θ iota=ι"
        " kappa=κ lambda=λ mu=μ nu=ν xi=ξ omicron=ο pi=π rho=ρ sigma=σ varsigma=ς tau=τ phi=ϕ"
        " varphi=φ chi=χ psi=ψ omega=ω",
    )
)
_ACCENTS = dict(
    zip(
        "`'^~=u.\"rHvck",
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327\u0328",
        strict=True,
    )
)
_NAMES = "|".join(_LETTERS)
_LETTER = re.compile(
    rf"\{{\\({_NAMES})\}}|\\({_NAMES})(?![^\W_])(?:\\(?= )| |\{{\}})?",  # TeX eats one blank
    re.ASCII,
)
_DOUBLED_BRACES = re.compile(r"\{\{([^{}]*)\}\}")
_ACCENTED = re.compile(
    r"\\(?:([`'^\"~=.])(?:\{([A-Za-zı])\}|([A-Za-zı]))|([Hckruv])\{([A-Za-zı])\})"
)
_BRACED = re.compile(r"\{([À-ÖØ-öø-ɏḀ-ỿ])\}")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_PLAIN_NAME = re.compile(r"[A-Z][a-z]+(?: [A-Z][a-z]+)+")
_INITIALS = re.compile(r"(?<=\b[^\W\d_]\.)(?=[^\W\d_])")
_HYPHENED = re.compile(r"(?<=\.)\s+-(?=\w)")
_TIES = str.maketrans("~", " ", "{}")
_DEEPEST = 5  # doubled braces within each other
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)?(?:\.[A-Za-z]{2}|\.[a-z]+(?:-[a-z]+)?)?")
_SECOND_NAMES = {  # listings have both names, the API only the second of each of these
    "cs.NA": "math.NA",
    "cs.SY": "eess.SY",
    "math.IT": "cs.IT",
    "math.MP": "math-ph",
    "q-fin.EC": "econ.GN",
    "stat.TH": "math.ST",
}
_BETWEEN_DOIS = re.compile(r"[\s,;]+(?=10\.)")


def normal(paper: Paper) -> Paper:
    """Return the paper as every source gives it.

    Texts are on one line, names are "A. B. Last Jr.", several DOIs are parted by ", ". The primary
    category comes first, the others follow in alphabetical order without second names ("math.IT"
    beside "cs.IT"). The paper is withdrawn if it says so.
    """
    abstract, comments = _text(paper.abstract), _text(paper.comments)
    primary, categories = _classes(paper)
    return replace(
        paper,
        title=_text(paper.title),
        abstract=abstract,
        authors=tuple(n for n in map(normal_name, paper.authors) if any(map(str.isalpha, n))),
        categories=categories,
        primary_category=primary,
        comments=comments,
        doi=_BETWEEN_DOIS.sub(", ", one_line(paper.doi or "")) or None,
        withdrawn=paper.withdrawn or is_withdrawn(abstract, comments),
    )


def normal_text(text: str) -> str:
    """Return a title, an abstract or a comment as one line, in the characters it stands for."""
    if "&" in text:
        text = _ENTITY.sub(lambda found: unescape(found[0]), text)
    if "\\" in text or "{{" in text:
        text = _without_tex(text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", _BRACED.sub(r"\1", text))
    return one_line(text)


def normal_name(name: str) -> str:
    """Return an author's name: initials with a blank after each, none before a hyphen."""
    if _PLAIN_NAME.fullmatch(name):  # most are, and this is many times faster
        return name
    plain = normal_text(name).replace("\\ ", " ").translate(_TIES)
    return one_line(_HYPHENED.sub("-", _INITIALS.sub(" ", plain)) if "." in plain else plain)


def _classes(paper: Paper) -> tuple[str | None, tuple[str, ...]]:
    """Return the primary category and all of them, without classes of other schemes (MSC, ACM)."""
    given = [category for category in paper.categories if _CATEGORY.fullmatch(category)]
    primary = paper.primary_category or next(iter(given), None)
    known = {*given, primary}
    others = {category for category in given if _SECOND_NAMES.get(category) not in known}
    return primary, (primary, *sorted(others - {primary})) if primary else ()


def _text(text: str | None) -> str | None:
    return normal_text(text or "") or None


def _without_tex(text: str) -> str:
    text = _LETTER.sub(lambda found: _LETTERS[found[1] or found[2]], text)
    for _ in range(_DEEPEST):
        text = _DOUBLED_BRACES.sub(r"{\1}", text)
    return _ACCENTED.sub(_accented, text)


def _accented(found: re.Match[str]) -> str:
    """Return the letter with its accent; what is no letter of any language stays as it is."""
    accent, letter = found[1] or found[4], found[2] or found[3] or found[5]
    base = "i" if letter == "ı" else letter
    whole = unicodedata.normalize("NFC", base + _ACCENTS[accent])
    return whole if len(whole) == 1 else found[0]
