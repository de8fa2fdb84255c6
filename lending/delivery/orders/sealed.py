"""What may be kept of an orderer, sealed: a safe number for hours, a platform's own sign."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.tables import ContactKind, Order
from lending.errors import Code, LendingError
from lending.loop.loans.occasions import attach_occasion, loans_of
from lending.loop.loans.stopped import lock_pieces
from lending.loop.tables import Loan, ScanBorrower
from lending.people.borrowers import drop_unused, resolve_borrower
from lending.people.contacts import BadContact, SafeNumber, read_contact
from lending.people.keys import Keys
from lending.people.sealing import seal, unseal
from lending.places.texts import Problem, read_text

SAFE_FOR = timedelta(hours=3)  # domain.md §5: a safe number is somebody else's soon after
LONGEST = 200
_NUMBER = re.compile(r"[+]?[0-9() .\-]{5,}")


@dataclass(frozen=True, slots=True)
class Orderer:
    """What was told of an orderer: of which kind, and the text as it is to be kept."""

    kind: ContactKind
    text: str


def read_orderer(text: str, *, token: bool = False) -> Orderer:
    """What a text names: a contact of somebody's own, a safe number, or a platform's sign.

    INVALID (contact) for what looks like a number and is none, or for an empty text. `token`: it is
    a sign whatever it looks like.
    """
    text = read_text(text, "contact", longest=LONGEST)
    if token:
        return Orderer(ContactKind.TOKEN, text)
    try:
        return Orderer(ContactKind.PHONE, read_contact(text).normal)
    except SafeNumber:
        return Orderer(ContactKind.SAFE, re.sub(r"[^0-9]", "", text))
    except BadContact as error:
        if _NUMBER.fullmatch(text):
            raise LendingError(
                Code.INVALID, field="contact", detail=Problem.OUT_OF_RANGE
            ) from error
    return Orderer(ContactKind.TOKEN, text)


def keep_contact(
    session: Session, order: Order, orderer: Orderer, *, at: datetime, keys: Keys, now: datetime
) -> None:
    """Keeps what was told of the orderer as long as it may be kept; what was said last counts.

    A contact of their own makes what is lent for the order theirs (at once, or when it is packed)
    and is not kept here; a safe number is, for three hours from `at`, and makes nobody a resident.
    """
    if order.contact_at is not None and order.contact_at > at:
        return
    order.contact_at = at
    order.contact_kind, order.contact_sealed, order.contact_until = orderer.kind, None, None
    if orderer.kind is ContactKind.SAFE:
        order.contact_until = at + SAFE_FOR
    over = order.closed_at is not None  # told when all was back: nothing is kept any more
    if over or (order.contact_until and order.contact_until <= now):
        session.flush()
        return
    order.contact_sealed = seal(keys, orderer.text, about=_about(order.id))
    session.flush()
    hand_over(session, order, keys=keys, now=now)


def hand_over(session: Session, order: Order, *, keys: Keys, now: datetime) -> None:
    """What is lent for an order whose orderer is known becomes theirs; what is somebody's stays.

    For pieces packed after the contact was told as well: whose the first is, theirs are the others.
    """
    if order.contact_kind is not ContactKind.PHONE or order.occasion_id is None:
        return
    loans = loans_of(session, [order.occasion_id])[order.occasion_id]
    pieces = [loan.item_id for loan in loans if loan.closed_at is None and not loan.carrier]
    if not pieces:
        return
    lock_pieces(session, pieces)  # before the resident, as the writer does
    resident, created = _whose(session, order, keys, now)
    if resident is None:
        return
    taken = attach_occasion(session, occasion_id=order.occasion_id, resident_id=resident, keys=keys)
    if not taken and created:
        drop_unused(session, [resident])
    order.contact_sealed = None
    session.flush()


def load_contact(order: Order, *, keys: Keys, now: datetime) -> str | None:
    """The safe number or sign as long as it is kept, else None."""
    if order.contact_sealed is None or (order.contact_until and order.contact_until <= now):
        return None
    return unseal(keys, order.contact_sealed, about=_about(order.id))


def reseal(keys: Keys, sealed: bytes, before: uuid.UUID, after: uuid.UUID) -> bytes:
    """What was sealed about one order, sealed about another."""
    return seal(keys, unseal(keys, sealed, about=_about(before)), about=_about(after))


def _whose(
    session: Session, order: Order, keys: Keys, now: datetime
) -> tuple[uuid.UUID | None, bool]:
    """(the orderer, whether they were made just now)."""
    if order.contact_sealed is not None:
        text = unseal(keys, order.contact_sealed, about=_about(order.id))
        found = resolve_borrower(
            session, text, keys=keys, district_id=order.district_id, read_at=now, now=now
        )
        return (None, False) if found is None else (found.resident_id, found.created)
    known = (
        sa.select(ScanBorrower.resident_id)
        .join(Loan, Loan.id == ScanBorrower.scan_id)
        .where(Loan.occasion_id == order.occasion_id, ScanBorrower.resident_id.is_not(None))
        .order_by(Loan.opened_at, Loan.id)
    )
    return session.scalars(known.limit(1)).first(), False


def _about(order_id: uuid.UUID) -> str:
    return f"delivery_order:{order_id}"
