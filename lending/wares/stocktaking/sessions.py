"""Stocktaking sessions: begun, joined by further tablets, abandoned, listed."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import ChangedMeanwhile, Code, LendingError
from lending.loop.read.paging import DEFAULT_LIMIT, KeyPart, Page, beyond, cut, read_key
from lending.people.actors import Actor, ActorKind
from lending.people.rights import may_act_at
from lending.people.upserts import insert_or
from lending.places.tables import Site
from lending.wares.setting import RIGHTS
from lending.wares.stocktaking.tables import StockSession
from lending.wares.ways import Why


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session: where, since when and by whom (`sender_*` and `staff_id`: who began it); open
    while `ended_at` is None. An abandoned one has no result."""

    id: uuid.UUID
    site_id: int
    site: str  # code
    begun_at: datetime
    sender_kind: ActorKind
    sender_id: int | None
    staff_id: int | None
    ended_at: datetime | None
    abandoned: bool

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


def begin_session(
    session: Session,
    *,
    id: uuid.UUID,
    site_id: int,
    actor: Actor,
    now: datetime,
    staff_id: int | None = None,
) -> SessionView:
    """Begins a session at a place, or joins the one that is open there: its id is then another.

    The same id again gives the same session, ended or not. NOT_FOUND (field site),
    NOT_ALLOWED_HERE, ID_REUSED for an id of another place.
    """
    _require_right(session, actor, site_id)
    known = session.get(StockSession, id)
    if known is not None:
        if known.site_id != site_id:
            raise LendingError(Code.ID_REUSED, field="id")
        return load_session(session, session_id=id, actor=actor)
    row = {
        "id": id,
        "district_id": actor.district_id,
        "site_id": site_id,
        "begun_at": now,
        "abandoned": False,
        "staff_id": staff_id,
        **sender(actor),
        "sender_role": actor.role,
    }
    session.execute(insert_or(session, StockSession).values(row).on_conflict_do_nothing())
    found = open_session(session, site_id=site_id, actor=actor)
    if found is None:
        raise ChangedMeanwhile  # the one that was open has just been ended
    return found


def abandon_session(
    session: Session, *, session_id: uuid.UUID, actor: Actor, now: datetime
) -> SessionView:
    """Ends an open session without a result; what was noted stays to be looked at. Abandoned again
    changes nothing; CONFLICT for one that was ended; else errors as `load_session`."""
    row = lock_session(session, session_id, actor)
    if row.ended_at is not None and not row.abandoned:
        raise LendingError(Code.CONFLICT, field="session")
    if row.ended_at is None:
        close(row, actor, now, staff_id=None)
        row.abandoned = True
        session.flush()
    return load_session(session, session_id=session_id, actor=actor)


def load_session(session: Session, *, session_id: uuid.UUID, actor: Actor) -> SessionView:
    """A session of the actor's district and place; NOT_FOUND (field session), NOT_ALLOWED_HERE."""
    row = session.execute(_views(actor).where(StockSession.id == session_id)).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="session")
    _require_right(session, actor, row.site_id)
    return _view(row)


def open_session(session: Session, *, site_id: int, actor: Actor) -> SessionView | None:
    """The session that is open at a place."""
    query = _views(actor).where(StockSession.site_id == site_id, StockSession.ended_at.is_(None))
    row = session.execute(query).one_or_none()
    return None if row is None else _view(row)


def list_sessions(
    session: Session,
    *,
    actor: Actor,
    site_id: int | None = None,
    after: Sequence[KeyPart] | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[SessionView]:
    """The sessions of a place, or of all the actor sees, the newest first. Errors: cursor INVALID,
    NOT_ALLOWED_HERE (field site)."""
    key = read_key(after, datetime, uuid.UUID)
    order = (StockSession.begun_at, StockSession.id)
    query = _views(actor).where(beyond(order, key, falling=True))
    place = site_id if site_id is not None else actor.site_id
    if place is not None:
        _require_right(session, actor, place)
        query = query.where(StockSession.site_id == place)
    query = query.order_by(StockSession.begun_at.desc(), StockSession.id.desc()).limit(limit + 1)
    rows = session.execute(query).all()
    return cut(rows, limit, _view, lambda row: (row.begun_at, str(row.id)))


def lock_session(
    session: Session, session_id: uuid.UUID, actor: Actor, *, shared: bool = False
) -> StockSession:
    """The session's row, locked; `shared`: beside others who note, but not beside its end."""
    query = sa.select(StockSession).where(
        StockSession.id == session_id, StockSession.district_id == actor.district_id
    )
    locked = query.with_for_update(read=shared).execution_options(populate_existing=True)
    row = session.scalars(locked).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="session")
    _require_right(session, actor, row.site_id)
    return row


def lock_open(session: Session, session_id: uuid.UUID, actor: Actor) -> StockSession:
    """An open session, for noting in it; CONFLICT (field session) once it is ended."""
    row = lock_session(session, session_id, actor, shared=True)
    if row.ended_at is not None:
        raise LendingError(Code.CONFLICT, field="session")
    return row


def close(row: StockSession, actor: Actor, now: datetime, staff_id: int | None) -> None:
    """Writes who ended a session, and when."""
    row.ended_at = max(now, row.begun_at)
    row.ender_kind, row.ender_id, row.ender_staff_id = actor.kind.value, actor.id, staff_id


def sender(actor: Actor) -> dict[str, Any]:
    """Who writes, as columns."""
    return {"sender_kind": actor.kind.value, "sender_id": actor.id}


def _require_right(session: Session, actor: Actor, site_id: int) -> None:
    if actor.kind is ActorKind.SYSTEM:
        return
    here = may_act_at(actor.role, own_site_id=actor.site_id, site_id=site_id)
    if Why.COUNTED not in RIGHTS[actor.role] or not here:
        raise LendingError(Code.NOT_ALLOWED_HERE, field="site")
    own = sa.select(Site.id).where(Site.id == site_id, Site.district_id == actor.district_id)
    if session.scalar(own) is None:
        raise LendingError(Code.NOT_FOUND, field="site")


def _views(actor: Actor) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            StockSession.id, StockSession.site_id, Site.code, StockSession.begun_at,
            StockSession.sender_kind, StockSession.sender_id, StockSession.staff_id,
            StockSession.ended_at, StockSession.abandoned,
        )
        .join(Site, Site.id == StockSession.site_id)
        .where(StockSession.district_id == actor.district_id)
    )  # fmt: skip


def _view(row: Any) -> SessionView:
    return SessionView(
        row.id, row.site_id, row.code, row.begun_at, ActorKind(row.sender_kind), row.sender_id,
        row.staff_id, row.ended_at, row.abandoned,
    )  # fmt: skip
