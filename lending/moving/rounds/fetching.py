"""The driver at a pick-up: taken with its bag, by its lids or unscanned, or nothing there."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.codes import read_code
from lending.loop.tables import Item, Label
from lending.moving.rounds.beeps import Move
from lending.moving.rounds.told import First, Told
from lending.people.tables import Staff
from lending.requests.acting import signature
from lending.requests.pickups.miss import Miss, miss_pickup
from lending.requests.pickups.take import Take, take_pickup


def fetch_pickup(told: Told, pickup_id: uuid.UUID, *, code: str | None) -> First | None:
    """Takes a request at its stop: `code` is its bag's, that of one of its lids, or None where
    nothing could be scanned. What was scanned is a fact; whose taking counts is answered, unless it
    is this one."""
    record = told.record
    bag = code if code is not None and is_carrier(told) else None
    codes = () if code is None or bag is not None else (code,)
    if bag is not None:
        told.move(Move.TAKE, site=told.place().code)
    took = take_pickup(
        told.session,
        Take(
            record.id, pickup_id, record.at, record.sent_at, record.round_id, codes, bag,
            record.seq, record.clock_error, record.clock_lost,
        ),
        actor=told.actor, keys=told.keys, now=told.now,
    )  # fmt: skip
    if took.mine:
        return None
    return First(name_of(told.session, took.taken_by), took.taken_at)


def miss_at_stop(told: Told, pickup_id: uuid.UUID) -> First | None:
    """Nothing was there; who took it before, if that is why."""
    record = told.record
    missed = miss_pickup(
        told.session, Miss(record.id, pickup_id, record.round_id, told.at), actor=told.actor,
        now=told.now,
    )  # fmt: skip
    if missed.taken_at is None or missed.taken_by in (None, signature(told.actor)):
        return None
    return First(name_of(told.session, missed.taken_by or ""), missed.taken_at)


def is_carrier(told: Told) -> bool:
    """Whether the code of a record is a crate's or a bag's."""
    query = (
        sa.select(Item.carrier)
        .join(Label, Label.item_id == Item.id)
        .where(Label.code == read_code(told.code()), Item.district_id == told.actor.district_id)
    )
    return bool(told.session.scalar(query))


def name_of(session: Session, signed: str) -> str | None:
    """The login name behind a signature ("staff:12"); None for a device or the worker."""
    kind, _, id = signed.partition(":")
    return (
        session.scalar(sa.select(Staff.login).where(Staff.id == int(id)))
        if kind == "staff"
        else None
    )
