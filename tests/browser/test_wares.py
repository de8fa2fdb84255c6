"""Counted ware in the browser: told by the number pad, a crate by the gun, refused in words."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lending.wares.ways import in_crate
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import LiveServer, axe_violations
from tests.browser.till import gun, label, pair_device_at
from tests.personas import WASH
from tests.wares.conftest import CLEAN, DIRTY, Wares


@pytest.fixture
def open_wares(
    open_page: Callable[..., Page], live_server: LiveServer, wares: Wares, engine: sa.Engine
) -> Callable[..., Page]:
    """Opens the centre's ware on its tablet."""

    def open_one(path: str = "/wares", lang: str = "ko", **more: int) -> Page:
        credential = pair_device_at(WASH, wares.loop, engine)
        page = open_page(cookies={DEVICE_COOKIE: credential, "lang": lang}, **more)
        page.goto(f"{live_server.url}{path}")
        return page

    return open_one


def press(page: Page, number: str) -> None:
    for key in number:
        page.locator(f"#keys [data-key='{key}']").click()


def test_ware_is_counted_packed_and_looked_into_by_pad_and_gun(
    open_wares: Callable[..., Page], wares: Wares
) -> None:
    wares.buy(50, wares.at(WASH))
    wares.buy(9, wares.at(WASH, DIRTY))
    crate = wares.loop.new_crate()
    page = open_wares()
    page.get_by_role("link", name="상자에 담기").click()
    page.get_by_text("bowl", exact=True).click()
    expect(page.locator("#held")).to_have_text("기록에는 지금 50개예요.")
    gun(page, label(crate))
    expect(page.locator("[name=crate]")).to_have_value(crate)
    press(page, "20")
    expect(page.locator("[name=quantity]")).to_have_value("20")
    page.get_by_role("button", name="적기").dblclick()  # a hasty hand
    expect(page.locator(".alert-success")).to_contain_text("20개")
    inside = in_crate(wares.loop.item_id(crate), CLEAN)
    assert (wares.held(inside), wares.held(wares.at(WASH))) == (20, 30)
    page.goto(f"{page.url.split('/wares')[0]}/i/{crate}")
    page.get_by_role("link", name="상자 안 보기").click()
    expect(page.locator("main")).to_contain_text("안에 든 것 20")
    page.get_by_role("link", name="세어 보기").click()
    page.get_by_text("bowl", exact=True).click()
    expect(page.locator("#held")).to_have_text("")  # who counts is to count
    press(page, "18")
    page.get_by_role("button", name="적기").click()
    expect(page.locator(".alert-warning")).to_contain_text("2개 모자람")
    assert wares.held(inside) == 18


def test_a_wrong_number_is_told_at_its_field_and_can_be_mended(
    open_wares: Callable[..., Page], wares: Wares
) -> None:
    wares.buy(50, wares.at(WASH))
    page = open_wares("/wares/record/broken?kind=bowl")
    for wrong, said in (("-5", "1 이상의 수"), ("12개", "숫자만"), ("2000000", "1,000,000개까지")):
        page.fill("[name=quantity]", wrong)
        page.get_by_role("button", name="적기").click()
        expect(page.locator("#f-quantity-error")).to_contain_text(said)
        expect(page.locator("[name=quantity]")).to_have_value(wrong)
    assert axe_violations(page) == []
    page.fill("[name=quantity]", "")
    press(page, "5")
    page.get_by_role("button", name="적기").click()
    expect(page.locator(".alert-success")).to_be_visible()
    assert wares.held(wares.at(WASH)) == 45


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_pages_fit_every_screen_and_axe_finds_nothing(
    open_wares: Callable[..., Page], wares: Wares, lang: str
) -> None:
    wares.buy(50, wares.at(WASH))
    wares.count(wares.figure(47, wares.at(WASH)))
    crate = wares.loop.new_crate()
    wares.loop.pack(crate, *wares.loop.passed_cups(2))
    paths = ("/wares", "/wares/moves", "/wares/crates", f"/wares/crates/{crate}", "/wares/lids",
             "/wares/record/moved", "/wares/record/packed", "/wares/stocktaking")  # fmt: skip
    for width, height in ((1180, 820), (390, 844)):
        page = open_wares(lang=lang, width=width, height=height)
        base = page.url.removesuffix("/wares")
        for path in paths:
            page.goto(base + path)
            assert axe_violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            small = page.evaluate(
                "[...document.querySelectorAll('main .btn, main button, .choice, main select')]"
                ".filter(e => e.offsetParent && e.offsetHeight < 44).map(e => e.outerHTML)"
            )
            assert small == [], path
