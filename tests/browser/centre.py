"""The washing centre's tablet in the browser: opening its screens, shooting at them, reading them."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from lending.loop.commands import Command, command_text
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import LiveServer
from tests.browser.till import gun as shoot

READY = "#table[data-ready='1']"
SIZES = ((1180, 820), (820, 1180), (390, 844))
SMALL = """[...document.querySelectorAll('main button, main a, main summary, main label:has(input)')]
  .filter(e => e.offsetParent).filter(e => e.offsetHeight < 64 || e.offsetWidth < 64)
  .map(e => e.outerHTML)"""

OpenScreen = Callable[..., Page]


def make_opener(open_page: Callable[..., Page], live_server: LiveServer, tablet: str) -> OpenScreen:
    """Opens a screen of the centre on its tablet, ready for beeps."""

    def open_one(path: str, lang: str = "ko", **more: Any) -> Page:
        page = open_page(cookies={DEVICE_COOKIE: tablet, "lang": lang}, **more)
        page.goto(f"{live_server.url}{path}")
        page.wait_for_selector(READY, state="attached")
        return page

    return open_one


def gun(page: Page, *texts: str | Command) -> None:
    """A barcode gun, at a cup, a crate or the wall."""
    for text in texts:
        shoot(page, command_text(text) if isinstance(text, Command) else text)


def told(page: Page, word: str, count: str | None = None) -> None:
    """The stage shows this word, and this number of pieces where one is named."""
    expect(page.locator("#stage-word")).to_have_text(word)
    if count is not None:
        expect(page.locator("#stage-count")).to_have_text(count)


def fits(page: Page) -> None:
    """Nothing scrolls sideways, and nothing to touch is below 64 px."""
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
    assert page.evaluate(SMALL) == []
