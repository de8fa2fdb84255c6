"""The log as it is read: a piece's story, a place's last scans and its counts of the day."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.loop.read.paging import DEFAULT_LIMIT, KeyPart, Page, beyond, cut, read_key
from lending.loop.read.sight import sees_district
from lending.loop.replay import voided_ids
from lending.loop.steps import Action, Gap
from lending.loop.tables import Item, ItemKind, Scan, ScanGap
from lending.loop.values import Event
from lending.loop.write.rows import EVENT_COLUMNS, event_from_row
from lending.people.actors import Actor
from lending.people.tables import Role, Staff
from lending.places.tables import District, Site

Target = aliased(Scan)
Destination, Origin = aliased(Site), aliased(Site)

STORY_ORDER = (Scan.occurred_at, Scan.seq, Scan.position, Scan.id)


@dataclass(frozen=True, slots=True)
class ScanView:
    """A recorded scan; never a borrower. `voided`: taken back, so it counts no more; `login`: of
    the staff signed in where it was scanned, for the office alone.

    `asked`: it was a question that was granted. `kind`: of the piece, None for an unknown code.
    """

    id: uuid.UUID
    action: Action
    code: str
    kind: str | None
    site: str
    to: str | None
    from_: str | None
    at: datetime
    occurred_at: datetime
    recorded_at: datetime
    asked: bool
    role: Role
    of: uuid.UUID | None
    new_code: str | None
    reason: str | None
    note: str | None
    gaps: tuple[Gap, ...]
    voided: bool
    login: str | None = None


def item_scans(
    session: Session,
    *,
    item_id: int,
    actor: Actor | None,
    after: Sequence[KeyPart] | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[ScanView]:
    """The story of an item, the newest first; `item_id` from `pieces.find_item`.

    Notes are shown to the place that wrote them and to who sees the district (actor None: all).
    """
    key = read_key(after, datetime, int, int, uuid.UUID)
    query = (
        view_scans()
        .where(Scan.item_id == item_id, beyond(STORY_ORDER, key, falling=True))
        .order_by(*(column.desc() for column in STORY_ORDER))
        .limit(limit + 1)
    )
    rows = session.execute(query).all()
    voided = load_voided_of_item(session, item_id)
    gaps = load_gaps(session, [row.id for row in rows])
    notes_of = None if actor is None or sees_district(actor) else actor.site_id
    return cut(
        rows,
        limit,
        lambda row: view_scan(row, gaps, voided, notes_of),
        lambda row: (row.occurred_at, row.seq, row.position, str(row.id)),
    )


def last_scans(session: Session, *, site_id: int, limit: int = 10) -> list[ScanView]:
    """The last scans made at a site, the newest first; left out are voids and what befell pieces
    with their crate, whose own scan is listed."""
    query = (
        view_scans()
        .where(Scan.site_id == site_id, Scan.action != Action.VOID)
        .where(sa.or_(Scan.of.is_(None), Scan.crate_id.is_(None)))
        .order_by(*(column.desc() for column in STORY_ORDER))
        .limit(limit)
    )
    rows = session.execute(query).all()
    ids = [row.id for row in rows]
    gaps, voided = load_gaps(session, ids), _load_voided(session, Target.id.in_(ids))
    return [view_scan(row, gaps, voided, None) for row in rows]


def today_counts(session: Session, *, site_id: int, now: datetime) -> dict[Action, int]:
    """How many scans of pieces happened at a site since its local midnight, by action; those taken
    back and those of crates and bags are left out, an action without scans is missing."""
    here = _today_at(session, site_id, now)
    ware = ~sa.exists().where(Item.id == Scan.item_id, Item.carrier)
    counted = sa.select(Scan.action, sa.func.count()).where(*here(Scan), ware)
    counted = counted.group_by(Scan.action)
    counts: dict[Action, int] = {row[0]: row[1] for row in session.execute(counted)}
    voided = _load_voided(session, sa.and_(*here(Target)))
    if voided:
        lost = sa.select(Scan.action).where(*here(Scan), Scan.id.in_(voided), ware)
        for action in session.scalars(lost):
            counts[action] -= 1
    return {action: count for action, count in counts.items() if count}


def local_midnight(session: Session, *, district_id: int, now: datetime) -> datetime:
    """When today began in the district's time zone (UTC)."""
    zone = session.scalar(sa.select(District.timezone).where(District.id == district_id))
    local = now.astimezone(ZoneInfo(zone or "Asia/Seoul"))
    return datetime.combine(local.date(), time(), local.tzinfo).astimezone(UTC)


def load_voided_of_item(session: Session, item_id: int) -> set[uuid.UUID]:
    """The scans taken out of an item's story."""
    return _load_voided(session, Target.item_id == item_id)


def load_gaps(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[Gap, ...]]:
    """The gaps of these scans; one statement."""
    gaps: dict[uuid.UUID, tuple[Gap, ...]] = {}
    query = sa.select(ScanGap.scan_id, ScanGap.gap).where(ScanGap.scan_id.in_(ids))
    for scan, gap in session.execute(query.order_by(ScanGap.gap)):
        gaps[scan] = (*gaps.get(scan, ()), gap)
    return gaps


def view_scans() -> sa.Select[*tuple[Any, ...]]:
    """The statement every view of scans begins with."""
    return (
        sa.select(
            Scan.id, Scan.action, Scan.code, ItemKind.code.label("kind"), Site.code.label("site"),
            Destination.code.label("to"), Origin.code.label("origin"), Scan.at, Scan.occurred_at,
            Scan.recorded_at, Scan.asked, Scan.sender_role, Scan.of, Scan.new_code, Scan.reason,
            Scan.note, Scan.seq, Scan.position, Scan.site_id, Staff.login,
        )
        .join(Site, Site.id == Scan.site_id)
        .outerjoin(Destination, Destination.id == Scan.to_site_id)
        .outerjoin(Origin, Origin.id == Scan.from_site_id)
        .outerjoin(Item, Item.id == Scan.item_id)
        .outerjoin(ItemKind, ItemKind.id == Item.kind_id)
        .outerjoin(Staff, Staff.id == Scan.staff_id)
    )  # fmt: skip


def view_scan(
    row: Any,
    gaps: dict[uuid.UUID, tuple[Gap, ...]],
    voided: set[uuid.UUID],
    notes_of: int | None,
) -> ScanView:
    """The view in a row of `view_scans`; `notes_of`: the only site whose notes are shown."""
    note = row.note if notes_of is None or row.site_id == notes_of else None
    values: list[Any] = [*row[:15], note, gaps.get(row.id, ()), row.id in voided, row.login]
    return ScanView(*values)


def _today_at(session: Session, site_id: int, now: datetime) -> Any:
    district = session.scalar(sa.select(Site.district_id).where(Site.id == site_id))
    midnight = local_midnight(session, district_id=district or 0, now=now)
    return lambda scan: (scan.site_id == site_id, scan.occurred_at >= midnight)


def _load_voided(session: Session, targets: sa.ColumnElement[bool]) -> set[uuid.UUID]:
    """The scans taken out of the story among those that `targets` (a condition on Target) finds.

    One statement where nothing was voided; one more for each further link of a chain of voids.
    """
    events: dict[uuid.UUID, Event] = {}
    found = _voids_with_targets(session, targets)
    while fresh := {row[0]: event_from_row(row) for row in found if row[0] not in events}:
        events |= fresh
        found = _voids_with_targets(session, Target.id.in_(list(fresh)))
    return voided_ids(list(events.values()))


def _voids_with_targets(session: Session, targets: sa.ColumnElement[bool]) -> Sequence[Any]:
    """The voids of these targets, and the targets that were voided."""
    pairs = (
        sa.select(Scan.id.label("void"), Target.id.label("target"))
        .join(Target, Target.id == Scan.of)
        .where(Scan.action == Action.VOID, targets)
    )
    ids = {scan for pair in session.execute(pairs) for scan in pair}
    if not ids:
        return ()
    return session.execute(sa.select(*EVENT_COLUMNS).where(Scan.id.in_(ids))).all()
