"""A new version of the app finds the queue that the old one has left, and sends all of it."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lending.loop.steps import Action, State
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import LiveServer
from tests.browser.offline import (
    a_record,
    all_sent,
    in_queue,
    landed_once,
    lent_cups,
    records_of,
    recovered,
    stored_scans,
    without_server,
)
from tests.browser.till import READY, is_online, kept, told, waiting
from tests.personas import DANA, HARU, Loop

# The database as its first version made it: requests that wait in their order.
OLD_DATABASE = """([entries, staysOpen]) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("station", 1);
  opening.onupgradeneeded = () =>
    opening.result.createObjectStore("waiting", { keyPath: "order", autoIncrement: true });
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const db = (window.old = opening.result);
    const writing = db.transaction("waiting", "readwrite");
    for (const entry of entries) writing.objectStore("waiting").put(entry);
    writing.oncomplete = () => resolve(staysOpen || db.close());
  };
})"""

# As the second version made it, with scans that wait and all that stands beside them.
SECOND_DATABASE = """([records, refused, kept]) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("station", 2);
  opening.onupgradeneeded = () => {
    const db = opening.result;
    db.createObjectStore("scans", { keyPath: "id" }).createIndex("order", "order");
    db.createObjectStore("refused", { keyPath: "id" });
    for (const name of ["kept", "buckets"]) db.createObjectStore(name);
  };
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const writing = opening.result.transaction(["scans", "refused", "kept"], "readwrite");
    for (const record of records) writing.objectStore("scans").put(record);
    for (const record of refused) writing.objectStore("refused").put(record);
    for (const [name, value] of Object.entries(kept)) writing.objectStore("kept").put(value, name);
    writing.oncomplete = () => (opening.result.close(), resolve());
  };
})"""


@pytest.fixture
def aside(open_page: Callable[..., Page], live_server: LiveServer, tablet: str) -> Page:
    """A tablet of the café, on a page that does not touch the queue."""
    page = open_page(cookies={DEVICE_COOKIE: tablet}, service_workers="block")
    page.goto(f"{live_server.url}/staff/sign-in")
    return page


class OldApp:
    """Entries as the outbox of the first version wrote them."""

    def __init__(self, began: datetime, count: int) -> None:
        self.entries: list[dict[str, Any]] = []
        self._at = began - timedelta(seconds=count)

    def beep(self, code: str, *, borrower: str | None = None, stocking: bool = False) -> str:
        id = str(uuid.uuid4())
        more = {"borrower": borrower, "stocking": stocking, "override": None}
        self._add("/scan/beep", "beep", {"id": id, "code": code, "seq": self._next()} | more)
        return id

    def undo(self, *scans: str) -> None:
        self._add("/scan/undo", "undo", {"id": str(uuid.uuid4()), "scans": list(scans)})

    def _next(self) -> int:
        return len(self.entries) + 1

    def _add(self, path: str, kind: str, body: dict[str, Any]) -> None:
        self._at += timedelta(seconds=1)
        at = self._at.isoformat().replace("+00:00", "Z")
        body |= {"at": at, "site": None}
        entry = {"order": self._next(), "path": path, "body": body, "kind": kind, "since": at}
        self.entries.append(entry)


def test_a_full_queue_of_the_old_app_lands_once(
    aside: Page, live_server: LiveServer, district: Loop
) -> None:
    began = datetime.now(UTC)
    cups = lent_cups(district, 120)
    lent, stocked = district.clean_cups(2)
    old = OldApp(began, 130)
    ids = [old.beep(cup) for cup in cups]
    old.undo(ids[3])
    old.undo(ids[5], ids[4])  # one tap took two back
    ids.append(old.beep(lent, borrower=DANA))
    ids.append(old.beep(stocked, stocking=True))
    aside.evaluate(OLD_DATABASE, [old.entries, False])
    aside.goto(f"{live_server.url}/scan")
    aside.wait_for_selector(READY, state="attached")
    all_sent(aside)
    expect(aside.locator("#refused")).to_be_hidden()
    found = stored_scans(district, began)
    beeps = [row for row in found if row.action != Action.VOID]
    assert [str(row.id) for row in beeps] == ids
    assert [row.code for row in beeps] == [*cups, lent, stocked]
    assert [row.action for row in beeps[-3:]] == [Action.RETURN, Action.LEND, Action.STOCK]
    voids = [str(row.of) for row in found if row.action == Action.VOID]
    assert sorted(voids) == sorted(ids[3:6])
    states = [district.item(cup).state for cup in (*cups[2:7], lent)]
    out, back = State.LENT, State.RETURNED
    assert states == [back, out, out, out, back, out]
    assert len(found) == 125


def test_an_old_page_that_is_still_open_is_named_and_waited_for(
    aside: Page, live_server: LiveServer, district: Loop
) -> None:
    cup = lent_cups(district, 1)[0]
    old = OldApp(datetime.now(UTC), 10)
    old.beep(cup)
    aside.evaluate(OLD_DATABASE, [old.entries, True])
    page = aside.context.new_page()
    page.goto(f"{live_server.url}/scan")
    told(page, "다른 탭에 옛 화면이 열려 있어요")
    expect(page.locator("#stage-next")).to_contain_text("기록은 안전하게 남아 있어요")
    aside.close()
    page.wait_for_selector(READY, state="attached")
    all_sent(page)
    assert district.item(cup).state is State.RETURNED


def test_a_queue_brought_over_waits_without_a_network(
    aside: Page, live_server: LiveServer, district: Loop
) -> None:
    cups = lent_cups(district, 3)
    old = OldApp(datetime.now(UTC), 10)
    ids = [old.beep(cup) for cup in cups]
    aside.evaluate(OLD_DATABASE, [old.entries, False])
    without_server(aside)
    aside.goto(f"{live_server.url}/scan")
    is_online(aside, False)
    waiting(aside, 3)
    assert [one["id"] for one in in_queue(aside, 3)] == ids


def test_a_queue_of_the_second_version_stays_as_it_is_and_lands_once(
    aside: Page, live_server: LiveServer, district: Loop
) -> None:
    began = datetime.now(UTC)
    cups = lent_cups(district, 30)
    records = records_of(cups, began=began)
    refused = [a_record(cups[0], error={"code": "invalid"}, refused_at=began.isoformat())]
    aside.evaluate(SECOND_DATABASE, [records, refused, {"seq": 30, "site": HARU}])
    without_server(aside)
    aside.goto(f"{live_server.url}/scan")
    is_online(aside, False)
    waiting(aside, 30)
    assert in_queue(aside, 30) == records
    recovered(aside)
    landed_once(district, began - timedelta(seconds=30), records)
    assert [one["id"] for one in kept(aside, "refused")] == [refused[0]["id"]]
    expect(aside.locator("#refused")).to_be_visible()
