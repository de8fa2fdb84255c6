"""A tablet on a counter: a browser with a profile of its own, that can be closed, killed and opened
again, and its network, that can be cut."""

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright, expect

from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import CHROMIUM, FLAGS, LiveServer
from tests.browser.till import READY, is_online, knows
from tests.processes import is_gone, wait_until


class Tablet:
    """One browser of its own; `errors` are those of its pages' scripts."""

    def __init__(
        self, driver: Playwright, server: LiveServer, profile: Path, credential: str
    ) -> None:
        self._driver, self._server, self._profile = driver, server, profile
        self._credential: str | None = credential
        self._context: BrowserContext | None = None
        self.errors: list[str] = []
        self.acknowledged: set[str] = set()  # ids whose receipt came back to a page
        self.flags: tuple[str, ...] = ()

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
            if self._credential:
                self._sign_in(self._context, self._credential)
        return self._context

    def _sign_in(self, context: BrowserContext, credential: str) -> None:
        """The cookie of a paired device, as pairing leaves it; later starts find it in the profile."""
        until = time.time() + 90 * 24 * 3600
        cookie = {"name": DEVICE_COOKIE, "value": credential, "url": self._server.url}
        context.add_cookies([cookie | {"expires": until}])  # type: ignore[list-item]
        self._credential = None

    def open(self, path: str = "/scan", ready: str = READY) -> Page:
        """A page of the station in a tab of its own, ready for beeps."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(f"{self._server.url}{path}")
        page.wait_for_selector(ready, state="attached")
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
