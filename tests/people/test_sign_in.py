"""Staff sign in with login and password, slowed when somebody guesses; a session can be ended."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import reading, run_transaction, transaction
from lending.errors import Code, LendingError
from lending.people.actors import Actor, ActorKind
from lending.people.sessions import end_staff_sessions, find_staff
from lending.people.sign_in import check_staff, spend_sign_in
from lending.people.staff import NewStaff, add_staff, set_active
from lending.people.tables import Role, Staff

PASSWORD = "two beeps per loan"


@pytest.fixture
def mina(engine: sa.Engine, place: Any, now: datetime) -> int:
    new = NewStaff("mina", PASSWORD, Role.CAFE, site_id=place.cafe)
    with transaction(engine) as session:
        return add_staff(session, district_id=place.district, new=new, now=now)


def check(engine: sa.Engine, login: str, password: str) -> Any:
    with reading(engine) as session:
        return check_staff(session, login=login, password=password)


def test_the_right_password_signs_in(engine: sa.Engine, place: Any, mina: int) -> None:
    signed = check(engine, " Mina ", PASSWORD)
    assert signed.actor == Actor(
        ActorKind.STAFF, Role.CAFE, place.district, site_id=place.cafe, id=mina
    )
    with reading(engine) as session:
        assert find_staff(session, staff_id=mina, epoch=signed.epoch) == signed.actor
        assert find_staff(session, staff_id=mina, epoch=signed.epoch + 1) is None


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("mina", "wrong"),
        ("mina", ""),
        ("mina", "x" * 1_000_000),
        ("mina", "\ud800\x00"),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("mi\x00na", PASSWORD),
        ("\ud800", PASSWORD),
    ],
)
def test_anything_else_is_refused_alike(
    engine: sa.Engine, mina: int, login: str, password: str
) -> None:
    with pytest.raises(LendingError) as caught:
        check(engine, login, password)
    assert caught.value.code is Code.WRONG_SIGN_IN
    assert caught.value.field is None


def test_an_unknown_login_takes_as_long(engine: sa.Engine, mina: int) -> None:
    def seconds(login: str) -> float:
        taken = []
        for _ in range(3):
            begun = time.perf_counter()
            with pytest.raises(LendingError):
                check(engine, login, "wrong password")
            taken.append(time.perf_counter() - begun)
        return min(taken)

    # Without the hash an unknown login answers a hundred times sooner.
    assert seconds("nobody") > seconds("mina") / 3


def test_tries_are_counted_per_login_and_per_address(
    engine: sa.Engine, keys: Any, now: datetime
) -> None:
    def tries(login: str, address: str, *, at: datetime = now) -> None:
        def work(session: Session) -> None:
            spend_sign_in(session, keys=keys, login=login, address=address, now=at)

        run_transaction(engine, work)

    for _ in range(8):
        tries("mina", "10.0.0.1")
    with pytest.raises(LendingError) as caught:
        tries("Mina", "10.0.0.1")
    assert caught.value.code is Code.TOO_MANY_TRIES
    assert caught.value.retry_after is not None
    tries("mina", "10.0.0.2")  # the owner elsewhere is not locked out
    tries("mina", "10.0.0.1", at=now + timedelta(minutes=15))
    for number in range(32):
        tries(f"login{number}", "10.0.0.1")
    with pytest.raises(LendingError):
        tries("another", "10.0.0.1")


def test_a_deactivated_account_and_an_ended_session_are_out_at_once(
    engine: sa.Engine, place: Any, mina: int
) -> None:
    epoch = check(engine, "mina", PASSWORD).epoch
    with transaction(engine) as session:
        end_staff_sessions(session, staff_id=mina)
        assert find_staff(session, staff_id=mina, epoch=epoch) is None
        assert find_staff(session, staff_id=mina, epoch=epoch + 1) is not None
        set_active(session, district_id=place.district, staff_id=mina, active=False)
        assert find_staff(session, staff_id=mina, epoch=epoch + 2) is None
    with pytest.raises(LendingError):
        check(engine, "mina", PASSWORD)


def test_passwords_are_stored_as_argon2(engine: sa.Engine, mina: int) -> None:
    with reading(engine) as session:
        stored = session.scalars(sa.select(Staff.password_hash)).one()
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored
