"""How long something may wait, and who is told then: the limits in force of a district."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import StateLimit

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
