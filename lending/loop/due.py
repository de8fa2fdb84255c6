"""Due dates of loans: the terms, the zone and the opening days in force when they were made."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import TermVersion
from lending.loop.terms import TermBook, Terms, due_at
from lending.places.days import OpeningDays
from lending.places.opening import load_opening_days
from lending.places.tables import District

TERM_COLUMNS = tuple(getattr(TermVersion, field.name) for field in fields(Terms))


@dataclass(frozen=True, slots=True)
class DueBook:
    """All that due dates of one district depend on."""

    book: TermBook
    zone: ZoneInfo
    days: dict[int, OpeningDays]

    def due_at(self, *, kind: int, site: int, opened_at: datetime, extensions: int) -> datetime:
        """When a loan of this kind, made at this site then, is due (UTC)."""
        days = self.days.get(site)
        return due_at(
            opened_at,
            self.book.at(kind, opened_at),
            zone=self.zone,
            next_open=lambda day: days.next_open(day, opened_at) if days else day,
            extensions=extensions,
        )


def load_terms(session: Session, district_id: int) -> TermBook:
    """Every version of a district's terms."""
    query = sa.select(TermVersion.kind_id, TermVersion.valid_from, *TERM_COLUMNS).where(
        TermVersion.district_id == district_id
    )
    return TermBook((row[0], row[1], Terms(*row[2:])) for row in session.execute(query))


def load_due_book(session: Session, district_id: int, sites: Collection[int]) -> DueBook:
    """The due book of a district for loans made at these sites; three statements."""
    zone = session.scalar(sa.select(District.timezone).where(District.id == district_id))
    return DueBook(
        load_terms(session, district_id),
        ZoneInfo(zone or "Asia/Seoul"),
        load_opening_days(session, site_ids=set(sites)),
    )
