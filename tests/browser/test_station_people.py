"""Who stands at the till: parked, taken up again, counted, forgotten."""

from collections.abc import Callable

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from lending.loop.steps import State
from tests.browser.live import LiveServer
from tests.browser.offline import all_sent
from tests.browser.till import eventually, gun, open_till, stop_time, told
from tests.personas import DANA, MINJI, SORA, Loop


@pytest.fixture
def till(open_page: Callable[..., Page], live_server: LiveServer, tablet: str) -> Page:
    """The scan station, listening."""
    return open_till(open_page, live_server, tablet)


def test_parking_and_limits(till: Page, district: Loop) -> None:
    cups = district.clean_cups(6)
    gun(till, SORA)
    expect(till.locator("#person-note")).to_contain_text("처음 오신 손님")
    till.click("#person-park")
    expect(till.locator("#parked li")).to_have_count(1)
    expect(till.locator("#person")).to_be_hidden()
    till.click("#parked button")
    expect(till.locator("#person-label")).to_have_text("4321")
    for cup in cups[:2]:
        gun(till, cup)
    expect(till.locator("#person-cups")).to_have_text("컵 2개")
    gun(till, cups[2])  # nobody has proven this number yet: two cups are the most
    told(till, "빌릴 수 있는 컵 수를 다 썼어요")
    till.get_by_role("button", name="그래도 빌려드리기").click()
    till.get_by_role("button", name="빌려드리기", exact=True).click()
    told(till, "대여 완료")
    expect(till.locator("#person-cups")).to_have_text("컵 3개")
    assert district.item(cups[2]).state is State.LENT


def test_a_count_asked_for_before_a_lend_does_not_undo_it(
    open_page: Callable[..., Page], live_server: LiveServer, tablet: str, district: Loop
) -> None:
    cups = district.clean_cups(2)
    # A worker's requests pass by the routes of a test.
    till = open_till(open_page, live_server, tablet, service_workers="block")
    gun(till, SORA)
    expect(till.locator("#person-cups")).to_have_text("컵 0개")
    till.click("#person-park")
    held: list[tuple[Route, APIResponse]] = []
    till.route("**/scan/person", lambda route: held.append((route, route.fetch())), times=1)
    till.click("#parked button")
    eventually(till, lambda: len(held) == 1)
    for number, cup in enumerate(cups, 1):
        gun(till, cup)
        expect(till.locator("#person-cups")).to_have_text(f"컵 {number}개")
    ((route, answer),) = held
    assert answer.json()["open_cups"] == 0
    with till.expect_response("**/scan/person"):  # what came too late is asked for again
        route.fulfill(response=answer)
    all_sent(till)
    expect(till.locator("#person-cups")).to_have_text("컵 2개")


def test_nobody_stays_on_the_screen(
    open_page: Callable[..., Page], live_server: LiveServer, tablet: str, district: Loop
) -> None:
    cups = district.clean_cups(2)
    page = open_till(open_page, live_server, tablet, own_clock=True)
    stop_time(page)
    gun(page, MINJI)
    expect(page.locator("#person-cups")).to_have_text("컵 0개")
    gun(page, cups[0])
    told(page, "대여 완료")
    page.clock.fast_forward(14_000)
    expect(page.locator("#person")).to_be_visible()
    page.clock.fast_forward(2_000)
    expect(page.locator("#person")).to_be_hidden()
    # A clean cup waits a minute for its person, and no longer.
    gun(page, cups[1])
    told(page, "누구에게 빌려줄까요?")
    page.clock.fast_forward(61_000)
    told(page, "컵이나 회원 QR을 찍어 주세요")
    gun(page, DANA)
    expect(page.locator("#person-cups")).to_have_text("컵 0개")
    assert district.item(cups[1]).loan is None
