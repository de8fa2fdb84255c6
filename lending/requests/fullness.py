"""How full boxes and machines are, counted or as they measure it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.loop.care.decisions import UNREADABLE_RETURN
from lending.loop.steps import Action, State
from lending.loop.tables import Item, Review, Scan
from lending.people.tables import Role
from lending.places.sites import SiteView, load_sites
from lending.places.tables import Site
from lending.requests.round_tables import Emptying
from lending.requests.tables import MachineStatus

WARN_PERCENT = 90
Void, VoidOfVoid = aliased(Scan), aliased(Scan)


@dataclass(frozen=True, slots=True)
class Fullness:
    """What lies in a box: `pieces` known ones that stand there as returned, `unknown` ones put in
    since it was last emptied (`emptied_at`: its last collection, or emptying by hand).

    `measured`: per cent as its machine told since then, which then counts instead of the pieces,
    and `measured_full` whether it is full by its own measure; None where no machine tells any.
    """

    site: SiteView
    pieces: int
    unknown: int
    emptied_at: datetime | None
    measured: int | None = None
    measured_full: bool = False

    @property
    def fill(self) -> int:
        return self.pieces + self.unknown

    @property
    def percent(self) -> int:
        """Whole per cent, rounded down: 100 is really full. 0 where nothing is counted nor told."""
        if self.measured is not None:
            return self.measured
        capacity = self.site.spot.capacity
        return self.fill * 100 // capacity if capacity else 0

    @property
    def is_full(self) -> bool:
        return self.measured_full if self.measured is not None else self.percent >= 100

    @property
    def is_nearly_full(self) -> bool:
        return not self.is_full and self.percent >= WARN_PERCENT


def boxes_full(session: Session, *, district_id: int) -> list[Fullness]:
    """Every active site of the district that is counted or measures itself, the fullest first; five
    statements at most."""
    boxes = _boxes(district_id)
    rows = {row.id: row for row in session.execute(sa.select(boxes))}
    if not rows:
        return []
    pieces = _counted(session, _pieces_in(boxes, district_id))
    unknown = _counted(session, _unknown_in(boxes))
    reported = _counted(session, _reported_at(boxes))
    sites = load_sites(session, site_ids=rows)
    found = [
        Fullness(
            sites[box], pieces.get(box, 0), unknown.get(box, 0) + reported.get(box, 0),
            row.emptied_at, *_measured(row),
        )
        for box, row in rows.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.percent, -one.fill, one.site.code))


def stands(scan: type[Scan] = Scan) -> sa.ColumnElement[bool]:
    """SQL: a scan was not taken back, or its taking back was (see replay.voided_ids)."""
    undone = sa.exists().where(
        VoidOfVoid.of == Void.id,
        VoidOfVoid.action == Action.VOID,
        VoidOfVoid.recorded_at >= Void.recorded_at,
        _may_void(VoidOfVoid, Void),
    )
    return ~sa.exists().where(
        Void.of == scan.id, Void.action == Action.VOID, _may_void(Void, scan), ~undone
    )


def _boxes(district_id: int) -> sa.CTE:
    """(id, emptied_at, by_hand_at) of the sites that are counted or measure themselves: the last
    collection, one taken back emptied nothing, or the last emptying by hand, which took all there
    was; and (fullness, full, heard_at) of the machine there."""
    # Written out, so that SQLite sees the condition of the partial index on collections.
    is_collect = Scan.action == sa.literal_column(f"'{Action.COLLECT.value}'")
    last = (
        sa.select(Scan.occurred_at)
        .where(Scan.site_id == Site.id, is_collect, stands())
        .order_by(Scan.occurred_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    by_hand = (
        sa.select(sa.func.max(Emptying.at)).where(Emptying.site_id == Site.id).scalar_subquery()
    )
    latest = sa.case(
        (last.is_(None), by_hand), (by_hand.is_(None), last), (by_hand > last, by_hand), else_=last
    )
    columns: tuple[Any, ...] = (
        Site.id, latest.label("emptied_at"), by_hand.label("by_hand_at"),
        MachineStatus.fullness, MachineStatus.full, MachineStatus.heard_at,
    )  # fmt: skip
    known = (Site.capacity > 0) | MachineStatus.fullness.is_not(None) | MachineStatus.full
    query = sa.select(*columns).outerjoin(MachineStatus, MachineStatus.site_id == Site.id)
    return query.where(Site.district_id == district_id, Site.active, known).cte("boxes")


def _measured(row: Any) -> tuple[int | None, bool]:
    """What the machine measures, the newest word: one from before it was emptied counts no more."""
    before = (
        row.emptied_at is not None and row.heard_at is not None and row.heard_at <= row.emptied_at
    )
    if before or (row.fullness is None and not row.full):
        return None, False
    return (100 if row.fullness is None else row.fullness), row.full


def _may_void(void: type[Scan], scan: type[Scan]) -> sa.ColumnElement[bool]:
    return sa.or_(void.site_id == scan.site_id, void.sender_role == Role.OFFICER)


def _pieces_in(boxes: sa.CTE, district_id: int) -> sa.Select[*tuple[Any, ...]]:
    """What stands there as returned; one of which word came only after the box was emptied by hand
    went along all the same."""
    here = sa.and_(
        Item.district_id == district_id,
        Item.site_id == boxes.c.id,
        Item.state == State.RETURNED,
        ~Item.carrier,
        sa.or_(boxes.c.by_hand_at.is_(None), Item.since > boxes.c.by_hand_at),
    )
    query: sa.Select[*tuple[Any, ...]] = sa.select(boxes.c.id, sa.func.count())
    return query.join(Item, here).group_by(boxes.c.id)


def _unknown_in(boxes: sa.CTE) -> sa.Select[*tuple[Any, ...]]:
    """Returns of codes nobody knows; once a code is claimed its piece is counted instead."""
    put_in = sa.and_(
        Scan.site_id == boxes.c.id,
        Scan.item_id.is_(None),
        Scan.action == Action.RETURN,
        _since_emptied(boxes, Scan.occurred_at),
        stands(),
    )
    query: sa.Select[*tuple[Any, ...]] = sa.select(boxes.c.id, sa.func.count())
    return query.join(Scan, put_in).group_by(boxes.c.id)


def _reported_at(boxes: sa.CTE) -> sa.Select[*tuple[Any, ...]]:
    """Reports of pieces that were never scanned; one about a scan is counted with its scan."""
    put_in = sa.and_(
        Review.site_id == boxes.c.id,
        Review.subject == UNREADABLE_RETURN,
        _since_emptied(boxes, Review.opened_at),
        ~sa.exists().where(Scan.id == Review.scan_id),
    )
    query: sa.Select[*tuple[Any, ...]] = sa.select(boxes.c.id, sa.func.count())
    return query.join(Review, put_in).group_by(boxes.c.id)


def _since_emptied(boxes: sa.CTE, moment: Any) -> sa.ColumnElement[bool]:
    return sa.or_(boxes.c.emptied_at.is_(None), moment > boxes.c.emptied_at)


def _counted(session: Session, query: sa.Select[*tuple[Any, ...]]) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(query)}
