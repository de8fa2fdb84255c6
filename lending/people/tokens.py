"""Bearer tokens of the API: made, found, listed, revoked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import fetch
from lending.errors import Code, LendingError
from lending.people.actors import Actor, ActorKind
from lending.people.credentials import hash_credential, make_credential
from lending.people.rights import at_any_site
from lending.people.tables import ApiToken, Role
from lending.places.sites import find_site
from lending.places.tables import Site
from lending.places.texts import Problem, read_text

PREFIX = "reuse_"
LAST_USE_EVERY = timedelta(minutes=1)
MACHINES_USE_EVERY = timedelta(minutes=10)  # they call every minute, and tell more than this


# Built once: every request of the API asks this, and building it takes longer than the answer.
_FIND = sa.select(
    ApiToken.id,
    ApiToken.role,
    ApiToken.district_id,
    ApiToken.site_id,
    ApiToken.last_used_at,
).where(ApiToken.token_hash == sa.bindparam("token_hash"), ApiToken.revoked_at.is_(None))


@dataclass(frozen=True, slots=True)
class TokenMade:
    """A new token: `token` is shown once and stored nowhere."""

    id: int
    token: str


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token as officers see it; `site` is the code of its own site, if it has one."""

    id: int
    name: str
    role: Role
    site: str | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


def create_token(
    session: Session,
    *,
    site: str,
    role: Role,
    now: datetime,
    name: str = "",
    district_id: int | None = None,
) -> TokenMade:
    """A token for the site with the code `site`, or for its whole district (officer, courier).

    NOT_FOUND (field site), INVALID (field role) for a resident and for a platform, which has a
    token of another make; `district_id` bounds the search.
    """
    if role in {Role.RESIDENT, Role.PLATFORM}:
        raise LendingError(Code.INVALID, field="role", detail=Problem.UNKNOWN_ROLE)
    found = find_site(session, code=site, district_id=district_id)
    return _add_token(
        session,
        district_id=found.district_id,
        site_id=None if at_any_site(role) else found.id,
        role=role,
        name=read_text(name, "name", empty=True),
        now=now,
    )


def create_platform_token(
    session: Session, *, district_id: int, name: str, now: datetime
) -> TokenMade:
    """A delivery platform's token: of no place, with no right but to its own orders."""
    return _add_token(
        session, district_id=district_id, site_id=None, role=Role.PLATFORM, name=name, now=now
    )


def _add_token(session: Session, *, now: datetime, **columns: Any) -> TokenMade:
    token = make_credential(PREFIX)
    row = ApiToken(token_hash=hash_credential(token), created_at=now, **columns)
    session.add(row)
    session.flush()
    return TokenMade(row.id, token)


def find_token(session: Session, *, token: str, now: datetime) -> Actor | None:
    """Who holds this token, if it is not revoked; the last use is written once a minute at most,
    a machine's once in ten."""
    rows = fetch(session, _FIND, {"token_hash": hash_credential(token)})
    if not rows:
        return None
    row = rows[0]
    every = MACHINES_USE_EVERY if row.role is Role.MACHINE else LAST_USE_EVERY
    if row.last_used_at is None or row.last_used_at <= now - every:
        _note_use(session, row.id, now)
    return Actor(ActorKind.TOKEN, row.role, row.district_id, site_id=row.site_id, id=row.id)


def revoke_token(session: Session, *, district_id: int, token_id: int, now: datetime) -> None:
    """Ends a token for ever; NOT_FOUND when the district has no such token in force."""
    ended = session.execute(
        sa.update(ApiToken)
        .where(
            ApiToken.id == token_id,
            ApiToken.district_id == district_id,
            ApiToken.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(ApiToken.id)
    )
    if ended.first() is None:
        raise LendingError(Code.NOT_FOUND, field="token")


def revoke_tokens_named(session: Session, *, district_id: int, name: str, now: datetime) -> int:
    """Ends all tokens of this name in the district; how many."""
    ended = session.execute(
        sa.update(ApiToken)
        .where(
            ApiToken.district_id == district_id,
            ApiToken.name == name,
            ApiToken.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(ApiToken.id)
    )
    return len(ended.all())


def list_tokens(
    session: Session, *, district_id: int, before: int | None = None, limit: int = 100
) -> list[TokenView]:
    """At most `limit` tokens, the newest first, from the first below the id `before` on."""
    query = (
        sa.select(ApiToken, Site.code)
        .outerjoin(Site, Site.id == ApiToken.site_id)
        .where(ApiToken.district_id == district_id)
        .order_by(ApiToken.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(ApiToken.id < before)
    return [
        TokenView(
            id=token.id,
            name=token.name,
            role=token.role,
            site=code,
            created_at=token.created_at,
            last_used_at=token.last_used_at,
            revoked_at=token.revoked_at,
        )
        for token, code in session.execute(query)
    ]


def _note_use(session: Session, token_id: int, now: datetime) -> None:
    """Of several requests in one minute one writes: the others find the condition false."""
    session.execute(
        sa.update(ApiToken)
        .where(
            ApiToken.id == token_id,
            ApiToken.last_used_at.is_(None) | (ApiToken.last_used_at <= now - LAST_USE_EVERY),
        )
        .values(last_used_at=now)
        .execution_options(synchronize_session=False)
    )
