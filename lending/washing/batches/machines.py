"""Washing machines and their programmes: added, changed, listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.people.actors import Actor
from lending.people.tables import Role
from lending.places.texts import Problem, read_text
from lending.washing.batches.rights import check_washer, read_number
from lending.washing.batches.tables import Stage, WashMachine, WashProgramme

MOST_PIECES = 100_000


@dataclass(frozen=True, slots=True)
class MachineView:
    """A machine; `capacity`: pieces in one batch, 0 for not known."""

    id: int
    site_id: int
    name: str
    capacity: int
    active: bool


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """A programme; `min_temperature` in °C, `detergent` in grams per litre."""

    id: int
    name: str
    stages: tuple[Stage, ...]
    min_temperature: float | None
    detergent: float | None
    active: bool


@dataclass(frozen=True, slots=True)
class ProgrammeIn:
    """A programme as typed: its stages in the order of Stage, numbers without units."""

    name: str
    stages: Sequence[str]
    min_temperature: str | float | None = None
    detergent: str | float | None = None


def add_machine(
    session: Session, *, site_id: int, name: str, capacity: int, actor: Actor, now: datetime
) -> MachineView:
    """A new machine of a centre; INVALID names the field, CONFLICT (name) for a name in use."""
    check_washer(actor, site_id)
    machine = WashMachine(
        district_id=actor.district_id, site_id=site_id, name=read_text(name, "name"),
        capacity=_read_capacity(capacity), active=True, created_at=now,
    )  # fmt: skip
    _insert(session, machine)
    return _machine(machine)


def change_machine(
    session: Session, *, machine_id: int, capacity: int, active: bool, actor: Actor
) -> MachineView:
    """Changes how much a machine takes and whether it is in use; NOT_FOUND (field machine)."""
    machine = session.get(WashMachine, machine_id)
    if machine is None or machine.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="machine")
    check_washer(actor, machine.site_id)
    machine.capacity, machine.active = _read_capacity(capacity), active
    session.flush()
    return _machine(machine)


def list_machines(session: Session, *, site_id: int) -> list[MachineView]:
    """The machines of a centre by name, those out of use last."""
    query = sa.select(WashMachine).where(WashMachine.site_id == site_id)
    query = query.order_by(WashMachine.active.desc(), WashMachine.name)
    return [_machine(one) for one in session.scalars(query)]


def add_programme(
    session: Session, programme: ProgrammeIn, *, actor: Actor, now: datetime
) -> ProgrammeView:
    """A new programme of the district, by who washes or an officer.

    INVALID (field stages) for none, an unknown one, one twice or a wrong order.
    """
    if actor.role not in (Role.WASH, Role.OFFICER):
        raise LendingError(Code.NOT_ALLOWED)
    heat, detergent = programme.min_temperature, programme.detergent
    row = WashProgramme(
        district_id=actor.district_id,
        name=read_text(programme.name, "name"),
        stages=[stage.value for stage in _read_stages(programme.stages)],
        min_temperature=None if heat is None else read_number(heat, "min_temperature", most=150),
        detergent=None if detergent is None else read_number(detergent, "detergent", most=1000),
        active=True,
        created_at=now,
    )
    _insert(session, row)
    return _programme(row)


def list_programmes(session: Session, *, district_id: int) -> list[ProgrammeView]:
    """The programmes of a district in use, by name."""
    query = sa.select(WashProgramme).where(
        WashProgramme.district_id == district_id, WashProgramme.active
    )
    return [_programme(one) for one in session.scalars(query.order_by(WashProgramme.name))]


def stop_programme(session: Session, *, programme_id: int, actor: Actor) -> None:
    """A programme is offered no more; NOT_FOUND (field programme)."""
    programme = session.get(WashProgramme, programme_id)
    if programme is None or programme.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="programme")
    if actor.role not in (Role.WASH, Role.OFFICER):
        raise LendingError(Code.NOT_ALLOWED)
    programme.active = False
    session.flush()


def _insert(session: Session, row: WashMachine | WashProgramme) -> None:
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise LendingError(Code.CONFLICT, field="name", detail=Problem.IN_USE) from None


def _read_capacity(capacity: int) -> int:
    if not 0 <= capacity <= MOST_PIECES:
        raise LendingError(Code.INVALID, field="capacity", detail=Problem.OUT_OF_RANGE)
    return capacity


def _read_stages(stages: Sequence[str]) -> list[Stage]:
    order = [stage.value for stage in Stage]
    if not stages or any(stage not in order for stage in stages):
        raise LendingError(Code.INVALID, field="stages")
    places = [order.index(stage) for stage in stages]
    if places != sorted(set(places)):
        raise LendingError(Code.INVALID, field="stages")
    return [Stage(stage) for stage in stages]


def _machine(row: WashMachine) -> MachineView:
    return MachineView(row.id, row.site_id, row.name, row.capacity, row.active)


def _programme(row: WashProgramme) -> ProgrammeView:
    stages = tuple(Stage(stage) for stage in row.stages)
    return ProgrammeView(row.id, row.name, stages, row.min_temperature, row.detergent, row.active)
