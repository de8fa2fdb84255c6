"""The screen of a tablet above a box: opening it, giving it cups, reading what it tells and keeps."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, Playwright, expect
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.loop.steps import Action
from lending.loop.tables import Scan
from lending.people.members import member_code
from lending.people.residents import unseal_secret
from lending.people.tables import Resident
from lending.places.spots import Spot, place_site
from lending.places.tables import District
from lending.web.identity import DEVICE_COOKIE
from tests.browser.films import camera_flags
from tests.browser.live import CHROMIUM, FLAGS, LiveServer, open_browser
from tests.browser.till import eventually, gun, kept, pair_device_at
from tests.personas import BOX, MINJI, Loop

HELP = "032-560-1234"
# The service worker has put the page away with all it names.
IS_KEPT = """async () => {
  const keys = await (await caches.open("station /return")).keys();
  return keys.some((key) => new URL(key.url).pathname === "/return");
}"""
TABLET = {"width": 1024, "height": 768}
UPRIGHT = {"width": 768, "height": 1024}


def pair_box(district: Loop, engine: sa.Engine) -> str:
    """The credential of a tablet paired to the box of a district with a help desk."""
    with transaction(engine) as session:
        session.execute(sa.update(District).values(helpdesk=HELP))
    return pair_device_at(BOX, district, engine)


def open_box_page(
    open_page: Callable[..., Page],
    server: LiveServer,
    tablet: str,
    *,
    clock: bool = False,
    **more: Any,
) -> Page:
    """The return screen without a camera; it says so and goes on. `clock`: of the test's making."""
    page = open_page(**TABLET | {"cookies": {DEVICE_COOKIE: tablet}} | more)
    if clock:
        page.clock.install()
    return show_box(page, server)


def show_box(page: Page, server: LiveServer) -> Page:
    page.goto(f"{server.url}/return")
    page.wait_for_selector("#box[data-ready='1']", state="attached")
    return page


@contextmanager
def filmed(driver: Playwright, film: Path, server: LiveServer, tablet: str) -> Iterator[Page]:
    """The return screen of a tablet whose camera shows this film."""
    with open_browser(driver, *camera_flags(film)) as browser:
        context = browser.new_context(viewport=TABLET)
        context.add_cookies([{"name": DEVICE_COOKIE, "value": tablet, "url": server.url}])
        yield show_box(context.new_page(), server)


def told(page: Page, word: str | re.Pattern[str]) -> None:
    """The stage shows this word."""
    expect(page.locator("#word")).to_have_text(word)


def give(page: Page, code: str) -> None:
    """A cup whose number is typed in one go."""
    page.fill("#typed", code)
    page.press("#typed", "Enter")


def press(page: Page, digits: str) -> None:
    """The large keys, one after the other."""
    for digit in digits:
        page.click(f"[data-key='{digit}']")


def tell_of(page: Page, digits: str = "") -> None:
    """What could be read of a cup's number is told, and thanked for; the form is open already."""
    press(page, digits)
    page.click("#go")
    told(page, "고마워요! 담당자에게 알렸어요")


def all_of(district: Loop, table: type[Any]) -> list[Any]:
    with Session(district.engine) as session:
        return list(session.scalars(sa.select(table)))


def returns(district: Loop, code: str) -> int:
    """How often a cup was recorded as returned at the box."""
    with Session(district.engine) as session:
        query = sa.select(sa.func.count()).where(
            Scan.code == code,
            Scan.action == Action.RETURN,
            Scan.site_id == district.town.sites[BOX],
        )
        return session.scalar(query) or 0


def sent(page: Page) -> None:
    """Nothing waits in the browser any more."""
    eventually(page, lambda: kept(page) == [])


def place(district: Loop, site: str, *spot: float) -> None:
    """How much the place's box holds, and where it lies."""
    where = {"district_id": district.town.id, "site_id": district.town.sites[site]}
    district.write(lambda s: place_site(s, **where, spot=Spot(*spot)))


def show_member_qr(page: Page, district: Loop) -> str:
    """Minji's phone before the reader, until the box has taken it; what it showed."""
    with Session(district.engine) as session:
        row = session.get(Resident, district.town.residents[MINJI])
        assert row is not None and row.member_secret is not None
        secret = unseal_secret(district.keys, row.id, row.member_secret)
        code = member_code(secret, row.member_number, datetime.now(UTC))
    gun(page, code)
    told(page, "회원 QR을 확인했어요")
    return code


def extras(page: Page) -> list[dict[str, Any]]:
    """What waits beside the returns."""
    return kept(page, "extras", "return")


@contextmanager
def persistent(
    driver: Playwright, folder: Path, server: LiveServer, tablet: str
) -> Iterator[BrowserContext]:
    """A browser whose profile outlives it."""
    context = driver.chromium.launch_persistent_context(
        folder, executable_path=CHROMIUM, headless=True, args=list(FLAGS), viewport=TABLET
    )
    context.add_cookies([{"name": DEVICE_COOKIE, "value": tablet, "url": server.url}])
    try:
        yield context
    finally:
        context.close()
