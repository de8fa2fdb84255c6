"""A packing table in the browser: opening it, shooting at it, reading what it tells."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from lending.loop.commands import Command, command_text
from lending.moving.packing.lists import PackingView
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import LiveServer
from tests.browser.till import gun, label
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


def open_list(page: Page, place: str, *, by_keys: bool = False) -> None:
    """From the centre's board into the packing table of a place."""
    go = page.locator(".pack-place", has_text=place).locator(".pack-go")
    expect(go).to_be_visible()
    if by_keys:
        walk_to(page, ".pack-go")
        page.keyboard.press("Enter")
    else:
        go.click()
    page.wait_for_url("**/moving/packing/*-*")
    page.wait_for_selector(READY, state="attached")


def walk_to(page: Page, which: str, most: int = 60) -> None:
    """By the tabulator to the first of these."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("which => document.activeElement.matches(which)", which):
            return
    raise AssertionError(f"no way to {which} by the keyboard")


def fill_and_seal(page: Page, crate: str, cups: list[str]) -> None:
    """A crate, what goes into it, and the wall's code: scanner alone."""
    gun(page, label(crate))
    told(page, "새 상자")
    gun(page, *map(label, cups))
    told(page, "담았어요", f"컵 355 mL {len(cups)} / {len(cups)}")
    gun(page, command_text(Command.FINISH))
    told(page, "봉인했어요", f"{len(cups)}개")


def load_crate(page: Page, crate: str, line: str) -> None:
    """At the ramp: one beep."""
    page.goto(page.url.split("/moving/")[0] + "/moving/crates")
    page.wait_for_selector(READY, state="attached")
    gun(page, label(crate))
    told(page, "실었어요", line)
    expect(page.locator("#list")).to_contain_text("실음")
