"""The driver's sheet: the rounds somebody is to drive, with all that is to be known offline."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.steps import State
from lending.loop.tables import Item
from lending.loop.write.queries import of_any_district
from lending.moving.rounds.drivers import drives, is_current
from lending.moving.rounds.hours import ALL_DAY, load_windows
from lending.moving.rounds.views import RoundView, view_rounds
from lending.people.actors import Actor
from lending.people.sealing import Keys
from lending.requests.acting import signature
from lending.requests.pickups.sheet import PickupSheet, load_sheets
from lending.requests.round_tables import Emptying


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rounds with what lies beside them: by site id the hours of the round's day (opens, closes,
    local; none: open all day), whether it is closed then, and the used pieces known to lie there.
    `doors`: where requests for pick-up are that are still to be fetched, by their id; whoever shows
    them notes the look (`note_looks`).
    """

    rounds: tuple[RoundView, ...]
    hours: dict[int, tuple[time, time]]
    closed: frozenset[int]
    lying: dict[int, int]
    emptied: dict[int, datetime]  # boxes: when last, without a bag
    doors: dict[uuid.UUID, PickupSheet]


def load_sheet(session: Session, *, actor: Actor, day: date, keys: Keys, now: datetime) -> Sheet:
    """What the actor is to drive on `day`, and what is left open of the days before; about twenty
    statements."""
    found = view_rounds(session, actor.district_id, drives(actor), is_current(day))
    places = [stop for one in found for stop in one.stops if stop.pickup is None]
    sites = {stop.site.id for stop in places}
    asked = open_requests(found, signature(actor))
    doors = load_sheets(session, pickup_ids=asked, keys=keys, now=now) if asked else {}
    if not sites:
        return Sheet(tuple(found), {}, frozenset(), {}, {}, doors)
    windows = load_windows(session, site_ids=sites, day=day, now=now)
    hours = {site: _times(*window) for site, window in windows.items() if window != ALL_DAY}
    return Sheet(
        tuple(found), hours, frozenset(sites - windows.keys()), _lying(session, sites),
        _emptied(session, sites), doors,
    )  # fmt: skip


def open_requests(rounds: Sequence[RoundView], driver: str) -> list[uuid.UUID]:
    """The requests that are still to be fetched on these rounds, and what the driver (a signature)
    took and is not done with."""
    stops = (stop for one in rounds if one.ended_at is None for stop in one.stops)
    return [
        stop.pickup.request.id
        for stop in stops
        if stop.pickup
        and (
            not stop.pickup.is_over
            or (stop.outcome is None and stop.pickup.request.taken_by == driver)
        )
    ]


def _times(opens: int, closes: int) -> tuple[time, time]:
    last = min(closes, ALL_DAY[1] - 60)  # until midnight
    return time(opens // 3600, opens // 60 % 60), time(last // 3600, last // 60 % 60)


def _lying(session: Session, sites: set[int]) -> dict[int, int]:
    query = (
        sa.select(Item.site_id, sa.func.count())
        .where(of_any_district(), Item.site_id.in_(sites), Item.state == State.RETURNED)
        .where(~Item.carrier)
        .group_by(Item.site_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _emptied(session: Session, sites: set[int]) -> dict[int, datetime]:
    query = sa.select(Emptying.site_id, sa.func.max(Emptying.at))
    rows = session.execute(query.where(Emptying.site_id.in_(sites)).group_by(Emptying.site_id))
    return {row[0]: row[1] for row in rows}
