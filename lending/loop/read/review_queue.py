"""The review queue as it is read: what needs a head, the oldest first."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.read.paging import DEFAULT_LIMIT, KeyPart, Page, beyond, cut, read_key
from lending.loop.read.sight import seen_by, site_asked
from lending.loop.steps import Action, State
from lending.loop.tables import Item, ItemKind, Review, Scan
from lending.people.actors import Actor
from lending.places.tables import Site


@dataclass(frozen=True, slots=True)
class ReviewView:
    """An entry of the queue. `code` is the piece's label, or the unknown code as it was scanned;
    `state`: the piece's, as long as the actor may see the piece; `settle_by`: when the automatic
    outcome comes."""

    id: int
    subject: str
    site: str
    code: str | None
    kind: str | None
    state: State | None
    scan_id: uuid.UUID | None
    action: Action | None
    occurred_at: datetime | None
    opened_at: datetime
    settle_by: datetime
    settled_at: datetime | None
    settled_how: str | None
    note: str | None  # what was said of place and time, or read off a piece; never a person


def list_reviews(
    session: Session,
    *,
    actor: Actor,
    site: str | None = None,
    settled: bool = False,
    after: Sequence[KeyPart] | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[ReviewView]:
    """The open (or the settled) entries of the district or of the actor's own site, the oldest
    first. Errors: `site_asked`, cursor INVALID."""
    place = site_asked(session, actor=actor, code=site)
    key = read_key(after, datetime, int)
    order = (Review.opened_at, Review.id)
    decided = Review.settled_at.is_not(None) if settled else Review.settled_at.is_(None)
    query = (
        sa.select(
            Review.id, Review.subject, Site.code.label("site"),
            sa.func.coalesce(Item.code, Scan.code), ItemKind.code.label("kind"),
            sa.case((seen_by(actor), Item.state)).label("state"),
            Review.scan_id, Scan.action, Scan.occurred_at, Review.opened_at, Review.settle_by,
            Review.settled_at, Review.settled_how, Review.note,
        )
        .join(Site, Site.id == Review.site_id)
        .outerjoin(Scan, Scan.id == Review.scan_id)
        .outerjoin(Item, Item.id == Review.item_id)
        .outerjoin(ItemKind, ItemKind.id == Item.kind_id)
        .where(Review.district_id == actor.district_id, decided, beyond(order, key))
        .order_by(*order)
        .limit(limit + 1)
    )  # fmt: skip
    if place is not None:
        query = query.where(Review.site_id == place)
    rows = session.execute(query).all()
    return cut(rows, limit, _view, lambda row: (row.opened_at, row.id))


def _view(row: Any) -> ReviewView:
    return ReviewView(*row)
