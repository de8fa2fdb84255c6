"""What a box's tablet is to know of its box: how full it is, and where else there is room."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lending.places.sites import SiteView
from lending.requests.fullness import boxes_full
from lending.requests.ways_back import WayOut, next_way


@dataclass(frozen=True, slots=True)
class BoxState:
    """`capacity` 0: not counted. `full`: as its machine measures it, whatever was counted.
    `elsewhere`: the nearest place that is open and has room for whatever it is, if there is one."""

    capacity: int
    fill: int
    full: bool
    elsewhere: WayOut | None


def load_box_state(session: Session, *, site: SiteView, now: datetime) -> BoxState:
    """The box of a site as it is now."""
    boxes = {one.site.id: one for one in boxes_full(session, district_id=site.district_id)}
    own = boxes.get(site.id)
    measured = own is not None and own.measured is not None
    return BoxState(
        capacity=site.spot.capacity if own and not measured else 0,
        fill=own.fill if own else 0,
        full=own is not None and own.is_full,
        elsewhere=next_way(session, site=site, boxes=boxes.values(), now=now),
    )
