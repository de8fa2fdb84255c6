"""The tablet above a box keeps what it was given: without a network, an answer, a credential."""

import re
import uuid
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import Page, Playwright, expect

from lending.db import transaction
from lending.loop.steps import State
from lending.loop.tables import Review
from lending.requests.tables import ReturnCredit
from tests.browser.box import (
    HELP,
    IS_KEPT,
    all_of,
    extras,
    give,
    persistent,
    press,
    returns,
    sent,
    show_box,
    show_member_qr,
    tell_of,
    told,
)
from tests.browser.live import LiveServer
from tests.browser.till import eventually, kept
from tests.personas import Loop

OpenBox = Callable[..., Page]


def test_it_opens_cold_without_a_network_and_sends_later(
    playwright_driver: Playwright, live_server: LiveServer, district: Loop, box_tablet: str, tmp_path: Path
) -> None:  # fmt: skip
    before, during, cold = (district.lent_cup() for _ in range(3))
    with persistent(playwright_driver, tmp_path, live_server, box_tablet) as context:
        page = show_box(context.new_page(), live_server)
        eventually(page, lambda: page.evaluate(IS_KEPT))
        give(page, before)
        sent(page)
        context.set_offline(True)
        give(page, during)
        told(page, "고마워요! 반납했어요")
        page.click("#report")
        tell_of(page, "77")
        expect(page.locator("#waiting")).to_have_text(
            re.compile(r"아직 보내지 못한 기록 2건 \(.*부터\) · 이 기기에 안전하게 저장됨")
        )
        assert returns(district, during) == 0
    # The power goes and comes back; the network does not. Not even the server is there.
    live_server.stop()
    try:
        with persistent(playwright_driver, tmp_path, live_server, box_tablet) as context:
            page = show_box(context.new_page(), live_server)
            press(page, cold)
            page.click("#go")
            told(page, "고마워요! 반납했어요")
            expect(page.locator("#waiting")).to_contain_text("기록 3건")
            assert len(kept(page)) == 2
            live_server.start()
            page.evaluate("dispatchEvent(new Event('online'))")
            sent(page)
            eventually(page, lambda: len(all_of(district, Review)) == 1)
            expect(page.locator("#waiting")).to_be_hidden()
    finally:
        if live_server.process is None:
            live_server.start()
    assert [returns(district, cup) for cup in (before, during, cold)] == [1, 1, 1]
    [entry] = all_of(district, Review)
    assert entry.note == "77"


def test_a_report_whose_answer_was_lost_stands_once(open_box: OpenBox, district: Loop) -> None:
    box = open_box(service_workers="block")
    lost = []

    def lose(route) -> None:
        if len(lost) < 3:
            lost.append(route.request.post_data_json["id"])
            route.fetch()
            route.abort()
        else:
            route.continue_()

    box.route("**/return/report", lose)
    box.click("#report")
    tell_of(box)

    def gone() -> bool:
        box.evaluate("dispatchEvent(new Event('online'))")
        return extras(box) == []

    eventually(box, gone)
    assert len(lost) == 3 and len(set(lost)) == 1
    assert [str(one.scan_id) for one in all_of(district, Review)] == lost[:1]


def test_a_browser_that_keeps_nothing_takes_no_cup(open_box: OpenBox, district: Loop) -> None:
    cup = district.lent_cup()
    box = open_box()
    box.evaluate(
        """() => {
          IDBObjectStore.prototype.put = function () {
            throw new DOMException("the disk is full", "QuotaExceededError");
          };
        }"""
    )
    give(box, cup)
    told(box, "지금은 반납을 기록할 수 없어요")
    expect(box.locator("#line")).to_contain_text(HELP)
    expect(box.locator("#visit")).to_be_hidden()
    assert district.item(cup).state is State.LENT


def test_a_member_qr_waits_for_its_returns(open_box: OpenBox, district: Loop) -> None:
    cup = district.lent_cup()
    box = open_box(service_workers="block")
    asked: list[str] = []
    box.on("request", lambda request: asked.append(request.url.rpartition("/return/")[2]))
    box.route("**/station/scans", lambda route: route.abort())
    show_member_qr(box, district)
    give(box, cup)
    told(box, "고마워요! 반납했어요")
    box.click("#done")
    box.click("#report")
    tell_of(box)
    eventually(box, lambda: len(all_of(district, Review)) == 1)  # sent after the QR, if that may go
    eventually(box, lambda: "report" in asked)
    assert "member" not in asked
    eventually(box, lambda: [one["kind"] for one in extras(box)] == ["member"])
    box.unroute("**/station/scans")
    box.evaluate("dispatchEvent(new Event('online'))")
    eventually(box, lambda: extras(box) == [])
    assert len(all_of(district, ReturnCredit)) == 1


def test_a_revoked_tablet_keeps_what_it_has(
    open_box: OpenBox, district: Loop, engine: sa.Engine
) -> None:
    cup = district.lent_cup()
    box = open_box()
    with transaction(engine) as session:
        session.execute(sa.text("UPDATE device SET revoked_at = paired_at, credential_hash = NULL"))
    give(box, cup)
    told(box, "고마워요! 반납했어요")
    expect(box.locator("#waiting")).to_contain_text("이 기기의 연결이 끝났어요")
    [waiting] = kept(box)
    assert uuid.UUID(waiting["id"]) and waiting["code"] == cup
    assert returns(district, cup) == 0
