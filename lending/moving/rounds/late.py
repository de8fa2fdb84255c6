"""What the rounds that are opened have room for yet, and where they are still to call."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.requests.round_tables import Consignment, Round, Stop, Way, to_come


def promised(session: Session, *, district_id: int, depot_id: int, today: date) -> dict[int, int]:
    """Crates, by site id, that open rounds have room for and that are not packed yet."""
    stops = (
        sa.select(Stop.site_id, sa.func.sum(Stop.leave))
        .join(Round, Round.id == Stop.round_id)
        .where(
            Round.district_id == district_id,
            Round.site_id == depot_id,
            to_come(today),
            Stop.outcome.is_(None),
        )
        .group_by(Stop.site_id)
    )
    room = {row[0]: int(row[1]) for row in session.execute(stops)}
    packed = (
        sa.select(Consignment.to_site_id, sa.func.count())
        .join(Round, Round.id == Consignment.round_id)
        .where(
            Consignment.district_id == district_id,
            Consignment.way == Way.OUT,
            Consignment.dissolved_at.is_(None),
            to_come(today),
        )
        .group_by(Consignment.to_site_id)
    )
    for site, count in session.execute(packed):
        room[site] = room.get(site, 0) - count
    return {site: crates for site, crates in room.items() if crates > 0}


def called_at(session: Session, *, district_id: int, today: date) -> set[int]:
    """The site ids at which a round that is not over is still to call."""
    query = (
        sa.select(Stop.site_id)
        .join(Round, Round.id == Stop.round_id)
        .where(Round.district_id == district_id, to_come(today), Stop.outcome.is_(None))
        .where(Stop.pickup_id.is_(None))
    )
    return set(session.scalars(query))


def on_the_way_to(session: Session, *, depot_id: int, day: date) -> set[int]:
    """The site ids at which a van of the depot that left on `day` is still to call."""
    query = (
        sa.select(Stop.site_id)
        .join(Round, Round.id == Stop.round_id)
        .where(Round.site_id == depot_id, Round.day == day, Stop.outcome.is_(None))
        .where(Round.begun_at.is_not(None), Round.ended_at.is_(None), Stop.pickup_id.is_(None))
    )
    return set(session.scalars(query))
