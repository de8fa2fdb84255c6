"""What the writer reads before it judges: a handful of statements per call, rows locked."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import fetch
from lending.errors import Code, LendingError
from lending.loop.judge import BorrowerFile, OpenLoanOf
from lending.loop.scans import ScanIn
from lending.loop.steps import Gap
from lending.loop.tables import (
    Label,
)
from lending.loop.values import Event
from lending.loop.write import queries
from lending.loop.write.entry import Entry
from lending.loop.write.rows import LoanRow, StayRow, event_from_row
from lending.people import rights
from lending.people.actors import Actor
from lending.places.tables import District, Site, SiteKind


class Sites:
    """The sites a call names, by code and id."""

    def __init__(self, rows: Sequence[Any]) -> None:
        """`rows`: (id, code, district id, kind, whether a batch is required) of each site."""
        self._by_code = {row[1]: row for row in rows}
        self._rows = {row[0]: row for row in rows}
        self._codes = {row[0]: row[1] for row in rows}

    def named(self, code: str, field: str) -> int:
        """The id of a site named in a scan; INVALID when there is none."""
        row = self._by_code.get(code)
        if row is None:
            raise LendingError(Code.INVALID, field=field)
        return int(row[0])

    def acting(self, code: str | None, actor: Actor) -> int:
        """The site at which an actor acts: its own by default, another only by right."""
        if code is None:
            if actor.site_id is None:
                raise LendingError(Code.INVALID, field="site")
            return actor.site_id
        site = self.named(code, "site")
        if site == actor.site_id:
            return site
        if not rights.at_any_site(actor.role) or self._by_code[code][2] != actor.district_id:
            raise LendingError(Code.NOT_ALLOWED_HERE, field="site")
        return site

    def requires_batch(self, site_id: int) -> bool:
        """Whether only a finished wash batch makes clean what passes at this site."""
        return bool(self._rows[site_id][4])

    def is_box(self, site_id: int) -> bool:
        """Whether cups lie in this site with nobody by: a return box or machine."""
        return self._rows[site_id][3] in (SiteKind.BOX, SiteKind.MACHINE)

    def is_shop(self, site_id: int) -> bool:
        """Whether a named site is a delivery shop, on whose shelf clean ware grows old."""
        return site_id in self._rows and self._rows[site_id][3] == SiteKind.SHOP

    def code(self, site_id: int) -> str:
        return str(self._codes[site_id])

    def load_more(self, session: Session, ids: Collection[int]) -> None:
        """Adds the codes of further sites, met only through the items that stand there."""
        if missing := set(ids) - self._codes.keys():
            query = sa.select(Site.id, Site.code).where(Site.id.in_(missing))
            self._codes |= {row.id: row.code for row in fetch(session, query)}


def load_sites(session: Session, scans: Sequence[ScanIn], actor: Actor) -> Sites:
    """The sites named in a call, and the actor's own."""
    codes = {scan.site for scan in scans} | {scan.to for scan in scans}
    codes |= {scan.from_ for scan in scans}
    own = [actor.site_id] if actor.site_id is not None else []
    return Sites(fetch(session, queries.SITES, {"codes": list(codes - {None}), "ids": own}))


def take_crate_turn(session: Session, district_id: int) -> None:
    """Whoever packs in a district waits here for the one before, until that one's transaction ends.

    Which crates a piece came out of is known only once it is locked; two packers who then lock each
    other's crates would wait for each other. Scans that name no crate pass by.
    """
    district = sa.select(District.id).where(District.id == district_id)
    session.execute(district.with_for_update(key_share=True))


def lock_items(session: Session, codes: Collection[str]) -> dict[str, Entry]:
    """The items of these codes, present and replaced ones, locked in the order of their ids.

    A label on no piece is locked too: a scan kept under an unknown code while another writer
    claims that very label would never join its piece.
    """
    by_code = _lock_known(session, codes)
    if unknown := set(codes) - by_code.keys():
        settled = fetch(session, queries.LABELS_SETTLED, {"codes": list(unknown)})
        if any(row.item_id is not None for row in settled):
            by_code = _lock_known(session, codes)
    return by_code


def _lock_known(session: Session, codes: Collection[str]) -> dict[str, Entry]:
    entries: dict[int, Entry] = {}
    by_code: dict[str, Entry] = {}
    for row in fetch(session, queries.LOCKED_ITEMS, {"codes": list(codes)}):
        entry = entries.get(row[0])
        if entry is None:
            entry = entries[row[0]] = Entry(row)
        by_code[row[-1]] = entry
    return by_code


@dataclass(frozen=True, slots=True)
class Known:
    """A recorded scan as far as its identity, its voiding and its repetition need it."""

    action: str
    code: str
    at: datetime
    site: int
    of: uuid.UUID | None
    item: int | None
    recorded_at: datetime
    had_borrower: bool
    digest: bytes | None
    override: str | None
    reason: str | None


def load_known(
    session: Session, ids: Collection[uuid.UUID]
) -> tuple[dict[uuid.UUID, Known], set[uuid.UUID]]:
    """The recorded scans of these ids, and those of them that a recorded void names."""
    known, voided = {}, set()
    for row in fetch(session, queries.KNOWN_SCANS, {"ids": list(ids)}):
        if row.id in ids:
            known[row.id] = Known(*row[:11])
        if row.of in ids and row.action == "void":
            voided.add(row.of)
    return known, voided


def load_carried(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many pieces these recorded scans of crates befell, by scan; none of them is missing."""
    if not ids:
        return {}
    rows = fetch(session, queries.CARRIED_WITH, {"scans": list(ids)})
    return {row.of: row.count for row in rows}


@dataclass(frozen=True, slots=True)
class LabelRow:
    code: str
    item: int | None


def load_labels(session: Session, codes: Collection[str]) -> dict[str, LabelRow]:
    """Labels by code, locked: two relabels of one label cannot both succeed."""
    if not codes:
        return {}
    query = sa.select(Label.code, Label.item_id).where(Label.code.in_(codes)).with_for_update()
    return {row.code: LabelRow(row.code, row.item_id) for row in fetch(session, query)}


@dataclass(frozen=True, slots=True)
class OccasionRow:
    """What lends to it are judged on; `ends_on`: a local day."""

    district: int
    ends_on: date | None


def load_occasions(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, OccasionRow]:
    """The occasions that the scans of a call name, or the loans of its items are for; their ends
    are not moved before the call is over. No statement where there are none."""
    if not ids:
        return {}
    rows = fetch(session, queries.OCCASIONS, {"ids": list(ids)})
    return {row.id: OccasionRow(row.district_id, row.ends_on) for row in rows}


def load_stories(session: Session, entries: Sequence[Entry]) -> None:
    """Hands every entry its scans, loans, gaps and stays; four statements for all of them."""
    if not entries:
        return
    ids = {"items": [entry.id for entry in entries]}
    events: dict[int, dict[uuid.UUID, Event]] = defaultdict(dict)
    for row in fetch(session, queries.EVENTS_OF_ITEMS, ids):
        events[row[-1]][row[0]] = event_from_row(row)
    loans: dict[int, dict[uuid.UUID, LoanRow]] = defaultdict(dict)
    dues: dict[int, dict[uuid.UUID, datetime]] = defaultdict(dict)
    for row in fetch(session, queries.LOANS_OF_ITEMS, ids):
        loans[row.item_id][row.id] = LoanRow(*row[:10])
        dues[row.item_id][row.id] = row.due_at
    gaps: dict[int, dict[uuid.UUID, tuple[Gap, ...]]] = defaultdict(dict)
    for item, scan, gap in fetch(session, queries.GAPS_OF_ITEMS, ids):
        gaps[item][scan] = (*gaps[item].get(scan, ()), gap)
    stays: dict[int, dict[uuid.UUID, StayRow]] = defaultdict(dict)
    for row in fetch(session, queries.STAYS_OF_ITEMS, ids):
        stays[row.item_id][row.id] = StayRow(*row[:5])
    for entry in entries:
        one = entry.id
        entry.load_story(events[one], loans[one], dues[one], gaps[one], stays[one])


def load_borrower_files(
    session: Session, files: Mapping[uuid.UUID, BorrowerFile], items: Collection[int]
) -> dict[tuple[uuid.UUID, int], int]:
    """Fills in what each borrower has out; returns the numbers under which they stand on these
    pieces already. One statement."""
    parties: dict[tuple[uuid.UUID, int], int] = {}
    given = {"residents": list(files), "items": list(items)}
    for row in fetch(session, queries.BORROWER_FILES, given):
        resident, item, party, loan, due, lost, warned, forgiven, claimed = row
        if loan is not None:
            out = OpenLoanOf(due, lost, warned, forgiven is not None, bool(claimed))
            files[resident].loans[loan] = out
        if party is not None:
            parties[resident, item] = party
    return parties
