"""Clean ware that stood too long on a shop's shelf: listed, sent back, looked at when it went out."""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.orders.book import Pass
from lending.loop.care.decisions import SHELF_OLD
from lending.loop.policy.shelf import load_shelf_days
from lending.loop.steps import State
from lending.loop.tables import Item, ItemKind
from lending.loop.write.reviews import SETTLE_AFTER, open_reviews
from lending.people.actors import Actor
from lending.places.sites import SiteView
from lending.places.tables import Site, SiteKind
from lending.requests.collections import NewCollect, ask_collection, open_collections
from lending.requests.round_tables import CollectWhy

MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class OldPiece:
    """A clean piece that stood on the shelf since then."""

    code: str
    kind: str  # code
    since: datetime


def list_old_ware(session: Session, *, site: SiteView, now: datetime) -> list[OldPiece]:
    """At most 200, the oldest first."""
    query = (
        sa.select(Item.code, ItemKind.code, Item.since)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(Item.site_id == site.id, _old(_limit(session, site.district_id, now)))
        .order_by(Item.since, Item.id)
    )
    return [OldPiece(*row) for row in session.execute(query.limit(MOST_LISTED))]


def count_old_ware(session: Session, *, site: SiteView, now: datetime) -> dict[int, int]:
    """How many pieces of each kind (its id) stood there too long."""
    query = (
        sa.select(Item.kind_id, sa.func.count())
        .where(Item.site_id == site.id, _old(_limit(session, site.district_id, now)))
        .group_by(Item.kind_id)
    )
    return {row[0]: row[1] for row in session.execute(query)} if _is_shop(site) else {}


def old_ware_in(session: Session, *, item_id: int, site: SiteView, at: datetime) -> bool:
    """Whether the piece, or one in the bag, is too old at `at` for this shop's orders."""
    if not _is_shop(site):
        return False
    limit = _limit(session, site.district_id, at)
    query = sa.select(Item.id).where(
        sa.or_(Item.id == item_id, Item.crate_id == item_id), Item.site_id == site.id, _old(limit)
    )
    return session.scalar(query.limit(1)) is not None


def doubt_old_ware(
    session: Session, *, scan_id: uuid.UUID, item_id: int | None, here: Pass
) -> None:
    """Ware that was too old went out all the same: an entry for a head, once per scan."""
    row = {
        "district_id": here.site.district_id,
        "site_id": here.site.id,
        "subject": SHELF_OLD,
        "scan_id": scan_id,
        "item_id": item_id,
        "opened_at": here.now,
        "settle_by": here.now + SETTLE_AFTER,
    }
    open_reviews(session, [row])


def ask_for_old_ware(
    session: Session, *, district_id: int, system: Actor, now: datetime
) -> Counter[str]:
    """Asks for collection wherever clean ware is too old and nobody has asked yet: shops by code
    with the number of pieces. Two statements, and one for each shop that is new."""
    query = (
        sa.select(Site.id, Site.code, sa.func.count())
        .join(Item, Item.site_id == Site.id)
        .where(Site.district_id == district_id, Site.kind == SiteKind.SHOP, Site.active)
        .where(_old(_limit(session, district_id, now)))
        .group_by(Site.id, Site.code)
    )
    old = {row[0]: (row[1], row[2]) for row in session.execute(query)}
    asked = {
        one.site_id
        for one in open_collections(session, district_id=district_id, site_ids=old)
        if one.why is CollectWhy.SURPLUS
    }
    found: Counter[str] = Counter()
    for site_id in sorted(old.keys() - asked):
        code, count = old[site_id]
        new = NewCollect(uuid.uuid4(), CollectWhy.SURPLUS, code)
        ask_collection(session, new, actor=system, now=now)
        found[code] = count
    return found


def _is_shop(site: SiteView) -> bool:
    return site.kind is SiteKind.SHOP


def _limit(session: Session, district_id: int, at: datetime) -> datetime:
    return at - timedelta(days=load_shelf_days(session, district_id=district_id))


def _old(limit: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        Item.state == State.READY,
        Item.clean,
        Item.hold.is_(None),
        ~Item.carrier,
        Item.since < limit,
    )
