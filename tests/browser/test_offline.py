"""A station that is opened, used, closed and killed without a network loses no scan."""

from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import expect

from lending.loop.codes import format_code
from lending.loop.steps import State
from tests.browser.films import camera_flags, film_cup
from tests.browser.offline import (
    all_sent,
    in_queue,
    landed_once,
    lent_cups,
)
from tests.browser.tablet import Tablet, installed, reopened_offline
from tests.browser.till import eventually, gun, is_online, told, waiting
from tests.personas import Loop

MANY = 200


def test_a_cold_start_without_a_network(counter: Tablet, district: Loop, tmp_path: Path) -> None:
    began = datetime.now(UTC)
    typed, shown = lent_cups(district, 2)
    installed(counter)
    counter.flags = camera_flags(film_cup(tmp_path, shown))
    page = reopened_offline(counter)
    gun(page, typed)
    told(page, "반납 완료")
    waiting(page, 1)
    page.click("#camera")
    expect(page.locator("#stage-cup")).to_contain_text(format_code(shown))
    told(page, "반납 완료")
    page.click("#camera")
    records = in_queue(page, 2)
    assert [one["code"] for one in records] == [typed, shown]
    counter.close()
    page = counter.open()  # still nobody there: closed and opened once more, all of it is kept
    assert in_queue(page, 2) == records
    waiting(page, 2)
    counter.restore()
    all_sent(page)
    landed_once(district, began, records)
    assert {district.item(cup).state for cup in (typed, shown)} == {State.RETURNED}


def test_two_hundred_scans_outlive_reload_closing_and_a_dead_battery(
    counter: Tablet, district: Loop
) -> None:
    began = datetime.now(UTC)
    cups = lent_cups(district, MANY)
    installed(counter)
    page = reopened_offline(counter)
    gun(page, *cups)
    records = in_queue(page, MANY)
    assert [one["code"] for one in records] == cups
    waiting(page, MANY)
    page.reload()
    waiting(page, MANY)
    counter.close()
    waiting(counter.open(), MANY)
    counter.kill()
    page = counter.open()
    assert in_queue(page, MANY) == records
    is_online(page, False)
    counter.restore()
    all_sent(page)
    landed_once(district, began, records)
    eventually(page, lambda: counter.acknowledged == {one["id"] for one in records})
    assert {district.item(cup).state for cup in cups[::20]} == {State.RETURNED}
