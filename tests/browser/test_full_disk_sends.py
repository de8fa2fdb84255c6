"""A tablet without space sends all the same what it has, and loses nothing of what is refused."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from lending.loop.steps import State
from tests.browser.offline import (
    a_record,
    lent_cups,
    nudge,
    with_server,
    without_server,
)
from tests.browser.test_offline_full import Disk
from tests.browser.till import eventually, gun, keep, kept, told
from tests.personas import Loop

OpenStation = Callable[..., Page]


def test_what_waits_is_sent_from_a_full_disk(open_station: OpenStation, district: Loop) -> None:
    [cup] = lent_cups(district, 1)
    till = open_station()
    without_server(till)
    gun(till, cup)
    told(till, "반납 완료")
    # Measured long ago: the next contact lies nearer, and what it measured would be written down.
    [record] = kept(till)
    keep(till, record | {"measured": 1e9})
    Disk(till).fill()
    with_server(till)
    nudge(till)
    eventually(till, lambda: kept(till) == [])
    assert district.item(cup).state is State.RETURNED


def test_what_is_refused_on_a_full_disk_stays_until_it_can_be_listed(
    open_station: OpenStation,
) -> None:
    till = open_station()
    disk = Disk(till)
    keep(till, a_record("123456789012"))
    disk.fill()
    with till.expect_response("**/station/scans"):
        nudge(till)
    with till.expect_response("**/station/scans"):
        nudge(till)
    assert [one["code"] for one in kept(till)] == ["123456789012"]
    assert kept(till, "refused") == []
    disk.clear()
    nudge(till)
    eventually(till, lambda: kept(till) == [])
    expect(till.locator("#refused-count")).to_have_text("받지 못한 기록 1건 보기")
    till.click("#refused")
    disk.fill()
    till.click("#refused-list button")
    told(till, "보내지 못했어요. 다시 해 주세요.")
    expect(till.locator("#sheet-refused")).to_be_hidden()
    disk.clear()
    till.click("#refused")
    till.click("#refused-list button")
    expect(till.locator("#refused")).to_be_hidden()
