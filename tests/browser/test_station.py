"""The till as a café uses it: a barcode gun, a person, a camera, a lost connection."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Route, expect

from lending.db import transaction
from lending.loop.steps import State
from lending.people.devices import make_pairing
from tests.browser.live import LiveServer
from tests.browser.offline import all_sent
from tests.browser.till import gun, label, open_till, told, type_fast
from tests.personas import DANA, HARU, MINJI, Loop


@pytest.fixture
def till(open_page: Callable[..., Page], live_server: LiveServer, tablet: str) -> Page:
    """The scan station, listening."""
    return open_till(open_page, live_server, tablet)


def test_a_day_at_the_counter(till: Page, district: Loop) -> None:
    cups = district.clean_cups(3)
    dirty = district.new_cups()[0]
    # Person, cup: lent. The number that was typed is read back before the first cup.
    gun(till, MINJI)
    expect(till.locator("#person-label")).to_have_text("6789")
    expect(till.locator("#person-read-back")).to_contain_text("010-2345-6789")
    gun(till, label(cups[0]))
    told(till, "대여 완료")
    expect(till.locator("#person-cups")).to_have_text("컵 1개")
    assert district.item(cups[0]).state is State.LENT
    # A dirty cup: another one is asked for on the same screen, and this one stands here now.
    gun(till, dirty)
    told(till, "이 컵은 빌려줄 수 없어요")
    expect(till.locator("#stage-next")).to_have_text(
        "다른 컵을 집어 주세요. 이 컵은 세척 바구니에 넣어 주세요."
    )
    assert district.item(dirty).state is State.RETURNED
    # A cup that is out comes back, whoever is shown.
    gun(till, label(cups[0]))
    told(till, "반납 완료")
    assert district.item(cups[0]).state is State.RETURNED
    # Undo: it is out again.
    till.get_by_role("button", name="되돌리기", exact=True).click()
    told(till, "되돌림")
    assert district.item(cups[0]).state is State.LENT
    # Done; then the other order: cup first, person after.
    gun(till, "CMD:finish")
    expect(till.locator("#person")).to_be_hidden()
    gun(till, label(cups[1]))
    told(till, "누구에게 빌려줄까요?")
    gun(till, DANA)
    told(till, "대여 완료")
    assert district.item(cups[1]).loan is not None


def test_ten_fast_beeps_are_ten_scans(till: Page, district: Loop) -> None:
    cups = [district.lent_cup() for _ in range(5)] + [district.lent_cup(DANA) for _ in range(5)]
    gun(till, *map(label, cups))
    expect(till.locator("#stage-streak")).to_have_text("이어서 10개")
    all_sent(till)
    assert {district.item(cup).state for cup in cups} == {State.RETURNED}
    expect(till.locator("#log li.tone-back")).to_have_count(10)
    expect(till.locator("#typed")).to_have_value("")


def test_a_gun_in_a_field_and_on_a_button_does_no_harm(
    open_page: Callable[..., Page], live_server: LiveServer, tablet: str, district: Loop
) -> None:
    till = open_till(open_page, live_server, tablet, own_clock=True)
    cup = district.lent_cup()
    till.fill("#typed", "0101")
    till.focus("#typed")
    type_fast(till, label(cup))
    told(till, "반납 완료")
    expect(till.locator("#typed")).to_have_value("0101")
    till.focus("#stocking")
    type_fast(till, label(district.lent_cup()))
    told(till, "반납 완료")
    expect(till.locator("#stocking")).to_have_attribute("aria-pressed", "false")


def test_a_gun_under_a_korean_input_method(till: Page, district: Loop) -> None:
    cup = district.lent_cup()
    signs = [("Digit" + sign, sign) for sign in cup]
    till.evaluate(
        """signs => {
          for (const [code, key] of [["KeyI", "ㅑ"], ["Slash", "Process"], ...signs, ["Enter", "Enter"]])
            window.dispatchEvent(new KeyboardEvent("keydown", {code, key, bubbles: true}));
        }""",
        signs,
    )
    told(till, "반납 완료")
    assert district.item(cup).state is State.RETURNED


def test_what_is_not_sent_waits_in_the_browser(
    open_page: Callable[..., Page], live_server: LiveServer, tablet: str, district: Loop
) -> None:
    cups = [district.lent_cup() for _ in range(2)]  # before the till takes its snapshot
    # A worker's requests pass by the routes of a test.
    till = open_till(open_page, live_server, tablet, service_workers="block")
    seen: list[str] = []

    def cut(route: Route) -> None:
        seen.append(route.request.post_data_json["id"])
        # The first time the server takes the scan and the answer is lost on the way back.
        if len(seen) == 1:
            route.fetch()
        route.abort()

    till.route("**/scan/beep", cut)
    till.route("**/station/*", lambda route: route.abort())
    gun(till, *cups)
    bar = till.locator("#unsent")
    expect(bar).to_be_visible()
    expect(bar).to_have_text(
        re.compile(r"아직 보내지 못한 기록 2건 \(\d\d:\d\d부터\) · 이 기기에 안전하게 저장됨")
    )
    till.unroute("**/scan/beep")
    till.unroute("**/station/*")
    till.reload()
    expect(till.locator("#log li.tone-back")).to_have_count(2)
    expect(bar).to_be_hidden()
    assert {district.item(cup).state for cup in cups} == {State.RETURNED}
    with district.engine.connect() as connection:
        stored = connection.execute(sa.text("SELECT count(*) FROM scan WHERE action = 'return'"))
        assert stored.scalar_one() == 2  # the one whose answer was lost was not counted twice


def test_typing_a_number(till: Page, district: Loop) -> None:
    cup = district.clean_cup()
    wrong = cup[:-1] + str((int(cup[-1]) + 1) % 10)
    till.fill("#typed", wrong)
    expect(till.locator("#typed-told")).to_contain_text("번호 한 자리가 틀려요")
    till.press("#typed", "Enter")
    told(till, "번호 한 자리가 틀려요")
    till.click("#pad")
    for digit in "01023456789":
        till.click(f"#keypad [data-key='{digit}']")
    expect(till.locator("#typed-told")).to_contain_text("010-2345-6789")
    till.get_by_role("button", name="입력").click()
    expect(till.locator("#person-label")).to_have_text("6789")


def test_what_happened_earlier_is_written_down(till: Page, district: Loop) -> None:
    cup = district.clean_cup()
    gun(till, DANA)
    expect(till.locator("#person-cups")).to_have_text("컵 0개")
    till.get_by_role("button", name="아까 나간 컵").click()
    gun(till, label(cup))  # fills the field instead of lending now
    expect(till.locator("#earlier-code")).to_have_value(re.compile(cup[-4:]))
    till.get_by_role("button", name="적어 두기").click()
    told(till, "아까 나간 컵을 적었어요")
    [loan] = district.loans(cup)
    assert datetime.now(UTC) - loan.opened_at > timedelta(minutes=25)
    expect(till.locator("#person-cups")).to_have_text("컵 1개")
    # And the person says it is back already: one tap on the cup, where and when.
    till.get_by_role("button", name="반납했다는 컵").click()
    till.click("#claim-cups button")
    till.fill("#claim-where", "카페 나비")
    till.get_by_role("button", name="적어 두기").click()
    told(till, "적어 두었어요. 찾아보는 동안 알림은 보내지 않아요.")
    assert district.item(cup).state is State.LENT


def test_a_pairing_qr_signs_the_tablet_in(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop, engine: sa.Engine
) -> None:
    with transaction(engine) as session:
        pairing = make_pairing(
            session, district_id=district.town.id, site_id=district.town.sites[HARU],
            name="counter", by=None, now=datetime.now(UTC),
        )  # fmt: skip
    page = open_page(width=390, height=844)
    page.goto(f"{live_server.url}/pair/#{pairing.secret}")
    page.click("#pair-go")
    page.wait_for_url("**/scan")
    expect(page.get_by_text("카페 하루").first).to_be_visible()
    again = open_page()
    again.goto(f"{live_server.url}/pair/#{pairing.secret}")
    again.click("#pair-go")
    expect(again.locator("#pair-told")).to_contain_text("새 QR")
