"""Delivery platforms of a district: made, changed, given new keys, listed."""

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.platforms.callbacks import read_callback
from lending.delivery.platforms.tables import Platform
from lending.errors import Code, LendingError
from lending.people.actors import Actor
from lending.people.credentials import make_credential
from lending.people.keys import Keys
from lending.people.sealing import seal, unseal
from lending.people.tokens import create_platform_token, revoke_token
from lending.places.texts import read_text
from lending.requests.acting import signature

SECRET = "reuse_sign_"  # noqa: S105 - the beginning of every secret, so that scanners know it
OVERLAP = timedelta(hours=24)  # in which old keys hold beside the new ones
MOST_PLATFORMS = 100  # of a district, active and not


@dataclass(frozen=True, slots=True)
class KeysMade:
    """A platform's new keys: shown once, the token stored hashed and the secret sealed."""

    platform_id: int
    token: str
    secret: str


@dataclass(frozen=True, slots=True)
class PlatformView:
    """A platform as officers see it; `old_until`: its former keys hold till then."""

    id: int
    name: str
    active: bool
    callback_url: str | None
    created_at: datetime
    old_until: datetime | None
    failing_since: datetime | None
    rests_until: datetime | None
    last_error: str | None

    @property
    def host(self) -> str | None:
        """The name of the machine that is told."""
        return urlsplit(self.callback_url).hostname if self.callback_url else None


def add_platform(
    session: Session,
    *,
    name: str,
    callback_url: str,
    actor: Actor,
    keys: Keys,
    now: datetime,
    anywhere: bool = False,
) -> KeysMade:
    """A new platform of the actor's district and its keys; INVALID names the wrong field."""
    name, url = read_text(name, "name"), read_callback(callback_url, anywhere=anywhere)
    many = sa.select(sa.func.count()).where(Platform.district_id == actor.district_id)
    if session.scalar(many) >= MOST_PLATFORMS:  # type: ignore[operator]
        raise LendingError(Code.TOO_LARGE, field="name")
    token = create_platform_token(session, district_id=actor.district_id, name=name, now=now)
    row = Platform(
        district_id=actor.district_id, name=name, token_id=token.id, secret_sealed=b"",
        callback_url=url, created_at=now, changed_at=now, changed_by=signature(actor),
    )  # fmt: skip
    session.add(row)
    session.flush()
    secret = make_credential(SECRET)
    row.secret_sealed = seal(keys, secret, about=_about(row.id))
    session.flush()
    return KeysMade(row.id, token.token, secret)


def change_platform(
    session: Session,
    *,
    platform_id: int,
    name: str,
    callback_url: str,
    active: bool,
    actor: Actor,
    now: datetime,
    anywhere: bool = False,
) -> None:
    """Another name or callback address, or stopped and set going again. A changed address is
    tried at once, however long the old one failed."""
    url = read_callback(callback_url, anywhere=anywhere)
    row = lock_platform(session, platform_id=platform_id, district_id=actor.district_id)
    if url != row.callback_url:
        row.failures, row.rests_until, row.failing_since, row.last_error = 0, None, None, None
    row.name, row.callback_url, row.active = read_text(name, "name"), url, active
    row.changed_at, row.changed_by = now, signature(actor)
    session.flush()


def renew_keys(
    session: Session,
    *,
    platform_id: int,
    at_once: bool,
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> KeysMade:
    """New keys; the present ones hold for another 24 hours, or end `at_once` (they leaked).

    Keys that were on their way out end now in either case.
    """
    row = lock_platform(session, platform_id=platform_id, district_id=actor.district_id)
    _end_old(session, row, now)
    token = create_platform_token(session, district_id=row.district_id, name=row.name, now=now)
    secret = make_credential(SECRET)
    row.old_token_id, row.old_secret_sealed = row.token_id, row.secret_sealed
    row.old_until = now + OVERLAP
    row.token_id, row.secret_sealed = token.id, seal(keys, secret, about=_about(row.id))
    row.changed_at, row.changed_by = now, signature(actor)
    if at_once:
        _end_old(session, row, now)
    session.flush()
    return KeysMade(row.id, token.token, secret)


def end_old_keys(session: Session, *, now: datetime) -> int:
    """Ends the former keys whose day is over, of all platforms; how many platforms."""
    rows = session.scalars(
        sa.select(Platform).where(Platform.old_until <= now).order_by(Platform.id).with_for_update()
    ).all()
    for row in rows:
        _end_old(session, row, now)
    session.flush()
    return len(rows)


def list_platforms(session: Session, *, district_id: int) -> list[PlatformView]:
    """All platforms of a district, by name; there are at most 100."""
    query = sa.select(Platform).where(Platform.district_id == district_id)
    return [_view(row) for row in session.scalars(query.order_by(Platform.name, Platform.id))]


def load_platform(session: Session, *, platform_id: int, district_id: int) -> PlatformView:
    """One platform; NOT_FOUND when the district has none of this number."""
    return _view(_find(session, platform_id, district_id, lock=False))


def lock_platform(session: Session, *, platform_id: int, district_id: int) -> Platform:
    """The row, locked; NOT_FOUND when the district has none of this number."""
    return _find(session, platform_id, district_id, lock=True)


def secrets_of(row: Platform, keys: Keys, now: datetime) -> list[str]:
    """The secrets in force, the newest first."""
    sealed = [row.secret_sealed]
    if row.old_secret_sealed is not None and row.old_until is not None and row.old_until > now:
        sealed.append(row.old_secret_sealed)
    return [unseal(keys, one, about=_about(row.id)) for one in sealed]


def _find(session: Session, platform_id: int, district_id: int, *, lock: bool) -> Platform:
    query = sa.select(Platform).where(
        Platform.id == platform_id, Platform.district_id == district_id
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = session.scalars(query).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="platform")
    return row


def _end_old(session: Session, row: Platform, now: datetime) -> None:
    if row.old_token_id is not None:
        with contextlib.suppress(LendingError):  # somebody ended it by itself
            revoke_token(session, district_id=row.district_id, token_id=row.old_token_id, now=now)
    row.old_token_id, row.old_secret_sealed, row.old_until = None, None, None


def _about(platform_id: int) -> str:
    return f"delivery_platform:{platform_id}:secret"


def _view(row: Platform) -> PlatformView:
    return PlatformView(
        row.id, row.name, row.active, row.callback_url, row.created_at, row.old_until,
        row.failing_since, row.rests_until, row.last_error,
    )  # fmt: skip
