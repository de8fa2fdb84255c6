"""The courier at pick-ups: to the door and back without a network, in vain, by mistake, as the second."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lending.db import transaction
from lending.loop.loans.standing_still import StopWhy
from lending.loop.steps import State
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import Role
from lending.photos.keep import photos_about
from lending.photos.pictures import clean_picture
from lending.requests.pickups.places import OrderSpot
from lending.requests.pickups.views import PickupState
from lending.requests.round_tables import StopOutcome
from tests.browser.driver import Phone, all_sent, depart, is_on, says, signed_in, take_photo, tap
from tests.browser.live import LiveServer, axe_violations
from tests.browser.test_driver import looked_at
from tests.browser.till import eventually, gun, kept, label
from tests.callers import PASSWORD
from tests.moving.drivers_day import picture
from tests.moving.pickup_day import DOOR, LATER, NOTE, PickupDay, make_pickup_day
from tests.personas import Loop


@pytest.fixture
def town(district: Loop, engine: sa.Engine) -> PickupDay:
    return make_pickup_day(district, engine, jpeg=clean_picture(picture()))


def calls_at(page: Page, address: str) -> None:
    """Opens a stop from the list of all, and goes there next."""
    page.locator("#progress").click()
    page.locator(".drive-line", has_text=address).click()
    is_on(page, address)


def at_door(phone: Phone) -> Page:
    """On the way, at the first pick-up, with all that is to be known kept on the phone."""
    page = signed_in(phone)
    depart(page)
    is_on(page, "카페 하루")
    calls_at(page, DOOR.address)
    expect(page.locator("#screen .drive-still")).to_be_visible()  # the asker's photo
    all_sent(page)
    return page


def test_to_the_door_and_back_without_a_network(
    phone: Phone, town: PickupDay, district: Loop
) -> None:
    page = at_door(phone)
    phone.cut()
    page.reload()
    page.wait_for_selector("#drive[data-ready='1']", state="attached")
    calls_at(page, DOOR.address)
    screen = page.locator("#screen")
    for words in (NOTE, "문 앞 수거", "에 와 달라고 했어요", "컵 355 mL 2개"):
        expect(screen).to_contain_text(words)
    expect(page.locator("#screen .drive-still")).to_be_visible()
    gun(page, label(town.bag))
    says(page, f"{town.bag[:4]}-{town.bag[4:8]}-{town.bag[8:]} 가져왔어요")
    expect(page.locator(".drive-row.is-ticked")).to_have_count(1)
    tap(page, f"방금 찍은 {town.bag[-4:]} 되돌리기")
    says(page, "되돌렸어요")
    expect(page.locator(".drive-row")).to_have_count(0)
    page.fill("#typed", town.bag[-4:])
    page.press("#typed", "Enter")
    expect(page.locator(".drive-row.is-ticked")).to_have_count(1)
    tap(page, "다 챙겼어요")

    calls_at(page, LATER.address)
    tap(page, "문 앞에 없어요")
    take_photo(page)
    page.fill("#nobody-note", "벨을 눌러도 없음")
    tap(page, "이렇게 적기")
    says(page, "없음으로 적었어요. 다음 회차에 다시 들러요.")
    assert [one["what"] for one in kept(page) if one.get("what")] == [
        "take", "undo", "take", "done", "nobody"
    ]  # fmt: skip
    phone.kill()
    phone.restore()
    page = phone.open()
    all_sent(page)
    expect(page.locator("#refused")).to_be_hidden()

    first, second = town.shop.view(town.first), town.shop.view(town.second)
    assert (first.state, second.state, second.tries) == (
        PickupState.TAKEN, PickupState.WAITING, 1
    )  # fmt: skip
    assert district.item(town.bag).state is State.COLLECTED
    for lid in town.lids:
        assert [stop.why for stop in town.shop.stops(lid)] == [StopWhy.PICKED_UP]
    missed = town.stop(town.second)
    assert (missed.outcome, missed.note) == (StopOutcome.NOBODY, "벨을 눌러도 없음")
    assert missed.told_id is not None
    photos = town.day.moving.read(
        photos_about, district_id=district.town.id, about=[missed.told_id], now=datetime.now(UTC)
    )
    assert list(photos) == [missed.told_id]
    # Where it was is on the phone no more.
    page.reload()
    page.wait_for_selector("#drive[data-ready='1']", state="attached")
    eventually(page, lambda: DOOR.address not in on_phone(page))
    assert LATER.address in on_phone(page)


def on_phone(page: Page) -> str:
    """All the phone keeps of its sheet and the askers' photos."""
    return str(
        page.evaluate(
            """async () => {
              const open = indexedDB.open("station");
              const db = await new Promise((done) => (open.onsuccess = () => done(open.result)));
              const store = db.transaction("kept").objectStore("kept");
              const all = (ask) => new Promise((done) => (ask.onsuccess = () => done(ask.result)));
              const [keys, rows] = [await all(store.getAllKeys()), await all(store.getAll())];
              db.close();
              return JSON.stringify([keys, rows]);
            }"""
        )
    )


def test_taken_without_a_code_and_taken_back(phone: Phone, town: PickupDay) -> None:
    page = at_door(phone)
    tap(page, "코드 없이 가져왔어요")
    says(page, "코드 없이 가져온 것으로 적었어요")
    eventually(page, lambda: town.shop.view(town.first).state is PickupState.TAKEN)
    page.locator("#progress").click()
    page.locator(".drive-line.is-told").click()
    tap(page, "가져왔다고 적은 것 되돌리기")
    eventually(page, lambda: town.shop.view(town.first).state is PickupState.PLANNED)
    expect(page.get_by_role("button", name="코드 없이 가져왔어요")).to_be_visible()
    gun(page, label(town.loose[0]))
    says(page, f"다른 곳의 그릇이에요: {LATER.address}")


def test_the_second_of_two_couriers_is_told_calmly(phone: Phone, town: PickupDay) -> None:
    page = at_door(phone)
    phone.cut()
    town.shop.take(town.first, by=town.shop.kim, at=datetime.now(UTC), sent_at=datetime.now(UTC))
    gun(page, label(town.bag))
    tap(page, "다 챙겼어요")
    phone.restore()
    page.bring_to_front()
    all_sent(page)
    expect(page.locator("#refused")).to_be_hidden()
    expect(page.locator("#said")).to_contain_text("먼저 가져갔어요. 찍은 것은 적어 두었어요.")
    assert town.shop.view(town.first).taken_by == "token:8"


def test_what_was_taken_meanwhile_needs_no_call(phone: Phone, town: PickupDay) -> None:
    page = signed_in(phone)
    depart(page)
    is_on(page, "카페 하루")
    all_sent(page)
    town.shop.take(town.first, by=town.shop.kim)
    page.reload()
    page.wait_for_selector("#drive[data-ready='1']", state="attached")
    page.locator("#progress").click()
    page.locator(".drive-line", has_text="두리분식에서 나간 그릇").click()
    expect(page.locator("#screen")).to_contain_text("이미 가져갔어요. 들르지 않아도 돼요.")
    tap(page, "다음으로")
    eventually(page, lambda: town.stop(town.first).outcome is StopOutcome.DONE)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
def test_the_screens_are_for_everybody(phone: Phone, town: PickupDay) -> None:
    """The last is one whose address was typed: it was planned from the shop, and the driver is told."""
    page = at_door(phone)
    looked_at(page)
    gun(page, label(town.bag))
    expect(page.locator(".drive-row.is-ticked")).to_have_count(1)
    expect(page.locator("#said")).to_be_hidden(timeout=10_000)
    looked_at(page)
    tap(page, "다 챙겼어요")
    calls_at(page, LATER.address)
    expect(page.locator("#screen")).not_to_contain_text("두리분식 자리로 차례를 짰어요")
    looked_at(page)
    all_sent(page)
    _, (lid,) = town.shop.order(1, home=OrderSpot("담지로 9, 3층"))
    town.join(town.shop.ask(lid).pickup.id)
    page.reload()
    page.wait_for_selector("#drive[data-ready='1']", state="attached")
    calls_at(page, "담지로 9, 3층")
    expect(page.locator("#screen")).to_contain_text("두리분식 자리로 차례를 짰어요")
    looked_at(page)


def test_the_dispatcher_adds_one_to_a_round_under_way(
    open_page: Callable[..., Page], live_server: LiveServer, town: PickupDay, engine: sa.Engine
) -> None:
    _, (lid,) = town.shop.order(1)
    id = town.shop.ask(lid).pickup.id
    with transaction(engine) as session:
        new = NewStaff("olga", PASSWORD, Role.OFFICER)
        add_staff(session, district_id=town.shop.town.id, new=new, now=datetime.now(UTC))
    page = open_page()
    page.goto(f"{live_server.url}/staff/sign-in?next=/moving/rounds")
    page.fill("[name=login]", "olga")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    waiting = page.locator("section", has_text="기다리는 수거 요청").last
    expect(waiting).to_contain_text("두리분식")
    expect(waiting).to_contain_text("아무 때나")
    assert axe_violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="회차에 넣기").click()
    expect(page.locator(".round-stops")).to_contain_text("두리분식에서 나간 그릇 수거")
    assert axe_violations(page) == []
    page.set_viewport_size({"width": 1180, "height": 820})
    assert town.shop.view(id).state is PickupState.PLANNED
    assert town.stop(id).outcome is None
    for secret in (DOOR.address, NOTE):
        assert secret not in page.content()  # the office needs no address for it
