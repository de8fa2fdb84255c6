"""Pick-up requests as they are read: those that wait for a round, an order's latest."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import Item, Loan
from lending.places.tables import Site
from lending.requests.pickups.tables import Ending, Pickup, PickupLoan, Where, Why
from lending.requests.round_tables import waits_for_round


class PickupState(StrEnum):
    """How far a request is."""

    WAITING = "waiting"  # for a round
    PLANNED = "planned"  # a round is to come by
    TAKEN = "taken"  # on its way to the centre, or being counted there
    OFFICER = "officer"  # somebody at the office is to decide
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class PickupView:
    """A request without anything of who asked or where to go. `pieces`: of it still out."""

    id: uuid.UUID
    district_id: int
    site_id: int
    site: str
    site_name: str
    site_name_en: str
    occasion_id: uuid.UUID | None
    place: Where
    from_at: datetime | None
    to_at: datetime | None
    asked_at: datetime
    round_id: uuid.UUID | None
    tries: int
    failed_at: datetime | None
    late_at: datetime | None
    to_officer_at: datetime | None
    to_officer_why: Why | None
    taken_at: datetime | None
    taken_by: str | None
    arrived_at: datetime | None
    closed_at: datetime | None
    ending: Ending | None
    reason: str
    missing: int
    pieces: int

    @property
    def state(self) -> PickupState:
        """How far it is; what the officer is to decide counts before what was done so far."""
        if self.closed_at is not None:
            return PickupState.ENDED
        if self.to_officer_at is not None:
            return PickupState.OFFICER
        if self.taken_at is not None:
            return PickupState.TAKEN
        return PickupState.WAITING if self.round_id is None else PickupState.PLANNED


def still_out() -> sa.ColumnElement[bool]:
    """SQL over Pickup: whether a piece it is about is out; what came back by another way needs no
    courier. An empty bag needs one only where nothing else was asked for."""
    about = (
        sa.select(PickupLoan.lend_id)
        .join(Item, Item.id == PickupLoan.item_id)
        .where(PickupLoan.pickup_id == Pickup.id)
    )
    out = about.join(Loan, Loan.id == PickupLoan.lend_id).where(Loan.closed_at.is_(None))
    bags_alone = sa.and_(out.exists(), ~about.where(~Item.carrier).exists())
    return sa.or_(out.where(~Item.carrier).exists(), bags_alone)


def open_pickups(session: Session, *, district_id: int, today: date) -> list[PickupView]:
    """What waits for a round, the oldest first; one statement.

    Not what is taken, the officer's to decide, on a round that is still to come, or back already.
    """
    return _views(
        session,
        Pickup.district_id == district_id,
        Pickup.closed_at.is_(None),
        Pickup.taken_at.is_(None),
        Pickup.to_officer_at.is_(None),
        waits_for_round(Pickup.round_id, today),
        still_out(),
    )


def load_pickups(
    session: Session, *, pickup_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, PickupView]:
    """These requests by id; unknown ids are left out. One statement."""
    return {view.id: view for view in _views(session, Pickup.id.in_(pickup_ids))}


def pickups_of_orders(
    session: Session, *, occasion_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, PickupView]:
    """The latest request of each of these orders that has one, by its occasion; one statement."""
    views = _views(session, Pickup.occasion_id.in_(occasion_ids))
    return {view.occasion_id: view for view in views if view.occasion_id is not None}


def bags_taken(session: Session, *, codes: Collection[str]) -> set[str]:
    """Those of these bags and crates in which a courier brings an order's leftovers that are still
    to be received one by one: what they hold nobody has counted. One statement."""
    query = (
        sa.select(Item.code)
        .join(Pickup, Pickup.bag_id == Item.id)
        .where(Item.code.in_(codes), Pickup.taken_at.is_not(None), Pickup.closed_at.is_(None))
    )
    return set(session.scalars(query))


def find_open(session: Session, *, subject_key: str) -> PickupView | None:
    """The open request about an order or a piece, if there is one."""
    views = _views(session, Pickup.subject_key == subject_key, Pickup.closed_at.is_(None))
    return views[0] if views else None


def select_views() -> sa.Select[*tuple[Any, ...]]:
    """The statement every view begins with; its columns make `PickupView(*row)`."""
    pieces = (
        sa.select(sa.func.count())
        .select_from(PickupLoan)
        .join(Loan, Loan.id == PickupLoan.lend_id)
        .where(PickupLoan.pickup_id == Pickup.id, Loan.closed_at.is_(None))
        .correlate(Pickup)
        .scalar_subquery()
    )
    query: sa.Select[*tuple[Any, ...]] = sa.select(
        Pickup.id, Pickup.district_id, Pickup.site_id, Site.code, Site.name, Site.name_en,
        Pickup.occasion_id, Pickup.place, Pickup.from_at, Pickup.to_at, Pickup.asked_at,
        Pickup.round_id, Pickup.tries, Pickup.failed_at, Pickup.late_at, Pickup.to_officer_at,
        Pickup.to_officer_why, Pickup.taken_at, Pickup.taken_by, Pickup.arrived_at,
        Pickup.closed_at, Pickup.ending, Pickup.reason, Pickup.missing, pieces,
    ).join(Site, Site.id == Pickup.site_id)  # fmt: skip
    return query


def _views(session: Session, *where: sa.ColumnElement[bool]) -> list[PickupView]:
    query = select_views().where(*where).order_by(Pickup.asked_at, Pickup.id)
    return [PickupView(*row) for row in session.execute(query)]
