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
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from config import Config
from lending.db import transaction
from lending.people.keys import Keys
from tests.bench.camera import serving_built
from tests.browser.films import camera_flags
from tests.personas import Loop, found_town

if TYPE_CHECKING:
    from tests.browser.offline import Tablet

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


@pytest.fixture
def open_film(playwright_driver: Playwright) -> Callable[[Path], AbstractContextManager[Browser]]:
    """A browser whose camera shows this film."""
    return lambda film: open_browser(playwright_driver, *camera_flags(film))


@pytest.fixture(scope="session")
def open_alone() -> Iterator[Callable[[Browser], Page]]:
    """Opens a page of nothing but the scanner's own modules, to be imported from /parts.js."""
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    source = ROOT / "tests" / "browser" / "camera_parts.js"
    command = [esbuild, source, "--bundle", "--format=esm", "--target=es2022"]
    parts = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    with serving_built(ROOT) as address:

        def open_one(browser: Browser) -> Page:
            page = browser.new_page()
            page.route(
                "**/parts.js", lambda r: r.fulfill(body=parts, content_type="text/javascript")
            )
            page.goto(f"{address}/manifest.json")
            return page

        yield open_one


@pytest.fixture
def lone_page(browser: Browser, open_alone: Callable[[Browser], Page]) -> Iterator[Page]:
    """Such a page in the browser of the run."""
    page = open_alone(browser)
    yield page
    page.close()


@pytest.fixture
def counter(
    playwright_driver: Playwright, live_server: LiveServer, district: Loop, engine: sa.Engine,
    tmp_path: Path,
) -> Iterator["Tablet"]:  # fmt: skip
    """A tablet paired to Mina's café, with a profile of its own; it is not open yet."""
    from tests.browser.offline import Tablet
    from tests.browser.till import pair_tablet

    tablet = Tablet(playwright_driver, live_server, tmp_path / "profile")
    tablet.credential = pair_tablet(district, engine)
    yield tablet
    if live_server.process is None:
        live_server.start()
    tablet.close()
    assert not tablet.errors


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
