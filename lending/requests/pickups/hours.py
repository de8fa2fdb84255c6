"""After how many hours a pick-up is late, a piece is missing, or a bag was never seen; settings."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.requests.acting import check_count, signature
from lending.requests.round_tables import WatchHours

LATE = "pickup_late"
MISSING = "pickup_missing"
UNSEEN = "pickup_unseen"
DEFAULTS = {LATE: 24, MISSING: 24, UNSEEN: 48}
MOST_HOURS = 24 * 30


@dataclass(frozen=True, slots=True)
class PickupHours:
    """Hours: `late` after the end of the window (or the asking, without one); `missing` after the
    bag came to the centre; `unseen` after it was taken, where nothing of it came."""

    late: int = DEFAULTS[LATE]
    missing: int = DEFAULTS[MISSING]
    unseen: int = DEFAULTS[UNSEEN]

    def before(self, now: datetime) -> "Limits":
        """What happened before these moments is too long ago."""
        return Limits(*(now - timedelta(hours=n) for n in (self.late, self.missing, self.unseen)))


@dataclass(frozen=True, slots=True)
class Limits:
    """The moments behind which something is late, missing or unseen."""

    late: datetime
    missing: datetime
    unseen: datetime


def load_pickup_hours(session: Session, *, district_id: int) -> PickupHours:
    """The district's own hours, or else the defaults; one statement."""
    query = sa.select(WatchHours.what, WatchHours.hours).where(
        WatchHours.district_id == district_id, WatchHours.what.in_(DEFAULTS)
    )
    found = DEFAULTS | {row.what: row.hours for row in session.execute(query)}
    return PickupHours(found[LATE], found[MISSING], found[UNSEEN])


def set_pickup_hours(session: Session, hours: PickupHours, *, actor: Actor, now: datetime) -> None:
    """The hours the district wants (1 … 720 each); INVALID (late, missing, unseen)."""
    wanted = {LATE: hours.late, MISSING: hours.missing, UNSEEN: hours.unseen}
    by = {"changed_at": now, "changed_by": signature(actor), "district_id": actor.district_id}
    rows = [
        {
            "what": what,
            "hours": check_count(value, what.removeprefix("pickup_"), most=MOST_HOURS),
        }
        | by
        for what, value in wanted.items()
    ]
    insert = insert_or(session, WatchHours)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["district_id", "what"],
            set_={name: insert.excluded[name] for name in ("hours", "changed_at", "changed_by")},
        ),
        rows,
    )
