"""How people word their questions: the patterns and word lists that understanding rests on."""

import re

_I = re.IGNORECASE

AUTHORS = re.compile(
    r"\bwho(?:se|m)?\b.{0,24}\b(?:wrote|writes?|written|behind|invented|developed|created|proposed"
    r"|introduced|came up|made|published|designed|authors?)\b|\bby whom\b|\bwritten by\b"
    r"|\bpapers? (?:(?:are|were) )?by\b"
    # The distances are bounded so that no long question takes seconds.
    r"|\b(?:what|which|anything|something)\b.{0,80}\b(?:did|has|have)\b.{0,80}"
    r"\b(?:write|wrote|written|published?)\b",
    _I,
)
AUTHOR = re.compile(r"^(?!\s*(?:why|how|where|when|will|can|should)\b).*\b(?:co-?)?authors?\b", _I)
OF_A_POST = re.compile(r"\b(?:posts?|posted|comments?|commented|thread|forum)\b", _I)
WHICH_MEMBER = re.compile(
    r"\bwho\b.{0,20}\b(?:post\w*|comment\w*|ask\w*|said|wrote|shared|mention\w*)\b"
    r"|\bwhich member\b",
    _I,
)
# "what did ada say about it": who is named is read from the first group
MEMBER_SAID = re.compile(
    r"\b(?:did|does|has)\s+@?([\w.-]+)\s+(?:say|said|think|thought|post|posted|mention|mentioned"
    r"|comment|ask|asked|suggest|suggested|share|shared|reply|replied)\b",
    _I,
)
NOBODY = frozenset(
    """
    anybody anyone author authors club curator everybody everyone folks group guy guys he i member
    members nobody people ppl reader readers she somebody someone they this that we who you it one
    """.split()  # noqa: SIM905
)
DATES = re.compile(
    r"\bwhen (?:was|were|did|is)\b|\b(?:what|which) (?:year|date|month|day)\b|\bhow old\b"
    r"|\b(?:older|newer|oldest|newest|earlier|earliest|latest|most recent)\b"
    r"|\b(?:came|come|comes|appeared) (?:out|first)\b|\bdate of\b|\bsubmitted\b|\bsubmission\b"
    r"|\blast (?:revised|changed|updated)\b|\bpapers? (?:from|of|in) (?:\w+ )?(?:19|20)\d\d\b"
    r"|\bare from (?:\w+ )?(?:19|20)\d\d\b|^\W*(?:and |but )?when\W*(?:$|\()",
    _I,
)
WHEN = re.compile(r"\bwhen (?:was|were|did|is)\b|\b(?:what|which) (?:year|date|month|day)\b", _I)
HOW_OR_WHY = re.compile(r"^\W*(?:how|why)\b(?! old\b)", _I)
DISCUSSION = re.compile(
    r"\b(?:members?|threads?|forum|posts?(?!-)|posted|poster'?s?|comments?|commented|discuss\w*|people"
    r"|anyone|anybody|someone|somebody|readers?|group|opinions?|ppl|guys?|participants?"
    r"|they (?:say|said|think|thought))\b",
    _I,
)
# Whose words are wanted, and nobody else's: "people" and "anyone" may ask for what a paper says.
MEMBERS = re.compile(
    r"\b(?:members?|threads?|forum|participants?|opinions?|discussions?|discussed)\b"
    r"|\b(?:say|said|think|thinks|thought|thoughts|feel) (?:about|of|on)\b",
    _I,
)
CODE = re.compile(
    r"\b(?:code|implementations?|implemented|implement|repo|repository|github|notebook"
    r"|open[- ]sourced?|pre-?trained|download|pytorch|tensorflow)\b",
    _I,
)
NUMBER = re.compile(
    r"\bhow (?:many|much|long|fast|accurate|often|big|large|well)\b|\brates?\b|\baccuracy\b"
    r"|\bpercent\b",
    _I,
)
DEFINITION = re.compile(
    r"^\W*(?:(?:what|whats|what's) (?:is|are|does|do)?|define|explain|describe|summari[sz]e"
    r"|tell me about)\b|\b(?:stands? for|short for|mean|meant|about)\b\W*$|\bwhat is it\b",
    _I,
)
DEFINING = re.compile(
    r"\b(?:is|are) (?:a|an|the)\b|\b(?:propose|introduce|present|describe)s?\b|\bnamed\b|\bcalled\b"
    r"|\b[A-Za-z][\w-]+ \([^)]+\)|\([A-Z][\w-]+\)",
)

PRONOUN = re.compile(r"\b(?:it|its|they|their|them)\b", _I)
LEANING = re.compile(
    r"\b(?:it|its|they|them|their|theirs|this|that|these|those|he|she|his|her|both|the"
    r" (?:paper|method|authors?|model|technique|approach|idea|same))\b",
    _I,
)
# "it" that stands for nothing: "how long does it take to …", "is it hard to train a network"
EXPLETIVE = re.compile(
    r"\b(?:does|did|would|will|can)\s+it\s+(?=(?:take|cost|matter|help|make sense)\b.*?\bto\s)"
    r"|\b(?:is|was|would|be)\s+it\s+(?=(?:be\s+)?(?:\w+\s+)?\w+\s+(?:to|that)\s+\w+\s+\w)"
    r"|\bit\s+(?=(?:is|was|seems|takes)\s+(?:\w+\s+)?(?:to|that)\s)",
    _I,
)
ELLIPSIS = re.compile(r"^\s*(?:and|but|so|or|what about|how about|also)\b", _I)
OTHER = re.compile(r"\bthe other(?: (?:one|paper|method)\b|(?=\W*$))", _I)
# What is left of "and what about the other one?" or "and UDA?" says nothing by itself.
BARE = re.compile(
    r"^\W*(?:(?:and|so|also|what about|how about|the|other|one|paper|too)\b\W*)+$", _I
)
# What points back, in the order in which it is looked for, and the ending the name takes there.
POINTING = (
    (re.compile(r"\b(?:its|their|his|her)\b", _I), "'s"),
    (re.compile(r"\b(?:this|that|the) (?:paper|method|model|technique|approach|idea)\b", _I), ""),
    (OTHER, ""),
    (
        re.compile(
            r"\b(?:it|them|they|both|this|that)\b"
            r"(?! (?:paper|year|month|say|said|think|thought)\b)",
            _I,
        ),
        "",
    ),
)

ASKED_THING = re.compile(
    r"\b(?:what|which|how many|how much)\b(?:\s+(?:is|are|was|were|'s)\s+(?:the|its|their))?"
    r"\s+(.*)",
    _I,
)
ADDRESS = re.compile(r"\bhttps?://\S+|\barxiv:\s*(?=\S)", _I)
# "the wavelet style transfer paper", "papers about batch normalization", "“Not Bugs”"
DESCRIBED = re.compile(
    r"((?:\b[\w'’-]{1,40}\s+){1,6})papers?\b(?:\s+(?:about|on)\s+((?:[\w'’-]{1,40}\s*){1,5}))?"
    r"|[\"“]([^\"”]{4,120})[\"”]|(?<!\w)['‘]([^'’]{4,120})['’](?!\w)",
    _I,
)
QUOTED = re.compile(r"[\"“]([^\"”]{4,120})[\"”]|(?<!\w)['‘]([^'’]{4,120})['’](?!\w)")
# "Galloway et al.", "Frankle and Carbin", "Frankle & Carbin"
BY_SURNAME = re.compile(
    r"\b([A-Z][\w-]{1,40})(?:\s+(?:et al\b|and colleagues\b)|\s+(?:and|&)\s+([A-Z][\w-]{1,40}))"
)

MONTHS = (
    "january february march april may june july august september october november december".split()  # noqa: SIM905
)
MONTH_AND_YEAR = re.compile(rf"\b({'|'.join(MONTHS)})\s+(?:of\s+)?((?:19|20)\d\d)\b", _I)
YEAR = re.compile(r"\b(?:in|of|from|since|during|year)\s+((?:19|20)\d\d)\b", _I)

# What is said of papers as they appear: such words ask for nothing beyond their records.
OF_RECORDS = frozenset(
    """
    appeared changed created date dates day designed developed exact exactly first full initially
    introduced invented library made many month older originally please put persons proposed
    released researchers revised scientists team thank thanks title updated uploaded
    """.split()  # noqa: SIM905
)

# Words that ask, or that name what is asked of, rather than what an answer would hold.
ASKING = frozenset(
    """
    abs according actually among anybody anyone anything appear arxiv ask asked asks author
    authored authors available basically behind bit brief briefly call called came can't claim
    claims come comment commented comments compare compared comparing comparison concerning
    consider couldn't date describe describes did didn't difference different discuss discussed
    discussion does doesn't don't earlier exactly exist exists explain find finds forum found four
    going guy guys happen happens i'm idea interesting isn't it's kind kinds know last later list
    manner mean meaning means meant member members mention mentioned mentions month name named
    names need newer new oldest old onto opinion opinions overview paper paper's papers participant
    participants people person point points post posted poster poster's posters posts ppl precisely
    precise previous proposes propose proposed published quote quoted reader readers really refer
    refers regarding remember report reported saying short simply somebody someone something sort
    sorts speak speaks stand stands submission submitted suggest suggested summarise summarize
    summary sum sums talk talks thing things think thinks thought thread three told two version
    versus want wanted wants way ways whats what's word words work works write writes written wrong
    wrote year
    """.split()  # noqa: SIM905
)

NEGATIONS = frozenset("not no never without nor neither cannot isn doesn don didn fails".split())  # noqa: SIM905

# What readers call a thing, and what texts call it: each word also looks for the others.
ALIKE = (
    ("test", "evalu", "dataset", "benchmark", "task", "experi"),
    ("fast", "speed", "slow", "second", "faster", "time", "long", "quick"),
    ("downsid", "drawback", "disadvantag", "cost", "price", "weak", "limit", "problem"),
    ("code", "implement", "github", "pytorch", "repositori", "notebook"),
    ("accuraci", "accur", "error", "perform", "result"),
    ("better", "improv", "outperform", "exceed", "gain"),
    ("shrink", "reduc", "compress", "fewer", "smaller", "less"),
)
