"""Whether a session of staff or of a resident still holds: its epoch is the stored one."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.people.actors import Actor, ActorKind
from lending.people.tables import Resident, Role, Staff


def find_staff(session: Session, *, staff_id: int, epoch: int) -> Actor | None:
    """The active staff of a session; None after it was ended or the staff deactivated."""
    row = session.execute(
        sa.select(Staff.role, Staff.district_id, Staff.site_id).where(
            Staff.id == staff_id, Staff.session_epoch == epoch, Staff.active
        )
    ).one_or_none()
    if row is None:
        return None
    return Actor(ActorKind.STAFF, row.role, row.district_id, site_id=row.site_id, id=staff_id)


def find_resident(session: Session, *, resident_id: uuid.UUID, epoch: int) -> Actor | None:
    """The resident of a session; None after it was ended or the resident erased."""
    district_id = session.scalar(
        sa.select(Resident.district_id).where(
            Resident.id == resident_id, Resident.session_epoch == epoch
        )
    )
    if district_id is None:
        return None
    return Actor(ActorKind.RESIDENT, Role.RESIDENT, district_id, resident_id=resident_id)


def end_staff_sessions(session: Session, *, staff_id: int) -> None:
    """Signs the staff out everywhere."""
    session.execute(
        sa.update(Staff).where(Staff.id == staff_id).values(session_epoch=Staff.session_epoch + 1)
    )


def end_resident_sessions(session: Session, *, resident_id: uuid.UUID) -> None:
    """Signs the resident out on every phone."""
    session.execute(
        sa.update(Resident)
        .where(Resident.id == resident_id)
        .values(session_epoch=Resident.session_epoch + 1)
    )
