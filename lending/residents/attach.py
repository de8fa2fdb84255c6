"""“I have this cup”: a loan that nobody stands for becomes the loan of the resident who says so."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.loans.lent_for import OccasionKind
from lending.loop.loans.occasions import attach_occasion, occasion_of
from lending.loop.read.pieces import find_item
from lending.loop.steps import Gap
from lending.loop.tables import Item, Review, Scan, ScanBorrower
from lending.people.actors import Actor
from lending.people.borrowers import borrower_digest
from lending.people.keys import Keys
from lending.people.members import member_code
from lending.people.profile import load_profile

ATTACHED = "attached"


@dataclass(frozen=True, slots=True)
class _Lend:
    """The lend of an open loan as far as its borrower goes."""

    anonymous: bool  # lent without a borrower
    unresolved: bool  # lent to somebody the till could not make out


def attach_cup(session: Session, *, resident: Actor, code: str, keys: Keys, now: datetime) -> bool:
    """Whether the piece's open loan became the resident's; nothing of it may be shown to others.

    A delivery's comes with all that was delivered with it, whichever lid or bag was scanned. What is
    out for an event stays the hall's: no guest stands for it.
    A loan that is somebody's, was decided to be nobody's, or was lent to a person since erased stays
    as it is; one that was lent to nobody is so again when who said so is erased. INVALID or BAD_CHECK_DIGIT for what is no code, NOT_FOUND for an unknown one.
    """
    assert resident.resident_id is not None
    found = find_item(session, code=code, actor=None)
    lend_id = session.scalar(  # locked: of two residents who say it at once, one is taken
        sa.select(Item.loan_id)
        .where(Item.id == found.id, Item.district_id == resident.district_id)
        .with_for_update()
    )
    occasion = occasion_of(session, found.id)
    if occasion is not None and occasion.kind is OccasionKind.EVENT:
        return False
    if occasion is not None and occasion.kind is OccasionKind.ORDER:
        attached = attach_occasion(
            session, occasion_id=occasion.id, resident_id=resident.resident_id, keys=keys
        )
        return attached > 0
    lend = _lend_of(session, lend_id) if lend_id is not None else None
    if lend is None or lend_id is None:
        return False
    if lend.anonymous:
        profile = load_profile(session, keys=keys, resident_id=resident.resident_id)
        own = member_code(profile.secret, profile.number, now)
        row = ScanBorrower(
            scan_id=lend_id,
            district_id=resident.district_id,
            resident_id=resident.resident_id,
            digest=borrower_digest(keys, own),
        )
        session.add(row)
        session.flush()
        return True
    if not lend.unresolved:
        return False
    _resolve(session, lend_id, resident, now)
    return True


def _lend_of(session: Session, lend_id: object) -> _Lend | None:
    row = session.execute(
        sa.select(Scan.party, Scan.unresolved, ScanBorrower.scan_id, ScanBorrower.resident_id)
        .outerjoin(ScanBorrower, ScanBorrower.scan_id == Scan.id)
        .where(Scan.id == lend_id)
    ).one_or_none()
    if row is None or row.resident_id is not None:
        return None
    return _Lend(
        anonymous=row.scan_id is None and row.party is None and not row.unresolved,
        unresolved=row.scan_id is not None and row.unresolved,
    )


def _resolve(session: Session, lend_id: object, resident: Actor, now: datetime) -> None:
    """The till's riddle is solved: what it read is erased, and nobody needs to look at it."""
    session.execute(
        sa.update(ScanBorrower)
        .where(ScanBorrower.scan_id == lend_id)
        .values(resident_id=resident.resident_id, sealed=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        sa.update(Review)
        .where(
            Review.scan_id == lend_id,
            Review.subject == Gap.BORROWER_UNRESOLVED.value,
            Review.settled_at.is_(None),
        )
        .values(settled_at=now, settled_how=ATTACHED)
        .execution_options(synchronize_session=False)
    )
