"""What the writer reads before it judges: a handful of statements per call, rows locked."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import fetch
from lending.errors import Code, LendingError
from lending.loop.advance import Event
from lending.loop.entry import Entry
from lending.loop.judge import BorrowerFile, OpenLoanOf
from lending.loop.rows import EVENT_COLUMNS, ITEM_COLUMNS, LoanRow, event_from_row
from lending.loop.scans import ScanIn
from lending.loop.steps import Gap
from lending.loop.tables import (
    Forgiveness,
    Item,
    ItemKind,
    Label,
    Loan,
    Scan,
    ScanBorrower,
    ScanGap,
)
from lending.notices.tables import Notice
from lending.people import rights
from lending.people.actors import Actor
from lending.places.tables import Site


class Sites:
    """The sites a call names, by code and id."""

    def __init__(self, rows: Sequence[Any]) -> None:
        """`rows`: (id, code, district id) of each site."""
        self._by_code = {row[1]: row for row in rows}
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
    wanted: list[sa.ColumnElement[bool]] = [Site.code.in_(codes - {None})]
    if actor.site_id is not None:
        wanted.append(Site.id == actor.site_id)
    query = sa.select(Site.id, Site.code, Site.district_id).where(sa.or_(*wanted))
    return Sites(session.execute(query).all())


def lock_items(session: Session, codes: Collection[str]) -> dict[str, Entry]:
    """The items of these codes, present and replaced ones, locked in the order of their ids."""
    query = (
        sa.select(*ITEM_COLUMNS, ItemKind.code, Label.code)
        .join(Label, Label.item_id == Item.id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(Label.code.in_(codes))
        .order_by(Item.id)
        .with_for_update(of=Item)
    )
    entries: dict[int, Entry] = {}
    by_code = {}
    for row in fetch(session, query):
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
    borrowed = sa.or_(Scan.party.is_not(None), Scan.unresolved)
    query = (
        sa.select(
            Scan.action, Scan.code, Scan.at, Scan.site_id, Scan.of, Scan.item_id, Scan.recorded_at,
            borrowed, ScanBorrower.digest, Scan.override, Scan.reason, Scan.id,
        )
        .outerjoin(ScanBorrower, ScanBorrower.scan_id == Scan.id)
        .where(sa.or_(Scan.id.in_(ids), Scan.of.in_(ids)))
    )  # fmt: skip
    known, voided = {}, set()
    for row in fetch(session, query):
        if row.id in ids:
            known[row.id] = Known(*row[:11])
        if row.of in ids and row.action == "void":
            voided.add(row.of)
    return known, voided


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


def load_stories(session: Session, entries: Sequence[Entry]) -> None:
    """Hands every entry its scans, loans and gaps; three statements for all of them."""
    if not entries:
        return
    ids = [entry.id for entry in entries]
    events: dict[int, dict[uuid.UUID, Event]] = defaultdict(dict)
    query_events = sa.select(*EVENT_COLUMNS, Scan.item_id).where(Scan.item_id.in_(ids))
    for row in fetch(session, query_events):
        events[row[-1]][row[0]] = event_from_row(row)
    loans: dict[int, dict[uuid.UUID, LoanRow]] = defaultdict(dict)
    dues: dict[int, dict[uuid.UUID, datetime]] = defaultdict(dict)
    for row in fetch(session, sa.select(*LOAN_COLUMNS).where(Loan.item_id.in_(ids))):
        loans[row.item_id][row.id] = LoanRow(*row[:8])
        dues[row.item_id][row.id] = row.due_at
    gaps: dict[int, dict[uuid.UUID, tuple[Gap, ...]]] = defaultdict(dict)
    query = sa.select(ScanGap.item_id, ScanGap.scan_id, ScanGap.gap).where(ScanGap.item_id.in_(ids))
    for item, scan, gap in fetch(session, query):
        gaps[item or 0][scan] = (*gaps[item or 0].get(scan, ()), gap)
    for entry in entries:
        entry.load_story(events[entry.id], loans[entry.id], dues[entry.id], gaps[entry.id])


LOAN_COLUMNS = (
    Loan.id, Loan.site_id, Loan.opened_at, Loan.extensions, Loan.lost_at, Loan.closed_at,
    Loan.closed_by, Loan.outcome, Loan.item_id, Loan.due_at,
)  # fmt: skip


def load_borrower_loans(session: Session, files: Mapping[uuid.UUID, BorrowerFile]) -> None:
    """Fills in what each borrower has out, with the first notice sent for it; one statement."""
    if not files:
        return
    warned = (
        sa.select(sa.func.min(Notice.sent_at))
        .where(Notice.lend_id == Loan.id, Notice.sent_at.is_not(None))
        .scalar_subquery()
    )
    query = (
        sa.select(
            ScanBorrower.resident_id, Loan.id, Loan.due_at, Loan.lost_at, warned,
            Forgiveness.lend_id,
        )
        .join(Loan, Loan.id == ScanBorrower.scan_id)
        .outerjoin(Forgiveness, Forgiveness.lend_id == Loan.id)
        .where(ScanBorrower.resident_id.in_(list(files)), Loan.closed_at.is_(None))
    )  # fmt: skip
    for resident, loan, due, lost, warned_at, forgiven in fetch(session, query):
        files[resident].loans[loan] = OpenLoanOf(due, lost, warned_at, forgiven is not None)


def load_parties(
    session: Session, residents: Collection[uuid.UUID], items: Collection[int]
) -> dict[tuple[uuid.UUID, int], int]:
    """The numbers under which these residents stand on these pieces already; one statement."""
    query = (
        sa.select(ScanBorrower.resident_id, Scan.item_id, Scan.party)
        .join(Scan, Scan.id == ScanBorrower.scan_id)
        .where(ScanBorrower.resident_id.in_(residents), Scan.item_id.in_(items))
    )
    return {(row[0], row[1]): row[2] for row in fetch(session, query)}
