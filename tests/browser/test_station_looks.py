"""The till for everybody: both languages, three screens, and the camera on a printed label."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image, ImageDraw
from playwright.sync_api import Page, Playwright, expect

from lending.labels.qr import QUIET, item_symbol
from lending.loop.steps import State
from lending.web.identity import DEVICE_COOKIE
from tests.browser.conftest import FAKE_CAMERA, LiveServer, axe_violations, open_browser
from tests.browser.till import gun, open_till, pair_tablet
from tests.personas import SORA, Loop


@pytest.fixture
def tablet(district: Loop, engine: sa.Engine) -> str:
    """The credential of a tablet paired to Mina's café."""
    return pair_tablet(district, engine)


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(("width", "height"), [(1180, 820), (820, 1180), (390, 844)])
def test_everybody_can_use_it(
    open_page: Callable[..., Page], live_server: LiveServer, tablet: str, district: Loop,
    language: str, width: int, height: int,
) -> None:  # fmt: skip
    cup, dirty = district.clean_cup(), district.new_cups()[0]
    page = open_till(
        open_page, live_server, tablet, cookies={"lang": language}, width=width, height=height
    )
    assert axe_violations(page) == []
    gun(page, SORA)
    gun(page, cup)
    expect(page.locator("#stage")).to_have_class(re.compile("tone-good"))
    gun(page, dirty)
    expect(page.locator("#stage")).to_have_class(re.compile("tone-bad"))
    assert axe_violations(page) == []
    assert small_targets(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if language == "en":
        for place in ("#stage-word", "#stage-line", "#stage-next", ".more", ".till-counts"):
            assert not re.search("[ㄱ-힣]", page.inner_text(place))
    page.goto(f"{live_server.url}/scan/test")
    gun(page, "TEST:https://q.w/azy-_0123456789")
    expect(page.locator("#verdict-layout")).to_have_attribute("data-state", "good")
    assert axe_violations(page) == []


def test_on_a_low_screen_undo_covers_no_words(
    open_page: Callable[..., Page], live_server: LiveServer, tablet: str, district: Loop
) -> None:
    page = open_till(open_page, live_server, tablet, width=1024, height=690)
    gun(page, SORA)
    gun(page, district.clean_cup())
    expect(page.locator("#stage")).to_have_class(re.compile("tone-good"))
    box = {
        place: page.locator(place).bounding_box() or pytest.fail(place)
        for place in ("#stage", ".stage-icon", "#stage-cup", ".stage-undo")
    }
    words, undo = box["#stage-cup"], box[".stage-undo"]
    assert box[".stage-icon"]["y"] >= box["#stage"]["y"]
    assert words["y"] + words["height"] <= undo["y"]


def small_targets(page: Page) -> list[str]:
    """Buttons, links and fields that a thumb would miss."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("button, a, input")]
          .filter(e => e.checkVisibility() && !e.classList.contains("skip"))
          .filter(e => { const r = e.getBoundingClientRect(); return r.width < 44 || r.height < 44; })
          .map(e => e.outerHTML.slice(0, 80))"""
    )
    return found


def test_the_camera_reads_a_real_label(
    playwright_driver: Playwright, live_server: LiveServer, tablet: str, district: Loop,
    tmp_path: Path,
) -> None:  # fmt: skip
    cup = district.lent_cup()
    film = draw_film(tmp_path / "label.mjpeg", live_server.url, cup)
    flags = (*FAKE_CAMERA, f"--use-file-for-fake-video-capture={film}")
    with open_browser(playwright_driver, *flags) as browser:
        context = browser.new_context(permissions=["camera"])
        context.add_cookies([{"name": DEVICE_COOKIE, "value": tablet, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"{live_server.url}/scan")
        page.wait_for_selector("#till[data-ready='1']", state="attached")
        page.click("#camera")
        expect(page.locator("#stage-word")).to_have_text("반납 완료", timeout=15000)
        context.close()
    assert district.item(cup).state is State.RETURNED


def draw_film(path: Path, public_url: str, cup: str) -> Path:
    """A film of one picture: the label as it is printed, a little turned, on a grey table."""
    symbol = item_symbol(public_url, cup)
    module, side = 6, len(symbol) + 2 * QUIET
    paper = Image.new("L", (side * module, side * module), 255)
    pen = ImageDraw.Draw(paper)
    for y, row in enumerate(symbol):
        for x, dark in enumerate(row):
            if dark:
                left, top = (x + QUIET) * module, (y + QUIET) * module
                pen.rectangle((left, top, left + module - 1, top + module - 1), fill=20)
    table = Image.new("L", (1280, 720), 120)
    table.paste(paper.rotate(7, expand=True, fillcolor=120), (420, 160))
    table.convert("RGB").save(path, "JPEG", quality=85)
    return path
