"""A hall's event from the plan to the accepted statement, walked by those who do it: the officer, the
centre, the hall's manager by scan, and the hall again by its link, on a phone, disputing one line."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from lending.db import transaction
from lending.events.reading import stage_of
from lending.events.settings import set_kind
from lending.events.values import EventKind, Stage
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import Role
from lending.web.i18n import group_code
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import LiveServer, axe_violations
from tests.browser.till import gun, label, pair_device_at
from tests.callers import PASSWORD
from tests.events.halls import HALL, Halls, open_hall
from tests.personas import WASH, Loop
from tests.wares.conftest import Wares

READY = "#table[data-ready='1']"
SIZES = ((1180, 820), (820, 1180), (390, 844))
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """least => [...document.querySelectorAll('main button, main a.btn, main summary, main input:not([type=hidden])')]
  .filter(e => e.offsetParent && !e.closest('.hidden')).filter(e => !['checkbox', 'radio'].includes(e.type))
  .filter(e => e.offsetHeight < least).map(e => e.outerHTML)"""


@pytest.fixture
def halls(wares: Wares) -> Halls:
    return open_hall(wares)


@pytest.fixture
def officer(open_page: Callable[..., Page], live_server: LiveServer, halls: Halls) -> Page:
    """Olga's browser."""
    new = NewStaff("olga", PASSWORD, Role.OFFICER, None)
    with transaction(halls.loop.engine) as session:
        add_staff(session, district_id=halls.loop.town.id, new=new, now=halls.now)
    page = open_page()
    page.goto(f"{live_server.url}/staff/sign-in?next=/events")
    page.fill("[name=login]", "olga")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/events")
    return page


@pytest.fixture
def tablets(
    open_page: Callable[..., Page], live_server: LiveServer, halls: Halls, engine: sa.Engine
) -> Callable[..., Page]:
    """Opens a page on the tablet of the centre or of the hall."""

    def open_one(site: str, path: str, **more: Any) -> Page:
        credential = pair_device_at(site, halls.loop, engine)
        page = open_page(cookies={DEVICE_COOKIE: credential}, **more)
        page.goto(f"{live_server.url}{path}")
        page.wait_for_selector(READY, state="attached")
        return page

    return open_one


def told(page: Page, word: str) -> None:
    expect(page.locator("#stage-word")).to_have_text(word)


def in_list(board: Page, where: str, crate: str) -> Locator:
    """The rows of a crate in the rooms or in the store."""
    return board.locator(f"{where} [title='{group_code(crate)}']")


def fits(page: Page, least: int) -> None:
    """On no screen anything scrolls sideways, and nothing to touch is lower than this."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(WIDE) <= 0, (page.url, width)
        assert page.evaluate(SMALL, least) == [], (page.url, width)
    page.set_viewport_size({"width": 1180, "height": 820})


def plan(officer: Page, halls: Halls) -> str:
    """The officer enters the event; its address."""
    officer.click("main .page-header a.btn")
    officer.get_by_text("서해 장례식장").click()
    officer.select_option("[name=room]", label="1호실")
    officer.fill("[name=from_at]", local(halls, -1))
    officer.fill("[name=until_at]", local(halls, 30))
    officer.fill("[name=guests]", "200")
    officer.click("main form button[type=submit]")
    officer.wait_for_url("**/events/*-*")
    expect(officer.locator("main")).to_contain_text("160")  # bowls for 200 guests
    return officer.url


def local(halls: Halls, hours: int) -> str:
    at = halls.loop.now + timedelta(hours=hours)
    return (at + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M")


def pack(page: Page, crate: str, cups: list[str], seal: str) -> None:
    """A crate with a full load of bowls and these cups, sealed."""
    gun(page, label(crate))
    told(page, "상자를 열었어요")
    gun(page, *map(label, cups))
    page.locator(".fill").first.click()
    page.fill("#seal", seal)
    page.click(".go")
    told(page, "봉인해 담았어요")


def test_an_event_from_the_plan_to_the_accepted_statement(
    district: Loop, halls: Halls, officer: Page, tablets: Callable[..., Page],
    open_page: Callable[..., Page], live_server: LiveServer,
) -> None:  # fmt: skip
    halls.write(
        lambda s: set_kind(
            s, kind="bowl", event=EventKind.FUNERAL, per_100=80, price=1500, crate_pieces=80,
            actor=district.town.officer, now=halls.now,
        )
    )  # fmt: skip
    halls.wares.buy(200, halls.wares.at(WASH))
    cups = district.passed_cups(3)
    first, second = district.new_crate(), district.new_crate()

    # the officer plans, the centre packs two crates
    path = plan(officer, halls).removeprefix(live_server.url)
    id = path.rsplit("/", 1)[1]
    table = tablets(WASH, f"{path}/pack")
    fits(table, 64)
    pack(table, first, cups, "S-1")
    pack(table, second, [], "S-2")
    expect(table.locator(".work-side h2")).to_have_text("담아 둔 상자 2개")
    for crate in (first, second):
        halls.bring(crate)

    # the hall: one crate to the room, the other as well; that comes back unopened
    board = tablets(HALL, "/events/rooms")
    fits(board, 48)
    gun(board, label(first))
    told(board, "어느 방에 주나요?")
    board.locator(".choose-room").click()
    gun(board, label(first))
    told(board, "서명이 비어 있어요")
    board.fill("#signed", "실장")
    board.locator("h1").click()
    gun(board, label(first))
    told(board, "방에 주었어요")
    gun(board, label(second))
    expect(in_list(board, ".room", second)).to_have_count(1)
    board.click("[data-act=sealed]")
    gun(board, label(second))
    told(board, "창고로 돌아왔어요")
    expect(in_list(board, ".store", second)).to_have_count(1)
    board.click("[data-act=opened]")
    gun(board, label(first))
    told(board, "쓴 상자로 돌아왔어요")
    expect(in_list(board, ".room", first)).to_have_count(0)
    halls.fetch(first)

    # the centre counts: two cups scanned, one broken, bowls by the pad
    count = tablets(WASH, f"{path}/count")
    fits(count, 64)
    gun(count, label(cups[0]))
    told(count, "받았어요")
    count.click("[data-broken='1']")
    gun(count, label(cups[1]))
    told(count, "깨진 것으로 적었어요")
    count.locator("[name=found-bowl]").click()
    for key in "75":
        count.click(f"[data-key='{key}']")
    expect(count.locator(".count-diff")).to_have_text("5개 모자라요")
    count.click("[data-key=next]")
    count.click("[data-key='2']")
    expect(count.locator(".count-diff")).to_have_text("3개 모자라요")
    count.reload()  # what was typed is still there
    count.wait_for_selector(READY, state="attached")
    expect(count.locator("[name=found-bowl]")).to_have_value("75")
    count.click("#count .go")
    count.wait_for_url("**/statement")
    expect(count.locator("main")).to_contain_text("부족 4개 · 파손 3개")
    fits(count, 44)
    count.get_by_role("button", name="맞아요, 장례식장에 보낼게요").click()
    address = count.locator("input.link").input_value()

    # the hall, by its link on a phone: the bowls are disputed
    phone = open_page(width=390, height=844, cookies={"lang": "ko"})
    phone.goto(address)
    fits(phone, 44)
    assert axe_violations(phone) == []
    phone.set_viewport_size({"width": 390, "height": 844})
    phone.get_by_text("수량이 달라요").click()
    phone.locator(".dispute-line summary", has_text="bowl").click()
    phone.get_by_label("무엇이 다른가요?").locator("visible=true").fill("창고에서 3개를 찾았어요")
    phone.get_by_label("부족한 것은 몇 개인가요?").locator("visible=true").fill("0")
    phone.fill("#name-wrong", "실장")
    phone.get_by_role("button", name="다르다고 알리기").click()
    expect(phone.locator("#dispute")).to_contain_text("살펴보고 있어요")

    # the officer corrects it, the hall accepts the second version
    officer.goto(f"{live_server.url}/events/disputes")
    expect(officer.locator("main")).to_contain_text("창고에서 3개를 찾았어요")
    officer.get_by_role("button", name="이 수로 고치기").click()
    officer.wait_for_url("**/statement")
    expect(officer.locator("main")).to_contain_text("부족 1개 · 파손 3개")
    phone.reload()
    expect(phone.locator("main")).to_contain_text("부족 1개 · 파손 3개")
    phone.fill("#name-right", "실장")
    phone.get_by_role("button", name="네, 맞아요").click()
    expect(phone.locator("main")).to_contain_text("맞다고 했어요")
    assert halls.read(lambda s: stage(s, id)) is Stage.SETTLED
    officer.goto(f"{live_server.url}/events?stage=settled")
    expect(officer.locator(".event-card")).to_contain_text("마침")
    halls.check()


def stage(session: Any, id: str) -> Stage:
    return stage_of(session, event_id=uuid.UUID(id))


def test_scans_at_a_hall_without_a_net_are_sent_later(
    district: Loop, halls: Halls, tablets: Callable[..., Page]
) -> None:
    event, packed = halls.plan(), halls.crate(bowl=40)
    board = tablets(HALL, "/events/rooms")
    board.fill("#signed", "야간")
    board.locator(".choose-room").click()
    board.context.set_offline(True)
    gun(board, label(packed.crate))
    told(board, "적어 두었어요")
    expect(board.locator("#unsent")).to_contain_text("아직 보내지 못한 기록 1건")
    assert halls.event(event).out == 0
    board.context.set_offline(False)
    told(board, "방에 주었어요")
    assert halls.event(event).out == 1
    halls.check()


def test_a_crate_found_opened_is_used_and_one_packed_wrongly_is_opened_again(
    district: Loop, halls: Halls, tablets: Callable[..., Page]
) -> None:
    event, stored = halls.plan(), halls.crate(bowl=40)
    board = tablets(HALL, "/events/rooms")
    expect(in_list(board, ".store", stored.crate)).to_have_count(1)
    board.fill("#signed", "야간")
    board.click("[data-act=broken]")
    told(board, "창고에서 봉인이 뜯긴 상자를 찍어 주세요")
    gun(board, label(stored.crate))
    told(board, "다시 씻을 상자로 적었어요")
    expect(in_list(board, ".store", stored.crate)).to_have_count(0)
    fits(board, 48)

    packed = halls.pack(event, bowl=10)
    table = tablets(WASH, f"/events/{event.id}/pack")
    table.locator(".crate-open summary").click()
    fits(table, 64)
    assert axe_violations(table) == []
    table.get_by_role("button", name="다시 담으려고 열어요").click()
    expect(table.locator("main")).to_contain_text("봉인을 뗐어요")
    expect(in_list(table, ".crates", packed.crate)).to_have_count(0)
    halls.check()
