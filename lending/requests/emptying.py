"""A box was emptied and no bag was scanned: one tap collects all that is known to lie in it."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.errors import Code, LendingError
from lending.loop.record import record_scans
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import STEPS, Action, State
from lending.loop.tables import Item, Scan
from lending.loop.write.queries import of_any_district
from lending.people import rights
from lending.people.actors import Actor
from lending.people.sealing import Keys
from lending.places.sites import SiteView, load_sites
from lending.places.tables import Site
from lending.requests.acting import place_of, signature
from lending.requests.collections import settle_collections
from lending.requests.fullness import stands
from lending.requests.round_tables import CollectWhy, Emptying
from lending.requests.take_back import TAKE_BACK

MOST_AT_ONCE = 10_000  # scans of one call of the writer
LOOK_BACK = timedelta(days=30)  # for what lay there at a time that is over
Later = aliased(Scan)
# What a piece does not lie on after: it was seen again or left the round.
_MOVES = [action for action, step in STEPS.items() if step.sighting or step.to is not None]


@dataclass(frozen=True, slots=True)
class Emptied:
    """A box that was emptied by hand. `pieces`: known ones collected; `again`: told before."""

    id: uuid.UUID
    site_id: int
    at: datetime
    pieces: int
    again: bool = False


def empty_box(
    session: Session,
    *,
    site_id: int,
    id: uuid.UUID,
    at: datetime,
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> Emptied:
    """Collects every piece that was known to lie at a place at `at` (corrected clock; later than
    now becomes now), and settles its request for "the box is full". The same id again changes
    nothing; word of it may come late: what went its way since keeps it.

    NOT_FOUND (site) in another district; NOT_ALLOWED_HERE (site) for another place's actor and for
    a machine, which anybody may tap; INVALID (site) where nothing is taken back; ID_REUSED (id).
    """
    place = _check_right(session, site_id, actor)
    # Two who empty the same box wait here for each other.
    session.execute(sa.select(Site.id).where(Site.id == site_id).with_for_update())
    if (known := session.get(Emptying, id)) is not None:
        if known.site_id != site_id:
            raise LendingError(Code.ID_REUSED, field="id")
        return Emptied(known.id, known.site_id, known.at, known.pieces, again=True)
    at = min(at, now)
    found = _lying_there(session, site_id, at)
    scans = [
        ScanIn(
            uuid.uuid5(id, f"emptied {item}"), Action.COLLECT, code, at, clock_error=0.0,
            site=place.code,
        )
        for item, code in found.items()
    ]  # fmt: skip
    for start in range(0, len(scans), MOST_AT_ONCE):
        part = scans[start : start + MOST_AT_ONCE]
        for receipt in record_scans(session, part, actor=actor, keys=keys, now=now):
            if receipt.result is Result.REFUSED:
                raise LendingError(receipt.error or Code.INVALID, field=receipt.field)
    row = Emptying(
        id=id, district_id=actor.district_id, site_id=site_id, at=at, pieces=len(found),
        recorded_at=now, by=signature(actor),
    )  # fmt: skip
    session.add(row)
    session.flush()
    settle_collections(
        session, site_id=site_id, round_id=None, by=signature(actor), now=now, at=at,
        why=CollectWhy.FULL,
    )  # fmt: skip
    return Emptied(id, site_id, at, len(found))


def _check_right(session: Session, site_id: int, actor: Actor) -> SiteView:
    site = load_sites(session, site_ids=[site_id]).get(site_id)
    if site is None or site.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="site")
    place_of(session, actor=actor, code=site.code)
    if not rights.allows(actor, Action.COLLECT.value):
        raise LendingError(Code.NOT_ALLOWED_HERE, field="site")
    if site.kind not in TAKE_BACK:
        raise LendingError(Code.INVALID, field="site")
    return site


def _lying_there(session: Session, site_id: int, at: datetime) -> dict[int, str]:
    """Label by item id of what lay there at a time: what lies there still, and what was brought
    there since the box was emptied last and was seen nowhere else before that time."""
    still = sa.select(Item.id, Item.code).where(
        of_any_district(),
        Item.site_id == site_id,
        Item.state == State.RETURNED,
        Item.since <= at,
        ~Item.carrier,
    )
    before = sa.select(sa.func.max(Emptying.at)).where(
        Emptying.site_id == site_id, Emptying.at < at
    )
    since = max(session.scalar(before) or at - LOOK_BACK, at - LOOK_BACK)
    found = {row.id: row.code for row in session.execute(still)}
    return found | {row.id: row.code for row in session.execute(_brought(site_id, since, at))}


def _brought(site_id: int, since: datetime, at: datetime) -> sa.Select[*tuple[Any, ...]]:
    moved_on = sa.exists().where(
        Later.item_id == Scan.item_id,
        Later.action.in_(_MOVES),
        Later.occurred_at > Scan.occurred_at,
        Later.occurred_at <= at,
        stands(Later),
    )
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Item.id, Item.code)
        .distinct()
        .join(Scan, Scan.item_id == Item.id)
        .where(
            Scan.site_id == site_id,
            Scan.action == Action.RETURN,
            Scan.occurred_at > since,
            Scan.occurred_at <= at,
            ~Item.carrier,
            stands(Scan),
            ~moved_on,
        )
    )
    return query
