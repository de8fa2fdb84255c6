"""Proves that every item, loan and gap is what its scans say, and repairs what is not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.db import fetch, reading, transaction
from lending.loop.crates.carry import missing_scans
from lending.loop.loans.due import DueBook, load_due_book, load_ends
from lending.loop.steps import Action, Gap
from lending.loop.tables import CrateStay, Item, ItemKind, Loan, Scan, ScanGap
from lending.loop.values import Event, Piece
from lending.loop.write.caches import store_caches
from lending.loop.write.entry import Entry
from lending.loop.write.load import load_stories
from lending.loop.write.mending import add_carried, due_book_of, load_crates_of
from lending.loop.write.rows import ITEM_COLUMNS

BATCH = 500  # items at a time: bounds the memory whatever the size of the log

Progress = Callable[[int, int], None]  # (items done, items in all)


@dataclass(frozen=True, slots=True)
class Difference:
    """Something stored that is not what replaying the log gives."""

    code: str  # of the item, or the id of a scan without one
    what: str
    stored: object
    replayed: object

    def __str__(self) -> str:
        return f"{self.code}: {self.what} is {self.stored}, the scans say {self.replayed}"


def verify(engine: Engine, progress: Progress | None = None) -> Iterator[Difference]:
    """Replays every item on one read snapshot, beside live writers; yields each difference."""
    with reading(engine) as session:
        due_book = load_due_book(session)
        for entries in _batches(session, progress):
            crates = load_crates_of(session, entries)
            book = due_book.ending(load_ends(session, entries))
            for entry in entries:
                yield from compare_entry(entry, book)
                yield from compare_carried(entry, crates)
        yield from _compare_unknown(session)


def rebuild(engine: Engine, *, now: datetime, progress: Progress | None = None) -> int:
    """Rewrites every cache that differs from its scans, and adds to the log what it lacks of the
    scans that pieces got with their crates; returns how many items were repaired.

    One transaction per batch, so that writers beside it wait no longer than for one batch.
    """
    repaired, after = 0, 0
    with reading(engine) as session:
        total = session.scalar(sa.select(sa.func.count()).select_from(Item)) or 0
    done = 0
    while True:
        with transaction(engine) as session:
            entries = _load_batch(session, after, lock=True)
            if not entries:
                return repaired
            carried = add_carried(session, entries, now=now)
            due_book = due_book_of(session, entries)
            wrong = [
                entry
                for entry in entries
                if entry.id in carried or any(compare_entry(entry, due_book))
            ]
            if wrong:
                _clear(session, wrong)
                store_caches(session, wrong, due_book=due_book.itself, now=now)
        repaired, after, done = repaired + len(wrong), entries[-1].id, done + len(entries)
        if progress:
            progress(done, total)


def compare_entry(entry: Entry, due_book: DueBook) -> Iterator[Difference]:
    """The differences of one item whose story was loaded."""
    code = entry.before.code or ""
    replayed = entry.now()
    for field in fields(Piece):
        was, now = getattr(entry.before, field.name), getattr(replayed, field.name)
        if was != now:
            yield Difference(code, field.name, was, now)
    before, after = entry.loans_before, entry.loans()
    for loan_id in before.keys() | after.keys():
        if before.get(loan_id) != after.get(loan_id):
            yield Difference(code, "loan", before.get(loan_id), after.get(loan_id))
        elif entry.dues.get(loan_id) != (due := due_book.due_of(entry.kind, after[loan_id])):
            yield Difference(code, "due date of the loan", entry.dues.get(loan_id), due)
    stays_before, stays = entry.stays_before, entry.stays()
    for stay_id in stays_before.keys() | stays.keys():
        if stays_before.get(stay_id) != stays.get(stay_id):
            yield Difference(code, "stay", stays_before.get(stay_id), stays.get(stay_id))
    due_now = due_book.due_of(entry.kind, replayed.loan) if replayed.loan else None
    if entry.due_at != due_now:
        yield Difference(code, "due_at", entry.due_at, due_now)
    for scan in entry.gaps_before.keys() | entry.gaps.keys():
        was_gaps, now_gaps = set(entry.gaps_before.get(scan, ())), set(entry.gaps.get(scan, ()))
        if was_gaps != now_gaps:
            yield Difference(code, f"gaps of scan {scan}", sorted(was_gaps), sorted(now_gaps))


def compare_carried(entry: Entry, crates: dict[int, Entry]) -> Iterator[Difference]:
    """Where the scans that a piece got with its crates are not those that the crates' stories say;
    `crates`: by item id, with their stories."""
    if entry.before.carrier:
        return
    for event in missing_scans(entry, crates):
        what = f"{event.action} of {event.at.isoformat()} with crate {_crate_code(event, crates)}"
        taken_back = event.action is Action.VOID
        what = f"scan {event.of} carried with a crate" if taken_back else what
        yield Difference(
            entry.before.code or "", what, *(("there", "none") if taken_back else (None, "there"))
        )


def _crate_code(event: Event, crates: dict[int, Entry]) -> str | None:
    return crates[event.crate].before.code if event.crate in crates else None


def _clear(session: Session, entries: list[Entry]) -> None:
    """Takes the loans, stays and gaps of wrong items away, so that all of them are written anew."""
    ids = [entry.id for entry in entries]
    session.execute(sa.delete(Loan).where(Loan.item_id.in_(ids)))
    session.execute(sa.delete(CrateStay).where(CrateStay.item_id.in_(ids)))
    session.execute(sa.delete(ScanGap).where(ScanGap.item_id.in_(ids)))
    for entry in entries:
        after = entry.loans()
        entry.loans_before = {
            key: row for key, row in entry.loans_before.items() if key not in after
        }
        entry.gaps_before, entry.stays_before, entry.dues = {}, {}, {}


def _batches(session: Session, progress: Progress | None) -> Iterator[list[Entry]]:
    total = session.scalar(sa.select(sa.func.count()).select_from(Item)) or 0
    after = done = 0
    while entries := _load_batch(session, after, lock=False):
        yield entries
        after, done = entries[-1].id, done + len(entries)
        if progress:
            progress(done, total)


def _load_batch(session: Session, after: int, *, lock: bool) -> list[Entry]:
    query = (
        sa.select(*ITEM_COLUMNS, ItemKind.code)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(Item.id > after)
        .order_by(Item.id)
        .limit(BATCH)
    )
    if lock:
        query = query.with_for_update(of=Item)
    entries = [Entry(row) for row in fetch(session, query)]
    load_stories(session, entries)
    return entries


def _compare_unknown(session: Session) -> Iterator[Difference]:
    """Scans without an item carry the gap of an unknown code; no loan stands without an item."""
    marked = sa.exists().where(ScanGap.scan_id == Scan.id, ScanGap.gap == Gap.UNKNOWN_CODE)
    for scan in session.scalars(sa.select(Scan.id).where(Scan.item_id.is_(None), ~marked)):
        yield Difference(str(scan), "gaps", [], [Gap.UNKNOWN_CODE.value])
    lends = sa.exists().where(Scan.id == Loan.id)
    for loan in session.scalars(sa.select(Loan.id).where(~lends)):
        yield Difference(str(loan), "loan", "stored", "no lend scan")
