"""Tokens of the API: shown once, stored hashed, found in one query, revocable."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import reading, transaction
from lending.errors import Code, LendingError
from lending.people.actors import Actor, ActorKind
from lending.people.tables import ApiToken, Role
from lending.people.tokens import (
    create_token,
    find_token,
    list_tokens,
    revoke_token,
    revoke_tokens_named,
)


def test_a_token_of_a_cafe_acts_at_its_own_site(
    session: Session, place: Any, now: datetime
) -> None:
    made = create_token(session, site="cafe-1", role=Role.CAFE, name="till", now=now)
    assert find_token(session, token=made.token, now=now) == Actor(
        ActorKind.TOKEN, Role.CAFE, place.district, site_id=place.cafe, id=made.id
    )
    stored = session.scalars(sa.select(ApiToken.token_hash)).one()
    assert made.token.encode() not in stored


@pytest.mark.parametrize("role", [Role.OFFICER, Role.COURIER])
def test_officers_and_couriers_have_the_whole_district(
    session: Session, place: Any, now: datetime, role: Role
) -> None:
    made = create_token(session, site="WASH", role=role, now=now)
    actor = find_token(session, token=made.token, now=now)
    assert actor is not None
    assert (actor.district_id, actor.site_id) == (place.district, None)


@pytest.mark.parametrize(
    ("site", "role", "code", "field"),
    [
        ("NOWHERE", Role.CAFE, Code.NOT_FOUND, "site"),
        ("\x00", Role.CAFE, Code.NOT_FOUND, "site"),
        ("CAFE-1", Role.RESIDENT, Code.INVALID, "role"),
    ],
)
def test_what_cannot_be_made(
    session: Session, place: Any, now: datetime, site: str, role: Role, code: Code, field: str
) -> None:
    with pytest.raises(LendingError) as caught:
        create_token(session, site=site, role=role, now=now)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_another_district_makes_none_here(session: Session, place: Any, now: datetime) -> None:
    with pytest.raises(LendingError):
        create_token(
            session, site="CAFE-1", role=Role.CAFE, now=now, district_id=place.district + 1
        )


@pytest.mark.parametrize("token", ["", "reuse_wrong", "\x00", "\ud800", "x" * 1_000_000])
def test_a_wrong_token_is_nobody(session: Session, place: Any, now: datetime, token: str) -> None:
    create_token(session, site="CAFE-1", role=Role.CAFE, now=now)
    assert find_token(session, token=token, now=now) is None


def test_the_last_use_is_written_once_a_minute(
    engine: sa.Engine, place: Any, now: datetime
) -> None:
    with transaction(engine) as session:
        made = create_token(session, site="CAFE-1", role=Role.CAFE, now=now)

    def use(after: int) -> datetime | None:
        # As the server does it: a session without a transaction around it.
        glancing = engine.execution_options(isolation_level="AUTOCOMMIT")
        with Session(glancing) as session:
            assert find_token(session, token=made.token, now=now + timedelta(seconds=after))
        with reading(engine) as session:
            return session.scalars(sa.select(ApiToken.last_used_at)).one()

    assert use(0) == now
    assert use(59) == now
    assert use(60) == now + timedelta(seconds=60)
    with transaction(engine) as session:
        (view,) = list_tokens(session, district_id=place.district)
    assert view.last_used_at == now + timedelta(seconds=60)


def test_revoked_tokens_end(session: Session, place: Any, now: datetime) -> None:
    one, two, three = (
        create_token(session, site="CAFE-1", role=Role.CAFE, name=name, now=now)
        for name in ("till", "demo", "demo")
    )
    with pytest.raises(LendingError):
        revoke_token(session, district_id=place.district + 1, token_id=one.id, now=now)
    revoke_token(session, district_id=place.district, token_id=one.id, now=now)
    with pytest.raises(LendingError):
        revoke_token(session, district_id=place.district, token_id=one.id, now=now)
    assert find_token(session, token=one.token, now=now) is None
    assert find_token(session, token=two.token, now=now) is not None
    assert revoke_tokens_named(session, district_id=place.district, name="demo", now=now) == 2
    assert find_token(session, token=three.token, now=now) is None


def test_the_list_pages_by_key(session: Session, place: Any, now: datetime) -> None:
    made = [
        create_token(session, site="CAFE-1", role=role, now=now).id
        for role in (Role.CAFE, Role.OFFICER, Role.MACHINE)
    ]
    first = list_tokens(session, district_id=place.district, limit=2)
    rest = list_tokens(session, district_id=place.district, before=first[-1].id, limit=2)
    assert [view.id for view in first + rest] == made[::-1]
    assert [view.site for view in first] == ["CAFE-1", None]
