"""A page has one camera: what was opened for it in vain is let go, whoever was quicker."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from lending.web.identity import DEVICE_COOKIE
from tests.browser.films import camera_flags, film_blank, looked_on
from tests.browser.live import LiveServer, open_browser
from tests.browser.till import eventually, pair_device_at
from tests.personas import BOX, HARU, WASH, Loop
from tests.photos_of_labels.labels import make_codes

# Every camera that was ever asked for, and a device that takes a moment.
WATCH_CAMERAS = """
  window.cameras = [];
  const { mediaDevices } = navigator;
  const ask = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (wish) => {
    const stream = await ask(wish);
    window.cameras.push(...stream.getVideoTracks());
    return stream;
  };
"""
RUNNING = "() => window.cameras.filter((track) => track.readyState === 'live').length"
PRESS = "document.getElementById('camera').click();"
# Somebody comes back to the tablet while its page begins to open the camera.
WAKE = """
  addEventListener("DOMContentLoaded", () => {
    for (const wait of [0, 20, 100]) setTimeout(() => document.dispatchEvent(new Event("visibilitychange")), wait);
  });
"""


@pytest.fixture
def open_watched(
    playwright_driver: Playwright, live_server: LiveServer, district: Loop, tmp_path: Path
) -> Iterator[Callable[..., Page]]:
    """Opens a station's page before a camera that shows a blank cup; every camera is noted."""
    errors: list[str] = []
    with open_browser(
        playwright_driver, *camera_flags(film_blank(tmp_path, *make_codes(1, 1)))
    ) as browser:
        context = browser.new_context(permissions=["camera"])

        def open_one(path: str, site: str, script: str = "") -> Page:
            tablet = pair_device_at(site, district, district.engine)
            context.add_cookies([{"name": DEVICE_COOKIE, "value": tablet, "url": live_server.url}])
            page = context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.add_init_script(WATCH_CAMERAS + script)
            page.goto(f"{live_server.url}{path}")
            page.wait_for_selector("[data-ready='1']", state="attached")
            return page

        yield open_one
        context.close()
    assert not errors


def test_the_tills_camera_pressed_three_times_runs_once(open_watched: Callable[..., Page]) -> None:
    page = open_watched("/scan", HARU)
    page.evaluate(PRESS * 3)
    looked_on(page, "#video", 3)
    assert page.evaluate(RUNNING) == 1
    page.click("#camera")
    expect(page.locator("#viewer")).to_be_hidden()
    assert page.evaluate(RUNNING) == 0


def test_the_tables_camera_closed_while_it_opens_stays_closed(
    open_watched: Callable[..., Page],
) -> None:
    page = open_watched("/wash", WASH)
    page.click("#open-type")
    page.evaluate(PRESS * 3)
    looked_on(page, "#video", 3)
    assert page.evaluate(RUNNING) == 1
    page.evaluate(PRESS * 2)
    page.click("#close-type")
    eventually(page, lambda: page.evaluate(RUNNING) == 0)


def test_a_box_looked_at_while_its_camera_opens_has_one(open_watched: Callable[..., Page]) -> None:
    page = open_watched("/return", BOX, WAKE)
    looked_on(page, "#video", 3)
    assert page.evaluate(RUNNING) == 1
