"""The wall of the washing centre: read from afar, brought up to date by itself, honest when stale."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lending.washing.centre import set_plan
from tests.browser.centre import OpenScreen, make_opener
from tests.browser.live import LiveServer, axe_violations
from tests.browser.till import pair_device_at
from tests.personas import WASH, Loop
from tests.washing.centre import Centre

SIZES = ((1920, 1080), (1180, 820), (820, 1180), (390, 844))


@pytest.fixture
def open_screen(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop, engine: sa.Engine
) -> OpenScreen:
    return make_opener(open_page, live_server, pair_device_at(WASH, district, engine))


def counts(page: Page, **piles: int) -> None:
    for name, count in piles.items():
        expect(page.locator(f"#{name} > b")).to_have_text(str(count))


def test_the_wall_follows_the_work_by_itself(open_screen: OpenScreen, district: Loop) -> None:
    centre, jun = Centre(district), district.town.jun
    cups, site = district.new_cups(6), centre.site()
    district.write(lambda s: set_plan(s, site=site, per_hour=60, actor=jun, now=datetime.now(UTC)))
    page = open_screen("/wash/board")
    page.clock.install()
    counts(page, waiting=6, machines=0, to_inspect=0, ready=0)
    expect(page.locator("#waiting li")).to_contain_text(re.compile("컵 355 mL.*6.*째"))
    expect(page.locator("#plan")).to_have_text("계획 60")
    expect(page.locator("#ends-how")).to_have_text("계획대로면 · 남은 6개")
    batch = centre.begin("1호기")
    centre.put(batch, *cups[:4])
    page.clock.fast_forward(11_000)
    counts(page, waiting=2, machines=4)
    centre.finish(batch)
    page.clock.fast_forward(11_000)
    counts(page, waiting=2, machines=0, to_inspect=4)
    district.now = datetime.now(UTC)
    for cup in cups[:3]:
        district.pass_(cup)
    page.clock.fast_forward(11_000)
    counts(page, to_inspect=1, ready=3)
    expect(page.locator("#last-hour")).to_have_text("3")
    expect(page.locator("#first-pass")).to_have_text("100%")
    expect(page.locator("#ends-how")).to_have_text("남은 3개")


def test_it_says_when_it_is_stale_and_recovers(
    open_screen: OpenScreen, live_server: LiveServer, district: Loop
) -> None:
    district.new_cups(2)
    page = open_screen("/wash/board")
    page.clock.install()
    counts(page, waiting=2)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    live_server.stop()
    try:
        for _ in range(4):
            page.clock.fast_forward(61_000)
            page.wait_for_timeout(200)
        expect(page.locator("#stale")).to_contain_text("새 소식이 없어요")
        counts(page, waiting=2)  # what stood there stays
        assert len(asked) <= 5  # with growing pauses
    finally:
        live_server.start()
    district.new_cups(1)
    page.clock.fast_forward(61_000)
    expect(page.locator("#stale")).to_be_hidden()
    counts(page, waiting=3)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_it_fits_every_screen_and_axe_finds_nothing(
    open_screen: OpenScreen, district: Loop, lang: str
) -> None:
    centre = Centre(district)
    district.new_cups(3, "cup-473")
    centre.put(centre.begin("1호기"), *district.new_cups(5))
    centre.passed(*district.new_cups(4))
    page = open_screen("/wash/board", lang)
    counts(page, waiting=3, machines=5, ready=4)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert axe_violations(page) == []
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0
        if width == 1920:  # all of it at a glance
            high = "document.documentElement.scrollHeight - document.documentElement.clientHeight"
            assert page.evaluate(high) <= 0
