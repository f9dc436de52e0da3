"""Guess which other post of its thread a post speaks of, when it only says "this technique"."""

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence

from ingest.post import Post

_REACH = 12  # how many posts back
_NEAR = 3  # how many posts back when no words are shared
_SHARED_STEMS = 3

_THING = (
    r"(?:paper|technique|method|approach|idea|work|article|algorithm|results?|authors?|code|repo|"
    r"implementation|architecture|model|loss|concept|findings?|abstract|study|one|stuff)"
)
_PRAISE = (
    r"(?:amazing|incredible|great|interesting|impressive|nice|awesome|cool|fantastic|brilliant|"
    r"fascinating|promising|excellent|lovely|wonderful)"
)
_REFERS = re.compile(
    rf"\b(?:this|that|these|those|the|their) (?:\w+ )?{_THING}\b"
    rf"|\b{_PRAISE} {_THING}\b"
    r"|\b(?:implement|tr[iy]|read|reproduc|replicat|us)(?:e|ed|es|ing|y|ied|ying)? (?:it|this)\b"
    r"|\b(?:on|of|about|with|to|from|into|behind) this\b(?! (?:week|month|year|thread|forum|topic))"
    r"|^this\b|\bthey (?:propose|show|claim|use|report|compare|prove|train)d?\b",
    re.IGNORECASE | re.MULTILINE,
)
_ANSWERS = re.compile(
    r"(?:not that i|no[,.]|nope\b|yes[,.!]|yep\b|yeah\b|not yet\b)", re.IGNORECASE
)
_COMMON_WORDS = (
    "about after also been before being best better between both code could does done each even "
    "find first from good have here into just know like look looking made make many more most "
    "much need only other over paper part post really same should some something still such "
    "than thank that their them then there these they thing think this those through using very "
    "want well were what when where which while will with work would your "
)
_COMMON = frozenset(re.findall(r"\w+", _COMMON_WORDS))


def followed_post(place: int, posts: Sequence[Post], linked: Collection[str]) -> str | None:
    """Return the key of the post whose subject the post at a place takes over, if there is one.

    `posts` are those of the thread in order, `linked` the keys of those whose papers are known.
    A reply takes the subject of the post it answers, unless it has its own and refers to no other.
    Otherwise a post must refer ("this paper", "implementing it") or answer ("Not that I know");
    then it is the earlier post it shares most words with, or else the one just before. A saved
    thread mixes up its order, so there the next post counts as well.
    """
    post = posts[place]
    refers = _REFERS.search(post.text) is not None
    answers = _ANSWERS.match(post.text) is not None
    if post.key in linked and not answers and not (post.reply_to and refers):
        return None
    if post.reply_to:
        return post.reply_to if post.reply_to in linked else None
    if not refers and not answers:
        return None
    return _most_alike(place, posts, linked, answers)


def _most_alike(
    place: int, posts: Sequence[Post], linked: Collection[str], answers: bool
) -> str | None:
    post = posts[place]
    window = posts[max(0, place - _REACH) : place]
    is_saved = post.post_number is None
    around = [*window, *(posts[place + 1 : place + 2] if is_saved else ())]
    candidates = [other for other in around if other.key in linked]
    if answers:
        candidates = [other for other in candidates if "?" in other.text] or candidates
    stems = {other.key: _stems(other.text) for other in (*around, post)}
    spread = Counter(stem for some in stems.values() for stem in some)
    shared = {other.key: stems[other.key] & stems[post.key] for other in candidates}
    weights = {
        key: sum(math.log(1 + len(stems) / spread[stem]) for stem in some)
        for key, some in shared.items()
        if len(some) >= (1 if answers else _SHARED_STEMS)
    }
    if weights:
        return max(weights, key=lambda key: weights[key])
    near = [other.key for other in window[-_NEAR:] if other.key in linked]
    return near[-1] if near else None


def _stems(text: str) -> frozenset[str]:
    words = re.findall(r"[^\W\d_]{4,}", text.lower())
    return frozenset(_stem(word) for word in words if word not in _COMMON)


def _stem(word: str) -> str:
    return re.sub(r"(?<=\w{4})(?:ations?|ings?|ed|es|e|s)$", "", word)
