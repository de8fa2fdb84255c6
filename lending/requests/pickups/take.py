"""The courier at the door: planned onto a round, taken, or nothing found; two couriers, one taking."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.clock import moment_told
from lending.loop.codes import read_code
from lending.loop.record import record_scans
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action
from lending.loop.tables import Item, Label
from lending.people.actors import Actor
from lending.people.keys import Keys
from lending.people.upserts import insert_or
from lending.places.sites import load_sites
from lending.requests.acting import signature
from lending.requests.pickups.clocks import stop_taken
from lending.requests.pickups.subjects import open_lends
from lending.requests.pickups.tables import Ending, Pickup, PickupLoan, PickupVisit
from lending.requests.round_tables import waits_for_round

CALLED_OFF = (Ending.CANCELLED, Ending.REFUSED)


@dataclass(frozen=True, slots=True)
class Take:
    """A record of taking. `at`, `sent_at`, `clock_error` and `clock_lost` by the phone's clock;
    `codes`: lids and bags scanned, each collected here, the first under the record's own id; `bag`:
    one whose move the caller records."""

    id: uuid.UUID
    pickup_id: uuid.UUID
    at: datetime
    sent_at: datetime
    round_id: uuid.UUID | None = None
    codes: tuple[str, ...] = ()
    bag: str | None = None
    seq: int | None = None
    clock_error: float | None = None
    clock_lost: bool = False


@dataclass(frozen=True, slots=True)
class Took:
    """Whose taking counts: when and by whom. `mine` False: somebody else was first, and what was
    scanned is recorded all the same. `pickup_id`: the request it went to."""

    pickup_id: uuid.UUID
    mine: bool
    taken_at: datetime
    taken_by: str


def plan_pickups(
    session: Session,
    *,
    pickup_ids: Collection[uuid.UUID],
    round_id: uuid.UUID | None,
    today: date,
) -> list[uuid.UUID]:
    """Gives those of these requests that wait to a round, or takes them off theirs (None); which
    were. One that is taken, ended, the officer's or on another round to come stays as it is."""
    waiting: list[sa.ColumnElement[bool]] = [
        Pickup.id.in_(pickup_ids),
        Pickup.closed_at.is_(None),
        Pickup.taken_at.is_(None),
        Pickup.to_officer_at.is_(None),
    ]
    if round_id is not None:
        waiting.append(sa.or_(Pickup.round_id == round_id, waits_for_round(Pickup.round_id, today)))
    query = sa.select(Pickup).where(*waiting).order_by(Pickup.id).with_for_update()
    rows = session.scalars(query.execution_options(populate_existing=True)).all()
    for row in rows:
        row.round_id = round_id
    session.flush()
    return [row.id for row in rows]


def take_pickup(session: Session, take: Take, *, actor: Actor, keys: Keys, now: datetime) -> Took:
    """Everything of the request is with the courier: the clocks of all its loans stand, whatever
    the bag holds; pieces close when the centre receives them. Told again, it is the same; the first
    of two couriers has taken it. What ended before by a cancelling is open again.

    NOT_FOUND (pickup), ID_REUSED (id); and what the writer refuses of the codes.
    """
    row = _lock_standing(session, take, actor)
    _collect(session, take, row, actor=actor, keys=keys, now=now)
    visit = _note_visit(session, take, row, by=signature(actor), now=now)
    if row.taken_at is None and visit.undone_at is None and is_takeable(row):
        set_taken(session, row, visit, now=now)
    if row.taken_by == visit.by and row.bag_id is None:
        row.bag_id = _carrier_of(session, take, actor)
    session.flush()
    by = row.taken_by or row.closed_by or visit.by
    return Took(row.id, by == visit.by, row.taken_at or row.closed_at or visit.at, by)


def set_taken(session: Session, row: Pickup, visit: PickupVisit, *, now: datetime) -> None:
    """This visit is the one that counts."""
    row.closed_at = row.closed_by = row.ending = None
    row.reason = ""
    row.taken_id, row.taken_at, row.taken_by = visit.id, visit.at, visit.by
    row.to_officer_at = row.to_officer_why = None
    session.flush()
    _add_late_lends(session, row)
    stop_taken(session, row=row, now=now)


def is_takeable(row: Pickup) -> bool:
    """Whether a courier's word still counts: not of what came in by another way, or was decided."""
    return row.closed_at is None or row.ending in CALLED_OFF


def find_pickup(session: Session, *, pickup_id: uuid.UUID, actor: Actor) -> Pickup:
    """The request, locked; NOT_FOUND (pickup) for one that is unknown or another district's."""
    row = session.get(Pickup, pickup_id, with_for_update=True, populate_existing=True)
    if row is None or row.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="pickup")
    return row


def _lock_standing(session: Session, take: Take, actor: Actor) -> Pickup:
    """The request; where it was called off and asked for anew since, the new one."""
    row = find_pickup(session, pickup_id=take.pickup_id, actor=actor)
    if row.taken_at is None and row.ending in CALLED_OFF:
        query = sa.select(Pickup).where(
            Pickup.subject_key == row.subject_key, Pickup.closed_at.is_(None)
        )
        return session.scalars(query.with_for_update()).one_or_none() or row
    return row


def _note_visit(
    session: Session, take: Take, row: Pickup, *, by: str, now: datetime
) -> PickupVisit:
    """Each visit is kept, also that of a second courier. `at`: by the corrected clock."""
    known = session.get(PickupVisit, take.id)
    if known is not None:
        if (known.pickup_id, known.taken) not in {(row.id, True), (take.pickup_id, True)}:
            raise LendingError(Code.ID_REUSED, field="id")
        return known
    visit = PickupVisit(
        id=take.id, pickup_id=row.id, round_id=take.round_id, taken=True,
        at=moment_told(take, now=now), by=by, recorded_at=now,
    )  # fmt: skip
    session.add(visit)
    session.flush()
    return visit


def _collect(
    session: Session, take: Take, row: Pickup, *, actor: Actor, keys: Keys, now: datetime
) -> None:
    """What was scanned was there: a sighting, whoever has taken the request."""
    if not take.codes:
        return
    shop = load_sites(session, site_ids=[row.site_id])[row.site_id].code
    scans = [
        ScanIn(
            uuid.uuid5(take.id, code) if number else take.id, Action.COLLECT, code, take.at,
            site=shop, seq=take.seq, clock_error=take.clock_error, clock_lost=take.clock_lost,
        )
        for number, code in enumerate(take.codes)
    ]  # fmt: skip
    receipts = record_scans(session, scans, actor=actor, keys=keys, now=now, sent_at=take.sent_at)
    for receipt in receipts:
        if receipt.result is Result.REFUSED:
            raise LendingError(receipt.error or Code.INVALID, field=receipt.field or "code")


def _carrier_of(session: Session, take: Take, actor: Actor) -> int | None:
    """The first crate or bag of what was scanned."""
    codes = [read_code(code) for code in (*take.codes, *([take.bag] if take.bag else ()))]
    query = (
        sa.select(Item.id)
        .join(Label, Label.item_id == Item.id)
        .where(Label.code.in_(codes), Item.carrier, Item.district_id == actor.district_id)
    )
    return session.scalar(query.order_by(Item.id).limit(1)) if codes else None


def _add_late_lends(session: Session, row: Pickup) -> None:
    """Lends of the order that were told only after it was asked for belong to it as well."""
    if row.occasion_id is None:
        return
    rows = [
        {"pickup_id": row.id, "lend_id": lend.lend_id, "item_id": lend.item_id}
        for lend in open_lends(session, occasion_id=row.occasion_id)
    ]
    if rows:
        session.execute(insert_or(session, PickupLoan).on_conflict_do_nothing(), rows)
