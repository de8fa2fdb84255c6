"""Departments: made, renamed, closed."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.loans.lent_for import OccasionKind
from lending.loop.loans.occasions import open_occasion
from lending.offices.rights import check_officer, office_of, offices_seen
from lending.offices.tables import Department, StaffCard
from lending.people.actors import Actor
from lending.places.tables import Site
from lending.places.texts import Problem, read_text
from lending.requests.acting import signature

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class DepartmentView:
    """A department; `cards`: how many staff cards hold, `cards_id`: the occasion of their loans."""

    id: int
    site_id: int
    site: str  # code
    site_name: str
    site_name_en: str
    name: str
    name_en: str
    active: bool
    cards_id: uuid.UUID
    cards: int = 0


def add_department(
    session: Session, *, site: str, name: str, name_en: str = "", actor: Actor, now: datetime
) -> DepartmentView:
    """A new department that borrows from the office of this code.

    NOT_ALLOWED for all but officers; errors of `office_of`; INVALID (name) for none, a long one, or
    one in use (detail IN_USE).
    """
    check_officer(actor)
    office = office_of(session, actor=actor, code=site)
    names = _names(session, actor.district_id, name, name_en)
    row = Department(
        district_id=actor.district_id, site_id=office.id, cards_id=uuid.uuid4(), made_at=now,
        made_by=signature(actor), **names,
    )  # fmt: skip
    session.add(row)
    session.flush()
    open_occasion(
        session, id=row.cards_id, kind=OccasionKind.BOOKING, site_id=office.id,
        district_id=actor.district_id, now=now,
    )  # fmt: skip
    return load_department(session, department_id=row.id, actor=actor)


def change_department(
    session: Session,
    *,
    department_id: int,
    name: str,
    name_en: str,
    active: bool,
    actor: Actor,
) -> DepartmentView:
    """Other names, or closed: it books no more, and its cards lend nothing. Errors as above;
    NOT_FOUND (department)."""
    check_officer(actor)
    row = get_department(session, department_id=department_id, actor=actor, lock=True)
    for field, value in _names(session, actor.district_id, name, name_en, row.id).items():
        setattr(row, field, value)
    row.active = active
    session.flush()
    return load_department(session, department_id=row.id, actor=actor)


def get_department(
    session: Session, *, department_id: int, actor: Actor, lock: bool = False
) -> Department:
    """The row of a department the actor may see; NOT_FOUND (department)."""
    query = sa.select(Department).where(
        Department.id == department_id, Department.site_id.in_(offices_seen(actor))
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = session.scalars(query).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="department")
    return row


def load_department(session: Session, *, department_id: int, actor: Actor) -> DepartmentView:
    """NOT_FOUND (department) for one the actor may not see."""
    found = _views(session, _departments(actor).where(Department.id == department_id))
    if not found:
        raise LendingError(Code.NOT_FOUND, field="department")
    return found[0]


def list_departments(
    session: Session, *, actor: Actor, site_id: int | None = None, closed: bool = False
) -> list[DepartmentView]:
    """The departments of the offices the actor sees, by name; `closed`: those closed as well."""
    query = _departments(actor)
    if site_id is not None:
        query = query.where(Department.site_id == site_id)
    if not closed:
        query = query.where(Department.active)
    return _views(session, query)


def _names(
    session: Session, district_id: int, name: str, name_en: str, own: int = 0
) -> dict[str, str]:
    names = {
        "name": read_text(name, "name", longest=LONGEST_NAME),
        "name_en": read_text(name_en, "name_en", longest=LONGEST_NAME, empty=True),
    }
    taken = sa.select(Department.id).where(
        Department.district_id == district_id, Department.name == names["name"]
    )
    if session.scalar(taken.where(Department.id != own)) is not None:
        raise LendingError(Code.INVALID, field="name", detail=Problem.IN_USE)
    return names


def _departments(actor: Actor) -> sa.Select[*tuple[Any, ...]]:
    cards = (
        sa.select(sa.func.count())
        .where(StaffCard.department_id == Department.id, StaffCard.ended_at.is_(None))
        .correlate(Department)
        .scalar_subquery()
    )
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            Department.id, Department.site_id, Site.code, Site.name, Site.name_en, Department.name,
            Department.name_en, Department.active, Department.cards_id, cards,
        )
        .join(Site, Site.id == Department.site_id)
        .where(Department.site_id.in_(offices_seen(actor)))
        .order_by(Department.name, Department.id)
    )  # fmt: skip
    return query


def _views(session: Session, query: sa.Select[*tuple[Any, ...]]) -> list[DepartmentView]:
    return [DepartmentView(*row) for row in session.execute(query)]
