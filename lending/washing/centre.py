"""What a washing centre sets for itself: how many pieces an hour it plans to make ready."""

from datetime import datetime

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.places.sites import SiteView
from lending.places.texts import Problem
from lending.washing.batches.rights import check_washer
from lending.washing.tables import WashCentre

MOST_AN_HOUR = 100_000


def set_plan(
    session: Session, *, site: SiteView, per_hour: int, actor: Actor, now: datetime
) -> None:
    """Pieces an hour, 0 for no plan; INVALID (field per_hour)."""
    check_washer(actor, site.id)
    if not 0 <= per_hour <= MOST_AN_HOUR:
        raise LendingError(Code.INVALID, field="per_hour", detail=Problem.OUT_OF_RANGE)
    changed = {"per_hour": per_hour, "changed_at": now}
    row = {"site_id": site.id, "district_id": site.district_id, **changed}
    upsert = insert_or(session, WashCentre).values(row)
    session.execute(upsert.on_conflict_do_update(index_elements=["site_id"], set_=changed))


def load_plan(session: Session, *, site_id: int) -> int:
    """Pieces an hour, 0 for no plan."""
    found = session.get(WashCentre, site_id)
    return found.per_hour if found else 0
