"""Tell from its own words whether a paper was withdrawn: arXiv has no field that says so."""

import re

_WORK = (
    r"(?:e-?print|paper|pre-?print|article|manuscript|submission|work|report|draft|document|note"
    r"|version|thesis|study|publication|contribution)"
)
# "withdrawn from the conference" leaves the paper on arXiv where it is.
_FROM_HERE = r"(?!\s+from\s+(?!(?:the\s+|this\s+)?(?:arxiv|archive|site|server)))"
_GONE = rf"(?:\s+\w+ly)?\s+withdrawa?n?\b{_FROM_HERE}"
_PASSIVE = rf"(?:\s+(?:has|have)\s+been|\s+is(?:\s+(?:now|being))?|\s+was){_GONE}"
_NOT_QUOTED = r"(?<![\"'“‘`])\b"
_BY_ITS_OWN = (
    r"\s+by\s+(?:(?:the|its|all|one|both|first)\s+|of\s+)*(?:co-?)?(?:authors?|submitters?|arxiv)\b"
)
_FOLLOWED = (
    r"(?:\s*(?:$|[-–—.:;,)\]])|\s+(?:as|because|by|due|for|in\s+order|pending|since|so|temporarily"
    r"|to|until|while)\b)"
)
_THIS_IS = rf"{_NOT_QUOTED}this(?:\s+[\w-]+)?\s+{_WORK}{_PASSIVE}|{_NOT_QUOTED}this{_PASSIVE}"
_STARTS = rf"^\W*(?:{_WORK}\s+)?(?:(?:has\s+been|is)\s+)?withdrawn"

_IN_ABSTRACT = re.compile(
    rf"{_THIS_IS}|{_STARTS}(?:\s*(?:$|[.:)\]])|{_BY_ITS_OWN}|\s+(?:due|because|pending|until)\b)",
    re.IGNORECASE,
)
_IN_COMMENTS = re.compile(
    rf"{_THIS_IS}"
    rf"|{_NOT_QUOTED}(?:the|our|my)\s+{_WORK}{_PASSIVE}|\bit\s+(?:has\s+been|is){_GONE}"
    rf"|withdrawa?n?{_BY_ITS_OWN}"
    rf"|{_STARTS}{_FOLLOWED}"
    rf"|^withdraw(?:ing)?(?:\s+(?:due|because)\b|[.!]|$)"
    rf"|(?-i:(?:[.!)]\s+|,\s+)Withdrawn){_FOLLOWED}"
    rf"|\bwithdraw(?:ing)?\s+(?:this|the|our|my)\s+(?:[\w-]+\s+)?{_WORK}\b{_FROM_HERE}"
    rf"|\b(?:decided?|want|like|choose|chose|wish|had|have|need)\s+to\s+withdraw\s+it\b{_FROM_HERE}",
    re.IGNORECASE,
)


def is_withdrawn(abstract: str | None, comments: str | None) -> bool:
    """Say whether the abstract or the comments field says that this very paper was withdrawn.

    Texts are on one line. A paper about things that are withdrawn, one that replaces a withdrawn
    one, and one withdrawn from a conference or a journal only are not.
    """
    return _says(_IN_COMMENTS, comments) or _says(_IN_ABSTRACT, abstract)


def _says(statement: re.Pattern[str], text: str | None) -> bool:
    if not text or not ("ithdr" in text or "ITHDR" in text):  # many times faster
        return False
    return statement.search(text) is not None
