"""A real server process on a migrated database, and a real browser in front of it."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from config import Config
from lending.db import transaction
from lending.people.keys import Keys
from lending.people.profile import agree_terms
from lending.web.identity import resident_cookie
from tests.bench.camera import serving_built
from tests.browser.box import open_box_page, pair_box
from tests.browser.driver import Phone
from tests.browser.films import camera_flags
from tests.browser.live import ROOT, LiveServer, free_port, open_browser
from tests.browser.tablet import Tablet
from tests.browser.till import knows, open_till, pair_tablet
from tests.moving.drivers_day import DriversDay, make_day
from tests.personas import MINJI, Loop, found_town
from tests.wares.conftest import Wares, add_counted

# What comes at once on a machine at rest may take its time on a busy one; speed is the bench's to
# judge. A station's next probe or try is at most ten seconds away.
expect.set_options(timeout=20_000)


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
    with transaction(engine) as session:
        town = found_town(session, keys, now=datetime.now(UTC))
    return Loop(engine, keys, town, now=datetime.now(UTC) - timedelta(hours=2))


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """The driver between Python and the browser."""
    with sync_playwright() as driver:
        yield driver


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
def minji(app: Flask, district: Loop) -> str:
    """The session of Minji, who was given the notice: her cookie."""
    resident = district.town.residents[MINJI]
    with transaction(district.engine) as session:
        agree_terms(session, resident_id=resident, how="test", now=district.now)
    with app.app_context():
        return resident_cookie(resident, epoch=0)


# -- stations ---------------------------------------------------------------------------------------


@pytest.fixture
def tablet(district: Loop, engine: sa.Engine) -> str:
    """The credential of a tablet paired to Mina's café."""
    return pair_tablet(district, engine)


@pytest.fixture
def open_station(
    open_page: Callable[..., Page], live_server: LiveServer, tablet: str
) -> Callable[..., Page]:
    """Opens the till once the town stands as the test wants it, and waits until it knows it."""

    def open_one(**more: Any) -> Page:
        # A worker's requests pass by the routes of a test: blocked where nothing else is said.
        page = open_till(open_page, live_server, tablet, **{"service_workers": "block"} | more)
        knows(page)
        return page

    return open_one


@pytest.fixture
def counter(
    playwright_driver: Playwright, live_server: LiveServer, tablet: str, tmp_path: Path
) -> Iterator[Tablet]:
    """Such a tablet with a browser profile of its own; it is not open yet."""
    counter = Tablet(playwright_driver, live_server, tmp_path / "profile", tablet)
    yield counter
    if live_server.process is None:
        live_server.start()
    counter.close()
    assert not counter.errors


@pytest.fixture
def box_tablet(district: Loop, engine: sa.Engine) -> str:
    """The credential of a tablet paired to the box."""
    return pair_box(district, engine)


@pytest.fixture
def open_box(
    open_page: Callable[..., Page], live_server: LiveServer, box_tablet: str
) -> Callable[..., Page]:
    """Opens the return screen above the box; `clock=True`: time is of the test's making."""
    return partial(open_box_page, open_page, live_server, box_tablet)


# -- counted ware ---------------------------------------------------------------------------------------


@pytest.fixture
def wares(district: Loop) -> Wares:
    """Bowls and plates, which are counted."""
    with transaction(district.engine) as session:
        bowl, plate = add_counted(session, district, ["bowl", "plate"])
    return Wares(district, bowl, plate)


# -- drivers ------------------------------------------------------------------------------------------


@pytest.fixture
def day(district: Loop, engine: sa.Engine) -> DriversDay:
    """A round of today, given to the courier kai."""
    return make_day(district, engine)


@pytest.fixture
def phone(
    playwright_driver: Playwright, live_server: LiveServer, tmp_path: Path
) -> Iterator[Phone]:
    """A courier's phone; nobody has signed in yet."""
    phone = Phone(playwright_driver, live_server, tmp_path / "phone")
    yield phone
    if live_server.process is None:
        live_server.start()
    phone.close()
    assert not phone.errors
