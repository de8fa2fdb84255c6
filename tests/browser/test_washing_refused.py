"""What the server will never take of the washing table's beeps is told, and holds nothing else up."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lending.loop.codes import format_code
from lending.loop.steps import State
from lending.web.identity import DEVICE_COOKIE
from tests.browser.centre import READY
from tests.browser.live import LiveServer
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


def a_beep(order: int, site: str, **what: Any) -> dict[str, Any]:
    """As the queue keeps it."""
    at = datetime.now(UTC).isoformat()
    return {
        "id": str(uuid.uuid4()), "channel": "washing", "state": "fact", "order": order,
        "seq": order, "site": site, "at": at, "since": at, "kind": "beep", "path": "/wash/beep",
        "body": {"lane": str(uuid.uuid4()), "site": None} | what,
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
    keep(page, a_beep(1, site, command="of another time"), a_beep(2, site, code=cup))
    page.reload()
    page.wait_for_selector(READY, state="attached")
    eventually(page, lambda: kept(page) == [])
    expect(page.locator("#stage-cup")).to_contain_text(format_code(cup))
    assert district.item(cup).state is State.DIRTY


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
