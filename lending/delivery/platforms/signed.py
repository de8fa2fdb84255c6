"""Who calls as a platform: its token and its signature together."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.platforms.register import secrets_of
from lending.delivery.platforms.signatures import is_signed
from lending.delivery.platforms.tables import Platform
from lending.errors import Code, LendingError
from lending.people.actors import Actor
from lending.people.keys import Keys


@dataclass(frozen=True, slots=True)
class Caller:
    """A platform that has shown who it is."""

    platform_id: int
    district_id: int


def find_platform(session: Session, *, actor: Actor, now: datetime) -> Caller:
    """The platform whose token this is; NOT_ALLOWED when it is stopped."""
    row = _by_token(session, actor, now)
    return Caller(row.id, row.district_id)


def check_signature(
    session: Session, *, actor: Actor, header: str, body: bytes, keys: Keys, now: datetime
) -> Caller:
    """The same for a signed call; WRONG_SIGN_IN when the signature is not right or too old."""
    row = _by_token(session, actor, now)
    if not is_signed(header, body, secrets=secrets_of(row, keys, now), now=now):
        raise LendingError(Code.WRONG_SIGN_IN, field="X-Signature")
    return Caller(row.id, row.district_id)


def _by_token(session: Session, actor: Actor, now: datetime) -> Platform:
    row = session.scalars(
        sa.select(Platform).where(
            sa.or_(
                Platform.token_id == actor.id,
                sa.and_(Platform.old_token_id == actor.id, Platform.old_until > now),
            )
        )
    ).one_or_none()
    if row is None or not row.active:
        raise LendingError(Code.NOT_ALLOWED, detail="no active platform")
    return row
