"""Fixtures for tests that drive a real Chromium; a module names this file in `pytest_plugins`."""

import os
import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
REFUSAL = "the server responded with a status of"  # reported for each reply above 399


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None and os.environ.get("CI"):
        pytest.fail("No Chromium or Chrome here; install one (apt-get install chromium).")
    if found is None:
        pytest.skip("needs Chromium or Chrome (apt-get install chromium)")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a window that never leaves loopback; a complaint of the browser fails the test."""
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 800})
    context.route(re.compile(r"^https?://(?!127\.0\.0\.1|localhost)"), _elsewhere)
    window = context.new_page()
    complaints: list[str] = []
    window.on("pageerror", lambda error: complaints.append(str(error)))
    window.on("console", lambda said: complaints.extend(_complaint(said)))
    yield window
    context.close()
    assert [said for said in complaints if REFUSAL not in said] == []


def _complaint(said: ConsoleMessage) -> list[str]:
    return [f"{said.text} ({said.location['url']})"] if said.type == "error" else []


def _elsewhere(route: Route) -> None:
    route.fulfill(body="elsewhere", content_type="text/plain")
