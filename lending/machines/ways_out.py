"""Where else a piece can go when a machine does not take it: the nearest places open and with room."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.machines.tables import Machine
from lending.places.days import EVERY_DAY
from lending.places.districts import load_district
from lending.places.sites import SiteView
from lending.places.spots import metres_between
from lending.places.tables import Closure, Opening
from lending.requests.fullness import boxes_full, silent_machines
from lending.requests.take_back import list_places

MOST = 3  # what a small screen shows and a person keeps in mind


@dataclass(frozen=True, slots=True)
class WayOut:
    """A place that takes the piece; `metres` None where a position is missing; `open` now."""

    site: SiteView
    metres: float | None
    open: bool


def ways_out(
    session: Session, *, site: SiteView, kind: str | None = None, now: datetime
) -> list[WayOut]:
    """At most three places other than `site`, those open now first, then the nearest.

    Left out is what is full, machines that are silent, and those that do not take the `kind` (its
    code; None: not known). A dozen statements whatever the size.
    """
    places = list_places(session, district_id=site.district_id)
    shut = _shut(session, site.district_id, kind) | {site.id}
    free = [place for place in places if place.id not in shut]
    zone = load_district(session, district_id=site.district_id).zone
    opened = places_open(session, [place.id for place in free], local=now.astimezone(zone), now=now)
    ways = [
        WayOut(place, metres_between(site.spot, place.spot), place.id in opened) for place in free
    ]
    far = float("inf")
    ways.sort(key=lambda way: (not way.open, far if way.metres is None else way.metres))
    return ways[:MOST]


def places_open(
    session: Session, site_ids: Collection[int], *, local: datetime, now: datetime
) -> set[int]:
    """Those of the places that are open now; `local` is the district's time. Two statements.

    A place that told no hours is open on its days; one that told nothing always is. Hours that end
    before they begin go on past midnight.
    """
    weeks = _weeks(session, site_ids, now)
    days = (local.date(), local.date() - timedelta(days=1))
    query = sa.select(Closure.site_id, Closure.day).where(
        Closure.site_id.in_(site_ids), Closure.day.in_(days), Closure.withdrawn_at.is_(None)
    )
    closed: set[tuple[int, date]] = {(row.site_id, row.day) for row in session.execute(query)}
    return {
        site_id
        for site_id in site_ids
        if any(
            _covers(weeks.get(site_id), day, local)
            for day in days
            if (site_id, day) not in closed
        )
    }  # fmt: skip


Week = tuple[int, time | None, time | None]


def _weeks(session: Session, site_ids: Collection[int], now: datetime) -> dict[int, Week]:
    """The version of the opening hours in force, by site."""
    query = (
        sa.select(Opening.site_id, Opening.weekdays, Opening.opens, Opening.closes)
        .where(Opening.site_id.in_(site_ids), Opening.valid_from <= now)
        .order_by(Opening.valid_from)
    )
    return {row.site_id: (row.weekdays, row.opens, row.closes) for row in session.execute(query)}


def _covers(week: Week | None, day: date, local: datetime) -> bool:
    """Whether what begins on `day` goes on at `local`."""
    weekdays, opens, closes = week or (EVERY_DAY, None, None)
    if not weekdays >> day.weekday() & 1:
        return False
    today, clock = day == local.date(), local.time()
    if opens is None or closes is None:
        return today
    if opens < closes:
        return today and opens <= clock < closes
    return clock >= opens if today else clock < closes


def _shut(session: Session, district_id: int, kind: str | None) -> set[int]:
    shut = {box.site.id for box in boxes_full(session, district_id=district_id) if box.is_full}
    shut |= silent_machines(session, district_id=district_id)
    if kind is not None:
        accepts = sa.select(Machine.site_id, Machine.accepts)
        rows = session.execute(accepts.where(Machine.district_id == district_id))
        shut |= {row.site_id for row in rows if row.accepts and kind not in row.accepts}
    return shut
