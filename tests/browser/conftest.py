"""A real server process on a migrated database, and a real browser in front of it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from config import Config
from lending.db import transaction
from lending.people.keys import Keys
from tests.personas import Loop, found_town

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("LENDING_CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FAKE_CAMERA = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
SERVER = (
    "import sys; from werkzeug.serving import make_server; import lending;"
    "make_server('127.0.0.1', int(sys.argv[1]), lending.create_app(), threaded=True)"
    ".serve_forever()"
)


@dataclass
class LiveServer:
    """A running server: its address, and how to end and begin it again on the same port."""

    url: str
    port: int
    environ: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the process and waits until it answers."""
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(self.port)],
            cwd=ROOT,
            env=os.environ | self.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(300):
            if self.process.poll() is not None:
                raise RuntimeError("the server ended at once")
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                    return
            except urllib.error.HTTPError:
                return  # it answers, though not all is well: no worker runs in these tests
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.05)
        raise RuntimeError("the server does not answer")

    def stop(self) -> None:
        """Ends the process, as a power cut would."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def live_server(
    shared_engine: sa.Engine, database_url: str, instance: Path, config: Config
) -> Iterator[LiveServer]:
    """One server process per database for the whole run; each test empties the database."""
    port = free_port()
    environ = {
        "LENDING_DATABASE_URL": database_url,
        "LENDING_INSTANCE": str(instance),
        "LENDING_PUBLIC_URL": f"http://localhost:{port}",
        "LENDING_LOG_LEVEL": "warning",
        "PORT": str(port),
    }
    server = LiveServer(f"http://localhost:{port}", port, environ)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def district(engine: sa.Engine, keys: Keys, live_server: LiveServer) -> Loop:
    """A district of today in the server's database, and the driver to act through its people."""
    from datetime import UTC, datetime, timedelta

    with transaction(engine) as session:
        town = found_town(session, keys, now=datetime.now(UTC))
    return Loop(engine, keys, town, now=datetime.now(UTC) - timedelta(hours=2))


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """The driver between Python and the browser."""
    with sync_playwright() as driver:
        yield driver


@contextmanager
def open_browser(driver: Playwright, *flags: str) -> Iterator[Browser]:
    """Debian's chromium, headless."""
    browser = driver.chromium.launch(executable_path=CHROMIUM, headless=True, args=[*FLAGS, *flags])
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture(scope="session")
def browser(playwright_driver: Playwright) -> Iterator[Browser]:
    """One browser for the run; contexts are as fresh as private windows."""
    with open_browser(playwright_driver) as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer) -> Iterator[Callable[..., Page]]:
    """Opens pages in contexts of their own: `open_page(width=390, cookies={"lang": "en"})`.

    An error in a page's script fails the test.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_one(
        *, width: int = 1180, height: int = 820, cookies: dict[str, str] | None = None, **more: Any
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        contexts.append(context)
        for name, value in (cookies or {}).items():
            context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not errors


def axe_violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA on the page as it stands: rule and first element."""
    script = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
    page.evaluate(script)
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: rules}).then(r => r.violations)", rules
    )
    return [
        f"{one['id']}: {one['nodes'][0]['target']} {one['nodes'][0]['failureSummary']}"
        for one in found
    ]
