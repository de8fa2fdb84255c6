"""The one-time link by which the first officer names the district and sets a password."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.people.credentials import hash_credential, make_credential
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import FirstOfficerLink, Role, Staff
from lending.places.districts import create_district, list_districts, rename_district

VALID = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Founding:
    """What the first officer states."""

    district_name: str
    login: str
    password: str
    timezone: str = "Asia/Seoul"


@dataclass(frozen=True, slots=True)
class Founded:
    """The district and its first officer."""

    district_id: int
    staff_id: int


def make_first_officer_link(session: Session, *, now: datetime) -> str | None:
    """The secret of a new link; earlier ones end. None when there is an officer already."""
    if session.scalar(sa.select(Staff.id).where(Staff.role == Role.OFFICER).limit(1)):
        return None
    session.execute(sa.delete(FirstOfficerLink).where(FirstOfficerLink.used_at.is_(None)))
    secret = make_credential()
    session.add(FirstOfficerLink(token_hash=hash_credential(secret), made_at=now))
    session.flush()
    return secret


def check_first_officer_link(session: Session, *, secret: str, now: datetime) -> None:
    """Changes nothing; NOT_FOUND when the link is wrong, used or older than a week."""
    link = session.get(FirstOfficerLink, hash_credential(secret))
    if link is None or link.used_at is not None or link.made_at <= now - VALID:
        raise LendingError(Code.NOT_FOUND, field="link")


def use_first_officer_link(
    session: Session, *, secret: str, founding: Founding, now: datetime
) -> Founded:
    """Makes the district (or names the one made by the command line) and its first officer.

    NOT_FOUND when the link is wrong, used or older than a week; INVALID leaves it usable.
    """
    used = session.execute(
        sa.update(FirstOfficerLink)
        .where(
            FirstOfficerLink.token_hash == hash_credential(secret),
            FirstOfficerLink.used_at.is_(None),
            FirstOfficerLink.made_at > now - VALID,
        )
        .values(used_at=now)
        .returning(FirstOfficerLink.made_at)
        .execution_options(synchronize_session=False)
    )
    if used.first() is None:
        raise LendingError(Code.NOT_FOUND, field="link")
    existing = list_districts(session)
    if existing:
        district = rename_district(session, district_id=existing[0].id, name=founding.district_name)
    else:
        district = create_district(
            session, name=founding.district_name, timezone=founding.timezone, now=now
        )
    new = NewStaff(founding.login, founding.password, Role.OFFICER)
    return Founded(district.id, add_staff(session, district_id=district.id, new=new, now=now))
