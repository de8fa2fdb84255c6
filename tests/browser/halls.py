"""A hall's people at their screens: the officer's browser, the tablets of the centre and the hall."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from lending.db import transaction
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import Role
from lending.web.i18n import group_code
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import LiveServer
from tests.browser.till import gun, label, pair_device_at
from tests.callers import PASSWORD
from tests.events.halls import Halls, open_hall
from tests.wares.conftest import Wares

READY = "#table[data-ready='1']"
SIZES = ((1180, 820), (820, 1180), (390, 844))
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """least => [...document.querySelectorAll('main button, main a.btn, main summary, main input:not([type=hidden])')]
  .filter(e => e.offsetParent && !e.closest('.hidden')).filter(e => !['checkbox', 'radio'].includes(e.type))
  .filter(e => e.offsetHeight < least).map(e => e.outerHTML)"""


@pytest.fixture
def halls(wares: Wares) -> Halls:
    return open_hall(wares)


@pytest.fixture
def officer(open_page: Callable[..., Page], live_server: LiveServer, halls: Halls) -> Page:
    """Olga's browser."""
    new = NewStaff("olga", PASSWORD, Role.OFFICER, None)
    with transaction(halls.loop.engine) as session:
        add_staff(session, district_id=halls.loop.town.id, new=new, now=halls.now)
    page = open_page()
    page.goto(f"{live_server.url}/staff/sign-in?next=/events")
    page.fill("[name=login]", "olga")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/events")
    return page


@pytest.fixture
def tablets(
    open_page: Callable[..., Page], live_server: LiveServer, halls: Halls, engine: sa.Engine
) -> Callable[..., Page]:
    """Opens a page on the tablet of the centre or of the hall."""

    def open_one(site: str, path: str, **more: Any) -> Page:
        credential = pair_device_at(site, halls.loop, engine)
        page = open_page(cookies={DEVICE_COOKIE: credential}, **more)
        page.goto(f"{live_server.url}{path}")
        page.wait_for_selector(READY, state="attached")
        return page

    return open_one


def told(page: Page, word: str) -> None:
    expect(page.locator("#stage-word")).to_have_text(word)


def in_list(board: Page, where: str, crate: str) -> Locator:
    """The rows of a crate in the rooms or in the store."""
    return board.locator(f"{where} [title='{group_code(crate)}']")


def fits(page: Page, least: int) -> None:
    """On no screen anything scrolls sideways, and nothing to touch is lower than this."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(WIDE) <= 0, (page.url, width)
        assert page.evaluate(SMALL, least) == [], (page.url, width)
    page.set_viewport_size({"width": 1180, "height": 820})


def plan(officer: Page, halls: Halls) -> str:
    """The officer enters the event; its address."""
    officer.click("main .page-header a.btn")
    officer.get_by_text("서해 장례식장").click()
    officer.select_option("[name=room]", label="1호실")
    officer.fill("[name=from_at]", local(halls, -1))
    officer.fill("[name=until_at]", local(halls, 30))
    officer.fill("[name=guests]", "200")
    officer.click("main form button[type=submit]")
    officer.wait_for_url("**/events/*-*")
    expect(officer.locator("main")).to_contain_text("160")  # bowls for 200 guests
    return officer.url


def local(halls: Halls, hours: int) -> str:
    at = halls.loop.now + timedelta(hours=hours)
    return (at + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M")


def pack(page: Page, crate: str, cups: list[str], seal: str) -> None:
    """A crate with a full load of bowls and these cups, sealed."""
    gun(page, label(crate))
    told(page, "상자를 열었어요")
    gun(page, *map(label, cups))
    page.locator(".fill").first.click()
    page.fill("#seal", seal)
    page.click(".go")
    told(page, "봉인해 담았어요")
