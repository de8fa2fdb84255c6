"""The driver's sheet: the rounds somebody is to drive, with all that is to be known offline."""

from dataclasses import dataclass
from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.queries import of_any_district
from lending.loop.steps import State
from lending.loop.tables import Item
from lending.moving.rounds.drivers import drives, is_current
from lending.moving.rounds.hours import ALL_DAY, load_windows
from lending.moving.rounds.views import RoundView, view_rounds
from lending.people.actors import Actor
from lending.requests.round_tables import Emptying


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rounds with what lies beside them: by site id the hours of the round's day (opens, closes,
    local; none: open all day), whether it is closed then, and the used pieces known to lie there.
    """

    rounds: tuple[RoundView, ...]
    hours: dict[int, tuple[time, time]]
    closed: frozenset[int]
    lying: dict[int, int]
    emptied: dict[int, datetime]  # boxes: when last, without a bag


def load_sheet(session: Session, *, actor: Actor, day: date, now: datetime) -> Sheet:
    """What the actor is to drive on `day`, and what is left open of the days before; about fifteen
    statements."""
    found = view_rounds(session, actor.district_id, drives(actor), is_current(day))
    sites = {stop.site.id for one in found for stop in one.stops}
    if not sites:
        return Sheet(tuple(found), {}, frozenset(), {}, {})
    windows = load_windows(session, site_ids=sites, day=day, now=now)
    hours = {site: _times(*window) for site, window in windows.items() if window != ALL_DAY}
    return Sheet(
        tuple(found), hours, frozenset(sites - windows.keys()), _lying(session, sites),
        _emptied(session, sites),
    )  # fmt: skip


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
