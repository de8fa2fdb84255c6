"""The driver's round on a phone: without a network, through a reload and a dead battery, and back."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lending.db import transaction
from lending.loop.steps import State
from lending.people.tables import Staff
from lending.photos.keep import photos_about
from lending.requests.collections import open_collections
from lending.requests.round_tables import StopOutcome
from tests.browser.driver import (
    Phone,
    all_sent,
    depart,
    is_on,
    says,
    signed_in,
    take_photo,
    tap,
    type_in,
)
from tests.browser.live import LiveServer, axe_violations
from tests.browser.till import gun, kept, label
from tests.moving.drivers_day import NOTE, DriversDay
from tests.personas import BOX, HARU, NABI, Loop


def test_a_round_without_a_network_and_back(
    phone: Phone, day: DriversDay, district: Loop, live_server: LiveServer
) -> None:
    page = signed_in(phone)
    is_on(page, "상자 싣기")
    first, second = day.clean
    gun(page, label(first))
    says(page, f"{first[:4]}-{first[4:8]}-{first[8:]} 실었어요")
    gun(page, label(second))
    expect(page.locator(".drive-row.is-ticked")).to_have_count(2)
    all_sent(page)
    phone.cut()
    tap(page, "출발해요")

    is_on(page, "카페 하루")
    type_in(page, first[-4:])
    expect(page.locator(".drive-row.is-ticked")).to_have_count(1)
    page.reload()  # the page comes out of the phone
    page.wait_for_selector("#drive[data-ready='1']", state="attached")
    is_on(page, "카페 하루")
    expect(page.locator(".drive-row.is-ticked")).to_have_count(1)
    tap(page, "다 했어요")
    tap(page, "모두 놓고 왔어요")

    is_on(page, "카페 나비")
    expect(page.locator("#screen")).to_contain_text(NOTE)
    expect(page.locator("#screen")).to_contain_text("00:00–23:30 영업")
    gun(page, label(day.crate), label(day.loose))
    expect(page.locator(".drive-row.is-ticked")).to_have_count(2)
    tap(page, "다 했어요")
    is_on(page, "반납함")
    phone.kill()

    page = phone.open()
    is_on(page, "반납함")
    expect(page.locator("#unsent")).to_contain_text("아직 보내지 못한 기록 7건")
    expect(page.locator("#unsent")).to_contain_text("이 기기에 안전하게 저장됨")
    gun(page, f"https://cups.example.kr/p/{BOX}", label(day.bag))  # two beeps: box and bag
    expect(page.locator(".drive-row.is-ticked")).to_have_count(1)
    tap(page, "다 했어요")
    is_on(page, "센터에 내리기")
    gun(page, label(day.crate))
    tap(page, "회차 끝")
    is_on(page, "수고하셨어요")
    phone.restore()
    all_sent(page)
    expect(page.locator("#refused")).to_be_hidden()

    told = day.stored()
    assert [stop.outcome for stop in told.stops] == [StopOutcome.DONE] * 3
    assert told.begun_at is not None
    assert told.ended_at is not None
    assert told.begun_at < told.stops[0].told_at < told.stops[1].told_at < told.stops[2].told_at  # type: ignore[operator]
    assert all(crate.loaded_at and crate.delivered_at for crate in day.stop(HARU).crates)
    assert {district.item(cup).state for cup in day.lying} == {State.COLLECTED}
    assert district.item(day.loose).state is State.COLLECTED
    assert district.item(day.crate).state is State.DIRTY  # received at the centre
    assert day.moving.read(open_collections, district_id=district.town.id) == []


def test_nobody_there_with_a_photo_and_a_box_without_a_bag(
    phone: Phone, day: DriversDay, district: Loop, engine: sa.Engine, live_server: LiveServer
) -> None:
    page = signed_in(phone)
    phone.cut()
    depart(page)
    is_on(page, "카페 하루")
    tap(page, "나중에 들르기")
    is_on(page, "카페 나비")
    tap(page, "아무도 없어요")
    take_photo(page)
    page.fill("#nobody-note", "셔터가 내려져 있음")
    tap(page, "이렇게 적기")
    is_on(page, "카페 하루")
    type_in(page, day.clean[1])
    tap(page, "다 했어요")
    tap(page, "찍은 것만 놓았어요")
    is_on(page, "반납함")
    tap(page, "봉투 없이 비웠어요")
    expect(page.locator(".drive-part .drive-good")).to_have_text("봉투 없이 비웠어요")
    tap(page, "다 했어요")
    is_on(page, "센터에 내리기")
    assert len([one for one in kept(page) if one.get("photo") is not None]) == 1
    phone.kill()
    with transaction(engine) as session:  # an officer has ended all sign-ins meanwhile
        session.execute(sa.update(Staff).values(session_epoch=7))
    phone.restore()
    page = phone.context.new_page()
    page.goto(f"{live_server.url}/drive")
    page.wait_for_url("**/staff/sign-in**")
    page = phone.sign_in("kai")
    all_sent(page)

    nabi, haru = day.stop(NABI), day.stop(HARU)
    assert (nabi.outcome, nabi.note) == (StopOutcome.NOBODY, "셔터가 내려져 있음")
    assert nabi.told_at is not None
    assert haru.told_at is not None
    assert nabi.told_at < haru.told_at
    photos = day.moving.read(
        photos_about, district_id=district.town.id, about=[nabi.told_id], now=nabi.told_at
    )
    assert list(photos) == [nabi.told_id]
    delivered = {crate.code: crate.delivered_at is not None for crate in haru.crates}
    assert delivered == {day.clean[0]: False, day.clean[1]: True}
    assert {district.item(cup).state for cup in day.lying} == {State.COLLECTED}
    waiting = day.moving.read(open_collections, district_id=district.town.id)
    assert [one.site for one in waiting] == [NABI]  # what it asked for stays asked


def test_what_is_scanned_in_the_wrong_place_is_not_taken(
    phone: Phone, day: DriversDay, district: Loop
) -> None:
    page = signed_in(phone)
    strange = district.new_crate()
    gun(page, label(strange))
    says(page, "이 회차에 실을 상자가 아니에요")
    type_in(page, day.clean[0])
    expect(page.locator(".drive-row.is-ticked")).to_have_count(1)
    type_in(page, day.clean[0][-4:])
    says(page, "이미 실은 상자예요")
    tap(page, "출발해요")
    expect(page.locator("#unloaded-words")).to_have_text("상자 1개를 아직 싣지 않았어요")
    tap(page, "더 싣기")
    is_on(page, "상자 싣기")
    tap(page, "출발해요")
    tap(page, "모두 실었어요")
    is_on(page, "카페 하루")
    type_in(page, "0000")
    says(page, "그 번호로 끝나는 것이 없어요. 12자리를 모두 넣어 주세요.")
    gun(page, f"https://cups.example.kr/p/{NABI}")
    is_on(page, "카페 나비")
    gun(page, label(day.clean[0]))
    says(page, "카페 하루에 놓을 상자예요. 여기 두지 마세요.")
    tap(page, "지금 여기부터 가기")
    is_on(page, "카페 나비")
    page.locator("#progress").click()
    expect(page.locator(".drive-line-words strong")).to_have_text(
        ["카페 나비", "카페 하루", "반납함"]
    )
    all_sent(page)
    assert [stop.site.code for stop in day.stored().stops] == [NABI, HARU, BOX]
    assert all(crate.loaded_at for crate in day.stop(HARU).crates)
    assert all(not crate.delivered_at for crate in day.stop(HARU).crates)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
def test_the_screens_are_for_everybody(phone: Phone, day: DriversDay) -> None:
    page = signed_in(phone)
    looked_at(page)
    tap(page, "출발해요")
    looked_at(page)
    tap(page, "찍은 것만 싣고 출발해요")
    for screen in ("카페 하루", "카페 나비", "반납함", "센터에 내리기"):
        is_on(page, screen)
        looked_at(page)
        page.locator("#screen .drive-done").click()
        if screen == "카페 하루":
            looked_at(page)
            tap(page, "모두 놓고 왔어요")


def looked_at(page: Page) -> None:
    """axe finds nothing, every target is large enough for a thumb, nothing is cut off."""
    assert axe_violations(page) == []
    small = page.evaluate(
        """() => [...document.querySelectorAll("main button, main a, main input")]
          .map((one) => [one.textContent, one.getBoundingClientRect(), one.matches(".btn-primary, .drive-scan *, .drive-ways *")])
          .filter(([, { width, height }, isMain]) => width && height < (isMain ? 64 : 44))
          .map(([words]) => words.trim())"""
    )
    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
