"""Texts of papers and posts, picked by numbers, that speak of each other in many ways."""

from tests.outside.markup import Markup, code, onebox, quoted, words

_TITLES = (
    "KettleNet: Whistles for Everybody",
    "On Teapots and Their Lids",
    "Deep Wombats Dig Deeper Holes",
    "POT-2: Label Smoothing of Porcelain",
    "A Survey of Surveys on Ticket Lotteries",
    "Mixtures without Mixing",
    "Vectors of Steam in Narrow Spouts",
    "The Unreasonable Silence of Kettles",
)


def title(which: int, how: int) -> str:
    """Return a paper's title, in one of two editions."""
    return _TITLES[which % len(_TITLES)] + (" Revisited" if how % 2 else "")


def abstract(which: int, how: int) -> str:
    """Return a paper's abstract, long enough for several passages, one sentence after `how`."""
    editions = [how if place == how % 4 else 0 for place in range(8)]
    return " ".join(
        f"Sentence {place} of paper {which} in edition {edition} tells how wombats and kettles "
        f"whistle at number {place * which} while the lids of teapots are mixed, pruned and "
        "labelled by hand."
        for place, edition in enumerate(editions)
    )


def note(which: int, how: int) -> str:
    """Return a curator's note."""
    return f"We read paper {which} on day {how // 4} and liked its wombats."


def saying(which: int, how: int) -> Markup:
    """Return what a member says of a paper, in one of several ways."""
    own = words(f"I had lunch number {how} and thought about it.")
    identifier = f"1901.{which + 1:05}"
    ways = (
        words(f"{_TITLES[which % len(_TITLES)]} is a fine paper."),
        words(f"See https://arxiv.org/abs/{identifier} for that."),
        words("This technique is amazing, has anyone tried it?"),
        words("Not that I know of."),
        quoted("member1", abstract(which, 0)[:200], 1, 41) + own,
        onebox(f"https://arxiv.org/abs/{identifier}", title(which, 0), "An excerpt.") + own,
        words("KettleNet and POT-2 rule, and so does Short3.") + code("kettle.whistle()"),
        words(" ".join(f"Long thought number {n} of lunch {how}." for n in range(30))),
    )
    return ways[how % len(ways)]
