"""How far an event is, as SQL over its rows: worked out anew whenever it is asked for."""

from typing import Any

import sqlalchemy as sa

from lending.events.tables import CrateSeal, Event, EventCrate, Statement
from lending.events.values import BackHow, Stage

USED = (BackHow.OPENED, BackHow.SEEN)  # what was in such a crate is to be counted


def out_now() -> sa.ColumnElement[bool]:
    """SQL over EventCrate: still at its event, and no count has come yet."""
    return sa.and_(EventCrate.back_at.is_(None), EventCrate.counted_in.is_(None))


def uncounted() -> sa.ColumnElement[bool]:
    """SQL over EventCrate: back and opened, what was in it not counted yet."""
    return sa.and_(EventCrate.back_how.in_(USED), EventCrate.counted_in.is_(None))


def stage_case() -> sa.ColumnElement[str]:
    """SQL over Event: its stage."""
    counted = sa.exists().where(Statement.event_id == Event.id)
    return sa.case(
        # What is out or to be counted comes first: word of it may come when all seemed to be over.
        (_has(out_now()), Stage.OUT.value),
        (_has(uncounted()), Stage.BACK.value),
        (Event.settled_at.is_not(None), Stage.SETTLED.value),
        (counted, Stage.COUNTED.value),
        (Event.cancelled_at.is_not(None), Stage.CANCELLED.value),
        (sa.exists().where(*packed_for_event()), Stage.PACKED.value),
        else_=Stage.PLANNED.value,
    )


def packed_for_event() -> tuple[sa.ColumnElement[bool], ...]:
    """SQL over CrateSeal: packed for the event of the row, and not handed out yet."""
    return (CrateSeal.event_id == Event.id, CrateSeal.broken_at.is_(None))


def number_of(*which: sa.ColumnElement[bool]) -> Any:
    """SQL over Event: how many of its crates are so."""
    return (
        sa.select(sa.func.count())
        .select_from(EventCrate)
        .where(EventCrate.event_id == Event.id, *which)
        .correlate(Event)
        .scalar_subquery()
    )


def packed_number() -> Any:
    """SQL over Event: how many crates are packed for it."""
    query = sa.select(sa.func.count()).select_from(CrateSeal).where(*packed_for_event())
    return query.correlate(Event).scalar_subquery()


def all_in_at() -> Any:
    """SQL over Event: when the last of its uncounted crates came in at the centre; null while one
    is still out or on its way."""
    last = sa.select(sa.func.max(EventCrate.in_at)).where(
        EventCrate.event_id == Event.id, uncounted()
    )
    waits = _has(sa.or_(out_now(), sa.and_(uncounted(), EventCrate.in_at.is_(None))))
    return sa.case((waits, None), else_=last.correlate(Event).scalar_subquery())


def _has(which: sa.ColumnElement[bool]) -> Any:
    return sa.exists().where(EventCrate.event_id == Event.id, which)
