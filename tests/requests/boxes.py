"""Boxes that are counted: how much they hold, what is put in, how full they are."""

from sqlalchemy.orm import Session

from lending.places.spots import Spot, place_site
from lending.requests.fullness import Fullness, boxes_full
from tests.personas import Loop


def hold(loop: Loop, site: str, capacity: int, *position: float) -> None:
    spot = Spot(capacity, *position)
    loop.write(
        lambda s: place_site(s, district_id=loop.town.id, site_id=loop.town.sites[site], spot=spot)
    )


def fullness(loop: Loop) -> dict[str, Fullness]:
    with Session(loop.engine) as session:
        found = boxes_full(session, district_id=loop.town.id)
    return {one.site.code: one for one in found}


def put_in(loop: Loop, cup: str, **more: object):
    return loop.give_back(cup, by=loop.town.machine, **more)
