"""What a tablet tells that has already happened: recorded once, however often it is told."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.clock import happened_at
from lending.loop.codes import read_code
from lending.loop.meaning import mean_beep
from lending.loop.record import record_scans
from lending.loop.scans import Receipt, Result, ScanIn
from lending.loop.steps import Action, Gap
from lending.loop.values import Piece
from lending.loop.write.entry import Entry
from lending.loop.write.load import lock_items
from lending.people import rights
from lending.people.actors import Actor
from lending.people.envelopes import Shown, open_borrower
from lending.people.sealing import Keys
from lending.people.staff import staff_at
from lending.places.sites import SiteView
from lending.requests.arrivals import follow_crates
from lending.station.crates import is_crate, is_mistaken
from lending.station.fact_parts import Fact
from lending.station.meant import Told, load_told, scans_of
from lending.station.past import pieces_at

FINAL = {Code.INVALID, Code.BAD_CHECK_DIGIT, Code.ID_REUSED, Code.BORROWER_UNKNOWN}


@dataclass(frozen=True, slots=True)
class Sending:
    """One call of a tablet: who sends, for which place, when by both clocks."""

    actor: Actor
    site: SiteView
    keys: Keys
    now: datetime
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class FactReceipt:
    """What became of one entry. `final`: sending it again will never help."""

    id: uuid.UUID | str | None
    code: str | None
    action: Action | None
    result: Result
    error: Code | None = None
    field: str | None = None
    gap: Gap | None = None

    @property
    def final(self) -> bool:
        return self.error in FINAL


def record_facts(session: Session, facts: Sequence[Fact], sending: Sending) -> list[FactReceipt]:
    """Records up to 500 entries of a queue in their order, one receipt each.

    Sent again, in whole or in part, in any order and by several at once, each is recorded once. A
    handful of statements, and as many again for every further beep of unknown meaning on a piece
    that the call has met before. Raises ChangedMeanwhile as record_scans does.
    """
    entries = lock_items(session, {code for fact in facts if (code := _code_of(fact))})
    told = load_told(session, facts, site=sending.site.id)
    staff = staff_at(
        session,
        staff_ids={fact.by for fact in facts if fact.by is not None},
        district_id=sending.actor.district_id,
        site_id=sending.site.id,
    )
    facts = [
        replace(fact, action=None) if is_mistaken(fact, entries.get(_code_of(fact))) else fact
        for fact in facts
    ]
    crates = {entry.id for entry in entries.values() if is_crate(entry)}
    receipts: list[FactReceipt] = []
    for wave in _waves(facts, entries, told):
        if receipts:  # what the wave before has made of the pieces that are asked about now
            entries = lock_items(session, {_code_of(fact) for fact in wave if _is_open(fact)})
        actions = _meanings(session, wave, entries, told, sending)
        receipts += _record_wave(session, wave, actions, entries, told, staff, sending)
    if crates:
        follow_crates(session, crate_ids=crates, actor=sending.actor)
    return receipts


def _code_of(fact: Fact) -> str:
    """The twelve digits, or nothing where the writer will refuse the code."""
    try:
        return read_code(fact.code)
    except LendingError:
        return ""


def _is_open(fact: Fact) -> bool:
    return fact.action is None


def _is_unclear(fact: Fact, told: Told) -> bool:
    """Whether it is still to be told what the beep means."""
    return _is_open(fact) and told.action_of(fact.id) is None


def _waves(facts: Sequence[Fact], entries: dict[str, Entry], told: Told) -> Iterator[list[Fact]]:
    """The facts cut wherever a beep's meaning hangs on what this very call tells of its piece."""
    wave: list[Fact] = []
    touched: set[object] = set()
    for fact in facts:
        code = _code_of(fact)
        entry = entries.get(code)
        piece = entry.id if entry else code
        if _is_unclear(fact, told) and piece in touched:
            yield wave
            wave, touched = [], set()
        wave.append(fact)
        touched.add(piece)
    yield wave


def _meanings(
    session: Session,
    wave: Sequence[Fact],
    entries: dict[str, Entry],
    told: Told,
    sending: Sending,
) -> list[Action | None]:
    """Each fact's action; None for a beep that tells nothing: of a fit cup with nobody shown, or of
    a crate that stands there."""
    unclear = [fact for fact in wave if _is_unclear(fact, told)]
    moments = [_moment(fact, sending) for fact in unclear]
    at_their_time = [entries.get(_code_of(fact)) for fact in unclear]
    pieces = pieces_at(session, list(zip(at_their_time, moments, strict=True)))
    lends = rights.may(sending.actor.role, Action.LEND.value)
    meant = {
        fact.id: mean_beep(
            piece, site=sending.site.id, borrower_shown=fact.borrower is not None
        ).action
        if lends
        else _put_in(piece)
        for fact, piece in zip(unclear, pieces, strict=True)
    }
    return [fact.action or told.action_of(fact.id) or meant.get(fact.id) for fact in wave]


def _put_in(piece: Piece | None) -> Action | None:
    """What it means at a box, where everything comes back; but nobody puts a crate into one."""
    return None if piece is not None and piece.carrier else Action.RETURN


def _moment(fact: Fact, sending: Sending) -> datetime:
    moment, _ = happened_at(
        fact.at,
        sent_at=sending.sent_at,
        recorded_at=sending.now,
        clock_error=fact.clock_error,
        clock_lost=fact.clock_lost,
    )
    return moment


def _record_wave(
    session: Session,
    wave: Sequence[Fact],
    actions: Sequence[Action | None],
    entries: Mapping[str, Entry],
    told: Told,
    staff: set[int],
    sending: Sending,
) -> list[FactReceipt]:
    scans: list[ScanIn] = []
    answered_by: list[int | None] = []  # which scan of the call tells what became of the fact
    for fact, action in zip(wave, actions, strict=True):
        if action is None or (_is_open(fact) and not _code_of(fact)):
            answered_by.append(None)
            continue
        answered_by.append(len(scans))
        scans += scans_of(_scan(fact, action, staff, sending), told)
    receipts: list[Receipt] = []
    if scans:
        receipts = record_scans(
            session,
            scans,
            actor=sending.actor,
            keys=sending.keys,
            now=sending.now,
            sent_at=sending.sent_at,
        )
    return [
        _tell(fact, action, receipts[place])
        if place is not None
        else _pass_over(fact, entries.get(_code_of(fact)))
        for fact, action, place in zip(wave, actions, answered_by, strict=True)
    ]


def _scan(fact: Fact, action: Action, staff: set[int], sending: Sending) -> ScanIn:
    lends = action is Action.LEND
    shown = Shown("")
    if lends and fact.borrower is not None:
        shown = open_borrower(sending.keys, fact.borrower, at=fact.at, sent_at=sending.sent_at)
    return ScanIn(
        id=fact.id,
        action=action,
        code=fact.code,
        at=fact.at,
        site=sending.site.code,
        borrower=shown.raw if lends and fact.borrower is not None else None,
        of=fact.of,
        seq=fact.seq,
        clock_error=fact.clock_error,
        override=fact.override,
        reason=fact.reason,
        note=fact.note,
        clock_lost=fact.clock_lost,
        shown_at=shown.at,
        staff_id=fact.by if fact.by in staff else None,
    )


def _tell(fact: Fact, action: Action | None, receipt: Receipt) -> FactReceipt:
    return FactReceipt(
        fact.id, _code_of(fact) or fact.code, action, receipt.result, receipt.error,
        receipt.field, receipt.gap,
    )  # fmt: skip


def _pass_over(fact: Fact, entry: Entry | None) -> FactReceipt:
    """A beep of which nothing is recorded: no item's code, or a fit cup for nobody. A crate that was
    only looked at is done with."""
    if is_crate(entry):
        return FactReceipt(fact.id, _code_of(fact), None, Result.REPEATED)
    try:
        read_code(fact.code)
    except LendingError as error:
        return FactReceipt(fact.id, fact.code, None, Result.REFUSED, error.code, "code")
    # Somebody held a clean cup under the reader and showed nobody: staff are told, who may know.
    return FactReceipt(
        fact.id, _code_of(fact), None, Result.REFUSED, Code.BORROWER_UNKNOWN, "borrower"
    )
