"""Where a piece goes back now: places that take its kind, work, are open and have room."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.places.districts import load_district
from lending.places.open_now import places_open
from lending.places.sites import SiteView
from lending.places.spots import metres_between
from lending.places.tables import Site
from lending.requests.fullness import Fullness, boxes_full
from lending.requests.tables import Machine, MachineStatus
from lending.requests.take_back import list_places

MOST = 3  # what a small screen shows and a person keeps in mind


@dataclass(frozen=True, slots=True)
class TakesBack:
    """A place that takes pieces back, as it is now. `accepts`: codes of the kinds it takes, none for
    every kind; `silent`: a machine that has told nothing for too long, so it may be off."""

    site: SiteView
    accepts: tuple[str, ...]
    full: bool
    silent: bool
    open: bool

    def takes(self, kind: str | None) -> bool:
        """Whether it is sure to take a piece of this kind (its code; None: nobody knows it)."""
        return not self.accepts or kind in self.accepts

    @property
    def is_ready(self) -> bool:
        """Whether somebody who comes now can leave something."""
        return self.open and not self.full and not self.silent


@dataclass(frozen=True, slots=True)
class WayOut:
    """A place that takes the piece; `metres` None where a position is missing; `open` now."""

    site: SiteView
    metres: float | None
    open: bool


@dataclass(frozen=True, slots=True)
class PlaceBack:
    """A line of the list of places: how the place is now, and where to go instead if it is full, the
    nearest that is open and has room; None where there is none."""

    place: TakesBack
    instead: WayOut | None

    @property
    def site(self) -> SiteView:
        return self.place.site


def list_ways_back(
    session: Session, *, district_id: int, kinds: Collection[str] = (), now: datetime
) -> list[PlaceBack]:
    """The places that take pieces of all these kinds (codes): those ready now first, each part in
    the order in which places are offered. Some ten statements whatever the size."""
    boxes = boxes_full(session, district_id=district_id)
    places = [
        place
        for place in _list_takers(session, district_id, boxes, now)
        if all(place.takes(kind) for kind in kinds)
    ]
    lines = [
        PlaceBack(place, _first_open(_ways(place.site, places)) if place.full else None)
        for place in places
    ]
    return sorted(lines, key=lambda line: not line.place.is_ready)


def ways_out(
    session: Session, *, site: SiteView, kind: str | None = None, now: datetime
) -> list[WayOut]:
    """At most three places other than `site` that take the `kind` (its code; None: not known, so
    those that take every kind), work and have room: those open now first, then the nearest."""
    boxes = boxes_full(session, district_id=site.district_id)
    return _ways_for(session, site, kind, boxes, now)[:MOST]


def next_way(
    session: Session, *, site: SiteView, boxes: Iterable[Fullness], now: datetime
) -> WayOut | None:
    """Where else any piece can go now: the nearest place that is open and has room, if there is;
    `boxes`: how full those of its district are."""
    return _first_open(_ways_for(session, site, None, boxes, now))


def _list_takers(
    session: Session, district_id: int, boxes: Iterable[Fullness], now: datetime
) -> list[TakesBack]:
    """Every place that takes pieces back, in the order in which they are offered."""
    places = list_places(session, district_id=district_id)
    full = {box.site.id for box in boxes if box.is_full}
    query = (
        sa.select(Site.id, Machine.accepts, MachineStatus.silent)
        .outerjoin(Machine, Machine.site_id == Site.id)
        .outerjoin(MachineStatus, MachineStatus.site_id == Site.id)
        .where(Site.district_id == district_id)
        .where(Machine.site_id.is_not(None) | MachineStatus.site_id.is_not(None))
    )
    machines = {row.id: row for row in session.execute(query)}
    zone = load_district(session, district_id=district_id).zone
    ids = [place.id for place in places]
    opened = places_open(session, ids, local=now.astimezone(zone), now=now)
    return [
        TakesBack(
            place,
            accepts=tuple(machines[place.id].accepts or ()) if place.id in machines else (),
            full=place.id in full,
            silent=place.id in machines and bool(machines[place.id].silent),
            open=place.id in opened,
        )
        for place in places
    ]


def _ways_for(
    session: Session, site: SiteView, kind: str | None, boxes: Iterable[Fullness], now: datetime
) -> list[WayOut]:
    takers = _list_takers(session, site.district_id, boxes, now)
    return _ways(site, [place for place in takers if place.takes(kind)])


def _ways(site: SiteView, places: Sequence[TakesBack]) -> list[WayOut]:
    """The others that work and have room: open ones first, then by great-circle distance; where no
    distance is known, in the order of the list."""
    ways = [
        WayOut(place.site, metres_between(site.spot, place.site.spot), place.open)
        for place in places
        if place.site.id != site.id and not place.full and not place.silent
    ]
    far = float("inf")
    return sorted(ways, key=lambda way: (not way.open, far if way.metres is None else way.metres))


def _first_open(ways: Sequence[WayOut]) -> WayOut | None:
    return ways[0] if ways and ways[0].open else None
