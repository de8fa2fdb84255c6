"""A hall's event from the plan to the accepted statement, walked by those who do it: the officer, the
centre, the hall's manager by scan, and the hall again by its link, on a phone, disputing one line."""

import uuid
from collections.abc import Callable

from playwright.sync_api import Page, expect

from lending.events.reading import stage_of
from lending.events.settings import set_kind
from lending.events.values import EventKind, Stage
from tests.browser.halls import (
    READY,
    fits,
    in_list,
    pack,
    plan,
    told,
)
from tests.browser.halls import halls as halls
from tests.browser.halls import officer as officer
from tests.browser.halls import tablets as tablets
from tests.browser.live import LiveServer, axe_violations
from tests.browser.till import gun, label
from tests.events.halls import HALL, Halls
from tests.personas import WASH, Loop


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
    table = tablets(WASH, f"{path}/pack")
    fits(table, 64)
    pack(table, first, cups, "S-1")
    pack(table, second, [], "S-2")
    expect(table.locator(".work-side h2")).to_have_text("담아 둔 상자 2개")
    for crate in (first, second):
        halls.bring(crate)

    board = tablets(HALL, "/events/rooms")
    hand_out_and_take_back(board, first, second)
    halls.fetch(first)

    count = tablets(WASH, f"{path}/count")
    count_by_pad(count, cups)
    count.get_by_role("button", name="맞아요, 장례식장에 보낼게요").click()
    expect(count.locator("main")).to_contain_text("확인했어요.")
    address = count.locator("input.link").input_value()

    # the hall, by its link
    phone = open_page(width=390, height=844, cookies={"lang": "ko"})
    phone.goto(address)
    dispute_the_bowls(phone)

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
    id = uuid.UUID(path.rsplit("/", 1)[1])
    assert halls.read(lambda s: stage_of(s, event_id=id)) is Stage.SETTLED
    officer.goto(f"{live_server.url}/events?stage=settled")
    expect(officer.locator(".event-card")).to_contain_text("마침")
    halls.check()


def hand_out_and_take_back(board: Page, first: str, second: str) -> None:
    """Both crates go to the room; one comes back used, the other unopened."""
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


def count_by_pad(count: Page, cups: list[str]) -> None:
    """Two cups are scanned, one of them broken; the bowls are counted by the pad."""
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


def dispute_the_bowls(phone: Page) -> None:
    """The hall says on a phone that no bowl is missing."""
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
