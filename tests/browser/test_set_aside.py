"""What a café is asked to set aside: seen at once, ticked off by tap or scan, lent by no way."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from lending.loop.codes import format_code
from lending.washing.hygiene.aside import list_to_set_aside
from lending.washing.hygiene.tables import Recall
from tests.browser.live import axe_violations
from tests.browser.offline import all_sent, go_online
from tests.browser.till import eventually, go_offline, gun, kept, knows, label, told, waiting
from tests.personas import HARU, MINJI, Loop
from tests.washing.centre import Centre, out_to


@pytest.fixture
def recalled(district: Loop) -> tuple[Centre, list[str]]:
    """Three cups of a batch that stand clean at the café, and their batch failed its test."""
    centre, cups = Centre(district), district.new_cups(3)
    batch = centre.passed(*cups)
    for cup in cups:
        out_to(district, cup)
    centre.fail(batch)
    return centre, sorted(cups)


def asked(page: Page, count: int) -> None:
    """The line above the till says so, or is not there."""
    expect(page.locator("#aside")).to_be_visible(visible=count > 0)
    if count:
        expect(page.locator("#aside-count")).to_have_text(f"컵 {count}개를 따로 두어 주세요")


def set_aside(centre: Centre, recall_cups: list[str]) -> list[str]:
    """What the server still asks for."""
    with Session(centre.loop.engine) as session:
        lines = list_to_set_aside(session, site_id=centre.loop.town.sites[HARU])
    return [line.code for line in lines if line.code in recall_cups]


def test_seven_cups_are_ticked_off_by_tap_and_scan(
    open_station: Callable[..., Page], recalled: tuple[Centre, list[str]]
) -> None:
    centre, cups = recalled
    other = centre.loop.clean_cup()
    till = open_station()
    asked(till, 3)
    # Other cups are lent meanwhile; this one is not, and the till says what to do.
    gun(till, MINJI)
    expect(till.locator("#person-label")).to_have_text("6789")
    gun(till, label(other))
    told(till, "대여 완료")
    gun(till, label(cups[0]))
    told(till, "따로 두세요 (위생 확인 중)")
    gun(till, "CMD:finish")
    till.locator("#aside").click()
    rows = till.locator("#aside-list button")
    expect(rows).to_have_count(3)
    assert axe_violations(till) == []
    till.locator(f"#aside-list [data-code='{cups[0]}']").click()
    expect(till.locator("#aside-title")).to_have_text("컵 2개를 따로 두어 주세요")
    gun(till, label(cups[1]))
    expect(till.locator("#aside-said")).to_contain_text(format_code(cups[1]))
    gun(till, label(other))
    expect(till.locator("#aside-said")).to_contain_text("이 목록에 없는 컵이에요")
    gun(till, label(cups[2]))
    expect(till.locator("#aside-thanks")).to_be_visible()
    till.get_by_role("button", name="닫기").click()
    asked(till, 0)
    all_sent(till)
    assert set_aside(centre, cups) == []


def test_a_cup_asked_for_is_ticked_where_it_was_scanned(
    open_station: Callable[..., Page], recalled: tuple[Centre, list[str]]
) -> None:
    centre, cups = recalled
    till = open_station()
    gun(till, label(cups[0]))  # nobody is shown: it comes in, and is still to be set aside
    expect(till.locator("#stage-next")).to_have_text("빌려주지 말고 한곳에 모아 주세요.")
    till.locator("#stage").get_by_role("button", name="따로 뒀어요").click()
    asked(till, 2)
    all_sent(till)
    assert set_aside(centre, cups) == cups[1:]


def test_known_before_it_works_without_a_network(
    open_station: Callable[..., Page], recalled: tuple[Centre, list[str]]
) -> None:
    centre, cups = recalled
    till = open_station()
    asked(till, 3)
    go_offline(till)
    gun(till, MINJI)
    expect(till.locator("#person-label")).to_have_text("6789")
    gun(till, label(cups[0]))
    told(till, "따로 두세요 (위생 확인 중)")
    gun(till, "CMD:finish")
    before = len(kept(till))
    till.locator("#aside").click()
    till.locator(f"#aside-list [data-code='{cups[0]}']").click()
    gun(till, label(cups[1]))
    till.get_by_role("button", name="닫기").click()
    asked(till, 1)
    waiting(till, before + 2)
    assert set_aside(centre, cups) == cups
    go_online(till)
    assert set_aside(centre, cups) == cups[2:]
    asked(till, 1)


def test_a_tick_outlives_its_page(
    open_station: Callable[..., Page], recalled: tuple[Centre, list[str]]
) -> None:
    centre, cups = recalled
    till = open_station()
    asked(till, 3)
    till.route(
        "**/wash/aside",
        lambda route: route.abort() if route.request.method == "POST" else route.continue_(),
    )
    till.locator("#aside").click()
    till.locator(f"#aside-list [data-code='{cups[0]}']").click()
    eventually(till, lambda: [one.get("code") for one in kept(till)] == [cups[0]])
    till.reload()
    knows(till)
    asked(till, 2)  # told already, though the server does not know yet
    till.unroute("**/wash/aside")
    till.evaluate("window.dispatchEvent(new Event('focus'))")
    all_sent(till)
    eventually(till, lambda: set_aside(centre, cups) == cups[1:])
    asked(till, 2)


def test_what_is_released_is_asked_for_no_more(
    open_station: Callable[..., Page], recalled: tuple[Centre, list[str]], district: Loop
) -> None:
    centre, _cups = recalled
    till = open_station()
    asked(till, 3)
    with Session(district.engine) as session:
        [recall] = session.scalars(sa.select(Recall))
    centre.result(centre.sample(recall.batch_id, retest_of=recall.test_id), 90)
    centre.release(recall.id)
    till.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    asked(till, 0)
    expect(till.locator("#spoken")).not_to_have_text(re.compile("따로"))


def test_another_place_is_asked_nothing(open_station: Callable[..., Page], district: Loop) -> None:
    till = open_station()
    knows(till)
    asked(till, 0)
