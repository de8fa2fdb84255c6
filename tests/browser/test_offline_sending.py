"""Sending what waited: lost answers, a server that dies in the middle, two tabs at once."""

from collections.abc import Callable
from datetime import UTC, datetime

from playwright.sync_api import Page, Response, Route, expect

from lending.loop.steps import State
from tests.browser.live import LiveServer
from tests.browser.offline import (
    all_sent,
    fill_offline,
    in_queue,
    landed_once,
    lent_cups,
    no_error_was_shown,
    nudge,
    records_of,
    stored_scans,
    watch_stage,
    with_server,
)
from tests.browser.till import eventually, gun, is_online, keep, kept, knows, waiting
from tests.personas import Loop

OpenTill = Callable[..., Page]
SENDING = "**/station/scans"


def test_three_lost_answers_are_no_error_and_no_second_scan(
    open_station: OpenTill, live_server: LiveServer, district: Loop
) -> None:
    cups = lent_cups(district, 12)
    till = open_station()
    watch_stage(till)
    lost: list[str] = []

    def lose(route: Route) -> None:
        lost.append(route.request.url.rsplit("/", 1)[1])
        route.fetch()  # the server has it, and its word gets lost on the way
        route.abort()

    began = datetime.now(UTC)
    till.route("**/scan/beep", lose)
    till.route(SENDING, lose)
    gun(till, *cups[:1])
    expect(till.locator("#stage-word")).to_have_text("반납 완료")
    is_online(till, False)
    gun(till, *cups[1:])
    records = in_queue(till, 12)
    waiting(till, 12)
    while lost.count("scans") < 3:
        with till.expect_event("requestfailed", lambda failed: failed.url.endswith("/scans")):
            nudge(till)
    assert "beep" in lost
    assert kept_ids(till) == [one["id"] for one in records]
    assert len(stored_scans(district, began)) == 12  # committed long ago
    till.unroute("**/scan/beep")
    till.unroute(SENDING)
    nudge(till)
    all_sent(till)
    landed_once(district, began, records)
    no_error_was_shown(till)


def kept_ids(page: Page) -> list[str]:
    return [record["id"] for record in in_queue(page, 12)]


def test_a_server_that_is_killed_in_the_middle_of_it(
    open_station: OpenTill, live_server: LiveServer, district: Loop
) -> None:
    began = datetime.now(UTC)
    cups = lent_cups(district, 400)
    records = records_of(cups * 4, began=began)  # 1,600: four calls
    till = open_station()
    fill_offline(till, records)
    calls: list[int] = []

    def strike(route: Route) -> None:
        calls.append(len(route.request.post_data_json["scans"]))
        if len(calls) == 2:  # while it works on the second call
            route.continue_()
            live_server.stop()
        elif len(calls) == 4:  # it has stored this one, and nobody hears of it
            route.fetch()
            live_server.stop()
            route.abort()
        else:
            route.continue_()

    till.route(SENDING, strike)
    with_server(till)
    nudge(till)
    for _ in range(2):
        eventually(till, lambda: live_server.process is None)
        waiting(till, len(kept(till)))
        live_server.start()
        nudge(till)
    all_sent(till, 90)  # 1,600 scans, twice begun again: how fast is not the question here
    assert calls[0] == 500
    assert sum(calls) > len(records)  # the blows were felt
    landed_once(district, began, records)
    assert {district.item(cup).state for cup in cups[::50]} == {State.RETURNED}


def test_two_tabs_send_each_scan_once(
    open_station: OpenTill, live_server: LiveServer, district: Loop
) -> None:
    began = datetime.now(UTC)
    cups = lent_cups(district, 300)
    records = records_of(cups * 2, began=began)
    first = open_station()
    second = first.context.new_page()
    second.goto(f"{live_server.url}/scan")
    knows(second)
    first.context.set_offline(True)
    for tab in (first, second):
        is_online(tab, False)
    keep(first, *records)
    for tab in (first, second):
        nudge(tab)
        waiting(tab, len(records))
    answers: list[Response] = []

    def listen(response: Response) -> None:  # a call that failed for want of a network has none
        if response.url.endswith("/station/scans"):
            answers.append(response)

    first.context.on("response", listen)
    first.context.set_offline(False)  # both hear of it
    nudge(first, second)
    for tab in (first, second):
        all_sent(tab)
    landed_once(district, began, records)
    receipts = [receipt for answer in answers for receipt in answer.json()["receipts"]]
    assert sorted(one["id"] for one in receipts) == sorted(one["id"] for one in records)
    assert {one["result"] for one in receipts} == {"recorded"}  # nothing was sent twice
