"""The web chat in a real browser, before a server that is slow, wrong, hostile or not ready."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.service.chat_stage import NOT_YET, POST, Stage, absence, answer, opened_stage, source

pytest_plugins = ["tests.service.chat_browser"]
pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.pwned=1"><script>window.pwned=2</script>'


@pytest.fixture
def stage() -> Iterator[Stage]:
    with opened_stage() as opened:
        yield opened


@pytest.fixture
def chat(page: Page, stage: Stage) -> Page:
    page.goto(stage.url)
    return page


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")


def test_offsets_count_code_points(chat: Page, stage: Stage) -> None:
    stage.texts[POST] = "Ein 🙂🙂 👩🏽‍🔬 e\u0301 Anfang.\n\nDas 🙂 Zitat. Ende"
    quote = "Das 🙂 Zitat."
    cited = source(quote, stage.texts[POST].index(quote))
    stage.replies.append((200, answer("q", cited)))
    ask(chat, "q")

    chat.locator(".mark").click()

    expect(chat.locator("#evidence mark")).to_have_text(quote)
    assert chat.locator(".words").evaluate("(node) => node.textContent") == stage.texts[POST]


def test_a_quote_that_is_gone_is_said_to_be_gone(chat: Page, stage: Stage) -> None:
    ask(chat, "Is pruning dear?")
    stage.texts[POST] = "Somebody rewrote this."

    chat.locator(".mark").click()

    panel = chat.get_by_role("dialog")
    expect(panel.get_by_role("alert")).to_have_text("This quote is no longer in the document.")
    expect(panel.locator(".words")).to_have_text("Somebody rewrote this.")
    expect(panel.locator("blockquote")).to_have_text("It costs little.")
    expect(panel.locator("mark")).to_have_count(0)


def test_a_document_that_was_removed_is_told_in_the_words_of_the_server(
    chat: Page, stage: Stage
) -> None:
    ask(chat, "Is pruning dear?")
    stage.texts.clear()

    chat.locator(".mark").click()

    expect(chat.get_by_role("alert")).to_have_text("This document was removed.")


@pytest.mark.parametrize(
    ("fields", "notice"),
    [
        ({"kind": "abstract", "arxiv_id": "1901.00001", "withdrawn": True}, "withdrawn"),
        ({"kind": "record", "works": ["doi:10.1000/x"]}, "not on arXiv; no abstract"),
    ],
)
def test_a_special_paper_is_said_to_be_one_in_the_panel_and_in_the_list(
    chat: Page, stage: Stage, fields: dict[str, Any], notice: str
) -> None:
    special = source(**fields)
    stage.replies.append((200, answer("q", special, sources=[special, source()])))
    ask(chat, "q")

    chat.locator(".mark").click()
    chat.get_by_text("Read and not cited").click()

    expect(chat.locator("#evidence .notice")).to_have_text(notice)
    expect(chat.locator(".sources .notice")).to_have_text(notice)


def test_a_comment_names_the_works_that_it_is_about(chat: Page, stage: Stage) -> None:
    stage.replies.append((200, answer("q", source(about=["1901.00001"], works=["work:on-lids"]))))
    ask(chat, "q")

    chat.locator(".mark").click()

    expect(chat.locator("#evidence")).to_contain_text("About arXiv 1901.00001, work:on-lids")


def test_whatever_field_is_hostile_stays_text(chat: Page, stage: Stage) -> None:
    stage.texts[POST] = f"Before. {HOSTILE} After."
    cited = source(HOSTILE, 8, title=HOSTILE, authors=[HOSTILE], date=HOSTILE, about=[HOSTILE])
    reply = answer(HOSTILE, {**cited, "url": "javascript:window.pwned=3"})
    reply["sentences"][0]["lead"] = HOSTILE
    others = {"standalone_question": f"{HOSTILE}?", "sources": [cited], "suggestions": [HOSTILE]}
    stage.replies.append((200, reply | others))
    ask(chat, HOSTILE)

    chat.locator(".mark").click()

    expect(chat.locator("#evidence mark")).to_have_text(HOSTILE)
    expect(chat.locator("#evidence h2")).to_have_text(HOSTILE)
    expect(chat.locator(".lead")).to_have_text(HOSTILE)
    expect(chat.locator("#evidence a")).to_have_count(0)  # no link but to http and https
    assert chat.locator("img, body script").count() == 0
    assert chat.evaluate("window.pwned") is None


def test_a_question_asked_too_early_goes_out_by_itself(chat: Page, stage: Stage) -> None:
    stage.ready = False
    ask(chat, "Is pruning dear?")
    expect(chat.locator(".turn")).to_contain_text("Getting ready…")
    expect(chat.locator(".turn")).to_contain_text(NOT_YET)

    stage.ready = True

    expect(chat.locator(".quote")).to_contain_text("It costs little.")
    assert [asked["question"] for asked in stage.asked] == ["Is pruning dear?"] * 2


def test_a_refusal_is_shown_and_the_question_can_be_asked_again(chat: Page, stage: Stage) -> None:
    stage.replies.append((429, {"title": "Slow down", "detail": "Ask again in 5 seconds."}))
    ask(chat, "Is pruning dear?")
    expect(chat.get_by_role("alert")).to_have_text("Ask again in 5 seconds.")

    chat.get_by_role("button", name="Ask again").click()

    expect(chat.locator(".quote")).to_contain_text("It costs little.")
    expect(chat.get_by_role("alert")).to_have_count(0)
    assert stage.asked[1] == {"question": "Is pruning dear?", "history": []}


def test_escape_stops_a_question_that_takes_too_long(chat: Page, stage: Stage) -> None:
    stage.patience.clear()
    ask(chat, "Is pruning dear?")
    expect(chat.get_by_role("button", name="Stop")).to_be_visible()

    chat.keyboard.press("Escape")

    expect(chat.locator(".turn")).to_contain_text("Stopped.")
    expect(chat.get_by_role("button", name="Ask", exact=True)).to_be_visible()


def test_a_question_of_blanks_is_not_sent(chat: Page, stage: Stage) -> None:
    ask(chat, "  \n\t ")

    expect(chat.locator("#note")).to_have_text("Write a question first.")
    expect(chat.locator(".turn")).to_have_count(0)
    assert stage.asked == []


def test_shift_and_enter_start_a_line_and_the_field_tells_its_limit(
    chat: Page, stage: Stage
) -> None:
    field = chat.get_by_label("Your question")
    field.fill("a" * 1990)
    field.press("End")
    field.press("Shift+Enter")

    expect(chat.locator("#note")).to_have_text("9 characters left")
    assert stage.asked == []


def test_a_follow_up_sends_the_turns_before_it_and_says_how_it_was_understood(
    chat: Page, stage: Stage
) -> None:
    ask(chat, "Is pruning dear?")
    expect(chat.locator(".quote")).to_have_count(1)
    stage.replies.append((200, answer("By whom?", standalone_question="Pruning by whom?")))
    ask(chat, "By whom?")

    expect(chat.locator(".understood")).to_have_text("Understood as: Pruning by whom?")
    earlier = {"question": "Is pruning dear?", "answer": "“It costs little.” [1]"}
    assert stage.asked[1] == {"question": "By whom?", "history": [earlier]}


def test_only_the_last_twenty_turns_are_sent(chat: Page, stage: Stage) -> None:
    for number in range(22):
        ask(chat, f"Question {number}?")
        expect(chat.locator(".quote")).to_have_count(number + 1)

    history = stage.asked[21]["history"]
    assert [turn["question"] for turn in history] == [f"Question {n}?" for n in range(1, 21)]


def test_a_new_conversation_forgets_the_old_one(chat: Page, stage: Stage) -> None:
    ask(chat, "Is pruning dear?")
    chat.locator(".mark").click()

    chat.get_by_role("button", name="New conversation").click()

    expect(chat.locator(".turn")).to_have_count(0)
    expect(chat.get_by_role("dialog")).to_be_hidden()
    expect(chat.get_by_label("Your question")).to_be_focused()
    ask(chat, "And now?")
    expect(chat.locator(".quote")).to_have_count(1)
    assert stage.asked[1]["history"] == []


def test_an_answer_that_abstains_says_so_and_shows_the_nearest_passages(
    chat: Page, stage: Stage
) -> None:
    stage.replies.append((200, absence("Who is Ann?", "No passage speaks of Ann.")))
    ask(chat, "Who is Ann?")
    expect(chat.locator(".absence h3")).to_have_text("Not in this library")
    expect(chat.locator(".absence p")).to_have_text("No passage speaks of Ann.")

    chat.locator(".sources button").click()

    expect(chat.locator("#evidence mark")).to_have_text("It costs little.")
    expect(chat.locator("#evidence .facts")).to_have_text("a member · undated")
    chat.get_by_role("button", name="Close the passage").click()
    expect(chat.locator(".sources button")).to_be_focused()


def test_a_suggestion_is_asked_when_chosen(chat: Page, stage: Stage) -> None:
    stage.replies.append((200, absence("Who is Ann?", "No passage speaks of Ann.")))
    ask(chat, "Who is Ann?")

    chat.get_by_role("button", name=re.compile("^What is Attic about")).click()

    expect(chat.locator(".quote")).to_contain_text("It costs little.")
    assert stage.asked[1]["question"] == "What is Attic about?"
