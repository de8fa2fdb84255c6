"""What the next round is wanted for: crates to bring, collections, full boxes, pick-ups."""

import math
import uuid
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.steps import State
from lending.loop.tables import Item
from lending.moving.packing.lists import list_packing
from lending.moving.rounds.late import called_at, on_the_way_to, promised
from lending.moving.rounds.pickups import PickupCall, waiting_calls
from lending.moving.supply.crate_sizes import PIECES_PER_CRATE
from lending.people.sealing import Keys
from lending.places.sites import SiteView, load_sites, load_sites_by_code
from lending.requests.collections import CollectView, open_collections
from lending.requests.fullness import Fullness, boxes_full
from lending.requests.round_tables import Consignment, Round, Way, to_come, waits_for_round


@dataclass(frozen=True, slots=True)
class Wish:
    """Why a place is to be called at: crates to leave (sealed, being packed, still to be packed),
    crates to take, its requests, and how full its box is (per cent; None: not counted). With
    `pickup` it is a bag to be fetched from where somebody received it; `site` is then where it was
    lent."""

    site: SiteView
    leave: int
    take: int
    requests: tuple[CollectView, ...]
    full: int | None
    pickup: PickupCall | None = None


def gather_wishes(
    session: Session,
    *,
    district_id: int,
    depot_id: int,
    day: date,
    today: date,
    keys: Keys | None = None,
) -> list[Wish]:
    """The places a round on `day` is wanted at, by code, and the pick-ups that wait for one, the
    oldest first (with `keys` they lie where they are, else where they were lent); about a dozen
    statements whatever the size.

    Wanted are: every crate for the place that is on no round yet and what its packing list of the
    day still lacks beyond what a round is to bring (asked again when a van that is on its way there
    on `day` has called), an open request for collection or a box or machine that is full or 90 %
    full, where no coming round calls. What lies there used is taken along wherever the round stops
    anyway.
    """
    called = called_at(session, district_id=district_id, today=today)
    coming = on_the_way_to(session, depot_id=depot_id, day=day)
    leave = _to_leave(session, district_id, depot_id, day, today)
    leave = {site: crates for site, crates in leave.items() if site not in coming}
    asked: dict[int, list[CollectView]] = {}
    busy = _rounds_to_come(session, district_id, today)
    for request in open_collections(session, district_id=district_id):
        if request.round_id not in busy and request.site_id not in called:
            asked.setdefault(request.site_id, []).append(request)
    boxes = {box.site.id: box for box in boxes_full(session, district_id=district_id)}
    nearly = {id for id, box in boxes.items() if box.is_full or box.is_nearly_full}
    nearly -= called
    used = _lying_used(session, district_id)
    wanted = (leave.keys() | asked.keys() | nearly) - {depot_id}
    sites = load_sites(session, site_ids=wanted)
    wishes = [
        Wish(
            site,
            leave.get(site.id, 0),
            _to_take(asked.get(site.id, []), boxes.get(site.id), used.get(site.id, 0)),
            tuple(asked.get(site.id, ())),
            boxes[site.id].percent if site.id in boxes else None,
        )
        for site in sites.values()
        if site.active
    ]
    calls = waiting_calls(session, district_id=district_id, day=day, today=today, keys=keys)
    return sorted(wishes, key=lambda wish: wish.site.code) + [
        Wish(one.site, 0, 0, (), None, one) for one in calls
    ]


def _to_take(requests: list[CollectView], box: Fullness | None, used: int) -> int:
    """Crates: what was said, or what is known to lie there; a request is worth one at least, and so
    is what a machine is full of."""
    pieces = max(box.fill if box else 0, used)
    said = max((request.crates for request in requests), default=0)
    full = box is not None and (box.is_full or box.is_nearly_full)
    return max(said, math.ceil(pieces / PIECES_PER_CRATE), 1 if requests or full else 0)


def _to_leave(
    session: Session, district_id: int, depot_id: int, day: date, today: date
) -> dict[int, int]:
    query = (
        sa.select(Consignment.to_site_id, sa.func.count())
        .where(
            Consignment.district_id == district_id,
            Consignment.way == Way.OUT,
            Consignment.from_site_id == depot_id,
            waits_for_round(Consignment.round_id, today),
            Consignment.loaded_at.is_(None),
            Consignment.received_at.is_(None),
            Consignment.dissolved_at.is_(None),
        )
        .group_by(Consignment.to_site_id)
    )
    found = {row[0]: row[1] for row in session.execute(query)}
    lists = [
        one
        for one in list_packing(session, district_id=district_id, day=day)
        if one.closed_at is None and one.left
    ]
    sites = load_sites_by_code(session, codes={one.site for one in lists})
    room = promised(session, district_id=district_id, depot_id=depot_id, today=today)
    for one in lists:
        site = sites[one.site].id
        packed = sum(line.packed for line in one.lines)
        missing = math.ceil(one.left / PIECES_PER_CRATE)
        if packed and found.get(site):
            # The crate that is being packed has room for more of it.
            missing = max(0, sum(line.crates for line in one.lines) - found[site])
        found[site] = found.get(site, 0) + max(0, missing - room.get(site, 0))
    return {site: crates for site, crates in found.items() if crates}


def _lying_used(session: Session, district_id: int) -> dict[int, int]:
    query = (
        sa.select(Item.site_id, sa.func.count())
        .where(Item.district_id == district_id, Item.state == State.RETURNED, ~Item.carrier)
        .group_by(Item.site_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _rounds_to_come(session: Session, district_id: int, today: date) -> set[uuid.UUID | None]:
    query = sa.select(Round.id).where(Round.district_id == district_id, to_come(today))
    return set(session.scalars(query))
