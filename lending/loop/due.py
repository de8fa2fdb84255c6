"""Due dates of loans: the terms, the zone and the opening days in force when they were made."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import fetch
from lending.loop.advance import OpenLoan
from lending.loop.rows import LoanRow
from lending.loop.tables import TermVersion
from lending.loop.terms import TermBook, Terms, due_at
from lending.places.days import OpeningDays
from lending.places.opening import load_opening_days
from lending.places.tables import District, Site

TERM_COLUMNS = tuple(getattr(TermVersion, field.name) for field in fields(Terms))


@dataclass(frozen=True, slots=True)
class Place:
    """A lending site as far as due dates depend on it."""

    district_id: int
    zone: ZoneInfo
    days: OpeningDays


@dataclass(frozen=True, slots=True)
class DueBook:
    """All that due dates of loans made at some sites depend on."""

    books: dict[int, TermBook]
    places: dict[int, Place]

    def itself(self) -> "DueBook":
        """For callers that would otherwise load it only when needed."""
        return self

    def district_of(self, site: int) -> int:
        return self.places[site].district_id

    def terms(self, *, site: int, kind: int, moment: datetime) -> Terms:
        """The terms in force at a site for a kind at a moment."""
        return self.books[self.district_of(site)].at(kind, moment)

    def due_of(self, kind: int, loan: LoanRow | OpenLoan) -> datetime:
        """When a loan of an item of this kind is due (UTC)."""
        place, opened_at = self.places[loan.site], loan.opened_at
        return due_at(
            opened_at,
            self.terms(site=loan.site, kind=kind, moment=opened_at),
            zone=place.zone,
            next_open=lambda day: place.days.next_open(day, opened_at),
            extensions=loan.extensions,
        )


def load_terms(session: Session, district_id: int) -> TermBook:
    """Every version of a district's terms."""
    query = sa.select(TermVersion.kind_id, TermVersion.valid_from, *TERM_COLUMNS).where(
        TermVersion.district_id == district_id
    )
    return TermBook((row[0], row[1], Terms(*row[2:])) for row in fetch(session, query))


def load_due_book(session: Session, sites: Collection[int] | None = None) -> DueBook:
    """The due book for loans made at these sites (None: all); a handful of statements."""
    query = sa.select(Site.id, Site.district_id, District.timezone).join(District)
    if sites is not None:
        query = query.where(Site.id.in_(sites))
    rows = fetch(session, query)
    days = load_opening_days(session, site_ids=[row.id for row in rows])
    places = {row.id: Place(row.district_id, ZoneInfo(row.timezone), days[row.id]) for row in rows}
    districts = {place.district_id for place in places.values()}
    return DueBook({district: load_terms(session, district) for district in districts}, places)
