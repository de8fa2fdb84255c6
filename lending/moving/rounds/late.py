"""Crates that are packed after their round was opened go onto it all the same."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.moving.supply.orders import local_today
from lending.requests.round_tables import Consignment, Round, Stop, Way, to_come


def join_round(session: Session, row: Consignment) -> None:
    """Puts a crate that goes out onto the next round that is to call at its place and has not left;
    nothing changes for one that is on a round, loaded, there already, or goes where none calls."""
    gone = row.loaded_at is not None or row.received_at is not None
    if row.way is not Way.OUT or row.round_id is not None or gone or row.sealed_at is None:
        return
    today = local_today(session, district_id=row.district_id, now=row.sealed_at)
    row.round_id = session.scalar(
        sa.select(Round.id)
        .join(Stop, Stop.round_id == Round.id)
        .where(
            Round.site_id == row.from_site_id,
            Round.begun_at.is_(None),
            to_come(today),
            Stop.site_id == row.to_site_id,
            Stop.outcome.is_(None),
            Stop.pickup_id.is_(None),
        )
        .order_by(Round.leaves_at, Round.id)
        .limit(1)
    )


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
