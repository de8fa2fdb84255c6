"""How orders stand by what became of their pieces; when they are over, what was sealed goes."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.orders.passed import passed_between
from lending.delivery.orders.statuses import set_statuses
from lending.delivery.tables import Order, OrderStatus
from lending.loop.tables import Item, Loan
from lending.notices.tables import Erasure
from lending.requests.acting import SYSTEM
from lending.requests.pickups.places import erase_places
from lending.requests.pickups.tables import Pickup

AT_ONCE = 1000
NEVER_PACKED = timedelta(days=1)  # then an announced order is over

# What an order is judged by.
JUDGED = (
    Order.id, Order.occasion_id, Order.status, Order.reusable, Order.platform_id, Order.made_at,
    Order.closed_at, Order.cancelled_at,
)  # fmt: skip
Judged = Order | Any  # or a row of these


@dataclass(frozen=True, slots=True)
class Standing:
    """An order's pieces (its bags, where it has nothing else) and its open pick-up request."""

    pieces: int = 0
    back: int = 0
    lost: int = 0  # written off, and not seen again since
    asked: bool = False
    taken: bool = False

    @property
    def out(self) -> int:
        return self.pieces - self.back - self.lost


def judge_order(order: Judged, now_stands: Standing) -> OrderStatus:
    """What the order has come to; pure."""
    if order.cancelled_at is not None:
        return OrderStatus.CANCELLED
    if not order.reusable:
        return OrderStatus.SINGLE_USE
    if not now_stands.pieces:  # nothing packed yet, or all of it taken out again
        return OrderStatus.WAITING if order.platform_id is not None else OrderStatus.CANCELLED
    if not now_stands.out:
        return OrderStatus.LOST if now_stands.lost else OrderStatus.RETURNED
    if now_stands.back:
        return OrderStatus.PART_RETURNED
    if now_stands.taken:
        return OrderStatus.PICKED_UP
    return OrderStatus.PICKUP_REQUESTED if now_stands.asked else OrderStatus.PACKED


def refresh_orders(session: Session, order_ids: Collection[uuid.UUID], *, now: datetime) -> int:
    """Brings the status of these orders up to what their pieces tell; how many changed.

    A handful of statements whatever the count. Where nothing is out any more the order is over,
    and the contact and the address that were sealed are erased in the same transaction.
    """
    query = sa.select(Order).where(Order.id.in_(order_ids)).order_by(Order.id).with_for_update()
    rows = session.scalars(query.execution_options(populate_existing=True)).all()
    stands = _standings(session, [row.occasion_id for row in rows if row.occasion_id])
    now_are = {row.id: judge_order(row, _of(stands, row)) for row in rows}
    between = passed_between(session, rows, now_are)
    changed = set_statuses(session, now_are, now=now, between=between)
    for row in rows:
        over = _is_over(row, _of(stands, row), now)
        if over and row.closed_at is None:
            row.closed_at = now
        elif not over:
            row.closed_at = None
    _erase(session, [row for row in rows if row.closed_at is not None], now)
    return changed


def sweep_orders(
    session: Session, *, district_id: int, after: uuid.UUID | None, now: datetime
) -> tuple[int, uuid.UUID | None]:
    """One portion of the district's orders that are not over, or that have something out again:
    (how many changed, after which id to go on; None: that was the last)."""
    found = ~sa.exists().where(Loan.occasion_id == Order.occasion_id, Loan.closed_at.is_(None))
    open_one = sa.select(Order.id).where(Order.closed_at.is_(None))
    out_again = (
        sa.select(Order.id)
        .join(Loan, Loan.occasion_id == Order.occasion_id)
        .where(Loan.district_id == district_id, Loan.closed_at.is_(None), Loan.lost_at.is_(None))
        .where(Order.closed_at.is_not(None))
    )
    found_again = sa.select(Order.id).where(Order.status == OrderStatus.LOST, found)
    wanted = [Order.district_id == district_id]
    if after is not None:
        wanted.append(Order.id > after)
    parts = (part.where(*wanted) for part in (open_one, out_again, found_again))
    query = sa.union(*parts).order_by("id").limit(AT_ONCE)
    ids = list(session.scalars(query))
    moved = _moved(session, ids, now) if ids else []
    changed = refresh_orders(session, moved, now=now) if moved else 0
    return changed, ids[-1] if len(ids) == AT_ONCE else None


def _moved(session: Session, ids: Collection[uuid.UUID], now: datetime) -> list[uuid.UUID]:
    """Those of these orders that do not stand as they are stored: most of them just wait, and are
    neither locked nor loaded. Three statements."""
    rows = session.execute(sa.select(*JUDGED).where(Order.id.in_(ids))).all()
    stands = _standings(session, [row.occasion_id for row in rows if row.occasion_id])

    def is_true(row: Judged) -> bool:
        now_stands = _of(stands, row)
        over = _is_over(row, now_stands, now)
        return row.status is judge_order(row, now_stands) and over == (row.closed_at is not None)

    return [row.id for row in rows if not is_true(row)]


def let_sealed_go(session: Session, *, district_id: int, now: datetime) -> Counter[str]:
    """What has had its time: safe numbers after their hours, announced orders never packed."""
    safe = session.execute(
        sa.update(Order)
        .where(Order.district_id == district_id, Order.contact_sealed.is_not(None))
        .where(Order.contact_until <= now)
        .values(contact_sealed=None)
        .returning(Order.id)
        .execution_options(synchronize_session=False)
    ).all()
    if safe:
        session.execute(sa.insert(Erasure), [{"at": now}])
    stale = session.scalars(
        sa.select(Order)
        .where(Order.district_id == district_id, Order.closed_at.is_(None))
        .where(Order.occasion_id.is_(None), Order.made_at <= now - NEVER_PACKED)
        .limit(AT_ONCE)
        .with_for_update()
    ).all()
    for row in stale:
        row.cancelled_at, row.cancelled_by = now, SYSTEM
    session.flush()
    if stale:
        refresh_orders(session, [row.id for row in stale], now=now)
    return +Counter(safe_numbers=len(safe), never_packed=len(stale))


def _standings(session: Session, occasions: Collection[uuid.UUID]) -> dict[uuid.UUID, Standing]:
    """By occasion; two statements."""
    if not occasions:
        return {}

    def count(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((sa.and_(*conditions), 1), else_=0))

    back = Loan.closed_at.is_not(None)
    lost = sa.and_(Loan.closed_at.is_(None), Loan.lost_at.is_not(None))
    query = (
        sa.select(Loan.occasion_id, Item.carrier, count(sa.true()), count(back), count(lost))
        .join(Item, Item.id == Loan.item_id)
        .where(Loan.occasion_id.in_(occasions))
        .group_by(Loan.occasion_id, Item.carrier)
        .order_by(Item.carrier.desc())  # bags first: pieces overwrite them
    )
    pickups = session.execute(
        sa.select(Pickup.occasion_id, sa.func.max(Pickup.taken_at))
        .where(Pickup.occasion_id.in_(occasions), Pickup.closed_at.is_(None))
        .group_by(Pickup.occasion_id)
    )
    taken = {occasion: at is not None for occasion, at in pickups if occasion is not None}
    return {
        occasion: Standing(pieces, came, gone, occasion in taken, taken.get(occasion, False))
        for occasion, _carrier, pieces, came, gone in session.execute(query)
        if occasion is not None
    }


def _of(stands: dict[uuid.UUID, Standing], row: Judged) -> Standing:
    return stands.get(row.occasion_id, Standing()) if row.occasion_id else Standing()


def _is_over(row: Judged, stands: Standing, now: datetime) -> bool:
    """Nothing of it is out: all came back or was written off, or nothing was ever lent for it (an
    order whose bag was taken back may still be packed again the same day)."""
    if stands.out:
        return False
    if stands.pieces or not row.reusable or row.cancelled_at is not None:
        return True
    return row.platform_id is None and now - row.made_at > NEVER_PACKED


def _erase(session: Session, over: Iterable[Order], now: datetime) -> None:
    """The contact and the address of orders that are over; noted, so that the files are cleaned."""
    ids, sealed = set(), False
    for row in over:
        sealed = sealed or row.contact_sealed is not None
        row.contact_sealed = row.contact_until = None
        ids |= {row.id, row.occasion_id or row.id}
    session.flush()
    if ids and (erase_places(session, occasion_ids=ids) or sealed):
        session.execute(sa.insert(Erasure), [{"at": now}])
