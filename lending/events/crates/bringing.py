"""Crates come back from an event to the hall: unopened under their seal, or opened."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.events.crates.ledger import staff_of, take_counted_back
from lending.events.crates.undoing import record_one, void_lend
from lending.events.reading import view_crates
from lending.events.rights import check_hall, get_event
from lending.events.tables import CrateSeal, Event, EventCrate
from lending.events.values import BackHow, BackIn, EventCrateView
from lending.loop.scans import ScanIn
from lending.loop.steps import Action
from lending.loop.tables import Item, Loan, Scan
from lending.loop.write.load import take_crate_turn
from lending.people.actors import Actor
from lending.people.keys import Keys
from lending.places.sites import load_sites
from lending.places.texts import read_text
from lending.requests.acting import signature
from lending.wares.crates import CrateView, find_crate

LONGEST_NAME = 40


def bring_back(
    session: Session, back: BackIn, *, actor: Actor, keys: Keys, now: datetime
) -> EventCrateView:
    """A crate comes back to its hall. Unopened, it is clean in the hall's store, as if it had never
    been out, and may go to another room; opened, it is returned and waits to be collected and
    counted. The same again changes nothing.

    NOT_FOUND (crate), NOT_ALLOWED_HERE (site), INVALID (signed; seal: it had none), CONFLICT (crate:
    `not_out`; `opened`: a piece of it was seen since), CONFLICT (seal) where another is on it.
    """
    signed = signed_by(back.signed)
    if (known := _brought_back(session, back.id)) is not None:
        return view_one(session, known)
    crate = find_crate(session, code=back.crate, actor=actor)
    try:
        row, event = _out_row(session, crate, actor, back.sealed)
    except LendingError:
        if (known := _brought_back(session, back.id)) is None:
            raise
        return view_one(session, known)  # the same was told at the same moment
    take_crate_turn(session, actor.district_id)
    if back.sealed:
        _refuse_unsealed(session, row, back)
        void_lend(session, row, id=back.id, at=back.at, keys=keys, now=now)
        row.back_how, row.back_at = BackHow.SEALED, min(back.at, now)
    else:
        hall = load_sites(session, site_ids=[event.site_id])[event.site_id]
        scan = ScanIn(
            back.id, Action.RETURN, crate.code, back.at, site=hall.code, staff_id=staff_of(actor)
        )
        record_one(session, scan, actor, keys, now)
        happened = sa.select(Scan.occurred_at).where(Scan.id == back.id)
        row.back_at, row.back_how = session.scalars(happened).one(), BackHow.OPENED
        break_seals(session, crate.id, actor, now)
    row.back_id, row.back_by, row.back_signed = back.id, signature(actor), signed
    session.flush()
    if back.sealed:
        take_counted_back(
            session, hand_id=row.id, district_id=row.district_id, at=row.handed_at, now=now,
            staff_id=staff_of(actor),
        )  # fmt: skip
    return view_one(session, row.id)


def _brought_back(session: Session, id: uuid.UUID) -> uuid.UUID | None:
    """The hand-out that this telling has ended."""
    return session.scalar(sa.select(EventCrate.id).where(EventCrate.back_id == id))


def signed_by(text: str) -> str:
    """Who signs for a crate, by role or initials; INVALID (signed)."""
    return read_text(text, "signed", longest=LONGEST_NAME)


def view_one(session: Session, id: uuid.UUID) -> EventCrateView:
    """A hand-out as it stands now."""
    query = sa.select(EventCrate, Item.code).select_from(EventCrate)
    query = query.join(Item, Item.id == EventCrate.crate_id)
    return view_crates(session, query.where(EventCrate.id == id))[0]


def break_seals(session: Session, crate_id: int, actor: Actor, now: datetime) -> None:
    """The crate's seal, if it has one, is broken."""
    session.execute(
        sa.update(CrateSeal)
        .where(CrateSeal.crate_id == crate_id, CrateSeal.broken_at.is_(None))
        .values(broken_at=now, broken_by=signature(actor))
        .execution_options(synchronize_session=False)
    )


def _out_row(
    session: Session, crate: CrateView, actor: Actor, sealed: bool
) -> tuple[EventCrate, Event]:
    """The hand-out that a crate comes back from, locked after its event. An opened one may have been
    seen elsewhere before word of its coming back arrives: the word then completes it."""
    hows: list[sa.ColumnElement[bool]] = [EventCrate.back_how.is_(None)]
    if not sealed:
        hows.append(EventCrate.back_how == BackHow.SEEN)
    query = (
        sa.select(EventCrate.id, EventCrate.event_id)
        .where(EventCrate.crate_id == crate.id, sa.or_(*hows))
        .where(EventCrate.back_id.is_(None))
        .order_by(EventCrate.back_at.is_not(None), EventCrate.handed_at.desc())
        .limit(1)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise LendingError(Code.CONFLICT, field="crate", detail="not_out")
    event = get_event(session, event_id=found.event_id, actor=actor, lock=True)
    check_hall(event.site_id, actor)
    row = session.get_one(EventCrate, found.id, with_for_update=True, populate_existing=True)
    if row.back_id is not None:
        raise LendingError(Code.CONFLICT, field="crate", detail="not_out")
    return row, event


def _refuse_unsealed(session: Session, row: EventCrate, back: BackIn) -> None:
    if not row.seal:
        raise LendingError(Code.INVALID, field="seal")
    if back.seal is not None and back.seal.strip() != row.seal:
        raise LendingError(Code.CONFLICT, field="seal", detail=row.seal)
    if row.counted_in is not None or row.back_at is not None:
        raise LendingError(Code.CONFLICT, field="crate", detail="not_out")
    seen = (
        sa.select(Loan.id)
        .join(Scan, Scan.id == Loan.id)
        .where(sa.or_(Scan.of == row.id, Scan.id == row.id), Loan.closed_at.is_not(None))
    )
    if session.scalar(seen.limit(1)) is not None:
        raise LendingError(Code.CONFLICT, field="crate", detail="opened")
