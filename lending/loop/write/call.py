"""One call of the writer: its scans made ready, its items locked, all it is judged on loaded."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from lending.loop.crates.carry import carries
from lending.loop.crates.contents import late_pieces, load_contents, load_crates
from lending.loop.judge import BorrowerFile
from lending.loop.loans.due import DueBook, load_due_book, occasions_of
from lending.loop.pieces.claims import claim_labels, join_unknown
from lending.loop.policy.shelf import CallShelf
from lending.loop.scans import ScanIn
from lending.loop.steps import STEPS, Action
from lending.loop.washed.batches import CallBatches, load_batches
from lending.loop.write import load
from lending.loop.write.entry import Entry
from lending.loop.write.prepare import LONG_AGO, Prepared, Setting, prepare
from lending.people.actors import Actor
from lending.people.borrowers import (
    Borrower,
    BorrowerWanted,
    drop_unused,
    resolve_borrowers,
)
from lending.people.sealing import Keys

TICK = timedelta(microseconds=1)
_JOINS = (Action.CLAIM, Action.RELABEL)  # scans kept under a code unknown so far join the piece


@dataclass(slots=True)
class Call(Setting):
    """The working set of one call; nothing in it is shared between calls."""

    scans: list[Prepared] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)  # by every code they are known by
    known: dict[uuid.UUID, load.Known] = field(default_factory=dict)
    labels: dict[str, load.LabelRow] = field(default_factory=dict)  # of relabels
    borrowers: dict[int, Borrower] = field(default_factory=dict)  # by position
    files: dict[uuid.UUID, BorrowerFile] = field(default_factory=dict)
    parties: dict[tuple[uuid.UUID, int], int] = field(default_factory=dict)
    inside: dict[int, list[Entry]] = field(default_factory=dict)  # pieces by crate's item id
    carried: dict[uuid.UUID, int] = field(default_factory=dict)  # with known scans of crates
    batches: CallBatches = field(default_factory=CallBatches)
    shelf: CallShelf = field(default_factory=CallShelf)
    occasions: dict[uuid.UUID, load.OccasionRow] = field(default_factory=dict)
    due: DueBook | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)  # scans to insert
    borrower_rows: list[dict[str, Any]] = field(default_factory=list)
    label_rows: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[dict[str, Any]] = field(default_factory=list)
    filled_in: list[dict[str, Any]] = field(default_factory=list)

    def due_book(self) -> DueBook:
        """The due book, loaded when the first loan of the call needs it."""
        if self.due is None:
            sites = {one.site for one in self.scans if one.site}
            sites |= {
                loan.site for entry in self.entries.values() for loan in entry.loans().values()
            }
            lends = (scan for entry in self.entries.values() for scan in entry.events.values())
            sites |= {scan.site for scan in lends if scan.action is Action.LEND}
            ends = {id: occasion.ends_on for id, occasion in self.occasions.items()}
            self.due = load_due_book(self.session, sites).ending(ends)
        return self.due

    def party_of(self, entry: Entry | None, borrower: Borrower | None) -> int:
        """A random number for this borrower on this piece: equal for equal, telling nothing else."""
        if borrower is None or entry is None:  # joined to its piece, it gets that one's number
            return secrets.randbits(62)
        return self.parties.setdefault((borrower.resident_id, entry.id), secrets.randbits(62))


def open_call(
    session: Session,
    scans: Sequence[ScanIn],
    *,
    actor: Actor,
    keys: Keys,
    now: datetime,
    sent_at: datetime,
) -> Call:
    """Loads and locks, in this order: sites, items, known ids, stories, residents."""
    call = Call(session, actor, keys, now, load.load_sites(session, scans, actor))
    call.scans = [prepare(call, position, scan, sent_at) for position, scan in enumerate(scans)]
    good = [one for one in call.scans if one.error is None]
    claim_labels(
        session,
        [(one.code, one.scan.id, one.site, one.at) for one in _firsts(good) if _claims(one)],
        actor=actor,
        now=now,
    )
    crates = {one.crate for one in good if one.crate}
    if crates:
        load.take_crate_turn(session, actor.district_id)
    codes = {one.code for one in good} | crates
    call.entries = load.lock_items(session, codes)
    ids = {one.scan.id for one in good} | {one.scan.of for one in good if one.scan.of}
    call.known, voids_waiting = load.load_known(session, ids)
    call.labels = load.load_labels(session, {one.new_code for one in good if one.new_code})
    fresh = [one for one in good if one.scan.id not in call.known]
    repeated = [one for one in good if one.scan.id in call.known]
    moved = {one.scan.id for one in repeated if carries(one, call.entries.get(one.code))}
    call.carried = load.load_carried(session, moved)
    _follow_relabels(call, _firsts(fresh))
    load_contents(call, fresh)
    needing = _entries_needing_story(call, fresh, voids_waiting) + _reasons_coming(call, good)
    needing += late_pieces(call, fresh, voids_waiting)
    load.load_stories(session, list({entry.id: entry for entry in needing}.values()))
    load_crates(call)
    call.batches = load_batches(call, fresh)
    named = {one.scan.occasion for one in fresh if one.scan.occasion is not None}
    named |= occasions_of(call.entries.values())
    call.occasions = load.load_occasions(session, named)
    _load_borrowers(call, [one for one in fresh if one.scan.action is Action.LEND])
    return call


def is_taken(call: Call, code: str, entry: Entry | None) -> bool:
    """Whether a label belongs to another piece than this one, in the log or by this call."""
    label, other = call.labels.get(code), call.entries.get(code)
    if other is not None and other is not entry:
        return True
    return label is not None and label.item is not None and label.item != (entry and entry.id)


def _follow_relabels(call: Call, fresh: Sequence[Prepared]) -> None:
    """Scans of a new label are its piece's, wherever they stand in the call; earlier ones join."""
    joining: dict[str, int] = {}
    for one in fresh:
        entry = call.entries.get(one.code)
        if one.new_code is None or entry is None or is_taken(call, one.new_code, entry):
            continue
        call.entries[one.new_code] = entry
        joining[one.new_code] = entry.id
    if joining:
        join_unknown(call.session, joining, now=call.now)


def drop_unused_residents(call: Call) -> None:
    """Takes back the residents made for lends that were all refused."""
    used = {row["resident_id"] for row in call.borrower_rows}
    made = {one.resident_id for one in call.borrowers.values() if one.created}
    drop_unused(call.session, made - used)


def _firsts(scans: Sequence[Prepared]) -> list[Prepared]:
    """The first scan under each id: whatever else comes under it in the call puts no label on."""
    firsts: dict[uuid.UUID, Prepared] = {}
    for one in scans:
        firsts.setdefault(one.scan.id, one)
    return list(firsts.values())


def _claims(one: Prepared) -> bool:
    return one.scan.action is Action.CLAIM


def asks(scan: ScanIn) -> bool:
    """Whether a scan is judged as a question; return, stock, collect and receive never are."""
    return scan.ask and not STEPS[scan.action].fact_only


def _entries_needing_story(
    call: Call, fresh: Sequence[Prepared], voids_waiting: set[uuid.UUID]
) -> list[Entry]:
    """The items for which something happened before what is known, or is taken out."""
    last: dict[int, datetime] = {}
    needing: dict[int, Entry] = {}
    for one in fresh:
        entry = call.entries.get(one.code)
        if entry is None:
            continue
        known_last = last.get(entry.id) or entry.piece.last_at or LONG_AGO
        at = max(one.at, known_last + TICK) if asks(one.scan) else one.at
        voids = one.scan.action is Action.VOID or one.scan.id in voids_waiting
        if voids or at <= known_last or one.scan.action in _JOINS:
            needing[entry.id] = entry
        last[entry.id] = max(at, known_last)
    return list(needing.values())


def _reasons_coming(call: Call, good: Sequence[Prepared]) -> list[Entry]:
    """The items that show a hold's reason, which only its repetition brings."""
    seen = set(call.known)
    found = []
    for one in good:
        entry = call.entries.get(one.code)
        if entry and one.scan.action is Action.HOLD and one.scan.reason and one.scan.id in seen:
            found.append(entry)
        seen.add(one.scan.id)
    return found


def _load_borrowers(call: Call, lends: Sequence[Prepared]) -> None:
    wanted = [
        one
        for one in lends
        if one.scan.borrower is not None and (one.code in call.entries or not one.scan.ask)
    ]
    if not wanted:
        return
    found = resolve_borrowers(
        call.session,
        keys=call.keys,
        district_id=call.actor.district_id,
        wanted=[BorrowerWanted(one.scan.borrower or "", one.shown_at) for one in wanted],
        now=call.now,
    )
    for one, borrower in zip(wanted, found, strict=True):
        if borrower is not None:
            call.borrowers[one.position] = borrower
            call.files.setdefault(
                borrower.resident_id, BorrowerFile(borrower.confirmed, borrower.has_contact)
            )
    items = {call.entries[one.code].id for one in wanted if one.code in call.entries}
    call.parties = load.load_borrower_files(call.session, call.files, items)
