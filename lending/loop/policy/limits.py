"""How long something may wait, and who is told then: the limits in force of a district."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.steps import State
from lending.loop.tables import Item, StateLimit

HELD = "held"  # a mark, not a state: any piece on hold
REVIEW = "review"  # an open review entry
UNSEEN = "unseen"  # an alert nobody has seen goes one step up after so many days


class LimitOwner(StrEnum):
    PLACE = "place"
    DESTINATION = "destination"  # where a shipped piece is going
    OFFICER = "officer"


@dataclass(frozen=True, slots=True)
class Limit:
    """Days until `owner` is told."""

    days: int
    owner: LimitOwner


# design.md §2, "Nothing waits where nobody looks"; 3 days for a review and one day unseen [I].
DEFAULT_LIMITS: dict[str, Limit] = {
    "shipped": Limit(2, LimitOwner.DESTINATION),
    "returned": Limit(7, LimitOwner.PLACE),
    "collected": Limit(2, LimitOwner.PLACE),
    "dirty": Limit(3, LimitOwner.PLACE),
    "washed": Limit(2, LimitOwner.PLACE),
    "ready": Limit(60, LimitOwner.PLACE),
    HELD: Limit(14, LimitOwner.PLACE),
    REVIEW: Limit(3, LimitOwner.PLACE),
    UNSEEN: Limit(1, LimitOwner.OFFICER),
}


def load_limits(session: Session, *, district_id: int, now: datetime) -> dict[str, Limit]:
    """The limit in force of each state, `held`, `review` and `unseen`; defaults where none is set."""
    query = (
        sa.select(StateLimit.state, StateLimit.days, StateLimit.owner)
        .where(StateLimit.district_id == district_id, StateLimit.valid_from <= now)
        .order_by(StateLimit.valid_from)
    )
    rows = session.execute(query)  # later versions overwrite earlier ones
    return DEFAULT_LIMITS | {row.state: Limit(row.days, LimitOwner(row.owner)) for row in rows}


def waits_too_long(
    state: State, limits: Mapping[str, Limit], now: datetime
) -> sa.ColumnElement[bool]:
    """SQL: whether a piece stays too long in a state. One on hold waits for its hold instead; crates
    and bags stand where they stand."""
    late = Item.since <= now - timedelta(days=limits[state].days)
    return sa.and_(Item.state == state, Item.hold.is_(None), ~Item.carrier, late)


def site_to_move(limits: Mapping[str, Limit]) -> sa.ColumnElement[Any]:
    """SQL: the id of the site at which a waiting piece is told of: where a shipped one is going,
    if that place is to be told, else where it stands."""
    if limits[State.SHIPPED].owner is not LimitOwner.DESTINATION:
        return sa.type_coerce(Item.site_id, Item.site_id.type)
    going = sa.and_(Item.state == State.SHIPPED, Item.to_site_id.is_not(None))
    return sa.case((going, Item.to_site_id), else_=Item.site_id)
