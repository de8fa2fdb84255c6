"""What a loan's clock stands on, as SQL: words and warnings; and the lock under which it is judged."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from lending.loop.dropped import ClaimOutcome
from lending.loop.loans.standing_still import StopWhy
from lending.loop.tables import ClockStop, DropClaim, Item, Loan, Review
from lending.loop.write.reviews import Saying
from lending.notices.tables import Notice, NoticeKind

Lend = InstrumentedAttribute[uuid.UUID]


def clock_stopped(lend_id: Lend) -> sa.ColumnElement[bool]:
    """SQL: whether this open loan's clock stands still: by "I dropped it", unsettled or believed, or
    because a machine refused the piece or a courier has it or is late (loop/loans/clock_stops.py).

    Such a loan pauses nobody, is not written off and is not counted among the cups out.
    """
    return sa.or_(stopping_words(lend_id).exists(), clock_stops(lend_id).exists())


def clock_stops(lend_id: Lend) -> sa.Select[uuid.UUID]:
    """SQL: the stops of this loan's clock that go on."""
    query = sa.select(ClockStop.lend_id)
    return query.where(ClockStop.lend_id == lend_id, ClockStop.ended_at.is_(None))


def stopping_words(lend_id: Lend) -> sa.Select[uuid.UUID]:
    """SQL: the words that stop this loan's clock."""
    stands = DropClaim.settled_at.is_(None) | (DropClaim.outcome == ClaimOutcome.BELIEVED)
    query = sa.select(DropClaim.lend_id)
    return query.where(DropClaim.lend_id == lend_id, DropClaim.stops_clock, stands)


def told_nothing(lend_id: Lend) -> sa.ColumnElement[bool]:
    """SQL: whether nothing is sent about this loan: its clock stands still, or somebody says it is
    not theirs and that waits for a head."""
    return sa.or_(_disowned(lend_id), clock_stopped(lend_id))


def word_waits(lend_id: Lend) -> sa.ColumnElement[bool]:
    """SQL: whether anybody's word about this loan waits, whether it stops the clock or not. A clock
    that stands without one is nobody's word: whose cup a machine refused still has it."""
    said = sa.exists().where(DropClaim.lend_id == lend_id, DropClaim.settled_at.is_(None))
    return sa.or_(said, _disowned(lend_id), stopping_words(lend_id).exists())


def is_with_us(lend_id: Lend) -> sa.ColumnElement[bool]:
    """SQL: whether the clock stands because a courier has the piece or is late to fetch it."""
    return clock_stops(lend_id).where(ClockStop.why != StopWhy.REFUSED).exists()


def _disowned(lend_id: Lend) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        Review.scan_id == lend_id, Review.subject == Saying.NOT_ME, Review.settled_at.is_(None)
    )


def warned_at() -> sa.ScalarSelect[datetime | None]:
    """SQL: when the first notice about a loan of the query around went out since its clock runs:
    what was sent before a word that proved wrong warned of another date."""
    return (
        sa.select(sa.func.min(Notice.sent_at))
        .where(Notice.lend_id == Loan.id, Notice.sent_at.is_not(None))
        .where(Notice.kind != NoticeKind.RECALLED)
        .where(Loan.resumed_at.is_(None) | (Notice.sent_at >= Loan.resumed_at))
        .correlate(Loan)
        .scalar_subquery()
    )


def lock_pieces(session: Session, items: Collection[int]) -> None:
    """Locks items as the writer does, in the order of their ids: no scan of them and no word about
    their loans comes in between."""
    if items:
        query: sa.Select[*tuple[Any, ...]] = (
            sa.select(Item.id).where(Item.id.in_(items)).order_by(Item.id).with_for_update()
        )
        session.execute(query).all()
