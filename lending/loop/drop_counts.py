"""How the claims about each place ended: what a place is measured by."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import fetch
from lending.loop.dropped import ClaimOutcome
from lending.loop.tables import DropClaim
from lending.places.tables import Site


@dataclass(frozen=True, slots=True)
class PlaceClaims:
    """The claims that named a place and ended in a span, by how they ended.

    `undecided`: closed after a month as "claimed, not found", without consequence for the
    borrower: this number counts against the place. Withdrawn ones, and those that named no place
    of ours, are counted nowhere.
    """

    site: str
    site_name: str
    site_name_en: str
    confirmed: int = 0
    believed: int = 0
    not_found: int = 0
    undecided: int = 0


NUMBERS = ("confirmed", "believed", "not_found", "undecided")


def count_claims(
    session: Session,
    *,
    district_id: int,
    start: datetime,
    end: datetime,
    site_id: int | None = None,
) -> list[PlaceClaims]:
    """One line per place with any such claim from `start` up to `end`, by its code; one statement."""
    counts = [
        sa.func.sum(sa.case((DropClaim.outcome == ClaimOutcome(name), 1), else_=0))
        for name in NUMBERS
    ]
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Site.code, Site.name, Site.name_en, *counts)
        .join(DropClaim, DropClaim.site_id == Site.id)
        .where(
            DropClaim.district_id == district_id,
            DropClaim.settled_at >= start,
            DropClaim.settled_at < end,
            DropClaim.outcome != ClaimOutcome.WITHDRAWN,
        )
        .group_by(Site.code, Site.name, Site.name_en)
        .order_by(Site.code)
    )
    if site_id is not None:
        query = query.where(DropClaim.site_id == site_id)
    return [PlaceClaims(*row[:3], *map(int, row[3:])) for row in fetch(session, query)]
