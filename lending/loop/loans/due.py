"""Due dates of loans: the terms, the zone and the opening days in force when they were made."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import one_of
from lending.db import fetch
from lending.loop.tables import Occasion, TermVersion
from lending.loop.terms import TermBook, Terms, due_at, fresh_until
from lending.loop.values import OpenLoan
from lending.loop.write.entry import Entry
from lending.loop.write.rows import LoanRow
from lending.places.days import OpeningDays
from lending.places.opening import load_opening_days
from lending.places.tables import Closure, District, Opening, Site

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
    ends: Mapping[uuid.UUID, date | None] = field(default_factory=dict)  # of occasions

    def ending(self, ends: Mapping[uuid.UUID, date | None]) -> "DueBook":
        """The same with the days on which occasions end (local days)."""
        return replace(self, ends=ends)

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
        place, opened_at, resumed_at = self.places[loan.site], loan.opened_at, loan.resumed_at
        terms = self.terms(site=loan.site, kind=kind, moment=opened_at)
        due = due_at(
            opened_at,
            terms,
            zone=place.zone,
            next_open=lambda day: place.days.next_open(day, opened_at),
            extensions=loan.extensions,
            ends_on=self.ends.get(loan.occasion) if loan.occasion is not None else None,
        )
        if resumed_at is None:
            return due
        fresh = fresh_until(
            resumed_at,
            terms,
            zone=place.zone,
            next_open=lambda day: place.days.next_open(day, resumed_at),
        )
        return max(due, fresh)


def load_terms(session: Session, district_id: int) -> TermBook:
    """Every version of a district's terms."""
    rows = fetch(session, TERMS_OF_DISTRICT, {"district": district_id})
    return TermBook((row[0], row[1], Terms(*row[2:])) for row in rows)


def occasions_of(entries: Iterable[Entry]) -> set[uuid.UUID]:
    """The occasions that the loans of these items are for, or may be by what is known of them."""
    named: set[uuid.UUID | None] = set()
    for entry in entries:
        loan = entry.before.loan
        named.add(loan.occasion if loan is not None else None)
        named |= {event.occasion for event in entry.events.values()}
    return {occasion for occasion in named if occasion is not None}


def load_ends(session: Session, entries: Iterable[Entry]) -> dict[uuid.UUID, date | None]:
    """When the occasions of these items end; no statement where there are none."""
    wanted = occasions_of(entries)
    if not wanted:
        return {}
    return {row.id: row.ends_on for row in fetch(session, ENDS, {"occasions": list(wanted)})}


def load_due_book(session: Session, sites: Collection[int] | None = None) -> DueBook:
    """The due book of the districts in which these sites lie (None: of all); one statement while
    nothing that it depends on has changed since this process read it last."""
    given = {"sites": list(sites or ()), "all": sites is None}
    books: dict[int, TermBook] = {}
    places: dict[int, Place] = {}
    for stamp in fetch(session, STAMPS, given):
        remembered = _remembered.get(stamp.memory_key)
        if remembered is None or remembered.stamp != stamp:
            remembered = _Remembered(stamp, *_read_district(session, stamp))
            if len(_remembered) >= MOST_REMEMBERED:
                _remembered.clear()
            _remembered[stamp.memory_key] = remembered
        books[stamp.id] = remembered.terms
        places |= remembered.places
    return DueBook(books, places)


@dataclass(frozen=True, slots=True)
class _Remembered:
    stamp: Any
    terms: TermBook
    places: dict[int, Place]


MOST_REMEMBERED = 256  # districts
_remembered: dict[int, _Remembered] = {}


def _read_district(session: Session, stamp: Any) -> tuple[TermBook, dict[int, Place]]:
    zone = ZoneInfo(stamp.timezone)
    sites = [row.id for row in fetch(session, SITES_OF_DISTRICT, {"district": stamp.id})]
    days = load_opening_days(session, site_ids=sites)
    return load_terms(session, stamp.id), {
        site: Place(stamp.id, zone, days[site]) for site in sites
    }


ENDS = sa.select(Occasion.id, Occasion.ends_on).where(one_of(Occasion.id, "occasions"))
TERMS_OF_DISTRICT = sa.select(TermVersion.kind_id, TermVersion.valid_from, *TERM_COLUMNS).where(
    TermVersion.district_id == sa.bindparam("district")
)
SITES_OF_DISTRICT = sa.select(Site.id).where(Site.district_id == sa.bindparam("district"))


def _stamps() -> sa.Select[Any]:
    """What tells whether anything that due dates depend on has changed: terms are only ever added,
    a closure is added or withdrawn, opening days are added or, while they are to come, replaced
    (their sums tell: one by itself, and weighted so that two changes do not cancel out)."""
    own = Site.district_id == District.id
    terms = sa.select(sa.func.max(TermVersion.id)).where(TermVersion.district_id == District.id)
    opening = [
        sa.select(value).select_from(Opening).join(Site, Site.id == Opening.site_id).where(own)
        for value in (
            sa.func.max(Opening.id),
            sa.func.sum(Opening.weekdays),
            sa.func.sum(Opening.weekdays * Opening.id),
        )
    ]
    closures = [
        sa.select(sa.func.max(column)).join(Site, Site.id == Closure.site_id).where(own)
        for column in (Closure.id, Closure.announced_at, Closure.withdrawn_at)
    ]
    sites = sa.select(sa.func.count()).select_from(Site).where(own)
    inside = sa.select(Site.district_id).where(one_of(Site.id, "sites"))
    return sa.select(
        District.id,
        District.memory_key,
        District.timezone,
        *(query.scalar_subquery() for query in (terms, *opening, sites, *closures)),
    ).where(District.id.in_(inside) | sa.bindparam("all", type_=sa.Boolean))


STAMPS = _stamps()
