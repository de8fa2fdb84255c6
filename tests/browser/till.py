"""A till in the browser: opening it, shooting at it, reading what it tells."""

from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lending.db import transaction
from lending.people.devices import make_pairing, pair_device
from lending.web.identity import DEVICE_COOKIE
from tests.browser.conftest import LiveServer
from tests.personas import HARU, Loop


def pair_tablet(district: Loop, engine: sa.Engine) -> str:
    """The credential of a tablet paired to Mina's café."""
    return pair_device_at(HARU, district, engine)


def pair_device_at(site: str, district: Loop, engine: sa.Engine) -> str:
    """The credential of a tablet paired to one of the town's places."""
    now = datetime.now(UTC)
    with transaction(engine) as session:
        pairing = make_pairing(
            session,
            district_id=district.town.id,
            site_id=district.town.sites[site],
            name="counter",
            by=None,
            now=now,
        )
        return pair_device(session, secret=pairing.secret, now=now).credential


def open_till(open_page: Callable[..., Page], server: LiveServer, tablet: str, **more) -> Page:
    cookies = {DEVICE_COOKIE: tablet, **more.pop("cookies", {})}
    page = open_page(cookies=cookies, **more)
    page.goto(f"{server.url}/scan")
    page.wait_for_selector("#till[data-ready='1']", state="attached")
    return page


def gun(page: Page, text: str) -> None:
    """A barcode gun: types like a keyboard, very fast, and ends with Enter."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def told(page: Page, word: str) -> None:
    """The stage shows this word within a second or two."""
    expect(page.locator("#stage-word")).to_have_text(word)


def label(cup: str) -> str:
    return f"https://cups.example.kr/i/{cup}"
