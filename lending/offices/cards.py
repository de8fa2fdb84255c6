"""Staff cards of departments: given, ended, and whose they are or were."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.offices.departments import get_department
from lending.offices.rights import check_officer, offices_seen
from lending.offices.tables import Department, StaffCard
from lending.people.actors import Actor
from lending.people.members import read_card_code
from lending.people.tables import Card
from lending.places.texts import Problem
from lending.requests.acting import signature


@dataclass(frozen=True, slots=True)
class CardView:
    """A staff card of a department; never whose it is."""

    code: str
    given_at: datetime
    ended_at: datetime | None


def give_card(
    session: Session, *, department_id: int, card: str, actor: Actor, now: datetime
) -> CardView:
    """A printed card borrows for this department from now on; the same again changes nothing.

    NOT_ALLOWED for all but officers; NOT_FOUND (department; card: none of this district, or
    revoked), CONFLICT (card) for another department's.
    """
    check_officer(actor)
    row = get_department(session, department_id=department_id, actor=actor, lock=True)
    code = _find_card(session, card, actor.district_id)
    known = session.get(StaffCard, code, with_for_update=True)
    if known is not None and known.department_id != row.id and known.ended_at is None:
        raise LendingError(Code.CONFLICT, field="card", detail=Problem.IN_USE)
    if known is None:
        known = StaffCard(code=code, district_id=actor.district_id)
        session.add(known)
    elif known.ended_at is None:
        return _card_view(known)
    known.department_id, known.given_at, known.given_by = row.id, now, signature(actor)
    known.ended_at = known.ended_by = None
    session.flush()
    return _card_view(known)


def end_card(session: Session, *, code: str, actor: Actor, now: datetime) -> None:
    """The card borrows for no department any more; what it has out stays. NOT_FOUND (card)."""
    check_officer(actor)
    row = session.get(StaffCard, read_card_code(code) or "", with_for_update=True)
    if row is None or row.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="card")
    if row.ended_at is None:
        row.ended_at, row.ended_by = now, signature(actor)
        session.flush()


def list_staff_cards(session: Session, *, department_id: int, actor: Actor) -> list[CardView]:
    """A department's cards, the latest first; at most 1,000. NOT_FOUND (department)."""
    get_department(session, department_id=department_id, actor=actor)
    query = sa.select(StaffCard).where(StaffCard.department_id == department_id)
    rows = session.scalars(query.order_by(StaffCard.given_at.desc(), StaffCard.code).limit(1000))
    return [_card_view(row) for row in rows]


def department_of_card(session: Session, *, card: str, actor: Actor) -> Department:
    """Whose staff borrow with this card; NOT_FOUND (card) for one that belongs to no department that
    is open, or has ended."""
    query = (
        sa.select(Department)
        .join(StaffCard, StaffCard.department_id == Department.id)
        .where(StaffCard.code == (read_card_code(card) or ""), StaffCard.ended_at.is_(None))
        .where(Department.active, Department.site_id.in_(offices_seen(actor)))
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="card")
    return row


def department_of_card_at(
    session: Session, *, card: str, at: datetime, actor: Actor
) -> Department | None:
    """Whose staff borrowed with this card at a moment, whatever became of card and department since;
    None where it was no department's then."""
    then = StaffCard.given_at <= at, sa.or_(StaffCard.ended_at.is_(None), StaffCard.ended_at > at)
    query = (
        sa.select(Department)
        .join(StaffCard, StaffCard.department_id == Department.id)
        .where(StaffCard.code == (read_card_code(card) or ""), *then)
        .where(Department.site_id.in_(offices_seen(actor)))
    )
    return session.scalars(query).one_or_none()


def _find_card(session: Session, card: str, district_id: int) -> str:
    code = read_card_code(card)
    query = sa.select(Card.code).where(
        Card.district_id == district_id, Card.code == (code or ""), Card.revoked_at.is_(None)
    )
    found = session.scalar(query)
    if found is None:
        raise LendingError(Code.NOT_FOUND, field="card")
    return found


def _card_view(row: StaffCard) -> CardView:
    return CardView(row.code, row.given_at, row.ended_at)
