"""Ware goes out of an office to a booking or a staff card, and comes back to it, by scan."""

import uuid
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.codes import read_code
from lending.loop.record import record_scans
from lending.loop.scans import Receipt, Result, ScanIn
from lending.loop.steps import Action
from lending.loop.system import system_actor
from lending.loop.tables import Item, Label, Loan, Scan
from lending.offices.bookings import get_booking
from lending.offices.cards import department_of_card, department_of_card_at
from lending.offices.rights import office_of
from lending.offices.tallies import remark_on
from lending.offices.values import Handed, HandIn
from lending.people.actors import Actor, ActorKind
from lending.people.keys import Keys
from lending.places.sites import load_sites


def hand_out(session: Session, hand: HandIn, *, actor: Actor, keys: Keys, now: datetime) -> Handed:
    """A piece, or a crate or bag with all that is in it, goes out to a booking, or a piece to who
    shows a department's card. Another kind than was booked, or more of it, goes out with a remark.
    The same again changes nothing.

    What a till is told of a piece or who shows a card (ALREADY_LENT, NOT_CLEAN, HELD, RETIRED,
    TOO_MANY_OPEN …); NOT_FOUND (booking; card, where it is asked), NOT_ALLOWED_HERE (site), CONFLICT
    (booking) for one that was called off or is over, INVALID (code: a crate by card; site).
    """
    if hand.card is not None:
        site, occasion = _by_card(session, hand, hand.card, actor)
    elif hand.booking_id is not None:
        site, occasion = _to_booking(session, hand, hand.booking_id, actor, now)
    else:
        raise LendingError(Code.INVALID, field="booking")
    scan = ScanIn(
        hand.id, Action.LEND, hand.code, hand.at, ask=hand.ask, occasion=occasion,
        borrower=hand.card, site=site, staff_id=_staff(actor),
    )  # fmt: skip
    handed = _handed(session, _record(session, scan, actor, keys, now), scan.code)
    remark = None
    if hand.card is None and occasion is not None:
        remark = remark_on(session, lend_id=hand.id, booking_id=occasion)
    return replace(handed, to_holder=occasion is None, remark=remark)


def _by_card(
    session: Session, hand: HandIn, card: str, actor: Actor
) -> tuple[str, uuid.UUID | None]:
    """The office and the occasion a card borrows for: a question by how the card stands now, a fact
    by how it stood then. None: what happened with a card of no department is its holder's loan."""
    if _is_carrier(session, read_code(hand.code)):
        raise LendingError(Code.INVALID, field="code")
    if hand.ask:
        department = department_of_card(session, card=card, actor=actor)
    else:
        found = department_of_card_at(session, card=card, at=hand.at, actor=actor)
        if found is None:
            return office_of(session, actor=actor, code=hand.site).code, None
        department = found
    return _code(session, department.site_id), department.cards_id


def _to_booking(
    session: Session, hand: HandIn, booking_id: uuid.UUID, actor: Actor, now: datetime
) -> tuple[str, uuid.UUID]:
    booking = get_booking(session, booking_id=booking_id, actor=actor)
    known = session.scalar(sa.select(Scan.id).where(Scan.id == hand.id))
    over = booking.cancelled_at is not None or booking.until_at < now
    if hand.ask and over and known is None:
        raise LendingError(Code.CONFLICT, field="booking")
    return _code(session, booking.site_id), booking.id


def _code(session: Session, site_id: int) -> str:
    return load_sites(session, site_ids=[site_id])[site_id].code


def bring_back(
    session: Session,
    *,
    id: uuid.UUID,
    code: str,
    at: datetime,
    site: str | None,
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> Handed:
    """A piece, crate or bag is back at the office, used, whoever had it; a fact. The same again
    changes nothing. A code that no piece has yet is kept (kind empty). Errors of `office_of`;
    INVALID or BAD_CHECK_DIGIT (code)."""
    office = office_of(session, actor=actor, code=site)
    scan = ScanIn(id, Action.RETURN, code, at, site=office.code, staff_id=_staff(actor))
    return _handed(session, _record(session, scan, actor, keys, now), scan.code)


def take_back_unused(
    session: Session,
    *,
    id: uuid.UUID,
    lend_id: uuid.UUID,
    booking_id: uuid.UUID,
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> None:
    """What was handed out by mistake, or came back unopened, is clean at the office as before, what
    is in a crate with it. Again: nothing changes.

    NOT_FOUND (booking, lend), CONFLICT (lend) when it, or a piece that went with it, is back, and
    for a piece that went with its crate.
    """
    booking = get_booking(session, booking_id=booking_id, actor=actor)
    if session.scalar(sa.select(Scan.id).where(Scan.id == id)) is not None:
        return
    mine = sa.or_(Scan.id == lend_id, Scan.of == lend_id)
    loans = (
        sa.select(Loan.id, Loan.closed_at, Item.code, Scan.crate_id)
        .join(Item, Item.id == Loan.item_id)
        .join(Scan, Scan.id == Loan.id)
        .where(Loan.occasion_id == booking.id, mine)
    )
    rows = {row.id: row for row in session.execute(loans)}
    if lend_id not in rows:
        raise LendingError(Code.NOT_FOUND, field="lend")
    if rows[lend_id].crate_id or any(row.closed_at is not None for row in rows.values()):
        raise LendingError(Code.CONFLICT, field="lend")
    site = load_sites(session, site_ids=[booking.site_id])[booking.site_id]
    scan = ScanIn(
        id, Action.VOID, rows[lend_id].code, now, site=site.code, of=lend_id,
        staff_id=_staff(actor),
    )  # fmt: skip
    _record(session, scan, system_actor(actor.district_id), keys, now)


def _record(session: Session, scan: ScanIn, actor: Actor, keys: Keys, now: datetime) -> Receipt:
    (receipt,) = record_scans(session, [scan], actor=actor, keys=keys, now=now)
    if receipt.result is Result.REFUSED:
        field = {"borrower": "card"}.get(receipt.field or "", receipt.field)
        raise LendingError(receipt.error or Code.INVALID, field=field or "code")
    return receipt


def _handed(session: Session, receipt: Receipt, code: str) -> Handed:
    item = receipt.item
    if item is None:  # kept under a code that is no piece's yet
        return Handed(read_code(code), "", False, 0, None)
    carrier = _is_carrier(session, item.code)
    return Handed(item.code, item.kind, carrier, receipt.carried, item.due_at)


def _is_carrier(session: Session, code: str) -> bool:
    query = sa.select(Item.carrier).join(Label, Label.item_id == Item.id)
    return bool(session.scalar(query.where(Label.code == code)))


def _staff(actor: Actor) -> int | None:
    return actor.id if actor.kind is ActorKind.STAFF else None
