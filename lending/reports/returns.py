"""How much comes back: the month's loans within so many days, and the stock over all time."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.loans.due import load_terms
from lending.loop.loans.stopped import clock_stopped
from lending.loop.steps import Outcome, State
from lending.loop.tables import DropClaim, Item, Loan
from lending.places.spans import Span
from lending.reports.rates import Bar, Counts, Rates, bars_of, divide, rates_of

WINDOWS = (7, 14, 30)  # days
BACK = (Outcome.RETURNED, Outcome.IMPLIED)
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Within:
    """Of the loans at least `days` old, how many came back within `days` days."""

    days: int
    loans: int
    back: int

    @property
    def rate(self) -> float | None:
        """The return rate at day `days` (domain §6); None without loans of that age."""
        return divide(self.back, self.loans)


def returned_within(
    session: Session, *, district_id: int, span: Span, now: datetime
) -> list[Within]:
    """The return rate at day 7, 14 and 30 of the loans that began in a span; one statement."""
    took = _seconds(session, Loan.closed_at, Loan.opened_at)
    columns: list[Any] = []
    for days in WINDOWS:
        old = Loan.opened_at <= now - timedelta(days=days)
        back = sa.and_(old, Loan.outcome.in_(BACK), took <= days * DAY)
        columns += [_count_if(old), _count_if(back)]
    query = sa.select(*columns).where(
        Loan.district_id == district_id,
        ~of_carrier(),
        Loan.opened_at >= span.start,
        Loan.opened_at < span.end,
    )
    row = session.execute(query).one()
    return [Within(days, int(row[2 * n]), int(row[2 * n + 1])) for n, days in enumerate(WINDOWS)]


def of_carrier() -> sa.ColumnElement[bool]:
    """SQL: whether a loan is of the crate or bag itself, not of ware."""
    return Loan.item_id.in_(sa.select(Item.id).where(Item.carrier))


def stock_rates(session: Session, *, district_id: int, now: datetime) -> Rates:
    """The three return rates over all time, as of now; four statements.

    A loan counts as lost when it was written off, is open longer past due than the days after
    which the district's terms in force write it off, or was closed as claimed and not found; not
    once its piece was seen again, and not while somebody's word stops its clock.
    """
    lost_after = timedelta(days=load_terms(session, district_id).at(None, now).lost_days)
    late = sa.and_(Loan.due_at < now - lost_after, ~clock_stopped(Loan.id))
    gone = sa.or_(Loan.lost_at.is_not(None), late)
    row = session.execute(
        sa.select(_count_if(gone), _count_if(sa.not_(gone))).where(
            Loan.district_id == district_id, Loan.closed_at.is_(None), ~of_carrier()
        )
    ).one()
    lost_loans = int(row[0]) + _given_up(session, district_id)
    young = int(row[1])
    pieces: dict[State, tuple[int, int]] = {
        row[0]: (row[1], int(row[2]))
        for row in session.execute(
            sa.select(Item.state, sa.func.count(), sa.func.sum(Item.uses))
            .where(Item.district_id == district_id, ~Item.carrier)
            .group_by(Item.state)
        )
    }
    uses = sum(used for _, used in pieces.values())
    existing = [numbers for state, numbers in pieces.items() if state not in _GONE]
    lost_pieces, uses_of_lost = pieces.get(State.LOST, (0, 0))
    return rates_of(
        Counts(
            matured=uses - young,
            lost_loans=lost_loans,
            pieces=sum(count for count, _ in pieces.values()),
            lost_pieces=lost_pieces,
            existing_pieces=sum(count for count, _ in existing),
            uses=uses,
            uses_of_lost=uses_of_lost,
            uses_of_existing=sum(used for _, used in existing),
        )
    )


def _given_up(session: Session, district_id: int) -> int:
    query = (
        sa.select(sa.func.count(sa.distinct(Loan.id)))
        .select_from(DropClaim)
        .join(Loan, Loan.id == DropClaim.lend_id)
        .join(Item, Item.id == Loan.item_id)
        .where(
            DropClaim.district_id == district_id,
            Loan.outcome == Outcome.CLAIMED,
            Item.state == State.LOST,
            Item.last_id == Loan.closed_by,
        )
    )
    return session.scalar(query) or 0


def uses_histogram(session: Session, *, district_id: int) -> list[Bar]:
    """Existing pieces by their number of uses, as of now; one statement."""
    query = (
        sa.select(Item.uses, sa.func.count())
        .where(Item.district_id == district_id, Item.state.not_in(_GONE), ~Item.carrier)
        .group_by(Item.uses)
    )
    return bars_of(Counter({row[0]: row[1] for row in session.execute(query)}))


_GONE = (State.LOST, State.RETIRED)


def _count_if(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def _seconds(session: Session, later: Any, earlier: Any) -> sa.ColumnElement[Any]:
    """SQL: the seconds between two moments; the two databases have no word for it in common."""
    if session.get_bind().dialect.name == "sqlite":
        return (sa.func.julianday(later) - sa.func.julianday(earlier)) * DAY
    return sa.extract("epoch", later - earlier)
