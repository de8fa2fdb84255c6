"""A till in the browser: opening it, shooting at it, reading what it tells."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lending.db import transaction
from lending.people.devices import make_pairing, pair_device
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import LiveServer
from tests.personas import HARU, Loop

READY = "#till[data-ready='1']"


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


def open_till(
    open_page: Callable[..., Page],
    server: LiveServer,
    tablet: str,
    *,
    own_clock: bool = False,
    **more: Any,
) -> Page:
    """The scan station on a paired tablet; with `own_clock` its time is the test's to stop."""
    cookies = {DEVICE_COOKIE: tablet, **more.pop("cookies", {})}
    page = open_page(cookies=cookies, **more)
    if own_clock:
        page.clock.install()
    page.goto(f"{server.url}/scan")
    page.wait_for_selector(READY, state="attached")
    return page


def gun(page: Page, *texts: str) -> None:
    """A barcode gun without mercy: its keys come in one burst, however busy this machine is, and
    end with Enter; with several texts there is nothing between them."""
    page.evaluate(
        """texts => {
          const press = (key) => (document.activeElement ?? document.body).dispatchEvent(
            new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
          for (const text of texts) for (const key of [...text, "Enter"]) press(key);
        }""",
        texts,
    )


def type_fast(page: Page, text: str) -> None:
    """A gun by way of the keyboard itself: what a field or a button makes of its keys counts too.

    The page's clock (the test's own) stands still meanwhile: a busy machine makes no gun slow.
    """
    stop_time(page)
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.clock.resume()


def told(page: Page, word: str) -> None:
    """The stage shows this word within a second or two."""
    expect(page.locator("#stage-word")).to_have_text(word)


def label(cup: str) -> str:
    return f"https://cups.example.kr/i/{cup}"


def kept(page: Page, store: str = "scans", database: str = "station") -> list[dict[str, Any]]:
    """What stands in the browser's database, as the page would read it."""
    found: list[dict[str, Any]] = page.evaluate(
        """([database, store]) => new Promise((resolve, reject) => {
          const opening = indexedDB.open(database);
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const reading = opening.result.transaction(store).objectStore(store).getAll();
            reading.onsuccess = () => (opening.result.close(), resolve(reading.result));
          };
        })""",
        [database, store],
    )
    return found


def keep(
    page: Page, *records: dict[str, Any], store: str = "scans", database: str = "station"
) -> None:
    """Puts records where the page keeps its scans, all at once, as an earlier hour would have left them."""
    page.evaluate(
        """([database, store, records]) => new Promise((resolve, reject) => {
          const opening = indexedDB.open(database);
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const writing = opening.result.transaction(store, "readwrite");
            for (const record of records) writing.objectStore(store).put(record);
            writing.oncomplete = () => (opening.result.close(), resolve());
          };
        })""",
        [database, store, records],
    )


def stop_time(page: Page) -> None:
    """Of a page whose clock is the test's: from now on it stands still but for what is wound on."""
    page.clock.pause_at(datetime.fromtimestamp(page.evaluate("Date.now()") / 1000 + 1, UTC))


def eventually(page: Page, check: Callable[[], bool], seconds: float = 20) -> None:
    """`check` becomes true within so many seconds; the page's routes run meanwhile."""
    until = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < until, f"not within {seconds} s"
        page.wait_for_timeout(50)


def is_online(page: Page, online: bool = True) -> None:
    """The station counts itself online, or not."""
    expect(page.locator("#till")).to_have_attribute("data-online", "1" if online else "0")


def knows(page: Page) -> None:
    """The station has taken its snapshot."""
    expect(page.locator("#till")).to_have_attribute("data-known", re.compile(r"\d"))
    is_online(page)


def go_offline(page: Page) -> None:
    """The network goes, and the station has noticed."""
    page.context.set_offline(True)
    is_online(page, False)


def waiting(page: Page, count: int) -> None:
    """So many scans wait to be sent, and it is said."""
    if count:
        words = rf"아직 보내지 못한 기록 {count}건 \(\d\d:\d\d부터\) · 이 기기에 안전하게 저장됨"
        expect(page.locator("#unsent")).to_have_text(re.compile(words))
    expect(page.locator("#unsent")).to_be_visible(visible=count > 0)
