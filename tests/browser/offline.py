"""A tablet on a counter: a browser with a profile of its own, that can be closed, killed and opened
again, and its network, that can be cut."""

import contextlib
import os
import re
import signal
import time
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from lending.loop.steps import Action
from lending.loop.tables import Scan
from lending.web.identity import DEVICE_COOKIE
from tests.browser.conftest import CHROMIUM, FLAGS, LiveServer
from tests.browser.till import is_online, kept, knows
from tests.personas import Loop
from tests.processes import is_gone, wait_until

READY = "#till[data-ready='1']"
REQUESTS = re.compile(r":\d+/(station/(scans|snapshot)|form-token|scan/\w+)(\?|$)")


class Tablet:
    """One browser of its own; `errors` are those of its pages' scripts."""

    def __init__(self, driver: Playwright, server: LiveServer, profile: Path) -> None:
        self._driver, self._server, self._profile = driver, server, profile
        self._context: BrowserContext | None = None
        self.errors: list[str] = []
        self.acknowledged: set[str] = set()  # ids whose receipt came back to a page
        self.flags: tuple[str, ...] = ()
        self.credential: str | None = None

    @property
    def context(self) -> BrowserContext:
        """The browser, started if it does not run."""
        if self._context is None:
            self._context = self._driver.chromium.launch_persistent_context(
                self._profile,
                executable_path=CHROMIUM,
                headless=True,
                args=[*FLAGS, *self.flags],
                viewport={"width": 1180, "height": 820},
            )
            self._context.on("response", self._listen)
            if self.credential:
                self._sign_in(self._context, self.credential)
        return self._context

    def _sign_in(self, context: BrowserContext, credential: str) -> None:
        """The cookie of a paired device, as pairing leaves it; later starts find it in the profile."""
        until = time.time() + 90 * 24 * 3600
        cookie = {"name": DEVICE_COOKIE, "value": credential, "url": self._server.url}
        context.add_cookies([cookie | {"expires": until}])  # type: ignore[list-item]
        self.credential = None

    def open(self, path: str = "/scan") -> Page:
        """A page of the station in a tab of its own, ready for beeps."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(f"{self._server.url}{path}")
        page.wait_for_selector(READY, state="attached")
        return page

    def close(self) -> None:
        """Closes the browser as its owner does."""
        if self._context is not None:
            self._context.close()
            self._context = None

    def kill(self) -> None:
        """Ends every process of the browser at once, as an empty battery does."""
        family = [pid for pid in _processes() if str(self._profile) in _command(pid)]
        assert family
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: all(is_gone(pid) for pid in family), 10)
        with contextlib.suppress(Exception):  # it is gone already
            self.close()
        self._context = None

    def cut(self) -> None:
        """No network, and nobody at its other end."""
        self.context.set_offline(True)
        self._server.stop()

    def restore(self) -> None:
        """The server runs and the network is back."""
        self._server.start()
        if self._context is not None:
            self._context.set_offline(False)

    def _listen(self, response: Any) -> None:
        if response.url.endswith("/station/scans") and response.ok:
            with contextlib.suppress(Exception):  # a page that closed meanwhile
                receipts = response.json()["receipts"]
                done = {"recorded", "repeated"}
                self.acknowledged |= {one["id"] for one in receipts if one["result"] in done}


def installed(tablet: Tablet) -> None:
    """The tablet was online once: the page, its reader and its snapshot are kept. It is closed."""
    page = tablet.open()
    expect(page.locator("#till")).to_have_attribute("data-installed", "1")
    knows(page)
    tablet.close()


def reopened_offline(tablet: Tablet) -> Page:
    """The browser starts with no network and nobody at its other end."""
    tablet.cut()
    page = tablet.open()
    is_online(page, False)
    return page


def _processes() -> list[int]:
    return [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


# -- beeps -------------------------------------------------------------------------------------------


def rattle(page: Page, codes: list[str]) -> None:
    """A gun without mercy: all codes key by key, with nothing between them."""
    page.evaluate(
        """codes => {
          const press = (code, key) =>
            window.dispatchEvent(new KeyboardEvent("keydown", { code, key, bubbles: true, cancelable: true }));
          for (const code of codes) {
            for (const sign of code) press("Digit" + sign, sign);
            press("Enter", "Enter");
          }
        }""",
        codes,
    )


def lent_cups(district: Loop, count: int) -> list[str]:
    """So many cups lent at the café, in one call."""
    cups = district.clean_cups(count)
    lends = [district.scan(Action.LEND, cup) for cup in cups]
    district.go(*lends, by=district.town.mina)
    return cups


# -- what is kept and what is stored ------------------------------------------------------------------


def in_queue(page: Page, count: int) -> list[dict[str, Any]]:
    """The scans that are kept in the browser, in order, once there are so many."""
    wait_until(lambda: len(kept(page)) == count, 20)
    return sorted(kept(page), key=lambda record: record["order"])


def all_sent(page: Page, patience: float = 20) -> None:
    """Nothing waits any more, and the page says so."""
    wait_until(lambda: kept(page) == [], patience)
    expect(page.locator("#unsent")).to_be_hidden()
    is_online(page)


def without_server(page: Page) -> None:
    """The station's page still loads, but its requests get no answer: a bad line, not a dead one."""
    page.context.route(REQUESTS, lambda route: route.abort())


def with_server(page: Page) -> None:
    """The line is good again."""
    page.context.unroute(REQUESTS)


def stored_scans(district: Loop, since: datetime) -> list[Any]:
    """(id, code, action, seq, of, occurred_at) of what was recorded since, as it happened."""
    columns = (Scan.id, Scan.code, Scan.action, Scan.seq, Scan.of, Scan.occurred_at)
    query = sa.select(*columns).where(Scan.recorded_at >= since)
    with district.engine.connect() as connection:
        return list(connection.execute(query.order_by(Scan.occurred_at, Scan.seq)))


def landed_once(district: Loop, since: datetime, records: list[dict[str, Any]]) -> None:
    """Exactly these records are stored, once each, in the order in which they were scanned."""
    found = [(str(row.id), row.code) for row in stored_scans(district, since)]
    assert found == [(record["id"], record["code"]) for record in records]


# -- a queue of an earlier hour ------------------------------------------------------------------------


def records_of(codes: list[str], *, site: str, began: datetime) -> list[dict[str, Any]]:
    """What the station keeps of returns one second after the other, measured by a right clock."""
    records = []
    for number, code in enumerate(codes):
        at = (began - timedelta(seconds=len(codes) - number)).isoformat()
        records.append(
            {
                "id": str(uuid.uuid4()), "order": number + 1, "seq": number + 1, "state": "fact",
                "action": "return", "code": code, "at": at, "since": at, "site": site,
                "epoch": None, "mono": None, "clock_error": 0.0, "measured": 0, "borrower": None,
                "error_before": None,
            }
        )  # fmt: skip
    return records


def fill_queue(page: Page, records: list[dict[str, Any]]) -> None:
    """Puts them where the page keeps its scans, all at once."""
    page.evaluate(
        """records => new Promise((resolve, reject) => {
          const opening = indexedDB.open("station");
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const writing = opening.result.transaction("scans", "readwrite");
            for (const record of records) writing.objectStore("scans").put(record);
            writing.oncomplete = () => (opening.result.close(), resolve());
          };
        })""",
        records,
    )


def nudge(*pages: Page) -> None:
    """Somebody comes back to the window: the station sends what waits."""
    for page in pages:
        page.evaluate("window.dispatchEvent(new Event('focus'))")


# Every look of the stage since the page began, as its class names.
WATCH_STAGE = """
  window.looks = [];
  addEventListener("DOMContentLoaded", () => {
    const stage = document.getElementById("stage");
    const note = () => window.looks.push(stage.className);
    if (stage) new MutationObserver(note).observe(stage, { attributes: true });
  });
"""


def no_error_was_shown(page: Page) -> None:
    """Of a page opened with WATCH_STAGE: the stage never turned red, and nothing was refused."""
    looks = page.evaluate("window.looks")
    assert looks
    assert not [look for look in looks if "tone-bad" in look or "tone-care" in look]
    expect(page.locator("#refused")).to_be_hidden()
    expect(page.locator("#signed-out")).to_be_hidden()
