"""A crate said to be back unopened was not: it is out at its event as before."""

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.events.crates.bringing import view_one
from lending.events.crates.handing import hand_out
from lending.events.rights import check_hall, get_event
from lending.events.tables import EventCrate
from lending.events.values import BackHow, EventCrateView, HandOutIn
from lending.loop.steps import State
from lending.loop.tables import Item
from lending.loop.write.load import take_crate_turn
from lending.people.actors import Actor
from lending.people.keys import Keys

UNDONE_WITHIN = timedelta(days=1)


def undo_unopened(
    session: Session, *, event_crate_id: uuid.UUID, actor: Actor, keys: Keys, now: datetime
) -> EventCrateView:
    """The crate was not back, or not unopened: it is out again since it was first handed out, under
    the same signature, and may be brought back anew. Again: nothing changes.

    NOT_FOUND (crate), NOT_ALLOWED_HERE (site), CONFLICT (crate: how it is back, for one that did not
    come back unopened; `late` a day after; `gone_on` where it went on from the hall's store since).
    """
    found = session.get(EventCrate, event_crate_id)
    if found is None or found.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="crate")
    event = get_event(session, event_id=found.event_id, actor=actor, lock=True)
    check_hall(event.site_id, actor)
    take_crate_turn(session, actor.district_id)
    row = session.get_one(EventCrate, found.id, with_for_update=True, populate_existing=True)
    again = _again(row)
    if session.get(EventCrate, again) is not None:
        return view_one(session, again)
    _refuse(session, row, event.site_id, now)
    row.back_how = BackHow.UNDONE  # its lend was taken back; the one that follows stands for it
    session.flush()
    code = session.get_one(Item, row.crate_id).code
    hand = HandOutIn(again, event.id, code, row.signed, row.handed_at, row.seal, ask=False)
    return hand_out(session, hand, actor=actor, keys=keys, now=now)


def may_undo(*, now: datetime) -> sa.ColumnElement[bool]:
    """SQL over EventCrate and its crate's Item: what `undo_unopened` takes back."""
    return sa.and_(
        EventCrate.back_how == BackHow.SEALED,
        EventCrate.back_at > now - UNDONE_WITHIN,
        Item.state == State.READY,
    )


def _again(row: EventCrate) -> uuid.UUID:
    """The id of the hand-out that stands for one whose coming back is undone."""
    return uuid.uuid5(row.id, "out again")


def _refuse(session: Session, row: EventCrate, hall_id: int, now: datetime) -> None:
    why = ""
    if row.back_how is not BackHow.SEALED:
        why = row.back_how or "out"
    elif row.back_at is None or row.back_at <= now - UNDONE_WITHIN:
        why = "late"
    elif _went_on(session, row, hall_id):
        why = "gone_on"
    if why:
        raise LendingError(Code.CONFLICT, field="crate", detail=why)


def _went_on(session: Session, row: EventCrate, hall_id: int) -> bool:
    """Whether the crate left the hall's store, if only for a while."""
    crate = session.get_one(Item, row.crate_id, populate_existing=True)
    later = sa.select(EventCrate.id).where(
        EventCrate.crate_id == row.crate_id, EventCrate.handed_at > row.handed_at
    )
    moved = session.scalar(later.limit(1)) is not None
    return moved or crate.state is not State.READY or crate.site_id != hall_id
