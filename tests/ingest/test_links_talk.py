"""What a post is about may stand in another: one it quotes, answers or follows, or the topic."""

import pytest

from ingest.links.linker import Link, Linker
from ingest.paper import Paper
from ingest.post import Post, Quoted

MIXMATCH, UDA, MIXUP, FOCAL = "1905.02249", "1904.12848", "1710.09412", "1708.02002"
PAPERS = (
    Paper(
        MIXMATCH,
        "MixMatch: A Holistic Approach to Semi-Supervised Learning",
        authors=("David Berthelot", "Nicholas Carlini"),
    ),
    Paper(UDA, "Unsupervised Data Augmentation for Consistency Training", names=("UDA",)),
    Paper(MIXUP, "mixup: Beyond Empirical Risk Minimization", names=("mixup",)),
    Paper(FOCAL, "Focal Loss for Dense Object Detection"),
)


def a_post(
    number: int,
    text: str,
    reply_to: int | None = None,
    quotes: tuple[Quoted, ...] = (),
    title: str = "Papers",
) -> Post:
    answered = key(reply_to) if reply_to else None
    return Post(
        key(number),
        title,
        text,
        None,
        number - 1,
        post_number=number,
        reply_to=answered,
        quotes=quotes,
    )


def key(number: int) -> str:
    return f"post:{number}"


def last(*posts: Post, corrections: dict[str, tuple[str, ...]] | None = None) -> dict[str, str]:
    links = Linker(PAPERS).link(posts, corrections or {})[posts[-1].key]
    return {link.paper: link.rule for link in links}


def test_quoted_words_name_a_paper_less_surely_than_ones_own() -> None:
    post = a_post(1, "I doubt that.", quotes=(Quoted("MixMatch halves the error"),))
    assert Linker(PAPERS).link([post])[key(1)] == (Link(MIXMATCH, "quoted", 0.705),)


def test_an_id_in_quoted_words_is_quoted_and_not_the_posts_own() -> None:
    post = a_post(1, "Really?", quotes=(Quoted("see arXiv:1905.02249"),))
    assert last(post) == {MIXMATCH: "quoted"}


def test_a_post_is_about_what_the_post_it_quotes_is_about() -> None:
    quoted = Quoted("four lines of code", post=key(1))
    posts = (a_post(1, "UDA is four lines of code"), a_post(2, "Hi"), a_post(3, "Where?"))
    posts = (*posts[:2], a_post(3, "Where?", quotes=(quoted,)))
    assert last(*posts) == {UDA: "quoted"}


def test_a_quote_of_a_post_that_is_not_there_is_harmless() -> None:
    assert last(a_post(1, "Where?", quotes=(Quoted("no idea", post="post:99"),))) == {}


@pytest.mark.parametrize(
    "text", ["Thanks for sharing!", "Great, thank you @ada :+1:", "Off topic: what is that font?"]
)
def test_courtesy_and_asides_are_not_about_the_paper_of_the_post_they_answer(text: str) -> None:
    assert last(a_post(1, "UDA is out"), a_post(2, text, reply_to=1)) == {}


@pytest.mark.parametrize(
    ("answer", "papers"),
    [
        ("How long did it take?", {MIXMATCH: "reply"}),
        ("Both need augmentation.", {MIXMATCH: "reply", UDA: "reply"}),
        ("The second, surely.", {UDA: "reply"}),
        ("Unsupervised methods age well.", {UDA: "reply"}),
        ("UDA, any day.", {UDA: "name"}),
    ],
)
def test_an_answer_takes_the_paper_it_means_of_several(answer: str, papers: dict[str, str]) -> None:
    asked = a_post(1, "MixMatch or UDA, what do you train?")
    assert last(asked, a_post(2, answer, reply_to=1)) == papers


def test_an_answer_that_names_an_author_means_that_paper() -> None:
    asked = a_post(1, "UDA or MixMatch?")
    assert last(asked, a_post(2, "Carlini knows his trade.", reply_to=1)) == {MIXMATCH: "reply"}


def test_an_answer_to_a_list_of_titles_means_none_unless_it_says_which() -> None:
    titles = "Focal Loss for Dense Object Detection, or mixup: Beyond Empirical Risk Minimization"
    poll = a_post(1, titles)
    assert last(poll, a_post(2, "The first is short.", reply_to=1)) == {}
    assert last(poll, a_post(2, "I do detection, so that.", reply_to=1)) == {FOCAL: "reply"}


@pytest.mark.parametrize(
    ("answer", "papers"),
    [
        ("And mixup as a baseline?", {UDA: "reply", MIXUP: "name"}),
        ("I prefer mixup.", {MIXUP: "name"}),
        ("Is it better than mixup?", {UDA: "reply", MIXUP: "name"}),
    ],
)
def test_an_answer_with_a_paper_of_its_own_keeps_the_other_if_it_goes_on(
    answer: str, papers: dict[str, str]
) -> None:
    assert last(a_post(1, "UDA is out"), a_post(2, answer, reply_to=1)) == papers


@pytest.mark.parametrize(
    ("text", "papers"),
    [
        ("How does this compare to mixup?", {UDA: "follows", MIXUP: "name"}),
        ("Has anyone combined it with mixup?", {UDA: "follows", MIXUP: "name"}),
        ("Incredible paper. I use mixup's code with it", {UDA: "follows", MIXUP: "name"}),
        ("mixup is old. Is it as fast?", {MIXUP: "name"}),
        ("Great paper this week: mixup", {MIXUP: "name"}),
    ],
)
def test_a_post_that_sets_this_beside_its_own_paper_is_about_both(
    text: str, papers: dict[str, str]
) -> None:
    assert last(a_post(1, "UDA is out"), a_post(2, text)) == papers


TITLE = "Reading MixMatch: A Holistic Approach to Semi-Supervised Learning"


@pytest.mark.parametrize(
    ("text", "papers"),
    [
        ("What do you make of the paper?", {MIXMATCH: "topic"}),
        ("My cat is asleep.", {}),
        ("UDA has better figures.", {UDA: "name"}),
    ],
)
def test_the_paper_is_the_topics_own_where_its_title_names_one(
    text: str, papers: dict[str, str]
) -> None:
    assert last(a_post(1, text, title=TITLE)) == papers


def test_the_first_posts_paper_is_the_topics_own_until_another_is_named() -> None:
    first, idle = a_post(1, "UDA, anyone?"), [a_post(n, "Hello.") for n in range(2, 7)]
    assert last(first, *idle, a_post(7, "The paper is long.")) == {UDA: "topic"}
    idle[0] = a_post(2, "MixMatch!")
    assert last(first, *idle, a_post(7, "The paper is long.")) == {}


def test_a_corrected_post_is_about_exactly_these_papers_for_certain() -> None:
    posts = [a_post(1, "UDA"), a_post(2, "Fine paper!", reply_to=1)]
    links = Linker(PAPERS).link(posts, {key(1): (FOCAL, MIXUP, FOCAL, "9999.99999")})
    assert links[key(1)] == (Link(FOCAL, "list", 1.0), Link(MIXUP, "list", 1.0))


def test_posts_that_follow_take_what_was_corrected() -> None:
    posts = (a_post(1, "UDA"), a_post(2, "Fine paper!", reply_to=1))
    assert last(*posts) == {UDA: "reply"}
    assert last(*posts, corrections={key(1): (FOCAL,)}) == {FOCAL: "reply"}
    assert last(*posts, corrections={key(1): ()}) == {}
    assert last(*posts, corrections={key(2): ()}) == {}
    assert last(*posts, corrections={"another:1": (FOCAL,)}) == {UDA: "reply"}
