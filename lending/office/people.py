"""A resident at the officer's desk: found by the full contact only, every look logged."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.judge import BorrowerFile
from lending.loop.loans.due import load_terms
from lending.loop.read.loans import LoansOfResident, loans_of_resident
from lending.loop.read.paging import KeyPart
from lending.loop.tables import Forgiveness
from lending.loop.write.load import load_borrower_files
from lending.office.loan_story import NoticeLine, notices_of
from lending.people.access_log import Access, record_access
from lending.people.actors import Actor
from lending.people.borrowers import find_resident
from lending.people.cards import CardView, find_card_owner, list_cards_of
from lending.people.claims import CardClaim, read_borrower
from lending.people.contacts import Contact
from lending.people.keys import Keys
from lending.people.profile import Profile, load_profile
from lending.people.tables import Resident
from lending.places.texts import Problem, read_text


@dataclass(frozen=True, slots=True)
class Look:
    """A look at a resident's data: from which address, and why."""

    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class ResidentView:
    """All an officer sees of a resident; `paused`: nothing new is lent to them now."""

    profile: Profile
    loans: LoansOfResident
    forgiven: frozenset[uuid.UUID]
    notices: list[NoticeLine]
    cards: list[CardView]
    paused: bool


def look_up_resident(
    session: Session, *, keys: Keys, text: str, look: Look, actor: Actor, now: datetime
) -> uuid.UUID | None:
    """The resident with this full contact, or the holder of this card; None when there is none.

    The search is logged whether it found somebody or not, and never what was typed. INVALID names
    the field: `contact` for what is neither, `reason` for none.
    """
    reason = read_text(look.reason, "reason", longest=500)
    claim = read_borrower(text)
    found: uuid.UUID | None = None
    match claim:
        case Contact():
            found = find_resident(session, keys=keys, district_id=actor.district_id, contact=claim)
        case CardClaim():
            found = _holder(session, actor.district_id, claim.code)
        case _:
            raise LendingError(Code.INVALID, field="contact")
    access = Access(look.address, "search", found, reason)
    record_access(session, actor=actor, access=access, now=now)
    return found


def view_resident(
    session: Session,
    *,
    keys: Keys,
    resident_id: uuid.UUID,
    look: Look,
    actor: Actor,
    now: datetime,
    after: Sequence[KeyPart] | None = None,
) -> ResidentView:
    """A resident's page, logged in the same transaction; NOT_FOUND outside the officer's district.

    `after`: the cursor of the history. A handful of statements.
    """
    check_resident(session, actor=actor, resident_id=resident_id)
    access = Access(look.address, "resident", resident_id, look.reason)
    record_access(session, actor=actor, access=access, now=now)
    loans = loans_of_resident(session, resident_id=resident_id, after=after)
    profile = load_profile(session, keys=keys, resident_id=resident_id)
    lends = [loan.id for loan in loans.open]
    return ResidentView(
        profile=profile,
        loans=loans,
        forgiven=frozenset(
            session.scalars(sa.select(Forgiveness.lend_id).where(Forgiveness.lend_id.in_(lends)))
        ),
        notices=notices_of(session, lends),
        cards=list_cards_of(session, resident_id=resident_id),
        paused=_is_paused(session, actor.district_id, profile, now),
    )


def check_resident(session: Session, *, actor: Actor, resident_id: uuid.UUID) -> None:
    """NOT_FOUND (field resident) unless the resident is of the officer's district."""
    district = session.scalar(sa.select(Resident.district_id).where(Resident.id == resident_id))
    if district != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="resident")


def check_card_of(session: Session, *, resident_id: uuid.UUID, district_id: int, card: str) -> None:
    """NOT_FOUND (field old) unless the card is this resident's."""
    if _holder(session, district_id, card) != resident_id:
        raise LendingError(Code.NOT_FOUND, field="old", detail=Problem.NOBODYS)


def _holder(session: Session, district_id: int, card: str) -> uuid.UUID | None:
    try:
        return find_card_owner(session, district_id=district_id, card=card)
    except LendingError:
        return None


def _is_paused(session: Session, district_id: int, profile: Profile, now: datetime) -> bool:
    file = BorrowerFile(profile.confirmed, profile.contact is not None)
    load_borrower_files(session, {profile.resident_id: file}, [])
    return file.is_paused(now, load_terms(session, district_id).at(None, now))
