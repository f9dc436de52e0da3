"""Guess which other post of its thread a post speaks of, when it only says "this technique"."""

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.post import Post

_REACH = 12  # how many posts back
_NEAR = 3  # how many posts back when no words are shared
_SHARED_STEMS = 3

_THING = (
    r"(?:paper|technique|method|approach|idea|work|article|algorithm|results?|authors?|code|repo|"
    r"implementation|architecture|model|loss|concept|findings?|abstract|study|one|trick|stuff)"
)
_PRAISE = (
    r"(?:amazing|incredible|great|interesting|impressive|nice|awesome|cool|fantastic|brilliant|"
    r"fascinating|promising|excellent|lovely|wonderful)"
)
_REFERS = re.compile(
    rf"\b(?:this|that|these|those|the|their) (?:\w+ )?{_THING}\b(?!-)"
    rf"|\b{_PRAISE} {_THING}\b"
    r"|\b(?:implement|tr[iy]|read|reproduc|replicat|us)(?:e|ed|es|ing|y|ied|ying)? (?:it|this)\b"
    r"|\b(?:on|of|about|with|to|from|into|behind) this\b(?! (?:week|month|year|thread|forum|topic))"
    r"|^(?:(?:the|their|official|source|here is|here's) )*"
    r"(?:code|implementation|repo|slides|video|talk|blog post|notebook|poster)\b.*(?:\bhere\b|:)"
    r"|^this\b|\bthey (?:propose|show|claim|use|report|compare|prove|train)d?\b",
    re.IGNORECASE | re.MULTILINE,
)
_THE_PAPER = re.compile(
    r"\bthe (?:paper|authors?|article|method|technique|appendix)\b|\bthey (?:propose|show)\b"
    r"|\breading (?:it|this)\b",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"(?:not that i|no[,.]|nope\b|yes[,.!]|yep\b|yeah\b|not yet\b)", re.IGNORECASE
)
_GOES_ON = re.compile(
    r"\W*(?:and|also|same|agreed|exactly|indeed|right|true|sure|plus|1|but)\b", re.IGNORECASE
)
_COMPARES = re.compile(
    r"\b(?:this|that|it|they|these|those)\b(?! (?:week|month|year|paper|time))(?:\W+\w+){0,2}?\W+"
    r"(?:differ\w*|compar\w*|relat\w*|better|worse|faster|slower|simpler|similar|the same"
    r"|with|instead|against|versus|vs)\b"
    r"|\b(?:combin|compar|mix|us|pair)\w* (?:it|this|that|them) (?:with|to|together|against)\b",
    re.IGNORECASE,
)
_FIRST_SENTENCE = re.compile(r"[^.!?\n]{1,40}[.!?\n]")
_ASIDE = re.compile(r"\W*(?:off[- ]?topic|ot:|unrelated|side ?note)\b", re.IGNORECASE)
_SHORT = 6  # words
_ENDS_WITH_THANKS = re.compile(r"\b(?:thanks|thank you|thx|cheers)\W*$", re.IGNORECASE)
_COURTESY_WORDS = (
    "a again all and appreciated awesome bookmarked cheers congrats congratulations cool for "
    "great haha hi hello heh it lol link lot many much nice no oh ok okay one perfect pointer post "
    "posting problem really sharing so thank thanks that the this thx to very welcome wow you "
    "your 1"
)
_COURTESY = frozenset(_COURTESY_WORDS.split())
_COMMON_WORDS = (
    "about after also been before being best better between both code could does done each even "
    "find first from good have here into just know like look looking made make many more most "
    "much need only other over paper part post really same should some something still such "
    "than thank that their them then there these they thing think this those through using very "
    "want well were what when where which while will with work would your "
)
_COMMON = frozenset(re.findall(r"\w+", _COMMON_WORDS))


@dataclass(frozen=True, slots=True)
class Followed:
    """The post whose subject another takes over, and whether it says so by an answer or words."""

    key: str
    rule: Literal["reply", "follows"]


def refers(text: str) -> bool:
    """Tell whether a text speaks of something that was named elsewhere ("this technique")."""
    return _REFERS.search(text) is not None or _COMPARES.search(text) is not None


def means_the_paper(text: str) -> bool:
    """Tell whether a text speaks of "the paper" as everybody's subject."""
    return _THE_PAPER.search(text) is not None


def compares(text: str, own: int) -> bool:
    """Tell whether a text sets "this" or "it" beside what it names itself from a place on.

    So does one that opens with another paper ("Incredible paper. I use UDA's code").
    """
    match = _COMPARES.search(text)
    if match is not None and match.start() < own:
        return True
    opening = _FIRST_SENTENCE.match(text)
    return opening is not None and opening.end() <= own and _REFERS.search(opening[0]) is not None


def is_aside(text: str) -> bool:
    """Tell whether a text is mere courtesy ("Thanks for sharing!") or says it is off the topic."""
    words = re.findall(r"[^\W_]+", re.sub(r"(?<!\w)(?:@\w+|:\w+:)", " ", text.lower()))
    says_thanks = len(words) <= _SHORT and _ENDS_WITH_THANKS.search(text) is not None
    return says_thanks or _ASIDE.match(text) is not None or _COURTESY.issuperset(words)


def followed_post(
    place: int, posts: Sequence[Post], linked: Collection[str], own: int | None
) -> Followed | None:
    """Return the post whose subject the post at a place takes over, if there is one.

    `posts` are those of the thread in order, `linked` the keys of those whose papers are known,
    `own` is where the post's text first names papers itself. A reply takes the subject of the
    post it answers, unless it has its own and neither refers to another nor goes on ("And UDA
    …"). Otherwise a post must refer
    ("this paper", "implementing it"), answer ("Not that I know") or compare ("is it better than
    UDA?"); then it is the earlier post it shares most words with, or else the one just before. A
    saved thread mixes up its order, so there the next post counts as well.
    """
    post = posts[place]
    if is_aside(post.text):
        return None
    answers = _ANSWERS.match(post.text) is not None
    beside = own is not None and compares(post.text, own)
    goes_on = post.reply_to and (refers(post.text) or _GOES_ON.match(post.text))
    if own is not None and not (answers or beside or goes_on):
        return None
    if post.reply_to:
        return Followed(post.reply_to, "reply") if post.reply_to in linked else None
    if not (answers or beside or refers(post.text)):
        return None
    key = most_alike(place, posts, linked, answers) or _just_before(place, posts, linked)
    return Followed(key, "follows") if key else None


def most_alike(
    place: int, posts: Sequence[Post], linked: Collection[str], answers: bool = False
) -> str | None:
    """Return the linked post nearby with which the one at a place shares most words, if any."""
    post = posts[place]
    window = posts[max(0, place - _REACH) : place]
    around = [*window, *(posts[place + 1 : place + 2] if _is_saved(post) else ())]
    found = {other.key: stems(other.text) for other in (*around, post)}
    spread = Counter(stem for some in found.values() for stem in some)
    weights: dict[str, float] = {}
    for other in _asked([other for other in around if other.key in linked], answers):
        shared = found[other.key] & found[post.key]
        if len(shared) >= (1 if answers else _SHARED_STEMS):
            weights[other.key] = sum(math.log(1 + len(found) / spread[stem]) for stem in shared)
    return max(weights, key=lambda key: weights[key]) if weights else None


def _just_before(place: int, posts: Sequence[Post], linked: Collection[str]) -> str | None:
    window = posts[max(0, place - _NEAR) : place]
    near = [other for other in window if other.key in linked]
    return near[-1].key if near else None


def _asked(candidates: list[Post], answers: bool) -> list[Post]:
    """Return the posts that ask something, where an answer is to be placed."""
    asking = [other for other in candidates if "?" in other.text] if answers else []
    return asking or candidates


def _is_saved(post: Post) -> bool:
    return post.post_number is None


def stems(text: str) -> frozenset[str]:
    """Return the longer words of a text without their endings, but for the commonest."""
    words = re.findall(r"[^\W\d_]{4,}", text.lower())
    return frozenset(_stem(word) for word in words if word not in _COMMON)


def _stem(word: str) -> str:
    return re.sub(r"(?<=\w{4})(?:ations?|ings?|ed|es|e|s)$", "", word)
