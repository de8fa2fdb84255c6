"""The till for everybody: both languages, three screens, and the camera on a printed label."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, Playwright, expect

from lending.labels.qr import item_symbol
from lending.loop.steps import State
from lending.qr import QUIET
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import FAKE_CAMERA, LiveServer, axe_violations, open_browser
from tests.browser.till import READY, go_offline, gun, keep, open_till, type_fast
from tests.personas import NABI, SORA, Loop

SIZES = [(1024, 768), (820, 1180), (390, 844), (844, 390)]
Screen = dict[str, Any]


@pytest.fixture(params=[(*size, lang) for size in SIZES for lang in ("ko", "en")], ids=str)
def screen(request: pytest.FixtureRequest) -> Screen:
    """A tablet or phone, upright or lying, in one language: as `open_page` takes it."""
    width, height, language = request.param
    return {"width": width, "height": height, "cookies": {"lang": language}}


def words_of(page: Page, *places: str) -> str:
    """All that is written there."""
    return " ".join(page.inner_text(place) for place in places)


def test_everybody_can_use_it(
    open_page: Callable[..., Page], live_server: LiveServer, tablet: str, district: Loop,
    screen: Screen,
) -> None:  # fmt: skip
    cup, dirty = district.clean_cup(), district.new_cups()[0]
    page = open_till(open_page, live_server, tablet, **screen)
    assert axe_violations(page) == []
    gun(page, SORA)
    gun(page, cup)
    expect(page.locator("#stage")).to_have_class(re.compile("tone-good"))
    gun(page, dirty)
    expect(page.locator("#stage")).to_have_class(re.compile("tone-bad"))
    assert axe_violations(page) == []
    assert small_targets(page) == []
    assert too_wide(page) == []
    if screen["cookies"]["lang"] == "en":
        places = ("#stage-word", "#stage-line", "#stage-next", ".more", ".till-counts")
        assert not re.search("[ㄱ-힣]", words_of(page, *places))
    page.clock.install()
    page.goto(f"{live_server.url}/scan/test")
    type_fast(page, "TEST:https://q.w/azy-_0123456789")
    expect(page.locator("#verdict-layout")).to_have_attribute("data-state", "good")
    assert axe_violations(page) == []


def test_everybody_can_use_it_without_a_network(
    open_station: Callable[..., Page], district: Loop, screen: Screen
) -> None:
    clean, far = district.clean_cup(), district.clean_cup(at=NABI)
    page = open_station(**screen)
    refused = {"id": "1", "action": "return", "code": far, "at": "2026-11-23T01:00:00Z"}
    keep(page, refused, store="refused")
    keep(page, {"id": "2", "order": 1, "state": "fact", "code": far, "site": NABI, "since": "2026"})
    go_offline(page)
    gun(page, SORA)
    gun(page, clean)
    expect(page.locator("#stage")).to_have_class(re.compile("tone-good"))
    gun(page, far)
    expect(page.locator("#stage")).to_have_class(re.compile("tone-care"))
    expect(page.locator("#stage")).to_be_in_viewport(ratio=0.5)
    expect(page.locator("#person-done")).to_be_in_viewport(ratio=1)
    expect(page.locator("#spoken")).to_contain_text(page.inner_text("#stage-word"))
    expect(page.locator("#others")).to_be_visible()
    assert axe_violations(page) == []
    assert small_targets(page) == []
    assert too_wide(page) == []
    # The lists and forms over it open, answer and close by the keyboard.
    page.focus("#refused")
    page.keyboard.press("Enter")
    expect(page.locator("#refused-list button")).to_be_visible()
    assert axe_violations(page) == []
    assert small_targets(page) == []
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#sheet-refused")).to_be_hidden()
    expect(page.locator("#refused")).to_be_hidden()
    if screen["cookies"]["lang"] == "en":
        places = ("#stage-word", "#stage-line", "#stage-next", "#unsent", "#offline", "#unkept")
        assert not re.search("[ㄱ-힣]", words_of(page, *places))


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


def too_wide(page: Page) -> list[str]:
    """What sticks out of the screen when the page can be pushed sideways."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
          [...document.querySelectorAll("body *")]
          .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth)
          .map(e => e.outerHTML.slice(0, 80))"""
    )
    return found


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
        page.wait_for_selector(READY, state="attached")
        page.click("#camera")
        expect(page.locator("#stage-word")).to_have_text("반납 완료")
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
