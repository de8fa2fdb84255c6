"""What the server will never take of the washing table's beeps is told, and holds nothing else up."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Page, expect

from lending.loop.steps import State
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import LiveServer
from tests.browser.till import eventually, kept, pair_device_at
from tests.personas import WASH, Loop

LEAVE = """beeps => new Promise((resolve, reject) => {
  const opening = indexedDB.open("washing");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const writing = opening.result.transaction("waiting", "readwrite");
    for (const [order, body] of beeps.entries()) {
      writing.objectStore("waiting").put({ order: order + 1, path: "/wash/beep", body, kind: "beep", since: body.at });
    }
    writing.oncomplete = () => (opening.result.close(), resolve());
  };
})"""


def a_beep(**what: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()), "lane": str(uuid.uuid4()), "seq": 1,
        "at": datetime.now(UTC).isoformat(), "site": None,
    } | what  # fmt: skip


def test_a_beep_refused_for_good_is_told_and_the_next_one_goes(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop
) -> None:
    tablet = pair_device_at(WASH, district, district.engine)
    [cup] = district.clean_cups(1)
    page = open_page(cookies={DEVICE_COOKIE: tablet})
    page.goto(f"{live_server.url}/wash")
    ready = "#table[data-ready='1']"
    page.wait_for_selector(ready, state="attached")
    page.evaluate(LEAVE, [a_beep(command="of another time"), a_beep(code=cup)])
    page.reload()
    page.wait_for_selector(ready, state="attached")
    eventually(page, lambda: kept(page, "waiting", "washing") == [])
    expect(page.locator("#stage-cup")).to_contain_text(cup[-4:])
    assert district.item(cup).state is State.DIRTY
