"""Crates go out to an event under somebody's hand, and come back sealed or opened."""

import uuid
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows
from lending.db import table_of
from lending.errors import Code, LendingError
from lending.events.crates.bringing import signed_by, view_one
from lending.events.crates.follow import follow_crates
from lending.events.crates.ledger import hand_counted, refuse_unclean, staff_of, take_counted_back
from lending.events.crates.undoing import record_one, void_lend
from lending.events.reading import stage_of
from lending.events.rights import check_hall, get_event
from lending.events.tables import CrateSeal, Event, EventCrate, EventLine
from lending.events.values import BackHow, EventCrateView, HandOutIn, Stage
from lending.loop.scans import ScanIn
from lending.loop.steps import Action, State
from lending.loop.tables import Item, Loan, Scan
from lending.loop.write.load import take_crate_turn
from lending.people.actors import Actor
from lending.people.keys import Keys
from lending.places.sites import load_sites
from lending.places.texts import read_text
from lending.requests.acting import SYSTEM, signature
from lending.wares.balances import crate_contents
from lending.wares.crates import CrateView, find_crate

LONGEST_SEAL = 40
TOO_LATE = frozenset({Stage.CANCELLED, Stage.SETTLED, Stage.COUNTED})


def hand_out(
    session: Session, hand: HandOutIn, *, actor: Actor, keys: Keys, now: datetime
) -> EventCrateView:
    """A crate goes out to an event: it and every piece in it are lent to the event, its counted ware
    with them. The same again changes nothing.

    NOT_FOUND (event, crate), NOT_ALLOWED_HERE (site), INVALID (signed, seal; crate: none), what a
    till is told of a crate or a piece in it (ALREADY_LENT, NOT_CLEAN, HELD, RETIRED). Where it is
    asked: CONFLICT (event, its stage) for one that is over or counted, CONFLICT (crate: `empty`),
    CONFLICT (seal) where another seal is known to be on the crate, NOT_CLEAN (crate) for counted ware that is not clean.
    """
    signed = signed_by(hand.signed)
    event = get_event(session, event_id=hand.event_id, actor=actor, lock=True)
    check_hall(event.site_id, actor)
    known = session.get(EventCrate, hand.id)
    if known is not None:
        if known.event_id != event.id:
            raise LendingError(Code.ID_REUSED, field="id")
        return view_one(session, known.id)
    take_crate_turn(session, actor.district_id)
    crate = find_crate(session, code=hand.crate, actor=actor)
    seal = _seal_of(session, hand, crate)
    if hand.ask:
        _refuse(session, event, crate)
    hall = load_sites(session, site_ids=[event.site_id])[event.site_id]
    scan = ScanIn(
        hand.id, Action.LEND, crate.code, hand.at, ask=hand.ask, site=hall.code, occasion=event.id,
        staff_id=staff_of(actor),
    )  # fmt: skip
    record_one(session, scan, actor, keys, now)
    follow_crates(session, district_id=actor.district_id, crate_ids=[crate.id], now=now)
    row = _write(session, hand, event, crate, seal, signed, actor, now)
    if row.back_how is not BackHow.UNDONE:
        counted = hand_counted(
            session, crate_id=crate.id, hand_id=hand.id, at=row.handed_at, actor=actor, now=now
        )
        _write_lines(session, row.id, counted)
    return view_one(session, row.id)


def undo_hand_out(
    session: Session, *, event_crate_id: uuid.UUID, actor: Actor, keys: Keys, now: datetime
) -> EventCrateView:
    """The hand-out was a mistake: the crate is in the hall's store as before. Again: nothing changes.

    NOT_FOUND (crate), NOT_ALLOWED_HERE (site), CONFLICT (crate) for one that is back or counted.
    """
    row = session.get(EventCrate, event_crate_id)
    if row is None or row.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="crate")
    event = get_event(session, event_id=row.event_id, actor=actor, lock=True)
    check_hall(event.site_id, actor)
    session.refresh(row, with_for_update=True)
    if row.back_how is BackHow.UNDONE:
        return view_one(session, row.id)
    if row.back_at is not None or row.counted_in is not None:
        raise LendingError(Code.CONFLICT, field="crate", detail=row.back_how or "counted")
    void_lend(session, row, id=uuid.uuid5(row.id, "undone"), at=now, keys=keys, now=now)
    row.back_how, row.back_at, row.back_by = BackHow.UNDONE, now, signature(actor)
    session.flush()
    take_counted_back(
        session, hand_id=row.id, district_id=row.district_id, at=row.handed_at, now=now,
        staff_id=staff_of(actor),
    )  # fmt: skip
    return view_one(session, row.id)


def _seal_of(session: Session, hand: HandOutIn, crate: CrateView) -> str:
    query = sa.select(CrateSeal.number).where(
        CrateSeal.crate_id == crate.id, CrateSeal.broken_at.is_(None)
    )
    known = session.scalar(query)
    if hand.seal is None:
        return known or ""
    read = read_text(hand.seal, "seal", longest=LONGEST_SEAL, empty=True)
    if hand.ask and known is not None and read != known:
        raise LendingError(Code.CONFLICT, field="seal", detail=known)
    return read


def _refuse(session: Session, event: Event, crate: CrateView) -> None:
    stage = stage_of(session, event_id=event.id)
    if stage in TOO_LATE:
        raise LendingError(Code.CONFLICT, field="event", detail=stage)
    refuse_unclean(session, crate_id=crate.id, district_id=event.district_id)
    inside = crate_contents(session, crate_ids=[crate.id])
    if crate.state is not State.LENT and not any(line.quantity > 0 for line in inside):
        raise LendingError(Code.CONFLICT, field="crate", detail="empty")


def _write(
    session: Session,
    hand: HandOutIn,
    event: Event,
    crate: CrateView,
    seal: str,
    signed: str,
    actor: Actor,
    now: datetime,
) -> EventCrate:
    """The row of a hand-out just recorded. Where word of it came late, its crate is back since, or
    stands in another hand-out's name."""
    handed_at = session.scalars(sa.select(Scan.occurred_at).where(Scan.id == hand.id)).one()
    loan = session.execute(
        sa.select(Loan.id, Loan.closed_at).where(Loan.id == hand.id)
    ).one_or_none()
    row = EventCrate(
        id=hand.id, district_id=event.district_id, event_id=event.id, crate_id=crate.id, seal=seal,
        signed=signed, handed_at=handed_at, handed_by=signature(actor), recorded_at=now,
        top_up=_is_top_up(session, event, handed_at),
    )  # fmt: skip
    if loan is None:  # lent twice to one event, or taken back before it came
        row.back_how, row.back_at, row.back_by = BackHow.UNDONE, now, SYSTEM
    elif loan.closed_at is not None:
        row.back_how, row.back_at, row.back_by = BackHow.SEEN, loan.closed_at, SYSTEM
    session.add(row)
    session.execute(
        sa.update(CrateSeal)
        .where(CrateSeal.crate_id == crate.id, CrateSeal.broken_at.is_(None))
        .values(event_id=None)
        .execution_options(synchronize_session=False)
    )
    session.flush()
    return row


def _is_top_up(session: Session, event: Event, at: datetime) -> bool:
    """Whether an event that is on already gets a further crate."""
    before = sa.select(EventCrate.id).where(
        EventCrate.event_id == event.id, EventCrate.handed_at < at
    )
    return at >= event.from_at and session.scalar(before.limit(1)) is not None


def _write_lines(session: Session, id: uuid.UUID, counted: Mapping[int, int]) -> None:
    """What was in the crate when it was handed out, as it is known now."""
    carried = (
        sa.select(Item.kind_id, sa.func.count())
        .select_from(Item)
        .join(Scan, Scan.item_id == Item.id)
        .where(Scan.of == id, Scan.action == Action.LEND)
        .group_by(Item.kind_id)
    )
    tracked: dict[int, int] = {row[0]: row[1] for row in session.execute(carried)}
    rows = [
        {
            "event_crate_id": id, "kind_id": kind, "tracked": tracked.get(kind, 0),
            "counted": counted.get(kind, 0),
        }
        for kind in sorted(tracked.keys() | counted.keys())
    ]  # fmt: skip
    insert_rows(session, table_of(EventLine), rows)
