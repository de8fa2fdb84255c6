"""A packing table in the browser: opening it, shooting at it, reading what it tells."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from lending.moving.packing.lists import PackingView
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import LiveServer
from tests.moving.conftest import Moving
from tests.personas import HARU, Loop

READY = "#table[data-ready='1']"


def local_day():
    """Today in the town's zone."""
    return datetime.now(UTC).astimezone(ZoneInfo("Asia/Seoul")).date()


def give(district: Loop, pieces: int, *, kind: str = "cup-355", site: str = HARU) -> PackingView:
    """The officer gives a café so many pieces today; its list at the centre."""
    moving = Moving(district)
    moving.decide(site, pieces, kind=kind, day=local_day())
    return moving.list_for(site, day=local_day())


def open_table(
    open_page: Callable[..., Page], server: LiveServer, tablet: str, packing: PackingView,
    lang: str = "ko", **more: Any,
) -> Page:  # fmt: skip
    """The packing table of a list on a paired tablet, listening."""
    page = open_page(cookies={DEVICE_COOKIE: tablet}, **more)
    page.goto(f"{server.url}/language/{lang}?next=/moving/packing/{packing.id}")
    page.wait_for_selector(READY, state="attached")
    return page


def told(page: Page, word: str, line: str | None = None) -> None:
    """The stage shows this word, and this line."""
    expect(page.locator("#stage-word")).to_have_text(word)
    if line is not None:
        expect(page.locator("#stage-line")).to_have_text(line)
