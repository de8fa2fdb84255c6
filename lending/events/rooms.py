"""The rooms of a hall: added, renamed, put out of use."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.events.rights import check_hall, hall_of
from lending.events.tables import Room
from lending.events.values import RoomView
from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.places.texts import Problem, read_text
from lending.requests.acting import signature

LONGEST_NAME = 40


def add_room(
    session: Session, *, site: str | None, name: str, actor: Actor, now: datetime
) -> RoomView:
    """A new room of a hall (its code; None: the actor's). INVALID or CONFLICT (name), else as
    `hall_of`."""
    hall = hall_of(session, actor=actor, code=site)
    text = read_text(name, "name", longest=LONGEST_NAME)
    row = {
        "district_id": actor.district_id, "site_id": hall.id, "name": text, "active": True,
        "made_at": now, "made_by": signature(actor),
    }  # fmt: skip
    insert = insert_or(session, Room).values(row).on_conflict_do_nothing().returning(Room.id)
    id = session.scalar(insert)
    if id is None:
        raise LendingError(Code.CONFLICT, field="name", detail=Problem.IN_USE)
    return RoomView(id, hall.id, text, True)


def change_room(
    session: Session,
    *,
    room_id: int,
    actor: Actor,
    name: str | None = None,
    active: bool | None = None,
) -> RoomView:
    """Renames a room or puts it in or out of use; NOT_FOUND (room), INVALID or CONFLICT (name)."""
    query = sa.select(Room).where(Room.id == room_id, Room.district_id == actor.district_id)
    row = session.scalars(query.with_for_update()).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="room")
    check_hall(row.site_id, actor)
    if name is not None:
        row.name = _free_name(session, row, read_text(name, "name", longest=LONGEST_NAME))
    if active is not None:
        row.active = active
    session.flush()
    return _view(row)


def list_rooms(session: Session, *, site_id: int, all_of_them: bool = False) -> list[RoomView]:
    """A hall's rooms by name; those out of use only where asked for."""
    query = sa.select(Room).where(Room.site_id == site_id).order_by(Room.name)
    if not all_of_them:
        query = query.where(Room.active)
    return [_view(row) for row in session.scalars(query)]


def find_room(session: Session, *, room_id: int, site_id: int) -> RoomView:
    """A room of this hall that is in use; INVALID (room)."""
    row = session.get(Room, room_id)
    if row is None or row.site_id != site_id or not row.active:
        raise LendingError(Code.INVALID, field="room")
    return _view(row)


def _free_name(session: Session, row: Room, name: str) -> str:
    taken = sa.select(Room.id).where(
        Room.site_id == row.site_id, Room.name == name, Room.id != row.id
    )
    if session.scalar(taken) is not None:
        raise LendingError(Code.CONFLICT, field="name", detail=Problem.IN_USE)
    return name


def _view(row: Room) -> RoomView:
    return RoomView(row.id, row.site_id, row.name, row.active)
