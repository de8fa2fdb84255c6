"""Sign-in of staff by login and password, slowed by counters per login and per address."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.people.actors import Actor, ActorKind
from lending.people.budgets import Allowance, spend_all
from lending.people.keys import Keys
from lending.people.passwords import check_password
from lending.people.tables import Staff

# A person mistypes a few times; all tills of one café may share one address. The last number
# bounds guessing from many addresses without letting one stranger lock a login for its owner.
LOGIN_FROM_ADDRESS = Allowance(limit=8, seconds=900)
ADDRESS = Allowance(limit=40, seconds=900)
LOGIN = Allowance(limit=100, seconds=3600)


@dataclass(frozen=True, slots=True)
class StaffSignedIn:
    """Who signed in, and the session epoch that the session is to carry."""

    actor: Actor
    epoch: int
    language: str


def spend_sign_in(session: Session, *, keys: Keys, login: str, address: str, now: datetime) -> None:
    """Counts one try; TOO_MANY_TRIES. In a transaction of its own, before `check_staff`."""
    name = _normal(login)
    uses = [
        ("sign-in-from", f"{name}\n{address}", LOGIN_FROM_ADDRESS),
        ("sign-in-address", address, ADDRESS),
        ("sign-in-login", name, LOGIN),
    ]
    spend_all(session, keys=keys, uses=uses, now=now)


def check_staff(session: Session, *, login: str, password: str) -> StaffSignedIn:
    """The staff of this login and password; WRONG_SIGN_IN for anything else, in the same time.

    It reads only, so that no writer waits while the password is hashed; `spend_sign_in` must
    have been committed before.
    """
    name = _normal(login)
    staff = None
    if "\0" not in name and len(name) <= 100:
        query = sa.select(Staff).where(Staff.login == name, Staff.active)
        staff = session.scalars(query).one_or_none()
    if not check_password(staff.password_hash if staff else None, password) or staff is None:
        raise LendingError(Code.WRONG_SIGN_IN)
    return StaffSignedIn(
        actor=Actor(
            kind=ActorKind.STAFF,
            role=staff.role,
            district_id=staff.district_id,
            site_id=staff.site_id,
            id=staff.id,
        ),
        epoch=staff.session_epoch,
        language=staff.language,
    )


def _normal(login: str) -> str:
    return login.strip().lower().encode("utf-8", "replace").decode()
