"""What a driver's phone keeps while it may not send: sign-ins that end, other drivers, photos."""

from collections.abc import Callable

import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lending.db import transaction
from lending.people.tables import Staff
from lending.requests.round_tables import StopOutcome
from tests.browser.driver import (
    Phone,
    all_sent,
    depart,
    is_on,
    sign_in,
    signed_in,
    take_photo,
    tap,
    type_in,
)
from tests.browser.live import LiveServer
from tests.browser.till import eventually, kept
from tests.moving.drivers_day import DriversDay, add_courier
from tests.personas import HARU, NABI, Loop


def test_a_sign_in_that_ends_in_the_open_page_loses_nothing(
    phone: Phone, day: DriversDay, engine: sa.Engine
) -> None:
    page = signed_in(phone)
    with transaction(engine) as session:
        session.execute(sa.update(Staff).values(session_epoch=7))
    depart(page)
    is_on(page, "카페 하루")
    type_in(page, day.clean[0])
    expect(page.locator("#signed-out")).to_be_visible()
    expect(page.locator("#unsent")).to_contain_text("기록 2건")
    assert day.stored().begun_at is None
    page.get_by_role("link", name="다시 로그인").click()
    page = phone.sign_in("kai")
    all_sent(page)
    assert day.stored().begun_at is not None
    assert [one.code for one in day.stop(HARU).crates if one.delivered_at] == [day.clean[0]]


def test_what_another_driver_left_on_the_phone_waits_for_them(
    phone: Phone, day: DriversDay, district: Loop, engine: sa.Engine
) -> None:
    page = signed_in(phone)
    add_courier(district, engine, "lea")
    page.context.set_offline(True)
    phone.context.clear_cookies()  # before anything is kept: a worker may pass by a page's offline
    depart(page)
    is_on(page, "카페 하루")
    in_queue = [record["what"] for record in kept(page)]
    phone.context.set_offline(False)  # the worker sends at once, while lea signs in
    page = phone.sign_in("lea")
    is_on(page, "오늘 맡은 회차가 없어요")
    expect(page.locator("#others")).to_contain_text("다른 사람이 남긴 기록 1건")
    assert [record["what"] for record in kept(page)] == in_queue == ["begin"]
    phone.context.clear_cookies()
    all_sent(phone.sign_in("kai"))
    assert day.stored().begun_at is not None


def test_a_photo_that_does_not_go_holds_up_nothing(
    open_page: Callable[..., Page], live_server: LiveServer, day: DriversDay
) -> None:
    # A worker's requests pass by the routes of a test.
    page = sign_in(open_page(width=390, height=844, service_workers="block"), live_server, "kai")
    answer = {"status": 500}
    refused = '{"error": {"code": "invalid", "message": "사진이 아니에요.", "next_step": ""}}'
    page.route(
        "**/drive/photos",
        lambda route: route.fulfill(
            status=answer["status"], body=refused, content_type="application/json"
        ),
    )
    depart(page)
    tap(page, "아무도 없어요")
    take_photo(page)
    tap(page, "이렇게 적기")
    is_on(page, "카페 나비")
    eventually(page, lambda: day.stop(HARU).outcome is StopOutcome.NOBODY)
    tap(page, "다 했어요")
    eventually(page, lambda: day.stop(NABI).outcome is StopOutcome.DONE)
    assert [one.get("channel") for one in kept(page)] == ["drive-photos"]  # tried again and again
    answer["status"] = 422
    expect(page.locator("#refused")).to_have_text("받지 못한 기록 1건 보기", timeout=60_000)
    assert kept(page) == []
    page.locator("#refused").click()
    expect(page.locator("#refused-list")).to_contain_text("사진이 아니에요.")
    page.locator("#refused-list button").click()
    expect(page.locator("#refused")).to_be_hidden()
    assert len(kept(page, "refused")) == 1  # it stays on record with who saw it
