"""Places ask to be collected from: asked with one tap, withdrawn, listed for the next round."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import ChangedMeanwhile, Code, LendingError
from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.places.tables import Site
from lending.places.texts import read_text
from lending.requests.acting import check_count, place_of, signature
from lending.requests.round_tables import CollectRequest, CollectWhy

MOST_CRATES = 500


@dataclass(frozen=True, slots=True)
class NewCollect:
    """`crates`: how many wait, 0 where nobody said; `site`: a code, None for the actor's own."""

    id: uuid.UUID
    why: CollectWhy
    site: str | None = None
    crates: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class CollectView:
    """A request for collection; `round_id`: the round that is to do it."""

    id: uuid.UUID
    site_id: int
    site: str
    site_name: str
    why: CollectWhy
    crates: int
    note: str
    asked_at: datetime
    asked_by: str
    round_id: uuid.UUID | None
    done_at: datetime | None


def ask_collection(
    session: Session, new: NewCollect, *, actor: Actor, now: datetime
) -> CollectView:
    """Asks for collection at a place. While a request for the same reason is open it is that one
    which is returned: a second tap asks for nothing more, but says how many crates it is by now.

    Errors as `place_of`; INVALID (crates, note); ID_REUSED where the id is another place's request.
    """
    site = place_of(session, actor=actor, code=new.site)
    note = read_text(new.note, "note", longest=300, empty=True)
    row = {
        "id": new.id,
        "district_id": site.district_id,
        "site_id": site.id,
        "why": new.why,
        "crates": check_count(new.crates, "crates", least=0, most=MOST_CRATES),
        "note": note,
        "asked_at": now,
        "asked_by": signature(actor),
    }
    insert = insert_or(session, CollectRequest).on_conflict_do_nothing()
    session.execute(insert.returning(CollectRequest.id), [row]).all()
    same = session.scalar(sa.select(CollectRequest).where(CollectRequest.id == new.id))
    if same is None:
        same = session.scalars(
            sa.select(CollectRequest).where(
                CollectRequest.site_id == site.id, CollectRequest.why == new.why, _open()
            )
        ).one_or_none()
        if same is None:  # done between the two statements
            raise ChangedMeanwhile
        same.crates, same.note = new.crates or same.crates, note or same.note
        session.flush()
    elif (same.site_id, same.why) != (site.id, new.why):
        raise LendingError(Code.ID_REUSED, field="id")
    return _load(session, same.id)


def withdraw_collection(
    session: Session, *, request_id: uuid.UUID, actor: Actor, now: datetime
) -> CollectView:
    """The place needs no collection any more; again: nothing changes.

    NOT_FOUND (id), NOT_ALLOWED_HERE (site), CONFLICT (id) for one that is done.
    """
    row = session.get(CollectRequest, request_id, with_for_update=True, populate_existing=True)
    if row is None or row.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="id")
    place_of(session, actor=actor, code=_load(session, request_id).site)
    if row.done_at is not None:
        raise LendingError(Code.CONFLICT, field="id")
    if row.withdrawn_at is None:
        row.withdrawn_at, row.withdrawn_by = now, signature(actor)
        session.flush()
    return _load(session, request_id)


def open_collections(
    session: Session, *, district_id: int, site_ids: Collection[int] | None = None
) -> list[CollectView]:
    """What is asked and neither done nor withdrawn, the oldest first; one statement."""
    query = _views().where(CollectRequest.district_id == district_id, _open())
    if site_ids is not None:
        query = query.where(CollectRequest.site_id.in_(site_ids))
    query = query.order_by(CollectRequest.asked_at, CollectRequest.id)
    return [CollectView(*row) for row in session.execute(query)]


def settle_collections(
    session: Session,
    *,
    site_id: int,
    round_id: uuid.UUID | None,
    by: str,
    now: datetime,
    at: datetime | None = None,
    why: CollectWhy | None = None,
) -> int:
    """Somebody has been there at `at` (now by default): what was asked before is done, for one
    reason (`why`) or for all; how many. `round_id` None: no round was needed."""
    asked = [CollectRequest.site_id == site_id, CollectRequest.asked_at <= (at or now)]
    if why is not None:
        asked.append(CollectRequest.why == why)
    done = session.execute(
        sa.update(CollectRequest)
        .where(*asked, _open())
        .values(done_at=now, done_by=by, round_id=round_id)
        .returning(CollectRequest.id)
        .execution_options(synchronize_session=False)
    )
    return len(done.all())


def _open() -> sa.ColumnElement[bool]:
    return sa.and_(CollectRequest.done_at.is_(None), CollectRequest.withdrawn_at.is_(None))


def _views() -> sa.Select[
    uuid.UUID, int, str, str, CollectWhy, int, str, datetime, str, uuid.UUID | None, datetime | None
]:
    return sa.select(
        CollectRequest.id, CollectRequest.site_id, Site.code, Site.name, CollectRequest.why,
        CollectRequest.crates, CollectRequest.note, CollectRequest.asked_at,
        CollectRequest.asked_by, CollectRequest.round_id, CollectRequest.done_at,
    ).join(Site, Site.id == CollectRequest.site_id)  # fmt: skip


def _load(session: Session, request_id: uuid.UUID) -> CollectView:
    return CollectView(*session.execute(_views().where(CollectRequest.id == request_id)).one())
