"""Scans that wait in a tablet: beeped, kept in the browser, brought to the server, stored there."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Page, Route, expect

from lending.loop.steps import Action
from lending.loop.tables import Scan
from tests.browser.till import eventually, is_online, keep, kept
from tests.personas import HARU, Loop

REQUESTS = re.compile(r":\d+/(station/(scans|snapshot)|form-token|scan/\w+)(\?|$)")


def lent_cups(district: Loop, count: int) -> list[str]:
    """So many cups lent at the café, in one call."""
    cups = district.clean_cups(count)
    lends = [district.scan(Action.LEND, cup) for cup in cups]
    district.go(*lends, by=district.town.mina)
    return cups


# -- what is kept and what is stored ------------------------------------------------------------------


def in_queue(page: Page, count: int) -> list[dict[str, Any]]:
    """The scans that are kept in the browser, in order, once there are so many."""
    eventually(page, lambda: len(kept(page)) == count)
    return sorted(kept(page), key=lambda record: record["order"])


def all_sent(page: Page, patience: float = 20) -> None:
    """Nothing waits any more, and the page says so."""
    eventually(page, lambda: kept(page) == [], patience)
    expect(page.locator("#unsent")).to_be_hidden()
    is_online(page)


def go_online(page: Page) -> None:
    """The network is back; everything is sent."""
    page.context.set_offline(False)
    all_sent(page)


def without_server(page: Page) -> None:
    """The station's page still loads, but its requests get no answer: a bad line, not a dead one."""
    page.context.route(REQUESTS, lambda route: route.abort())


def with_server(page: Page) -> None:
    """The line is good again."""
    page.context.unroute(REQUESTS)


def held_questions(page: Page) -> list[Route]:
    """From now on what the till asks stays on its way, here, and nothing else comes through."""
    held: list[Route] = []
    without_server(page)
    page.route("**/scan/beep", lambda route: held.append(route))
    return held


def recovered(page: Page) -> None:
    """The line is good again, the station hears of it, and everything is sent."""
    with_server(page)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    all_sent(page)


def stored_scans(district: Loop, since: datetime) -> list[Any]:
    """(id, code, action, seq, of, occurred_at) of what was recorded since, as it happened."""
    columns = (Scan.id, Scan.code, Scan.action, Scan.seq, Scan.of, Scan.occurred_at)
    query = sa.select(*columns).where(Scan.recorded_at >= since)
    with district.engine.connect() as connection:
        return list(connection.execute(query.order_by(Scan.occurred_at, Scan.seq)))


def landed_once(district: Loop, since: datetime, records: list[dict[str, Any]]) -> None:
    """Exactly these records are stored, once each, in the order in which they were scanned."""
    found = [(str(row.id), row.code) for row in stored_scans(district, since)]
    assert found == [(record["id"], record["code"]) for record in records]


def stored(district: Loop, columns: str, code: str) -> list[tuple[Any, ...]]:
    """These columns of a cup's scans since the test began, in the order they happened."""
    with district.engine.connect() as connection:
        query = sa.text(
            f"SELECT {columns} FROM scan WHERE code = :code AND occurred_at > :since"
            " ORDER BY occurred_at, seq"
        ).bindparams(
            sa.bindparam("since", datetime.now(UTC) - timedelta(minutes=30), sa.DateTime())
        )
        return [tuple(row) for row in connection.execute(query, {"code": code})]


# -- a queue of an earlier hour ------------------------------------------------------------------------


def a_record(code: str, *, at: datetime | None = None, **more: Any) -> dict[str, Any]:
    """A return as the station of Mina's café keeps it, made now and not measured yet."""
    when = (at or datetime.now(UTC)).isoformat()
    return {
        "id": str(uuid.uuid4()), "order": 1, "seq": 1, "state": "fact", "action": "return",
        "code": code, "at": when, "since": when, "site": HARU, "epoch": None, "mono": None,
        "clock_error": None, "measured": None, "borrower": None, "error_before": None,
    } | more  # fmt: skip


def records_of(codes: list[str], *, began: datetime) -> list[dict[str, Any]]:
    """Such returns one second after the other, measured by a right clock."""
    return [
        a_record(
            code, at=began - timedelta(seconds=len(codes) - number), order=number + 1,
            seq=number + 1, clock_error=0.0, measured=0,
        )
        for number, code in enumerate(codes)
    ]  # fmt: skip


def fill_offline(page: Page, records: list[dict[str, Any]]) -> None:
    """The line is lost, and then so many scans wait in the tablet.

    By routes: a request made as a network comes back may fail, and then smaller ones follow.
    """
    without_server(page)
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    is_online(page, False)
    keep(page, *records)


def nudge(*pages: Page) -> None:
    """Somebody comes back to the window: the station sends what waits."""
    for page in pages:
        page.evaluate("window.dispatchEvent(new Event('focus'))")


def watch_stage(page: Page) -> None:
    """From now on every look and word of the stage is noted, however short it stands there."""
    page.evaluate(
        """() => {
          window.seen = [];
          const [stage, word] = ["stage", "stage-word"].map((id) => document.getElementById(id));
          new MutationObserver(() => window.seen.push([stage.className, word.textContent]))
            .observe(stage, { attributes: true, childList: true, subtree: true });
        }"""
    )


def words_seen(page: Page) -> set[str]:
    """Of a page that is watched: every word that stood on the stage."""
    return {word for _, word in page.evaluate("window.seen")}


def no_error_was_shown(page: Page) -> None:
    """Of a page that is watched: the stage never turned red, and nothing was refused."""
    looks = [look for look, _ in page.evaluate("window.seen")]
    assert looks
    assert not [look for look in looks if "tone-bad" in look or "tone-care" in look]
    expect(page.locator("#refused")).to_be_hidden()
    expect(page.locator("#signed-out")).to_be_hidden()
