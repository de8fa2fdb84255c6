"""What a resident has out: how long still, what may be done about it, and whether lending pauses."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.care.drop_views import ClaimView, Found, claims_of_loans, found_of_resident
from lending.loop.dropped import ClaimOutcome
from lending.loop.judge import BorrowerFile, pauses
from lending.loop.loans.due import load_terms
from lending.loop.loans.stopped import clock_stopped, is_with_us, word_waits
from lending.loop.read.loans import LoanLine, loans_of_resident
from lending.loop.tables import Item, Loan
from lending.loop.terms import TermBook, max_open
from lending.loop.write.load import load_borrower_files
from lending.people.actors import Actor
from lending.people.profile import Profile
from lending.places.districts import DistrictView

FOUND_SHOWN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class CupOut:
    """A cup that is out. `days_left`: local days until the due day, negative when it has passed and
    its clock runs.

    `claim`: the last word about it, if any. `checking`: what was said of it, here or through a
    message's link, waits, or a courier has it or is late. `extension_days`: how many days an extension would add, 0 when there is
    none to be had. `pauses`: it stops new loans.
    """

    loan: LoanLine
    days_left: int
    claim: ClaimView | None
    checking: bool
    extension_days: int
    pauses: bool

    @property
    def not_found(self) -> bool:
        """Whether it was said to be back, and looked for in vain."""
        return self.claim is not None and self.claim.outcome is ClaimOutcome.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Standing:
    """All cups out, the soonest due first, and how many more may be borrowed now; `found`: cups
    said to be back and seen in the last days."""

    cups: list[CupOut]
    found: list[Found]
    most: int
    counted: int

    @property
    def paused(self) -> bool:
        return any(cup.pauses for cup in self.cups)

    @property
    def free(self) -> int:
        return 0 if self.paused else max(0, self.most - self.counted)


def load_standing(
    session: Session, *, resident: Actor, profile: Profile, district: DistrictView, now: datetime
) -> Standing:
    """The resident's cups and limits as the till would judge them now; a handful of statements."""
    resident_id = profile.resident_id
    lines = loans_of_resident(session, resident_id=resident_id, limit=1).open
    file = BorrowerFile(confirmed=profile.confirmed, has_contact=profile.contact is not None)
    load_borrower_files(session, {resident_id: file}, [])
    terms = load_terms(session, resident.district_id)
    lends = [line.id for line in lines]
    facts, claims = _facts_of(session, lends), claims_of_loans(session, lends)
    cups = [
        _cup(line, facts[line.id], claims.get(line.id), file, terms, district.zone, now)
        for line in lines
    ]
    found = found_of_resident(session, resident_id=resident_id, since=now - FOUND_SHOWN)
    most = max_open(terms.at(None, now), confirmed=file.confirmed, has_contact=file.has_contact)
    return Standing(cups, found, most=most, counted=file.open_count())


def kept_days(session: Session, *, district_id: int, now: datetime) -> int:
    """For how many days after a return it is kept who had borrowed the cup."""
    return load_terms(session, district_id).at(None, now).retention_days


def _cup(
    line: LoanLine,
    facts: tuple[int, bool, bool],
    claim: ClaimView | None,
    file: BorrowerFile,
    terms: TermBook,
    zone: ZoneInfo,
    now: datetime,
) -> CupOut:
    kind_id, checking, stands = facts
    days = (line.due_at.astimezone(zone).date() - now.astimezone(zone).date()).days
    own = terms.at(kind_id, now)
    extendable = now <= line.due_at and line.extensions < own.extensions
    loan = file.loans.get(line.id)
    return CupOut(
        loan=line,
        days_left=max(days, 0) if stands else days,
        claim=claim,
        checking=checking,
        extension_days=own.extension_days if extendable else 0,
        pauses=loan is not None and pauses(loan, now, terms.at(None, now)),
    )


def _facts_of(
    session: Session, loan_ids: list[uuid.UUID]
) -> dict[uuid.UUID, tuple[int, bool, bool]]:
    """(kind id, whether it is being looked into, whether its clock stands) of each loan; one
    statement."""
    checking = sa.or_(word_waits(Loan.id), is_with_us(Loan.id))
    query = (
        sa.select(Loan.id, Item.kind_id, checking, clock_stopped(Loan.id))
        .join(Item, Item.id == Loan.item_id)
        .where(Loan.id.in_(loan_ids))
    )
    return {row[0]: (row[1], bool(row[2]), bool(row[3])) for row in session.execute(query)}
