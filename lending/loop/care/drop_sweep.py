"""Claims with time: confirmed when the piece was seen, to the desk after a week, closed after a month."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.db import fetch
from lending.loop.care.drop_reviews import close_claim_reviews, open_claim_reviews
from lending.loop.care.repairs import mark
from lending.loop.dropped import ClaimOutcome
from lending.loop.loans.due import load_terms
from lending.loop.loans.stopped import lock_pieces
from lending.loop.record import record_scans
from lending.loop.scans import ScanIn
from lending.loop.steps import Action, Outcome
from lending.loop.system import system_actor
from lending.loop.tables import DropClaim, Item, Loan, Review, Scan
from lending.loop.terms import Terms
from lending.loop.write.reviews import AUTOMATIC, VANISHED, Saying
from lending.people.keys import Keys
from lending.places.tables import Site

BATCH = 500
# A lend to somebody else is no proof that the cup was brought back.
SEEN = (Outcome.RETURNED, Outcome.IMPLIED, Outcome.RETIRED)
LONGEST = timedelta(days=400)  # a believed claim settled before is of no open loan


def settle_seen_claims(
    session: Session, *, district_id: int, now: datetime, limit: int = BATCH
) -> int:
    """Claims whose loan was closed by a sighting are confirmed, those whose lend was voided are
    void; how many. Several workers at once are safe."""
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(DropClaim.id, DropClaim.lend_id, Loan.id.label("loan"))
        .outerjoin(Loan, Loan.id == DropClaim.lend_id)
        .where(
            DropClaim.district_id == district_id,
            DropClaim.settled_at.is_(None),
            sa.or_(Loan.id.is_(None), Loan.outcome.in_(SEEN)),
        )
        .order_by(DropClaim.said_at, DropClaim.id)
        .limit(limit)
        .with_for_update(of=DropClaim, skip_locked=True)
    )
    rows = session.execute(query).all()
    for outcome, found in (
        (ClaimOutcome.CONFIRMED, [row.id for row in rows if row.loan is not None]),
        (ClaimOutcome.WITHDRAWN, [row.id for row in rows if row.loan is None]),
    ):
        _settle(session, found, outcome, now)
    close_claim_reviews(session, [row.lend_id for row in rows], now=now)
    return len(rows)


def reopen_doubted_claims(session: Session, *, district_id: int, now: datetime) -> int:
    """A confirmed claim waits again when the sighting was taken back and its loan is open again;
    how many. Only the claims settled since the terms' last days are looked at."""
    since = now - timedelta(days=_terms(session, district_id, now).claim_close_days)
    other = aliased(DropClaim)
    waits = sa.exists().where(other.lend_id == DropClaim.lend_id, other.settled_at.is_(None))
    open_again = sa.exists().where(Loan.id == DropClaim.lend_id, Loan.closed_at.is_(None))
    later = sa.exists().where(other.lend_id == DropClaim.lend_id, other.said_at > DropClaim.said_at)
    rows = session.execute(
        sa.update(DropClaim)
        .where(
            DropClaim.district_id == district_id,
            DropClaim.settled_at >= since,
            DropClaim.outcome == ClaimOutcome.CONFIRMED,
            open_again, ~waits, ~later,
        )
        .values(settled_at=None, outcome=None)
        .returning(DropClaim.id)
        .execution_options(synchronize_session=False)
    ).all()  # fmt: skip
    return len(rows)


def ask_about_claims(
    session: Session, *, district_id: int, now: datetime, limit: int = BATCH
) -> int:
    """A review entry for each claim that nothing confirmed for `claim_review_days`; how many."""
    terms = _terms(session, district_id, now)
    asked = sa.exists().where(
        Review.scan_id == DropClaim.lend_id,
        Review.subject == Saying.RETURNED,
        Review.settled_at.is_(None)
        | ((Review.opened_at >= DropClaim.said_at) & (Review.settled_how != VANISHED)),
    )
    query = (
        sa.select(DropClaim.id)
        .join(Loan, Loan.id == DropClaim.lend_id)
        .where(
            DropClaim.district_id == district_id,
            DropClaim.settled_at.is_(None),
            DropClaim.said_at <= now - timedelta(days=terms.claim_review_days),
            Loan.closed_at.is_(None),
            ~asked,
        )
        .order_by(DropClaim.said_at, DropClaim.id)
        .limit(limit)
    )
    found = session.scalars(query).all()
    return open_claim_reviews(session, found, close_days=terms.claim_close_days, now=now)


def give_up_claims(
    session: Session, *, district_id: int, keys: Keys, now: datetime, limit: int = BATCH
) -> int:
    """Ends what nobody decided `claim_close_days` after it was said; how many claims or loans.

    The loan closes as claimed, without consequence; so does one whose borrower was believed and
    whose piece never came. An officer who took the automatic end back has until the entry's new
    date. The scan's id follows from loan and date: two workers record one.
    """
    overdue = _overdue(district_id, _terms(session, district_id, now), now, limit)
    rows = fetch(session, overdue)
    if not rows:
        return 0
    lock_pieces(session, [row.item_id for row in rows])
    still = {row.id: row for row in fetch(session, overdue)}
    rows = [still[row.id] for row in rows if row.id in still]
    scans = [
        ScanIn(
            uuid.uuid5(row.lend_id, f"give_up {(row.settle_by or row.said_at).isoformat()}"),
            Action.GIVE_UP, row.code, now, site=row.site, of=row.lend_id,
            note=mark(row.review) if row.review else None,
        )
        for row in rows
        if row.closed_at is None
    ]  # fmt: skip
    if scans:
        record_scans(session, scans, actor=system_actor(district_id), keys=keys, now=now)
    _settle(session, [row.id for row in rows if not row.settled], ClaimOutcome.UNDECIDED, now)
    close_claim_reviews(session, [row.lend_id for row in rows], now=now, how=AUTOMATIC)
    return len(rows)


def _overdue(
    district_id: int, terms: Terms, now: datetime, limit: int
) -> sa.Select[*tuple[Any, ...]]:
    """Claims past their time: undecided ones, whatever became of the loan but a sighting; and
    believed ones of loans still open."""
    undecided = sa.and_(
        DropClaim.settled_at.is_(None),
        Loan.closed_at.is_(None) | (Loan.outcome == Outcome.SUPERSEDED),
        Review.id.is_(None) | (Review.settled_at.is_not(None)) | (Review.settle_by <= now),
    )
    believed = sa.and_(
        DropClaim.settled_at >= now - LONGEST,
        DropClaim.outcome == ClaimOutcome.BELIEVED,
        Loan.closed_at.is_(None),
        ~sa.exists().where(Scan.of == DropClaim.lend_id, Scan.action == Action.GIVE_UP),
    )
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            DropClaim.id, DropClaim.lend_id, DropClaim.item_id, DropClaim.said_at, Item.code,
            Site.code.label("site"), DropClaim.settled_at.is_not(None).label("settled"),
            Loan.closed_at, Review.id.label("review"), Review.settle_by,
        )
        .join(Loan, Loan.id == DropClaim.lend_id)
        .join(Item, Item.id == DropClaim.item_id)
        .join(Site, Site.id == sa.func.coalesce(DropClaim.site_id, Loan.site_id))
        .outerjoin(
            Review,
            (Review.scan_id == DropClaim.lend_id) & (Review.subject == Saying.RETURNED),
        )
        .where(
            DropClaim.district_id == district_id,
            DropClaim.said_at <= now - timedelta(days=terms.claim_close_days),
            sa.or_(undecided, believed),
        )
        .order_by(DropClaim.said_at, DropClaim.id)
        .limit(limit)
    )  # fmt: skip
    return query


def _settle(
    session: Session, claims: Sequence[uuid.UUID], outcome: ClaimOutcome, now: datetime
) -> None:
    if claims:
        session.execute(
            sa.update(DropClaim)
            .where(DropClaim.id.in_(claims), DropClaim.settled_at.is_(None))
            .values(settled_at=now, outcome=outcome)
            .execution_options(synchronize_session=False)
        )


def _terms(session: Session, district_id: int, now: datetime) -> Terms:
    return load_terms(session, district_id).at(None, now)
