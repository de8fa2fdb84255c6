"""What a box's tablet is to know of its box: how full it is, and where else there is room."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lending.places.sites import SiteView
from lending.requests.fullness import Elsewhere, boxes_full, nearest_with_room
from lending.requests.take_back import list_places


@dataclass(frozen=True, slots=True)
class BoxState:
    """`capacity` 0: not counted. `elsewhere`: the nearest place with room, if there is one."""

    capacity: int
    fill: int
    elsewhere: Elsewhere | None


def load_box_state(session: Session, *, site: SiteView) -> BoxState:
    """The box of a site as it is now."""
    boxes = {one.site.id: one for one in boxes_full(session, district_id=site.district_id)}
    places = list_places(session, district_id=site.district_id)
    own = boxes.get(site.id)
    return BoxState(
        capacity=site.spot.capacity if own else 0,
        fill=own.fill if own else 0,
        elsewhere=nearest_with_room(site, places, boxes),
    )
