"""The district's vans: how many crates they hold and when they drive."""

from dataclasses import dataclass
from datetime import time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.moving.rounds.hours import seconds_of
from lending.moving.rounds.routing import Van
from lending.moving.tables import Vehicle
from lending.people.upserts import insert_or
from lending.places.texts import read_text
from lending.requests.acting import check_count

MOST_CRATES = 1_000
NINE, SIX = time(9), time(18)


@dataclass(frozen=True, slots=True)
class VehicleView:
    """A van; it may leave at `leaves` and must be back by `back`, local times."""

    name: str
    crates: int
    leaves: time
    back: time
    active: bool

    @property
    def van(self) -> Van:
        """The same for finding routes."""
        return Van(self.name, self.crates, seconds_of(self.leaves), seconds_of(self.back))


def set_vehicle(
    session: Session,
    *,
    district_id: int,
    name: str,
    crates: int,
    leaves: time = NINE,
    back: time = SIX,
    active: bool = True,
) -> None:
    """A van by its name, new or changed; INVALID (name, crates, back)."""
    if back <= leaves:
        raise LendingError(Code.INVALID, field="back")
    values = {
        "crates": check_count(crates, "crates", most=MOST_CRATES),
        "leaves": leaves,
        "back": back,
        "active": active,
    }
    key = {"district_id": district_id, "name": read_text(name, "name", longest=40)}
    insert = insert_or(session, Vehicle).values(key | values)
    session.execute(
        insert.on_conflict_do_update(index_elements=["district_id", "name"], set_=values)
    )


def list_vehicles(session: Session, *, district_id: int) -> list[VehicleView]:
    """All vans by name."""
    query = sa.select(Vehicle).where(Vehicle.district_id == district_id).order_by(Vehicle.name)
    return [
        VehicleView(row.name, row.crates, row.leaves, row.back, row.active)
        for row in session.scalars(query)
    ]
