"""Counts, per place, of what waits longer than its limit or runs low; a few set-based statements."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import fetch
from lending.loop.policy.limits import HELD, REVIEW, Limit, LimitOwner, site_to_move, waits_too_long
from lending.loop.steps import State
from lending.loop.tables import Item, Review
from lending.notices.tables import AlertOwner
from lending.places.tables import Site, SiteKind
from lending.requests.fullness import boxes_full
from lending.requests.watch import find_stuck

CLEAN_LOW = "clean_low"
BOX_FULL = "box_full"
UNATTENDED = (SiteKind.BOX, SiteKind.MACHINE)  # nobody is there to be told
WAITING = "waiting_"  # and a state, "held" or "review"
LENDS = (SiteKind.CAFE, SiteKind.SHOP, SiteKind.HALL)  # who needs clean pieces at hand
ENDED = (State.RETIRED, State.LOST, State.LENT)  # nobody's to move; a loan has its own dates


@dataclass(frozen=True, slots=True)
class Finding:
    """`count` pieces or entries to be looked at by `owner`."""

    count: int
    owner: AlertOwner


def find_waiting(
    session: Session, *, district_id: int, limits: Mapping[str, Limit], now: datetime
) -> dict[tuple[int, str], Finding]:
    """Findings by (site id, kind of alert)."""
    found: dict[tuple[int, str], Finding] = {}
    for site, state, count in fetch(session, _stuck(district_id, limits, now)):
        found[site, WAITING + state] = Finding(count, _owner(limits[state]))
    for site, count in fetch(session, _held(district_id, limits[HELD], now)):
        found[site, WAITING + HELD] = Finding(count, _owner(limits[HELD]))
    for site, count in fetch(session, _reviews(district_id, limits[REVIEW], now)):
        found[site, WAITING + REVIEW] = Finding(count, _owner(limits[REVIEW]))
    for site, count in fetch(session, _low(district_id)):
        found[site, CLEAN_LOW] = Finding(count, AlertOwner.PLACE)
    for box in boxes_full(session, district_id=district_id):
        # A machine that measures itself tells its keeper (lending/machines/watch).
        if box.is_full and box.measured is None:
            alone = box.site.kind in UNATTENDED
            owner = AlertOwner.OFFICER if alone else AlertOwner.PLACE
            found[box.site.id, BOX_FULL] = Finding(box.fill, owner)
    for one in find_stuck(session, district_id=district_id, now=now):
        found[one.site_id, one.kind] = Finding(one.count, one.owner)
    return found


def _stuck(
    district_id: int, limits: Mapping[str, Limit], now: datetime
) -> sa.Select[*tuple[Any, ...]]:
    """Pieces not on hold that stay too long in a state, by the site that is to move them."""
    too_long = [
        waits_too_long(state, limits, now)
        for state in State
        if state in limits and state not in ENDED
    ]
    site = site_to_move(limits)
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(site, Item.state, sa.func.count())
        .where(Item.district_id == district_id, sa.or_(*too_long))
        .group_by(site, Item.state)
    )
    return query


def _held(district_id: int, limit: Limit, now: datetime) -> sa.Select[*tuple[Any, ...]]:
    """Pieces on hold with which nothing has happened for so long."""
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Item.site_id, sa.func.count())
        .where(
            Item.district_id == district_id,
            Item.hold.is_not(None),
            ~Item.carrier,  # what is in it is on hold as well, and counted
            Item.state.not_in(ENDED),
            Item.last_at <= now - timedelta(days=limit.days),
        )
        .group_by(Item.site_id)
    )
    return query


def _reviews(district_id: int, limit: Limit, now: datetime) -> sa.Select[*tuple[Any, ...]]:
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Review.site_id, sa.func.count())
        .where(
            Review.district_id == district_id,
            Review.settled_at.is_(None),
            Review.opened_at <= now - timedelta(days=limit.days),
        )
        .group_by(Review.site_id)
    )
    return query


def _low(district_id: int) -> sa.Select[*tuple[Any, ...]]:
    """Places that lend and have fewer clean pieces than they want to have."""
    clean = sa.and_(
        Item.site_id == Site.id,
        Item.district_id == district_id,
        Item.state == State.READY,
        Item.clean,
        Item.hold.is_(None),
        ~Item.carrier,
    )
    count = sa.func.count(Item.id)
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Site.id, count)
        .outerjoin(Item, clean)
        .where(
            Site.district_id == district_id,
            Site.active,
            Site.kind.in_(LENDS),
            Site.clean_low > 0,
        )
        .group_by(Site.id, Site.clean_low)
        .having(count < Site.clean_low)
    )
    return query


def _owner(limit: Limit) -> AlertOwner:
    """A destination is a place too: the alert stands there."""
    return AlertOwner.OFFICER if limit.owner is LimitOwner.OFFICER else AlertOwner.PLACE
