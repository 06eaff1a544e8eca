"""A real Chromium, found on the machine, and the front desk it visits."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.desk import FrontDesk

_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def desk() -> Iterator[FrontDesk]:
    started = FrontDesk(FRONTDESK_NOW="2026-12-01T09:00:00-06:00").start()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on PATH (set CHROMIUM to its path)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_QUIET)
        yield browser
        browser.close()


class Window:
    """A browser of one person: a page, and every complaint of the console and of the content-security policy."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.complaints: list[str] = []
        self.page = self.open()

    def open(self) -> Page:
        """A new tab whose complaints are kept too."""
        page = self.context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda said: self._keep(said.type, said.text))
        page.on("pageerror", lambda error: self._keep("error", str(error)))
        return page

    def _keep(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)


@pytest.fixture
def window(browser: Browser) -> Iterator[Window]:
    """A customer's laptop."""
    yield from _window(browser, width=1366, height=768)


@pytest.fixture
def agents_window(browser: Browser) -> Iterator[Window]:
    yield from _window(browser, width=1366, height=768)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Window]:
    yield from _window(browser, width=390, height=844)


def _window(browser: Browser, width: int, height: int) -> Iterator[Window]:
    context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    window = Window(context)
    yield window
    context.close()
    assert window.complaints == []
