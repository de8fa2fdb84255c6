"""Counted ware under a recall, on the hall's own tablet: which crate, how much, and what to note."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lending.loop.codes import format_code
from lending.wares.ways import Why
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import LiveServer, axe_violations
from tests.browser.till import pair_device_at
from tests.events.stores import HALL
from tests.personas import WASH, Loop
from tests.whole.mixed import open_world
from tests.whole.test_counted_recalls import in_room, washed


@pytest.mark.parametrize(("lang", "width"), [("ko", 1180), ("en", 390)])
def test_the_hall_sees_which_crate_is_concerned_and_notes_what_it_set_aside(
    open_page: Callable[..., Page],
    live_server: LiveServer,
    district: Loop,
    engine: sa.Engine,
    lang: str,
    width: int,
) -> None:
    district.now = datetime.now(UTC) - timedelta(hours=5)
    world = open_world(district)
    wares = world.halls.wares
    batch = washed(world, 100)
    _, packed = in_room(world, 60)
    wares.record(wares.move(15, wares.at(WASH), wares.at(HALL), Why.MOVED))
    world.centre.fail(batch)
    cookies = {DEVICE_COOKIE: pair_device_at(HALL, district, engine), "lang": lang}
    page = open_page(cookies=cookies, width=width, height=844)
    page.goto(f"{live_server.url}/events/rooms")
    notice = page.locator(".keeper-notice")
    expect(notice).to_contain_text("60")
    notice.locator("summary").click()
    expect(notice.locator("li", has_text=format_code(packed.crate))).to_contain_text("60")
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    notice.locator("li", has_not_text=format_code(packed.crate)).get_by_role("link").click()
    page.wait_for_url("**/wares/record/held?**")
    expect(page.locator("[name=kind]:checked")).to_have_value("bowl")
    page.fill("[name=quantity]", "15")
    page.locator("main form button[type=submit]").last.click()
    page.goto(f"{live_server.url}/events/rooms")
    notice.locator("summary").click()
    expect(notice.locator("li")).to_have_count(1)
    expect(notice.locator("li")).to_contain_text(format_code(packed.crate))
