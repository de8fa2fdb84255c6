"""What the server will never take of the washing table's beeps is told, and holds nothing else up."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lending.loop.codes import format_code
from lending.loop.commands import Command
from lending.loop.steps import State
from lending.web.identity import DEVICE_COOKIE
from tests.browser.centre import READY, gun, told
from tests.browser.live import LiveServer, axe_violations
from tests.browser.till import eventually, keep, kept, pair_device_at
from tests.personas import WASH, Loop

OLD_DATABASE = """([path, body]) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("washing", 1);
  opening.onupgradeneeded = () =>
    opening.result.createObjectStore("waiting", { keyPath: "order", autoIncrement: true });
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const writing = opening.result.transaction("waiting", "readwrite");
    writing.objectStore("waiting").put({ order: 1, path, body, kind: "beep", since: body.at });
    writing.oncomplete = () => (opening.result.close(), resolve());
  };
})"""


def a_beep(page: Page, order: int, site: str, **what: Any) -> dict[str, Any]:
    """As the queue keeps it, of this page."""
    at = datetime.now(UTC).isoformat()
    lane = page.evaluate("localStorage.getItem('wash.lane')")
    return {
        "id": str(uuid.uuid4()), "channel": "washing", "state": "fact", "order": order,
        "seq": order, "site": site, "at": at, "since": at, "kind": "beep", "path": "/wash/beep",
        "body": {"lane": lane, "site": None} | what,
    }  # fmt: skip


@pytest.fixture
def page(open_page: Callable[..., Page], live_server: LiveServer, district: Loop) -> Page:
    tablet = pair_device_at(WASH, district, district.engine)
    page = open_page(cookies={DEVICE_COOKIE: tablet})
    page.goto(f"{live_server.url}/wash")
    page.wait_for_selector(READY, state="attached")
    return page


def test_a_beep_refused_for_good_is_told_and_the_next_one_goes(page: Page, district: Loop) -> None:
    [cup] = district.clean_cups(1)
    site = district.site(WASH)
    keep(page, a_beep(page, 1, site, command="of another time"), a_beep(page, 2, site, code=cup))
    page.reload()
    page.wait_for_selector(READY, state="attached")
    eventually(page, lambda: kept(page) == [])
    expect(page.locator("#stage-cup")).to_contain_text(format_code(cup))
    assert district.item(cup).state is State.DIRTY


def test_a_piece_that_was_refused_is_listed_until_somebody_has_seen_it(
    page: Page, district: Loop
) -> None:
    first, second = district.new_cups(2)
    unwashed = f"{first[:4]}-{first[4:8]}-{first[8:]}"
    gun(page, Command.PASS)
    told(page, "검사 통과")
    gun(page, first)  # never washed
    told(page, "다시 세척")
    gun(page, Command.RECEIVE, second)  # the next beeps
    told(page, "세척장 도착")
    line = page.get_by_role("button", name="받지 못한 기록 1건 보기")
    expect(line).to_be_visible()
    page.reload()
    page.wait_for_selector(READY, state="attached")
    line.click()
    expect(page.locator("#refused-list li")).to_have_count(1)
    expect(page.locator("#refused-list")).to_contain_text(unwashed)
    expect(page.locator("#refused-list")).to_contain_text("세척할 바구니에 넣어 주세요.")
    assert axe_violations(page) == []
    page.locator("#refused-list").get_by_role("button", name="확인했어요").click()
    expect(page.locator("#refused-sheet")).to_be_hidden()
    expect(line).to_be_hidden()
    page.reload()
    page.wait_for_selector(READY, state="attached")
    expect(page.locator("#unsent")).to_be_hidden()
    expect(page.locator("#refused")).to_be_hidden()


def test_all_that_was_refused_of_a_tray_is_seen_at_once(page: Page, district: Loop) -> None:
    cups, site = district.new_cups(3), district.site(WASH)
    tray = a_beep(page, 1, site, command="pass", codes=cups) | {
        "kind": "tray", "path": "/wash/tray", "lists": True
    }  # fmt: skip
    wrong = a_beep(page, 2, site, command="of another time") | {"lists": True}
    keep(page, tray, wrong)
    page.reload()
    page.get_by_role("button", name="받지 못한 기록 2건 보기").click()
    for cup in cups:
        expect(page.locator("#refused-list")).to_contain_text(cup[-4:])
    page.get_by_role("button", name="모두 확인했어요").click()
    expect(page.locator("#refused-sheet")).to_be_hidden()
    expect(page.locator("#refused")).to_be_hidden()
    assert len(kept(page, "refused")) == 2  # they stay on record with when they were seen


def test_what_an_older_version_of_the_table_kept_is_sent(page: Page, district: Loop) -> None:
    [cup] = district.clean_cups(1)
    at = datetime.now(UTC).isoformat()
    body = {"id": str(uuid.uuid4()), "lane": str(uuid.uuid4()), "seq": 1, "at": at, "site": None}
    page.evaluate(OLD_DATABASE, ["/wash/beep", body | {"code": cup}])
    page.reload()
    page.wait_for_selector(READY, state="attached")
    eventually(page, lambda: district.item(cup).state is State.DIRTY)
    known = "indexedDB.databases().then((all) => all.map(({ name }) => name))"
    eventually(page, lambda: "washing" not in page.evaluate(known))
    eventually(page, lambda: kept(page) == [])
