"""The web chat in a real browser, over the real service and a small library."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytest_plugins = ["tests.service.chat_browser"]
pytestmark = pytest.mark.browser

IMPLEMENTATION = "Is there a Python implementation of MixMatch?"
PHONE = {"width": 360, "height": 740}
WIDER_THAN_WINDOW = "document.documentElement.scrollWidth > window.innerWidth"
TOO_FAINT = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const light = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((value) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const grounds = (node) => node
    ? [...grounds(node.parentElement), getComputedStyle(node).backgroundColor] : [];
  const ratio = (node) => {
    const ground = light(grounds(node));
    const ink = light([...grounds(node), getComputedStyle(node).color]);
    return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
  };
  const worded = [...document.querySelectorAll("body *")].filter((node) =>
    node.checkVisibility() && [...node.childNodes].some((child) =>
      child.nodeType === Node.TEXT_NODE && child.data.trim()));
  return worded.map((node) => [node.className, node.textContent.slice(0, 30), ratio(node)])
    .filter(([, , contrast]) => contrast < 4.5);
}"""


@pytest.fixture
def chat(page: Page, served: Any) -> Page:
    """Open the page of the real service over the starter library."""
    page.goto(served.url)
    return page


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".turn").last.locator(".mark, .absence").first).to_be_visible()


def test_every_mark_opens_its_quote_highlighted_in_the_full_passage(chat: Page) -> None:
    ask(chat, IMPLEMENTATION)

    for sentence in chat.locator(".sentence").all():
        sentence.locator(".mark").first.click()
        panel = chat.get_by_role("dialog")
        assert panel.locator("mark").inner_text() == sentence.locator("q").inner_text()
        assert panel.get_by_role("heading").inner_text() != ""
        assert panel.locator(".voice").inner_text() != ""
        expect(panel.locator("mark")).to_be_in_viewport()


def test_an_answer_names_the_voice_of_each_group_in_words(chat: Page) -> None:
    ask(chat, IMPLEMENTATION)

    labels = set(chat.locator(".group h3").all_inner_texts())

    assert "What members said" in labels
    assert labels <= {"What members said", "What the papers say", "Curator’s notes"}


def test_the_panel_leads_to_where_the_source_was_published(chat: Page) -> None:
    ask(chat, IMPLEMENTATION)
    chat.locator(".mark").first.click()
    link = chat.get_by_role("dialog").get_by_role("link")
    address = link.get_attribute("href") or ""
    assert re.match(r"https://(arxiv\.org/abs/|forums\.fast\.ai/t/)", address)
    assert link.get_attribute("rel") == "noopener noreferrer"

    with chat.context.expect_page() as opened:
        link.click()

    assert opened.value.url == address
    assert opened.value.evaluate("window.opener") is None


def test_the_keyboard_alone_asks_reads_checks_and_returns(chat: Page) -> None:
    chat.keyboard.type(IMPLEMENTATION)  # the field has the focus from the start
    chat.keyboard.press("Enter")
    expect(chat.locator(".mark").first).to_be_visible()
    for key in ("Shift+Tab", "Enter", "Tab"):  # to "Read the latest answer", its heading, a mark
        chat.keyboard.press(key)
    expect(chat.locator(".mark").first).to_be_focused()

    chat.keyboard.press("Enter")
    expect(chat.get_by_role("dialog").get_by_role("heading")).to_be_focused()
    chat.keyboard.press("Escape")

    expect(chat.get_by_role("dialog")).to_be_hidden()
    expect(chat.locator(".mark").first).to_be_focused()
    chat.keyboard.press("/")
    expect(chat.get_by_label("Your question")).to_be_focused()
    chat.keyboard.press("ArrowUp")
    expect(chat.get_by_label("Your question")).to_have_value(IMPLEMENTATION)


def test_a_hostile_post_shows_as_text_and_runs_nothing(chat: Page) -> None:
    ask(chat, "What did members say about MixMatch with img onerror and script window.pwned?")
    chat.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    quoted = chat.locator(".sentence", has_text="pwned").locator(".mark")
    quoted.or_(chat.locator(".sources button", has_text="pwned")).first.click()

    passage = chat.get_by_role("dialog").locator(".words")

    expect(passage).to_contain_text('<img src=x onerror="window.pwned=1">')
    expect(passage).to_contain_text("<script>window.pwned=2</script>")
    assert chat.evaluate("window.pwned") is None
    assert chat.locator("img, iframe, body script").count() == 0


def test_the_examples_come_from_the_library_and_can_be_asked(chat: Page) -> None:
    examples = chat.locator("#examples button")
    expect(examples).to_have_count(4)
    expect(examples.first).to_have_text(IMPLEMENTATION)
    expect(chat.locator("#standing")).to_contain_text("4 papers")

    examples.first.click()

    expect(chat.locator(".mark").first).to_be_visible()
    expect(examples.first).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_the_page_without_scrolling_sideways(
    page: Page, served: Any, scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(served.url)
    assert page.evaluate(WIDER_THAN_WINDOW) is False
    ask(page, IMPLEMENTATION)
    assert page.evaluate(WIDER_THAN_WINDOW) is False

    page.locator(".mark").first.click()

    expect(page.get_by_role("dialog").locator("mark")).to_be_in_viewport()
    assert page.evaluate(WIDER_THAN_WINDOW) is False
    page.keyboard.press("Escape")
    expect(page.locator(".mark").first).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_words_stand_out_from_their_ground(page: Page, served: Any, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(served.url)
    expect(page.locator("#examples button")).to_have_count(4)
    assert page.evaluate(TOO_FAINT) == []
    ask(page, IMPLEMENTATION)
    page.locator(".mark").first.click()
    expect(page.get_by_role("dialog").locator("mark")).to_be_visible()

    assert page.evaluate(TOO_FAINT) == []
