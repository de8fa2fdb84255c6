"""Crates by scan at the ramp: the chosen step is told for each, the list below follows."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from tests.browser.live import PHONE, LiveServer, axe_violations
from tests.browser.packing import READY, give, told
from tests.browser.till import eventually, gun, label, pair_device_at
from tests.moving.conftest import Moving
from tests.personas import HARU, NABI, WASH, Loop

TABLET = {"width": 820, "height": 1180}

OpenCrates = Callable[..., Page]


@pytest.fixture
def open_crates(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop, engine: sa.Engine
) -> OpenCrates:
    """The page of the crates on a tablet of the centre, listening."""
    tablet = pair_device_at(WASH, district, engine)

    def open_one(lang: str = "ko", **more) -> Page:
        page = open_page(cookies={"device": tablet, "lang": lang}, **more)
        page.goto(f"{live_server.url}/moving/crates")
        page.wait_for_selector(READY, state="attached")
        return page

    return open_one


def sealed_crate(district: Loop, site: str = HARU) -> str:
    """A crate with a clean cup, sealed for a café today."""
    moving, crate = Moving(district), district.new_crate()
    moving.pack(give(district, 1, site=site), crate, *district.passed_cups(1))
    moving.seal(crate)
    return crate


def test_a_crate_goes_and_comes_back_and_the_list_follows(
    open_crates: OpenCrates, district: Loop
) -> None:
    crate = sealed_crate(district)
    page = open_crates()
    told(page, "상자를 찍어 주세요")
    row = page.locator("#list tbody tr").filter(has_text=crate[-4:])
    expect(row).to_contain_text("봉인함")
    gun(page, label(crate))
    told(page, "실었어요", "카페 하루 · 1개")
    expect(row).to_contain_text("실음")
    page.get_by_label("상자 번호").fill(crate)  # typed, it is meant
    page.get_by_role("button", name="넣기").click()
    told(page, "이미 실은 상자예요", "카페 하루 · 1개")
    page.get_by_label("받는 곳").select_option(NABI)
    page.get_by_label("상자 번호").fill(crate)
    page.get_by_role("button", name="넣기").click()
    expect(page.locator("#stage-next")).to_contain_text("먼저 세척장에 들여 주세요")
    told(page, "이미 실은 상자예요", "카페 하루")
    page.get_by_role("button", name="세척장에 들이기").click()
    told(page, "상자를 찍어 주세요")
    gun(page, label(crate))  # for another act: no second shot
    told(page, "들어왔어요")
    expect(row).to_have_count(0)


def test_without_a_sign_in_the_list_is_not_asked_of_the_page_of_the_sign_in(
    open_crates: OpenCrates, district: Loop
) -> None:
    """That page would begin a session in the place of one begun meanwhile."""
    crate = sealed_crate(district)
    page = open_crates()
    asked: list[str] = []
    ended: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for event in ("requestfinished", "requestfailed"):
        page.on(event, lambda request: ended.append(request.url))
    page.route(
        "**/moving/crates/beep",
        lambda route: route.fulfill(json={"word": "실었어요", "tone": "good", "icon": "forward"}),
    )
    page.context.clear_cookies()
    gun(page, label(crate))
    told(page, "실었어요")
    eventually(page, lambda: any(url.endswith("/moving/crates?part=1") for url in ended))
    assert not [url for url in asked if "sign-in" in url]
    assert page.context.cookies() == []


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_it_fits_phone_and_tablet(open_crates: OpenCrates, district: Loop, lang: str) -> None:
    crate = sealed_crate(district)
    for size in (PHONE, TABLET):
        page = open_crates(lang, **size)
        gun(page, label(crate))
        expect(page.locator("#list")).to_contain_text({"ko": "실음", "en": "Loaded"}[lang])
        page.locator("#camera").click()
        expect(page.locator("#viewer")).to_be_visible()
        expect(page.locator("#viewer-told")).not_to_have_text("")
        assert axe_violations(page) == []
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0
