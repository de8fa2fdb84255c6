"""A hall's board: scans without a net, a seal that is broken, a crate that is packed anew."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.halls import (
    fits,
    in_list,
    told,
)
from tests.browser.halls import halls as halls
from tests.browser.halls import tablets as tablets
from tests.browser.live import axe_violations
from tests.browser.till import gun, label
from tests.events.halls import HALL, Halls
from tests.personas import WASH, Loop


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
