"""What “I dropped it there” does: a borrower's word that stops the clock at once, and taking it back."""

import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows
from lending.db import fetch, table_of
from lending.errors import Code, LendingError
from lending.loop.care.drop_reviews import close_claim_reviews, open_claim_reviews
from lending.loop.dropped import ClaimOutcome, SaidBy
from lending.loop.loans.due import load_terms
from lending.loop.loans.stopped import lock_pieces
from lending.loop.tables import DropClaim, Loan, ScanBorrower
from lending.loop.terms import Terms
from lending.people.tables import Resident

# What says nothing against a borrower: the piece was seen, they were believed or took it back.
GOOD = (ClaimOutcome.CONFIRMED, ClaimOutcome.BELIEVED, ClaimOutcome.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Dropped:
    """What is said of cups: where (`site_id` None: none of our places, or not known), when, and by
    which way it came in; `note`: further words, never who said it."""

    site_id: int | None
    at: datetime
    by: SaidBy
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the word about one loan; `new` False when it was said before."""

    lend_id: uuid.UUID
    new: bool
    stops_clock: bool


def say_dropped(
    session: Session, *, lend_ids: Collection[uuid.UUID], dropped: Dropped, now: datetime
) -> list[Taken]:
    """Takes a claim for each of these loans that is still open; saying it again changes nothing.

    Its clock stops at once. Only from the third claim of a borrower in 90 days that nothing
    confirmed (numbers of the terms) it goes on, and the desk is asked at once instead. INVALID
    (field day) for a time before the lend or in the future. Locked like a scan, so that a
    write-off, a return or another claim comes before or after it, never in between.
    """
    loans = _lock_loans(session, lend_ids)
    if any(not loan.opened_at <= dropped.at <= now for loan in loans):
        raise LendingError(Code.INVALID, field="day")
    known = _open_claims_of(session, loans)
    fresh = [loan for loan in loans if loan.id not in known]
    if fresh:
        known |= _insert(session, fresh, dropped, now)
    new = {loan.id for loan in fresh}
    return [Taken(loan.id, loan.id in new, known[loan.id]) for loan in loans]


def say_one_dropped(
    session: Session, *, lend_id: uuid.UUID, dropped: Dropped, now: datetime
) -> Taken:
    """The same of one loan; of one that was closed meanwhile nothing is left to be said."""
    taken = say_dropped(session, lend_ids=[lend_id], dropped=dropped, now=now)
    return taken[0] if taken else Taken(lend_id, new=False, stops_clock=True)


def withdraw_claim(session: Session, *, lend_id: uuid.UUID, now: datetime) -> bool:
    """ "I have it after all": the clock goes on as if nothing had been said; False without a claim."""
    loans = _lock_loans(session, [lend_id])
    taken_back = sa.update(DropClaim).where(
        DropClaim.lend_id.in_([loan.id for loan in loans]), DropClaim.settled_at.is_(None)
    )
    rows = session.execute(
        taken_back.values(settled_at=now, outcome=ClaimOutcome.WITHDRAWN)
        .returning(DropClaim.id)
        .execution_options(synchronize_session=False)
    ).all()
    close_claim_reviews(session, [lend_id], now=now)
    return bool(rows)


def moment_of_day(day: date, *, zone: ZoneInfo, opened_at: datetime, now: datetime) -> datetime:
    """The moment meant by a local day: now for today, else its noon, never before the lend.

    INVALID (field day) for a day before the lend's or still to come.
    """
    today, lent_on = now.astimezone(zone).date(), opened_at.astimezone(zone).date()
    if not lent_on <= day <= today:
        raise LendingError(Code.INVALID, field="day")
    noon = datetime.combine(day, time(12), zone).astimezone(now.tzinfo)
    return now if day == today else max(noon, opened_at)


def _lock_loans(session: Session, lend_ids: Collection[uuid.UUID]) -> Sequence[Any]:
    """Those loans that are open, under the writer's locks: first the pieces, then the borrowers."""
    if not lend_ids:
        return []
    lock_pieces(
        session, session.scalars(sa.select(Loan.item_id).where(Loan.id.in_(lend_ids))).all()
    )
    borrowers = sa.select(ScanBorrower.resident_id).where(ScanBorrower.scan_id.in_(lend_ids))
    people = sa.select(Resident.id).where(Resident.id.in_(borrowers)).order_by(Resident.id)
    session.execute(people.with_for_update(key_share=True)).all()
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            Loan.id, Loan.district_id, Loan.site_id, Loan.item_id, Loan.opened_at,
            ScanBorrower.resident_id,
        )
        .outerjoin(ScanBorrower, ScanBorrower.scan_id == Loan.id)
        .where(Loan.id.in_(lend_ids), Loan.closed_at.is_(None))
        .order_by(Loan.opened_at, Loan.id)
    )  # fmt: skip
    return fetch(session, query)


def _open_claims_of(session: Session, loans: Sequence[Any]) -> dict[uuid.UUID, bool]:
    """Whether the clock is stopped, by loan, of those about which something was said before."""
    query: sa.Select[*tuple[Any, ...]] = sa.select(DropClaim.lend_id, DropClaim.stops_clock).where(
        DropClaim.lend_id.in_([loan.id for loan in loans]), DropClaim.settled_at.is_(None)
    )
    return {row.lend_id: row.stops_clock for row in fetch(session, query)}


def _insert(
    session: Session, loans: Sequence[Any], dropped: Dropped, now: datetime
) -> dict[uuid.UUID, bool]:
    terms = load_terms(session, loans[0].district_id).at(None, now)
    stops = _stops(session, loans, terms, now)
    rows = [
        {
            "id": uuid.uuid4(),
            "district_id": loan.district_id,
            "lend_id": loan.id,
            "item_id": loan.item_id,
            "site_id": dropped.site_id,
            "said_at": now,
            "dropped_at": dropped.at,
            "said_by": dropped.by,
            "stops_clock": stops[loan.id],
            "note": dropped.note,
        }
        for loan in loans
    ]
    insert_rows(session, table_of(DropClaim), rows)
    asked = [row["id"] for row in rows if not row["stops_clock"]]
    open_claim_reviews(session, asked, close_days=terms.claim_close_days, now=now)
    return stops


def _stops(
    session: Session, loans: Sequence[Any], terms: Terms, now: datetime
) -> dict[uuid.UUID, bool]:
    """Whether the word stops the clock, by loan: not where its borrower's earlier words of the
    window, this call's counted, were too often not confirmed. Nobody's loan stops always."""
    earlier: sa.Select[*tuple[Any, ...]] = (
        sa.select(ScanBorrower.resident_id, sa.func.count())
        .join(DropClaim, DropClaim.lend_id == ScanBorrower.scan_id)
        .where(
            ScanBorrower.resident_id.in_([loan.resident_id for loan in loans]),
            DropClaim.said_at > now - timedelta(days=terms.claims_window_days),
            sa.or_(DropClaim.settled_at.is_(None), DropClaim.outcome.not_in(GOOD)),
        )
        .group_by(ScanBorrower.resident_id)
    )
    counts = Counter({row[0]: row[1] for row in fetch(session, earlier)})
    stops = {}
    for loan in loans:
        known = loan.resident_id is not None
        stops[loan.id] = not known or counts[loan.resident_id] < terms.claims_trusted
        counts[loan.resident_id] += known
    return stops
