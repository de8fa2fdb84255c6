"""The batch of a day: what a centre washed without a machine's batch, named by a test or certificate."""

import uuid
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.tables import WashBatch
from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.places.districts import load_district
from lending.places.sites import SiteView
from lending.places.texts import Problem
from lending.washing.batches.rights import check_washer, signed

_DAYS = uuid.UUID("6f0c3a52-5d1e-4d8e-9a55-52a8a0d5b1c7")  # the ids of days follow from it


def name_day(
    session: Session, *, site: SiteView, day: date, actor: Actor, now: datetime
) -> uuid.UUID:
    """The id of the batch of a site's local day, which has a row from now on.

    INVALID (field day) for a day that has not begun.
    """
    check_washer(actor, site.id)
    zone = load_district(session, district_id=site.district_id).zone
    begins = datetime.combine(day, time(), zone).astimezone(UTC)
    ends = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    if begins > now:
        raise LendingError(Code.INVALID, field="day", detail=Problem.IN_THE_FUTURE)
    row = {
        "id": uuid.uuid5(_DAYS, f"{site.id} {day.isoformat()}"),
        "district_id": site.district_id,
        "site_id": site.id,
        "implicit": True,
        "day": day,
        "started_at": begins,
        "ended_at": ends,
        "recorded_at": now,
        "begun_by": signed(actor),
        "awaits_result": False,
    }
    session.execute(insert_or(session, WashBatch).values(row).on_conflict_do_nothing())
    query = sa.select(WashBatch.id).where(
        WashBatch.site_id == site.id, WashBatch.day == day, WashBatch.implicit
    )
    return session.scalars(query).one()
