"""The till without a network: it answers, keeps, warns, seals, and tells what waits."""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lending.db import transaction
from lending.loop.codes import format_code, make_code
from lending.loop.steps import State
from lending.notices.tables import Notice, NoticeKind, NoticeState
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import LiveServer
from tests.browser.offline import all_sent, go_online, stored
from tests.browser.till import go_offline, gun, is_online, kept, label, told, waiting
from tests.personas import DANA, MINJI, NABI, SORA, Loop


def test_without_a_network_the_till_goes_on(
    open_station: Callable[..., Page], district: Loop
) -> None:
    out, clean, other = district.lent_cup(), *district.clean_cups(2)
    till = open_station()
    go_offline(till)
    expect(till.locator("#offline")).to_be_visible()
    gun(till, label(out))
    told(till, "반납 완료")
    waiting(till, 1)
    # Person, cup; then cup, person: as online.
    gun(till, SORA)
    expect(till.locator("#person-label")).to_have_text("4321")
    gun(till, label(clean))
    told(till, "대여 완료")
    expect(till.locator("#stage-line")).to_have_text("빌렸어요. 내역에는 잠시 뒤 나타나요")
    gun(till, "CMD:finish")
    gun(till, label(other))
    told(till, "누구에게 빌려줄까요?")
    waiting(till, 2)
    gun(till, MINJI)
    told(till, "대여 완료")
    # The second beep of a cup knows the first: they come back.
    gun(till, "CMD:finish")
    for cup in (clean, other):
        gun(till, label(cup))
        told(till, "반납 완료")
    waiting(till, 5)
    go_online(till)
    assert district.item(out).state is State.RETURNED
    assert district.item(clean).state is district.item(other).state is State.RETURNED
    assert [row[0] for row in stored(district, "action", other)] == ["lend", "return"]
    assert kept(till) == []
    assert district.gaps(clean) == district.gaps(other) == []


def test_an_undo_without_a_network_is_sent_too(
    open_station: Callable[..., Page], district: Loop
) -> None:
    cup = district.lent_cup()
    till = open_station()
    go_offline(till)
    gun(till, label(cup))
    told(till, "반납 완료")
    till.get_by_role("button", name="되돌리기", exact=True).click()
    told(till, "되돌림")
    waiting(till, 2)
    go_online(till)
    assert district.item(cup).state is State.LENT


def test_a_cup_unknown_here_is_taken_in_and_may_be_lent_with_a_reason(
    open_station: Callable[..., Page], district: Loop
) -> None:
    cup = district.clean_cup(at=NABI)
    till = open_station()
    go_offline(till)
    gun(till, MINJI)
    gun(till, label(cup))
    told(till, "여기 기록이 없는 컵")
    expect(till.locator("#stage-line")).to_have_text("반납으로 적어 두었어요")
    till.get_by_role("button", name="그래도 빌려드리기").click()
    till.get_by_label("점장이 허락했어요").check()
    till.get_by_role("button", name="빌려드리기", exact=True).click()
    told(till, "대여 완료")
    go_online(till)
    assert district.item(cup).state is State.LENT
    told_ = stored(district, "action, override", cup)
    assert sorted(row[0] for row in told_) == ["lend", "return", "void"]
    assert ("lend", "점장이 허락했어요") in told_
    assert "unclean_lend" not in district.gaps(cup)  # the return that never was soils nothing


def test_a_pause_is_a_warning_that_staff_may_pass_with_a_reason(
    open_station: Callable[..., Page], district: Loop, engine: sa.Engine
) -> None:
    cup = district.clean_cup()
    pause(engine, district)
    till = open_station()
    go_offline(till)
    gun(till, MINJI)
    told(till, "오늘은 빌려드릴 수 없는 손님일 수 있어요")
    gun(till, label(cup))
    expect(till.locator("#stage-cup")).to_contain_text(format_code(cup))
    waiting(till, 0)
    till.get_by_role("button", name="그래도 빌려드리기").click()
    till.get_by_label("반납한 것을 직접 확인했어요").check()
    till.get_by_role("button", name="빌려드리기", exact=True).click()
    told(till, "대여 완료")
    go_online(till)
    assert stored(district, "action, override", cup) == [("lend", "반납한 것을 직접 확인했어요")]
    # Another person on the same tablet is not warned about.
    till.context.set_offline(True)
    gun(till, "CMD:finish")
    gun(till, DANA)
    expect(till.locator("#person-read-back")).to_contain_text(DANA)
    expect(till.locator("#person-note")).to_have_text("")


def pause(engine: sa.Engine, district: Loop) -> None:
    """Minji has had a cup for weeks and was reminded of it: she is paused."""
    now = district.now
    district.now -= timedelta(days=20)
    cup = district.clean_cup()
    lend = district.lend(cup, MINJI)
    at = district.now + timedelta(days=8)
    with transaction(engine) as session:
        session.add(
            Notice(
                id=uuid.uuid4(), district_id=district.town.id, lend_id=lend.id,
                kind=NoticeKind.DUE_TODAY, state=NoticeState.SENT, created_at=at, sent_at=at,
            )
        )  # fmt: skip
    district.now = now


def test_nobody_can_read_a_borrower_off_the_tablet(
    open_station: Callable[..., Page], district: Loop
) -> None:
    cups = district.clean_cups(2)
    till = open_station()
    go_offline(till)
    for typed, cup in (("01023456789", cups[0]), ("dana@example.kr", cups[1])):
        till.fill("#typed", typed)
        till.press("#typed", "Enter")
        expect(till.locator("#person")).to_be_visible()
        gun(till, label(cup))
        told(till, "대여 완료")
        gun(till, "CMD:finish")
    records = kept(till)
    assert [one["last4"] for one in records] == ["6789", None]
    assert all(one["borrower"].startswith("S1.") for one in records)
    everything = json.dumps(records) + till.evaluate(
        "JSON.stringify({...localStorage, ...sessionStorage}) + document.documentElement.outerHTML"
    )
    for plain in ("23456789", "2345-6789", "dana@"):
        assert plain not in everything
    go_online(till)
    with district.engine.connect() as connection:
        names = connection.execute(
            sa.text(
                "SELECT b.resident_id FROM scan_borrower b JOIN scan ON scan.id = b.scan_id"
                " WHERE scan.code = :code"
            ).columns(resident_id=sa.Uuid()),
            {"code": cups[0]},
        )
        assert names.scalar_one() == district.town.residents[MINJI]


def test_a_tablet_that_never_met_the_server_takes_returns_only(
    open_page: Callable[..., Page], live_server: LiveServer, tablet: str, district: Loop
) -> None:
    cup = district.lent_cup()
    till = open_page(cookies={DEVICE_COOKIE: tablet}, service_workers="block")
    requests = f"{live_server.url}/station/*"  # the scripts' folder has the same name
    till.route(requests, lambda route: route.abort())
    till.goto(f"{live_server.url}/scan")
    is_online(till, False)
    gun(till, MINJI)
    told(till, "지금은 손님을 확인할 수 없어요")
    expect(till.locator("#person")).to_be_hidden()
    gun(till, label(cup))
    told(till, "반납 완료")
    waiting(till, 1)
    till.unroute(requests)
    all_sent(till)
    assert district.item(cup).state is State.RETURNED


def test_a_cold_start_without_a_network(
    open_station: Callable[..., Page], live_server: LiveServer, district: Loop
) -> None:
    cup = district.lent_cup()
    till = open_station(service_workers="allow")
    expect(till.locator("#till")).to_have_attribute("data-installed", "1")
    go_offline(till)
    page = till.context.new_page()
    till.close()
    page.goto(f"{live_server.url}/scan")
    is_online(page, False)
    gun(page, label(cup))
    told(page, "반납 완료")
    reader = page.evaluate(
        "() => fetch(document.getElementById('till').dataset.wasm).then(a => a.status)"
    )
    assert reader == 200
    page.reload()
    waiting(page, 1)
    go_online(page)
    assert district.item(cup).state is State.RETURNED
    page.goto(f"{live_server.url}/scan/test")  # the rest of the site is the network's
    expect(page.locator("#verdicts")).to_be_visible()


def test_a_wrong_cup_code_is_never_kept(open_station: Callable[..., Page], district: Loop) -> None:
    till = open_station()
    go_offline(till)
    code = make_code()
    gun(till, code[:-1] + str((int(code[-1]) + 1) % 10))
    told(till, "번호 한 자리가 틀려요")
    assert kept(till) == []
