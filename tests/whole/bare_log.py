"""What the bare log says, read by plain SQL and told without any of the product's own rules."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import Scan

SOILS = {"register", "lend", "return", "collect", "receive", "rewash", "hold", "release"}
SEEN = {
    "wash", "pass", "rewash", "ship", "stock", "lend", "return", "collect", "receive", "release",
    "pack", "unpack",
}  # fmt: skip
_ID, _WHEN = Scan.id.type, Scan.occurred_at.type

_STORY = sa.text(
    "SELECT s.id, s.item_id, i.code, i.carrier, s.action, s.of, s.crate_id, s.batch_id,"
    " s.occurred_at, s.seq, s.position, b.ended_at, s.site_id"
    " FROM scan s JOIN item i ON i.id = s.item_id LEFT JOIN wash_batch b ON b.id = s.batch_id"
    " WHERE s.district_id = :district"
).columns(
    sa.column("id", _ID), sa.column("item_id"), sa.column("code"),
    sa.column("carrier", sa.Boolean()), sa.column("action"), sa.column("of", _ID),
    sa.column("crate_id"), sa.column("batch_id", _ID), sa.column("occurred_at", _WHEN),
    sa.column("seq"), sa.column("position"), sa.column("ended_at", _WHEN), sa.column("site_id"),
)  # fmt: skip

_BALANCES = sa.text(
    "SELECT a.id, a.kind_id, a.outside, a.balance,"
    " (SELECT coalesce(sum(m.quantity), 0) FROM counted_move m WHERE m.to_id = a.id)"
    " - (SELECT coalesce(sum(m.quantity), 0) FROM counted_move m WHERE m.from_id = a.id) AS moved"
    " FROM counted_account a WHERE a.district_id = :district"
)


@dataclass(frozen=True)
class BareLog:
    """The standing scans of a town by the code of their piece, in order; `crates`: codes."""

    scans: dict[str, list[Any]]
    crates: frozenset[str]

    def is_clean(self, code: str) -> bool:
        """A wash of an ended batch, a pass after it, and since then nothing that soils."""
        washed = passed = False
        for scan in self.scans[code]:
            if scan.action in SOILS:
                washed = passed = False
            elif scan.action == "wash":
                washed, passed = scan.batch_id is not None and scan.ended_at is not None, False
            elif scan.action == "pass":
                passed = washed
        return passed

    def washed_last_in(self, batches: Collection[uuid.UUID]) -> set[str]:
        """The pieces that are not retired and whose last wash by any batch is one of these."""
        found = set()
        for code, scans in self.scans.items():
            washes = [one for one in scans if one.action == "wash" and one.batch_id is not None]
            gone = any(one.action == "retire" for one in scans)
            if code not in self.crates and washes and not gone and washes[-1].batch_id in batches:
                found.add(code)
        return found

    def moments(self, code: str) -> list[datetime]:
        return [one.occurred_at for one in self.scans[code]]


def read_log(session: Session, district: int) -> BareLog:
    """The log of a district; a scan stands unless a standing void names it."""
    rows = session.execute(_STORY, {"district": district}).all()
    voids: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for row in rows:
        if row.action == "void" and row.of is not None:
            voids[row.of].append(row.id)

    def stands(scan: uuid.UUID) -> bool:
        return not any(stands(void) for void in voids[scan])

    scans: dict[str, list[Any]] = defaultdict(list)
    for row in sorted(rows, key=_order):
        if row.action != "void" and stands(row.id):
            scans[row.code].append(row)
    return BareLog(dict(scans), frozenset(row.code for row in rows if row.carrier))


def wrong_lends(log: BareLog) -> list[Any]:
    """Lends of crates that did not befall exactly what was in them by then."""
    inside: dict[int, int] = {}
    gone: set[int] = set()
    told: dict[uuid.UUID, set[int]] = defaultdict(set)
    should: dict[uuid.UUID, set[int]] = {}
    rows = sorted((row for scans in log.scans.values() for row in scans), key=_order)
    for row in rows:
        if row.carrier:
            if row.action == "lend":
                should[row.id] = {one for one, crate in inside.items() if crate == row.item_id}
                inside = {one: at for one, at in inside.items() if at != row.item_id}
        elif row.crate_id is not None and row.of is not None:
            if row.action == "lend":
                told[row.of].add(row.item_id)
        elif row.action == "pack" and row.item_id not in gone:
            inside[row.item_id] = row.crate_id
        elif row.action in SEEN or row.action == "retire":
            inside.pop(row.item_id, None)
            gone |= {row.item_id} if row.action == "retire" else set()
    return [
        (lend, should.get(lend, set()), told[lend])
        for lend in should.keys() | told.keys()
        if should.get(lend, set()) != told[lend]
    ]


def _order(row: Any) -> tuple[Any, ...]:
    carried = row.crate_id is not None and row.of is not None
    last = row.of if carried else row.id
    return (row.action != "register", row.occurred_at, row.seq, row.position, last.bytes)


def wrong_balances(session: Session, district: int) -> list[Any]:
    """Accounts whose balance is not the sum of their moves, and kinds whose accounts do not add up
    to nothing: every piece came from somewhere and is somewhere."""
    rows = session.execute(_BALANCES, {"district": district}).all()
    wrong: list[Any] = [row for row in rows if row.outside is None and row.balance != row.moved]
    sums: dict[int, int] = defaultdict(int)
    for row in rows:
        sums[row.kind_id] += int(row.moved)
    return wrong + [kind for kind, total in sums.items() if total != 0]


def wrong_stays(session: Session, district: int) -> list[Any]:
    """Pieces in two crates at one time, in themselves, and crates that are in any."""
    overlapping = sa.text(
        "SELECT a.item_id, a.crate_id, b.crate_id FROM crate_stay a JOIN crate_stay b"
        " ON b.item_id = a.item_id AND b.id <> a.id AND a.packed_at <= b.packed_at"
        " AND (a.left_at IS NULL OR a.left_at > b.packed_at)"
        " AND (b.left_at IS NULL OR b.left_at > b.packed_at) WHERE a.district_id = :district"
    )
    inside = sa.text(
        "SELECT s.item_id, s.crate_id, i.carrier FROM crate_stay s"
        " JOIN item i ON i.id = s.item_id JOIN item c ON c.id = s.crate_id"
        " WHERE s.district_id = :district AND (i.carrier OR NOT c.carrier OR s.item_id = s.crate_id)"
    )
    caches = sa.text(
        "SELECT i.id, i.crate_id FROM item i LEFT JOIN crate_stay s"
        " ON s.item_id = i.id AND s.left_at IS NULL WHERE i.district_id = :district"
        " AND coalesce(i.crate_id, 0) <> coalesce(s.crate_id, 0)"
    )
    given = {"district": district}
    return [row for text in (overlapping, inside, caches) for row in session.execute(text, given)]
