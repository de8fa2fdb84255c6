"""A whole shift on one tablet as an operator does it, from a crate that comes in to one that is packed,
sealed and loaded; once by touch and scanner, once by scanner and keyboard without a touch."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lending.loop.steps import Action, State
from lending.places import sites
from lending.washing.batches.machines import ProgrammeIn, add_machine, add_programme
from tests.browser import packing
from tests.browser import shift_steps as shift
from tests.browser.centre import OpenScreen, make_opener
from tests.browser.live import LiveServer
from tests.browser.till import pair_device_at
from tests.moving.conftest import Moving
from tests.personas import HARU, WASH, Loop


@pytest.fixture
def open_screen(
    open_page: Callable[..., Page],
    live_server: LiveServer,
    district: Loop,
    engine: sa.Engine,
) -> OpenScreen:
    """Jun's tablet; his centre has a machine and a programme, and batches are required."""
    site, jun, now = district.town.sites[WASH], district.town.jun, district.now
    stages = ["pre_wash", "wash", "rinse", "dry", "sterilise"]
    district.write(
        lambda s: add_machine(s, site_id=site, name=shift.MACHINE, capacity=40, actor=jun, now=now)
    )
    programme = ProgrammeIn(shift.PROGRAMME, stages, "80")
    district.write(lambda s: add_programme(s, programme, actor=jun, now=now))
    return make_opener(open_page, live_server, pair_device_at(WASH, district, engine))


def require_batches(loop: Loop) -> None:
    where = {"district_id": loop.town.id, "site_id": loop.town.sites[WASH]}
    loop.write(lambda s: sites.require_batches(s, **where, required=True))


def used_crate(loop: Loop, count: int) -> tuple[str, list[str]]:
    """A crate with cups that went out to the café yesterday, and came back on the courier's car."""
    loop.now -= timedelta(days=1)
    crate, cups = loop.new_crate(), loop.passed_cups(count)
    loop.pack(crate, *cups)
    loop.ship(crate)
    loop.one(Action.STOCK, crate, by=loop.town.mina)
    loop.collect(crate)
    loop.now += timedelta(days=1)
    return crate, cups


def given_today(loop: Loop, pieces: int) -> str:
    """The officer gives Mina's café so many cups today; an empty crate stands at the centre."""
    Moving(loop).decide(HARU, pieces, day=packing.local_day())
    return loop.new_crate()


def test_from_a_crate_that_comes_to_one_that_leaves_by_touch_and_scanner(
    open_screen: OpenScreen, district: Loop
) -> None:
    crate, cups = used_crate(district, 6)
    require_batches(district)
    page = open_screen("/wash")
    shift.receive_crate(page, crate, 6)
    shift.go_to(page, "세척 배치")
    shift.begin_batch(page)
    shift.fill_batch(page, [crate], 6)
    shift.note_stages(page, "애벌 세척", "본 세척")
    shift.note_temperature(page, "82.5")
    shift.finish_batch(page)
    page.get_by_role("link", name="검사하러 가기").click()
    page.wait_for_selector(shift.READY, state="attached")
    shift.inspect(page, cups[:4], {cups[4]: "2", cups[5]: "8"})
    expect(page.locator("#today-first")).to_have_text("67% (4/6)")
    assert all(district.item(cup).clean for cup in cups[:4])
    assert district.item(cups[4]).state is State.DIRTY
    assert district.item(cups[5]).state is State.RETIRED
    shift.go_to(page, "현황판")
    expect(page.locator("#ready > b")).to_have_text("4")
    expect(page.locator("#waiting > b")).to_have_text("1")
    fresh = given_today(district, 4)
    page.go_back()  # the board is a wall, with no way on
    page.locator(".screens summary").click()
    page.locator(".screens nav").get_by_role("link", name="담기", exact=True).click()
    packing.open_list(page, "카페 하루")
    packing.fill_and_seal(page, fresh, cups[:4])
    page.get_by_role("button", name="포장 마침").click()
    packing.told(page, "포장을 마쳤어요")
    packing.load_crate(page, fresh, "카페 하루 · 4개")
    assert {district.item(cup).state for cup in cups[:4]} == {State.SHIPPED}


def test_from_a_crate_that_comes_to_one_that_leaves_without_a_touch(
    open_screen: OpenScreen, district: Loop
) -> None:
    crate, cups = used_crate(district, 3)
    require_batches(district)
    page = open_screen("/wash")
    shift.receive_crate(page, crate, 3)
    page.goto(page.url.replace("/wash", "/wash/batches"))  # the tablet beside the machines
    page.wait_for_selector(shift.READY, state="attached")
    shift.begin_batch_by_keys(page)
    shift.fill_batch(page, cups, 3)
    shift.finish_batch(page)
    page.goto(page.url.split("/wash/")[0] + "/wash/inspect")  # the one at the inspection
    page.wait_for_selector(shift.READY, state="attached")
    shift.inspect(page, cups[:2], {cups[2]: "4"})
    assert all(district.item(cup).clean for cup in cups[:2])
    assert district.item(cups[2]).state is State.DIRTY
    fresh = given_today(district, 2)
    page.goto(page.url.split("/wash/")[0] + "/moving/packing")  # the one at the packing table
    packing.open_list(page, "카페 하루", by_keys=True)
    packing.fill_and_seal(page, fresh, cups[:2])
    packing.walk_to(page, "#do-close")
    page.keyboard.press("Enter")
    packing.told(page, "포장을 마쳤어요")
    packing.load_crate(page, fresh, "카페 하루 · 2개")
    assert {district.item(cup).state for cup in cups[:2]} == {State.SHIPPED}
