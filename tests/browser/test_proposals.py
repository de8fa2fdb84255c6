"""The officer's morning by keyboard: numbers walked and changed, a row decided by Enter, all at once."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from lending.db import transaction
from lending.moving.supply.crate_sizes import set_crate_size
from lending.moving.supply.orders import NewOrder, ask_supply
from lending.moving.supply.proposals import propose_supply
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import Role
from tests.browser.live import LiveServer, axe_violations
from tests.browser.packing import local_day
from tests.callers import PASSWORD
from tests.moving.conftest import Moving
from tests.personas import HARU, NABI, Loop

CUP = "cup-355"


@pytest.fixture
def morning(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop
) -> Callable[..., Page]:
    """Olga's morning: tomorrow Haru wants 30 and Nabi 20; a crate holds 12."""
    moving = Moving(district)
    day = local_day() + timedelta(days=1)
    for by, count in ((district.town.mina, 30), (district.town.yuna, 20)):
        new = NewOrder(uuid.uuid4(), CUP, count, day=day)
        moving.write(ask_supply, new=new, actor=by)
    with transaction(district.engine) as session:
        set_crate_size(session, district_id=district.town.id, kind=CUP, pieces=12)
        new = NewStaff("olga", PASSWORD, Role.OFFICER)
        add_staff(session, district_id=district.town.id, new=new, now=district.now)

    def open_one(lang: str = "ko", **more) -> Page:
        page = open_page(cookies={"lang": lang}, **more)
        page.goto(f"{live_server.url}/staff/sign-in?next=/moving")
        page.fill("[name=login]", "olga")
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_selector("#errors[data-ready='1']")
        return page

    return open_one


def decided(district: Loop) -> dict[str, int | None]:
    day = local_day() + timedelta(days=1)
    rows = Moving(district).read(
        propose_supply, district_id=district.town.id, day=day, now=district.now
    )  # fmt: skip
    return {row.site: row.decided for row in rows}


def test_the_morning_by_keyboard_alone(morning: Callable[..., Page], district: Loop) -> None:
    page = morning()
    first, second = page.locator(".give-n").all()
    row = page.locator("tbody tr").first
    expect(page.locator("[data-sum]")).to_have_text("50")
    first.focus()
    page.keyboard.press("PageUp")  # from 30 up to whole crates of 12
    expect(first).to_have_value("36")
    expect(row.locator(".give-crates")).to_have_text("3상자")
    page.keyboard.press("PageDown")
    expect(first).to_have_value("24")
    page.keyboard.type("48")  # typed over what is marked, once it is marked again
    page.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(first).to_be_focused()
    page.keyboard.type("40")
    expect(page.locator("[data-sum]")).to_have_text("60")
    expect(row).to_have_class("is-first is-changed")
    page.keyboard.press("Enter")
    expect(page.locator(".alert-success")).to_contain_text("1건을 정했어요.")
    expect(page.locator(".give-n").nth(1)).to_be_focused()  # the page stands at the next row
    assert decided(district) == {HARU: 40, NABI: None}
    page.keyboard.press("Control+Enter")
    expect(page.locator(".alert-success")).to_contain_text("1건을 정했어요.")
    assert decided(district) == {HARU: 40, NABI: 20}
    expect(page.locator("tbody tr").first.locator(".decided")).to_contain_text("바꿈")
    expect(page.locator("tbody tr").nth(1).locator(".decided")).to_contain_text("제안대로")
    expect(page.locator("tbody tr").nth(1).locator(".decided")).to_contain_text("olga")


def test_rounded_up_to_crates_and_a_wrong_number_kept_as_typed(
    morning: Callable[..., Page], district: Loop
) -> None:
    page = morning()
    page.get_by_role("button", name="상자 단위로 올림").click()
    expect(page.locator(".give-n").first).to_have_value("36")
    expect(page.locator(".give-n").nth(1)).to_have_value("24")
    page.locator(".give-n").nth(1).fill("many")
    page.get_by_role("button", name="모두 받아들이기").click()
    expect(page.locator(".field-error")).to_contain_text("0부터 20,000까지")
    expect(page.locator(".give-n").first).to_have_value("36")
    expect(page.locator(".give-n").nth(1)).to_be_focused()
    assert decided(district) == {HARU: None, NABI: None}
    page.locator("#find").fill("나비")
    expect(page.locator("tbody tr").first).to_be_hidden()
    expect(page.locator("tbody tr").nth(1)).to_be_visible()


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_it_fits_every_screen_and_axe_finds_nothing(
    morning: Callable[..., Page], live_server: LiveServer, lang: str
) -> None:
    for width, height in ((1180, 820), (390, 844)):
        page = morning(lang, width=width, height=height)
        assert axe_violations(page) == []
        page.locator(".row-do").first.click()
        expect(page.locator(".decided")).to_have_count(1)
        for path in ("moving", "moving/settings", "moving/forecast", "moving/crates"):
            page.goto(f"{live_server.url}/{path}")
            assert axe_violations(page) == []
            overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(overflow) <= 0, path
        page.context.close()
