"""Printed cards for people without a smartphone: blank until the first scan, replaced, revoked."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.people.members import make_card_code, read_card_code
from lending.people.tables import Card, Resident
from lending.places.texts import Problem

MOST = 1000


@dataclass(frozen=True, slots=True)
class CardView:
    """A card as officers see it: blank, bound, or revoked; never whose it is."""

    id: int
    code: str
    printed_at: datetime
    bound_at: datetime | None
    revoked_at: datetime | None


def print_cards(session: Session, *, district_id: int, count: int, now: datetime) -> list[str]:
    """The codes of `count` new blank cards (1 to 1,000)."""
    if not 1 <= count <= MOST:
        raise LendingError(Code.INVALID, field="count", detail=Problem.OUT_OF_RANGE)
    cards = [
        Card(district_id=district_id, code=make_card_code(), printed_at=now) for _ in range(count)
    ]
    session.add_all(cards)
    session.flush()
    return [card.code for card in cards]


def bind_card(
    session: Session, *, district_id: int, card: str, resident_id: uuid.UUID, now: datetime
) -> None:
    """Binds a blank card to a known resident; NOT_FOUND, or CONFLICT when it is not blank."""
    row = _lock(session, district_id, card)
    owner = session.scalar(
        sa.select(Resident.id).where(
            Resident.id == resident_id, Resident.district_id == district_id
        )
    )
    if owner is None:
        raise LendingError(Code.NOT_FOUND, field="resident")
    _bind_blank(session, row, owner, now)


def replace_card(session: Session, *, district_id: int, old: str, new: str, now: datetime) -> None:
    """In one step the blank card `new` takes over whose card `old` was, and `old` is revoked.

    NOT_FOUND for an unknown code, CONFLICT when `old` belongs to nobody or `new` is not blank.
    """
    lost, blank = _lock(session, district_id, old), _lock(session, district_id, new)
    if lost.resident_id is None:
        raise LendingError(Code.CONFLICT, field="old", detail=Problem.NOBODYS)
    _bind_blank(session, blank, lost.resident_id, now)
    lost.revoked_at = lost.revoked_at or now
    session.flush()


def revoke_card(session: Session, *, district_id: int, card: str, now: datetime) -> None:
    """Ends a card for ever; its owner's loans stay. NOT_FOUND for an unknown code."""
    row = _lock(session, district_id, card)
    row.revoked_at = row.revoked_at or now
    session.flush()


def find_card_owner(session: Session, *, district_id: int, card: str) -> uuid.UUID | None:
    """Whose card it is (also of a revoked one); None for a blank one. NOT_FOUND."""
    query = sa.select(Card.resident_id).where(
        Card.district_id == district_id, Card.code == read_card_code(card)
    )
    owners = session.scalars(query).all()
    if not owners:
        raise LendingError(Code.NOT_FOUND, field="card")
    return owners[0]


def list_cards(
    session: Session, *, district_id: int, before: int | None = None, limit: int = 100
) -> list[CardView]:
    """At most `limit` cards, the newest first, from the first below the id `before` on."""
    query = (
        sa.select(Card).where(Card.district_id == district_id).order_by(Card.id.desc()).limit(limit)
    )
    return _views(session, query if before is None else query.where(Card.id < before))


def list_cards_of(session: Session, *, resident_id: uuid.UUID) -> list[CardView]:
    """A resident's cards, the newest first."""
    query = sa.select(Card).where(Card.resident_id == resident_id)
    return _views(session, query.order_by(Card.id.desc()))


def _views(session: Session, query: sa.Select[Card]) -> list[CardView]:
    return [
        CardView(card.id, card.code, card.printed_at, card.bound_at, card.revoked_at)
        for card in session.scalars(query)
    ]


def _lock(session: Session, district_id: int, text: str) -> Card:
    query = sa.select(Card).where(
        Card.district_id == district_id, Card.code == read_card_code(text)
    )
    card = session.scalars(query.with_for_update()).one_or_none()
    if card is None:
        raise LendingError(Code.NOT_FOUND, field="card")
    return card


def _bind_blank(session: Session, card: Card, owner: uuid.UUID, now: datetime) -> None:
    if card.resident_id is not None or card.bound_at is not None or card.revoked_at is not None:
        raise LendingError(Code.CONFLICT, field="card", detail=Problem.NOT_BLANK)
    card.resident_id = owner
    card.bound_at = now
    session.flush()
