"""What a box's tablet is to know of its box: how full it is, and where else there is room."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lending.places.sites import SiteView
from lending.requests.fullness import Elsewhere, boxes_full, nearest_with_room, silent_machines
from lending.requests.take_back import list_places


@dataclass(frozen=True, slots=True)
class BoxState:
    """`capacity` 0: not counted. `full`: as its machine measures it, whatever was counted.
    `elsewhere`: the nearest place with room, if there is one."""

    capacity: int
    fill: int
    full: bool
    elsewhere: Elsewhere | None


def load_box_state(session: Session, *, site: SiteView) -> BoxState:
    """The box of a site as it is now."""
    boxes = {one.site.id: one for one in boxes_full(session, district_id=site.district_id)}
    silent = silent_machines(session, district_id=site.district_id)
    places = list_places(session, district_id=site.district_id)
    places = [place for place in places if place.id not in silent]
    own = boxes.get(site.id)
    measured = own is not None and own.measured is not None
    return BoxState(
        capacity=site.spot.capacity if own and not measured else 0,
        fill=own.fill if own else 0,
        full=own is not None and own.is_full,
        elsewhere=nearest_with_room(site, places, boxes),
    )
