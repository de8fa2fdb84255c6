"""The till without a network: it answers, keeps, warns, seals, and tells what waits."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Route, expect

from lending.db import transaction
from lending.loop.codes import make_code
from lending.loop.steps import State
from lending.notices.tables import Notice, NoticeKind, NoticeState
from lending.people.devices import list_devices, revoke_device
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import Role
from lending.web.identity import DEVICE_COOKIE
from tests.browser.conftest import LiveServer
from tests.browser.offline import all_sent
from tests.browser.till import (
    go_offline,
    gun,
    is_online,
    keep,
    kept,
    knows,
    label,
    open_till,
    pair_tablet,
    told,
    waiting,
)
from tests.callers import PASSWORD
from tests.personas import DANA, HARU, MINJI, NABI, SORA, Loop


@pytest.fixture
def tablet(district: Loop, engine: sa.Engine) -> str:
    """The credential of a tablet paired to Mina's café."""
    return pair_tablet(district, engine)


@pytest.fixture
def open_station(
    open_page: Callable[..., Page], live_server: LiveServer, tablet: str
) -> Callable[..., Page]:
    """Opens the till once the town stands as the test wants it, and waits until it knows it."""

    def open_one(**more: Any) -> Page:
        # A worker's requests pass by the routes of a test: blocked where nothing else is said.
        page = open_till(open_page, live_server, tablet, **{"service_workers": "block"} | more)
        knows(page)
        return page

    return open_one


def go_online(page: Page) -> None:
    """The network is back; everything is sent."""
    page.context.set_offline(False)
    all_sent(page)


def stored(district: Loop, columns: str, code: str) -> list[tuple[Any, ...]]:
    """These columns of a cup's scans since the test began, in the order they happened."""
    with district.engine.connect() as connection:
        query = sa.text(
            f"SELECT {columns} FROM scan WHERE code = :code AND occurred_at > :since"
            " ORDER BY occurred_at, seq"
        ).bindparams(
            sa.bindparam("since", datetime.now(UTC) - timedelta(minutes=30), sa.DateTime())
        )
        return [tuple(row) for row in connection.execute(query, {"code": code})]


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


def test_a_question_without_an_answer_becomes_a_fact(
    open_station: Callable[..., Page], district: Loop
) -> None:
    cup, second = district.lent_cup(), district.lent_cup(DANA)
    till = open_station()
    held: list[Route] = []
    till.route("**/scan/beep", lambda route: held.append(route))
    for path in ("**/station/*", "**/scan/person"):
        till.route(path, lambda route: route.abort())
    gun(till, label(cup))
    told(till, "확인하는 중")
    told(till, "반납 완료")  # after 1.5 s, from the snapshot
    is_online(till, False)
    [record] = kept(till)
    assert (record["state"], record["action"]) == ("fact", "return")
    # From now on nothing is asked: the answer comes at once.
    gun(till, label(second))
    expect(till.locator("#stage-streak")).to_have_text("이어서 2개", timeout=1000)
    assert len(held) == 1
    # The late word, the same as the station's own, is the receipt.
    held[0].continue_()
    waiting(till, 1)
    till.unroute("**/station/*")
    all_sent(till)
    assert [row[0] for row in stored(district, "action", cup)] == ["return"]
    assert district.item(second).state is State.RETURNED


def test_a_late_refusal_of_what_has_happened_counts_for_nothing(
    open_station: Callable[..., Page], district: Loop
) -> None:
    cup = district.clean_cup()
    till = open_station()
    gun(till, DANA)
    expect(till.locator("#person-cups")).to_have_text("컵 0개")
    held: list[Route] = []
    till.route("**/scan/beep", lambda route: held.append(route))
    till.route("**/station/*", lambda route: route.abort())
    gun(till, label(cup))
    told(till, "대여 완료")
    district.hold(cup)  # meanwhile the office stops it
    with till.expect_response("**/scan/beep") as answer:
        held[0].continue_()
    assert answer.value.json()["error"] == "held"
    waiting(till, 1)
    told(till, "대여 완료")
    till.unroute("**/station/*")
    all_sent(till)
    assert stored(district, "action", cup)[-1] == ("lend",)
    assert district.item(cup).state is State.LENT
    expect(till.locator("#refused")).to_be_hidden()


def test_what_the_station_refuses_is_taken_back_not_kept_quiet(
    open_station: Callable[..., Page], district: Loop
) -> None:
    cup = district.lent_cup()
    district.give_back(cup)
    till = open_station()
    gun(till, DANA)
    expect(till.locator("#person-cups")).to_have_text("컵 0개")
    asked: list[str] = []
    till.route("**/scan/beep", lambda route: asked.append(route.request.post_data_json["id"]))
    till.route("**/station/*", lambda route: route.abort())
    gun(till, label(cup))
    told(till, "이 컵은 빌려줄 수 없어요")
    [record] = kept(till)
    assert (record["action"], record["of"]) == ("void", asked[0])
    till.unroute("**/station/*")
    all_sent(till)
    assert district.item(cup).state is State.RETURNED


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
    expect(till.locator("#stage-cup")).to_contain_text(cup[-4:])
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


def a_record(cup: str, **more: Any) -> dict[str, Any]:
    """A return as the station keeps it."""
    now = datetime.now(UTC).isoformat()
    return {
        "id": str(uuid.uuid4()), "order": 1, "state": "fact", "action": "return", "code": cup,
        "at": now, "since": now, "seq": 1, "site": HARU, "epoch": None, "mono": None,
        "clock_error": None, "measured": None, "borrower": None,
    } | more  # fmt: skip


def test_what_is_refused_for_good_is_listed_until_somebody_has_seen_it(
    open_station: Callable[..., Page], district: Loop
) -> None:
    cup = district.lent_cup()
    till = open_station()
    wrong = cup[:-1] + str((int(cup[-1]) + 1) % 10)
    keep(till, a_record(wrong))
    keep(till, a_record(cup, order=2))
    till.reload()
    button = till.get_by_role("button", name="받지 못한 기록 1건 보기")
    button.click()
    expect(till.locator("#refused-list")).to_contain_text("번호")
    assert district.item(cup).state is State.RETURNED  # the other one spoilt nothing
    till.get_by_role("button", name="확인했어요").click()
    expect(button).to_be_hidden()
    [seen] = kept(till, "refused")
    assert seen["noted"]["at"]
    till.reload()
    knows(till)
    expect(button).to_be_hidden()


def test_another_places_records_stay_and_are_named(
    open_station: Callable[..., Page], district: Loop
) -> None:
    cup = district.lent_cup()
    till = open_station()
    sent: list[Any] = []
    till.on("request", lambda one: "/station/scans" in one.url and sent.append(one.post_data_json))
    keep(till, a_record(cup, site=NABI))
    till.reload()
    knows(till)
    expect(till.locator("#others")).to_contain_text("1건은")
    gun(till, label(cup))
    told(till, "반납 완료")
    waiting(till, 0)
    assert len(kept(till)) == 1
    assert all(one["site"] == HARU for one in sent)


def test_a_revoked_tablet_keeps_its_scans_until_it_is_paired_again(
    open_station: Callable[..., Page], live_server: LiveServer, district: Loop, engine: sa.Engine,
) -> None:  # fmt: skip
    cup = district.lent_cup()
    till = open_station()
    with transaction(engine) as session:
        [device] = list_devices(session, district_id=district.town.id, limit=10)
        revoke_device(
            session, district_id=district.town.id, device_id=device.id, now=datetime.now(UTC)
        )
    gun(till, label(cup))
    told(till, "반납 완료")
    expect(till.locator("#signed-out")).to_be_visible()
    waiting(till, 1)
    again = pair_tablet(district, engine)
    till.context.add_cookies([{"name": DEVICE_COOKIE, "value": again, "url": live_server.url}])
    till.evaluate("window.dispatchEvent(new Event('focus'))")
    waiting(till, 0)
    assert district.item(cup).state is State.RETURNED


def test_staff_make_the_tablet_their_places_own(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop, engine: sa.Engine
) -> None:
    with transaction(engine) as session:
        mina = NewStaff("mina", PASSWORD, Role.CAFE, district.town.sites[HARU])
        add_staff(session, district_id=district.town.id, new=mina, now=datetime.now(UTC))
    page = open_page()
    page.goto(f"{live_server.url}/staff/sign-in?next=/scan")
    page.fill("input[name=login]", "mina")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/scan")
    knows(page)
    page.get_by_role("button", name="이 태블릿을 우리 매장 기기로 등록").click()
    told(page, "이 매장의 기기로 등록했어요")
    expect(page.locator("#enrol")).to_be_hidden()
    with transaction(engine) as session:
        assert len(list_devices(session, district_id=district.town.id, limit=10)) == 1


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
