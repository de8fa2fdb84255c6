"""A tablet's clock while nobody can be asked: a nap marks nothing, a clock set anew does."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from lending.loop.tables import Scan
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import LiveServer
from tests.browser.offline import all_sent, in_queue, lent_cups, nudge
from tests.browser.till import READY, go_offline, gun, knows, told
from tests.personas import Loop

# `shift` moves the wall clock; `slept` is time that passed while the monotonic clock stood still.
CLOCKS = """(() => {
  const Real = Date, running = performance.now.bind(performance);
  Object.assign(window, { shift: 0, slept: 0 });
  window.Date = class extends Real {
    constructor(...parts) { parts.length ? super(...parts) : super(Real.now() + window.shift); }
    static now() { return Real.now() + window.shift; }
  };
  performance.now = () => running() - window.slept;
})()"""


@pytest.mark.parametrize("change", ["slept", "shift"])
def test_a_scan_between_two_epochs(
    open_page: Callable[..., Page], live_server: LiveServer, tablet: str, district: Loop,
    engine: sa.Engine, change: str,
) -> None:  # fmt: skip
    [cup] = lent_cups(district, 1)
    till = open_page(cookies={DEVICE_COOKIE: tablet}, service_workers="block")
    till.add_init_script(CLOCKS)
    till.goto(f"{live_server.url}/scan")
    till.wait_for_selector(READY, state="attached")
    knows(till)
    go_offline(till)
    till.evaluate("() => void (window.slept += 60_000)")
    gun(till, cup)
    told(till, "반납 완료")
    [record] = in_queue(till, 1)
    assert record["clock_error"] is None  # its epoch has met no server
    till.evaluate(f"() => void (window.{change} += 3_600_000)")
    till.context.set_offline(False)
    nudge(till)
    all_sent(till)
    with engine.connect() as connection:
        query = sa.select(Scan.clock_suspect).where(Scan.code == cup, Scan.action == "return")
        assert connection.execute(query).scalar_one() is (change == "shift")
