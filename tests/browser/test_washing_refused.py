"""What the server will never take of the washing table's beeps is told, and holds nothing else up."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Page, expect

from lending.loop.codes import format_code
from lending.loop.steps import State
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import LiveServer
from tests.browser.till import eventually, keep, kept, pair_device_at
from tests.personas import WASH, Loop


def a_beep(order: int, **what: Any) -> dict[str, Any]:
    """As the table's outbox keeps it."""
    at = datetime.now(UTC).isoformat()
    body = {"id": str(uuid.uuid4()), "lane": str(uuid.uuid4()), "seq": 1, "at": at, "site": None}
    return {"order": order, "path": "/wash/beep", "body": body | what, "kind": "beep", "since": at}


def test_a_beep_refused_for_good_is_told_and_the_next_one_goes(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop
) -> None:
    tablet = pair_device_at(WASH, district, district.engine)
    [cup] = district.clean_cups(1)
    page = open_page(cookies={DEVICE_COOKIE: tablet})
    page.goto(f"{live_server.url}/wash")
    ready = "#table[data-ready='1']"
    page.wait_for_selector(ready, state="attached")
    beeps = a_beep(1, command="of another time"), a_beep(2, code=cup)
    keep(page, *beeps, store="waiting", database="washing")
    page.reload()
    page.wait_for_selector(ready, state="attached")
    eventually(page, lambda: kept(page, "waiting", "washing") == [])
    expect(page.locator("#stage-cup")).to_contain_text(format_code(cup))
    assert district.item(cup).state is State.DIRTY
