"""Crates at the till: they come with all that is in them, with and without a network."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from lending.loop.steps import State
from tests.browser.live import axe_violations
from tests.browser.offline import go_online, stored
from tests.browser.till import go_offline, gun, label, told, waiting
from tests.personas import HARU, MINJI, Loop


@pytest.fixture
def crate(district: Loop) -> tuple[str, list[str]]:
    """Three clean cups in a crate on its way to the café."""
    crate, cups = district.new_crate(), district.passed_cups(3)
    district.pack(crate, *cups)
    district.ship(crate, district.site(HARU))
    return crate, cups


def test_a_crate_comes_and_is_looked_at(
    open_station: Callable[..., Page], district: Loop, crate: tuple[str, list[str]]
) -> None:
    box, cups = crate
    till = open_station()
    gun(till, label(box))
    told(till, "상자 도착")
    expect(till.locator("#stage-line")).to_have_text("컵 355 mL 3개")
    expect(till.locator("#log li")).to_have_count(1)
    assert axe_violations(till) == []
    assert {district.item(cup).state for cup in cups} == {State.READY}
    # Shown to a borrower, it is a crate all the same; nothing is recorded.
    gun(till, MINJI)
    expect(till.locator("#person-label")).to_have_text("6789")
    gun(till, label(cups[0]))
    told(till, "대여 완료")
    gun(till, label(box))
    told(till, "여기 있는 상자")
    expect(till.locator("#stage-line")).to_have_text("컵 355 mL 2개")
    expect(till.locator("#stage-actions button")).to_have_count(0)
    assert [row[0] for row in stored(district, "action", box)] == ["stock"]


def test_a_crate_that_came_by_mistake_goes_back(
    open_station: Callable[..., Page], district: Loop, crate: tuple[str, list[str]]
) -> None:
    box, cups = crate
    till = open_station()
    gun(till, label(box))
    told(till, "상자 도착")
    till.locator("#stage").get_by_role("button", name="되돌리기").click()
    told(till, "되돌림")
    assert {district.item(one).state for one in (box, *cups)} == {State.SHIPPED}


def test_without_a_network_it_is_the_same(
    open_station: Callable[..., Page], district: Loop, crate: tuple[str, list[str]]
) -> None:
    box, cups = crate
    till = open_station()
    go_offline(till)
    gun(till, label(box))
    told(till, "상자 도착")
    expect(till.locator("#stage-line")).to_have_text("컵 355 mL 3개")
    waiting(till, 1)
    gun(till, MINJI)
    expect(till.locator("#person-label")).to_have_text("6789")
    gun(till, label(cups[0]))
    told(till, "대여 완료")
    waiting(till, 2)
    gun(till, "CMD:finish")
    gun(till, label(box))
    told(till, "여기 있는 상자")
    waiting(till, 2)
    go_online(till)
    assert [row[0] for row in stored(district, "action", box)] == ["stock"]
    assert district.item(cups[0]).state is State.LENT
    assert {district.item(cup).state for cup in cups[1:]} == {State.READY}
    assert not any(district.gaps(cup) for cup in cups)


def test_an_undo_without_a_network_takes_all_of_it_back(
    open_station: Callable[..., Page], district: Loop, crate: tuple[str, list[str]]
) -> None:
    box, cups = crate
    till = open_station()
    go_offline(till)
    gun(till, label(box))
    told(till, "상자 도착")
    till.locator("#stage").get_by_role("button", name="되돌리기").click()
    told(till, "되돌림")
    waiting(till, 2)
    go_online(till)
    assert {district.item(one).state for one in (box, *cups)} == {State.SHIPPED}


def test_a_crate_unknown_here_soils_nothing(
    open_station: Callable[..., Page], district: Loop
) -> None:
    """Nobody had scanned that it left: offline the till takes it for a cup that comes back."""
    box, cups = district.new_crate(), district.passed_cups(2)
    district.pack(box, *cups)
    till = open_station()
    go_offline(till)
    gun(till, label(box))
    told(till, "반납 완료")
    go_online(till)
    assert [row[0] for row in stored(district, "action", box)] == ["stock"]
    assert all(district.item(cup).clean for cup in cups)
