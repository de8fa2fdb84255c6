"""Who drives a round: given to a courier by the officer, changed at any time, remembered."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.moving.tables import RoundDriver
from lending.people.actors import Actor, ActorKind
from lending.people.tables import Device, Role, Staff
from lending.requests.acting import signature
from lending.requests.round_tables import Round, to_come


@dataclass(frozen=True, slots=True)
class Driver:
    """A courier by the login name, or a van's phone (no id) by its own."""

    id: int | None
    name: str


def list_couriers(session: Session, *, district_id: int) -> list[Driver]:
    """The active couriers of a district by name."""
    query = sa.select(Staff.id, Staff.login).where(
        Staff.district_id == district_id, Staff.role == Role.COURIER, Staff.active
    )
    return [Driver(*row) for row in session.execute(query.order_by(Staff.login))]


def assign_driver(
    session: Session, *, round_id: uuid.UUID, staff_id: int | None, actor: Actor, now: datetime
) -> None:
    """Gives a round to a courier, or to nobody (None); the same again changes nothing.

    NOT_FOUND (round, driver): another district's, or no active courier; CONFLICT (round) for one
    that is over.
    """
    row = session.get(Round, round_id, with_for_update=True, populate_existing=True)
    if row is None or row.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="round")
    if row.ended_at is not None:
        raise LendingError(Code.CONFLICT, field="round")
    known = {one.id for one in list_couriers(session, district_id=actor.district_id)}
    if staff_id is not None and staff_id not in known:
        raise LendingError(Code.NOT_FOUND, field="driver")
    before = drivers_of(session, round_ids=[round_id]).get(round_id)
    if (before.id if before else None) == staff_id:
        return
    session.add(
        RoundDriver(round_id=round_id, staff_id=staff_id, since=now, by=signature(actor))
    )  # fmt: skip
    session.flush()


def take_wheel(session: Session, *, round_id: uuid.UUID, at: datetime, actor: Actor) -> None:
    """Who begins a round that nobody was given to is its driver; a van's phone is no person
    (`vans_of`)."""
    if actor.kind is ActorKind.STAFF and not drivers_of(session, round_ids=[round_id]):
        session.add(
            RoundDriver(round_id=round_id, staff_id=actor.id, since=at, by=signature(actor))
        )  # fmt: skip
        session.flush()


def vans_of(session: Session, *, round_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Driver]:
    """The vans' phones by which these rounds were begun, where it was one; one statement."""
    phone = sa.literal(f"{ActorKind.DEVICE}:") + sa.cast(Device.id, sa.String)
    query = (
        sa.select(Round.id, Device.name)
        .join(Device, Round.begun_by == phone)
        .where(Round.id.in_(round_ids))
    )
    return {round_id: Driver(None, name) for round_id, name in session.execute(query)}


def drivers_of(session: Session, *, round_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Driver]:
    """Who drives these rounds now, where somebody does; one statement."""
    query = (
        sa.select(RoundDriver.round_id, Staff.id, Staff.login)
        .outerjoin(Staff, Staff.id == RoundDriver.staff_id)
        .where(RoundDriver.id.in_(_newest(RoundDriver.round_id.in_(round_ids))))
    )
    return {
        round_id: Driver(id, name)
        for round_id, id, name in session.execute(query)
        if id is not None and name is not None
    }


def drives(actor: Actor) -> sa.ColumnElement[bool]:
    """SQL over Round: what this actor is to see of the rounds: a courier the own ones, a courier's
    device those of its place, an officer all of the district."""
    own = Round.district_id == actor.district_id
    if actor.role is Role.OFFICER:
        return own
    if actor.kind is ActorKind.DEVICE:
        return sa.and_(own, Round.site_id == actor.site_id)
    now_theirs = sa.select(RoundDriver.round_id).where(
        RoundDriver.id.in_(_newest()), RoundDriver.staff_id == actor.id
    )
    return sa.and_(own, Round.id.in_(now_theirs))


def is_current(day: date) -> sa.ColumnElement[bool]:
    """SQL over Round: of `day`, or of the days before it and not ended."""
    return sa.or_(Round.day == day, sa.and_(Round.day < day, to_come(day)))


def check_drives(session: Session, *, round_id: uuid.UUID, actor: Actor) -> Round:
    """The round, for who drives it or has driven it: what they did then is told hours later.
    NOT_FOUND (round) for anybody else."""
    row = session.get(Round, round_id)
    if row is None or row.district_id != actor.district_id or not _has_driven(session, row, actor):
        raise LendingError(Code.NOT_FOUND, field="round")
    return row


def _has_driven(session: Session, row: Round, actor: Actor) -> bool:
    if actor.role is Role.OFFICER:
        return True
    if actor.kind is ActorKind.DEVICE:
        return row.site_id == actor.site_id
    query = sa.select(RoundDriver.id).where(
        RoundDriver.round_id == row.id, RoundDriver.staff_id == actor.id
    )
    return session.scalar(query.limit(1)) is not None


def _newest(*which: sa.ColumnElement[bool]) -> sa.Select[int]:
    return sa.select(sa.func.max(RoundDriver.id)).where(*which).group_by(RoundDriver.round_id)
