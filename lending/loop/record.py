"""The one writer: takes scans from a tablet, a page, a machine or a file and returns receipts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.crates.carry import refuse_contents, settle, spread
from lending.loop.crates.contents import refuse_crate
from lending.loop.judge import OpenLoanOf, refuse_borrower, refuse_extension, refuse_piece
from lending.loop.policy.shelf import refuse_by_shelf
from lending.loop.scans import Receipt, Result, ScanIn
from lending.loop.steps import Action
from lending.loop.values import OpenLoan
from lending.loop.washed.batches import refuse_batch, refuse_by_batch
from lending.loop.write.call import TICK, Call, asks, drop_unused_residents, is_taken, open_call
from lending.loop.write.entry import Entry
from lending.loop.write.load import Known
from lending.loop.write.prepare import Prepared
from lending.loop.write.receipts import Draft, make_receipts
from lending.loop.write.rows import event_from_values
from lending.loop.write.store import refusal_row, scan_row, store_call
from lending.people.actors import Actor
from lending.people.sealing import Keys, seal
from lending.people.tables import Role

OWN_VOID = timedelta(hours=24)  # how long a site may void its own scans
LONGEST_WAIT = timedelta(days=14)  # how long a void may lie in a tablet's queue beyond that


def record_scans(
    session: Session,
    scans: Sequence[ScanIn],
    *,
    actor: Actor,
    keys: Keys,
    now: datetime,
    sent_at: datetime | None = None,
) -> list[Receipt]:
    """Records up to 10,000 scans of one sender, in list order, and returns a receipt for each.

    Questions are judged on the result of the scans before them; facts are kept whatever the state.
    A handful of statements whatever the count. Raises ChangedMeanwhile when another writer took
    one of the ids in between: run the transaction again (lending.db.run_transaction does).
    """
    session.flush()  # the writer's own statements go past the ORM
    call = open_call(session, scans, actor=actor, keys=keys, now=now, sent_at=sent_at or now)
    drafts = [_take(call, one) for one in call.scans]
    settle(call)
    drop_unused_residents(call)
    store_call(call)
    return make_receipts(call, drafts)


def _take(call: Call, one: Prepared) -> Draft:
    if one.error is not None:
        return _refuse(call, one, None, one.error.code, one.error.field)
    known = call.known.get(one.scan.id)
    entry = call.entries.get(one.code)
    if known is not None:
        return _repeat(call, one, entry, known)
    wrong = refuse_crate(call, one) or refuse_batch(call, one) or _refuse_occasion(call, one)
    if wrong is not None:
        return _refuse(call, one, entry, wrong.code, wrong.field)
    refusal = _refuse_void(call, one, entry) or _refuse_relabel(call, one, entry)
    if entry is None:
        if asks(one.scan):
            refusal = refusal or Code.UNKNOWN_CODE
        return _refuse(call, one, None, refusal) if refusal else _record(call, one, None)
    if asks(one.scan):
        last = entry.now().last_at or one.at
        one.at = max(one.at, last + TICK)
        refusal = refusal or _refuse_question(call, one, entry) or refuse_contents(call, one, entry)
    return _refuse(call, one, entry, refusal) if refusal else _record(call, one, entry)


def _refuse_occasion(call: Call, one: Prepared) -> LendingError | None:
    """Why a lend cannot be for what it names, or None."""
    if one.scan.occasion is None:
        return None
    found = call.occasions.get(one.scan.occasion)
    known = found is not None and found.district == call.actor.district_id
    return None if known else LendingError(Code.INVALID, field="occasion")


def _repeat(call: Call, one: Prepared, entry: Entry | None, known: Known) -> Draft:
    """The same scan again shows the item as it stands; another scan under its id shows nothing."""
    scan = one.scan
    same = (known.action, known.code, known.at, known.site, known.of) == (
        scan.action,
        one.code,
        scan.at,
        one.site,
        scan.of,
    )
    erased = known.had_borrower and known.digest is None
    sent = known.digest if known.had_borrower else None  # one attached later was not sent
    if not same or not (erased or sent == one.digest):
        return _refuse(call, one, None, Code.ID_REUSED, "id")
    override, reason = known.override or scan.override, known.reason or scan.reason
    if (override, reason) != (known.override, known.reason):
        call.filled_in.append({"id": scan.id, "override": override, "reason": reason})
        call.known[scan.id] = replace(known, override=override, reason=reason)
        if entry is not None and known.action == Action.HOLD and reason is not None:
            entry.fill_in(scan.id, reason)
    carried = call.carried.get(scan.id, 0)
    return Draft(one, entry, Result.REPEATED, piece=entry and entry.now(), carried=carried)


def _refuse_void(call: Call, one: Prepared, entry: Entry | None) -> Code | None:
    """A site voids its own scans of the last 24 hours, an officer any; register never."""
    if one.scan.action is not Action.VOID or one.scan.of is None:
        return None
    target = call.known.get(one.scan.of)
    if target is None:
        return None
    if target.action == Action.REGISTER or target.item != (entry and entry.id):
        return Code.INVALID
    if call.actor.role is Role.OFFICER:
        return None
    own = target.site == one.site and _is_timely(call, one, target.recorded_at)
    return None if own else Code.NOT_ALLOWED_HERE


def _is_timely(call: Call, one: Prepared, recorded_at: datetime) -> bool:
    """Whether a site took its scan back within 24 hours of its recording.

    What counts is when it was taken back, not when word of it arrived: a tablet that was offline
    for days still means the undo of the day it was tapped. The other end stays the server's own
    time: a scan that waited in the queue with its undo is younger here than the undo, and that is
    in time. A device could date a void back; so one whose clock is in doubt counts from its arrival,
    and no void reaches further back than two weeks. Within them, dating back gains a place nothing
    that a return dated back would not, and every void keeps who sent it and when it arrived.
    """
    waited = call.now - recorded_at
    if one.suspect or waited > LONGEST_WAIT:
        return waited <= OWN_VOID
    return one.at - recorded_at <= OWN_VOID


def _refuse_relabel(call: Call, one: Prepared, entry: Entry | None) -> Code | None:
    """A label that belongs to another piece cannot be put on this one."""
    if one.new_code is None:
        return None
    return Code.INVALID if is_taken(call, one.new_code, entry) else None


def _refuse_question(call: Call, one: Prepared, entry: Entry) -> Code | None:
    piece, action = entry.now(), one.scan.action
    refusal = refuse_piece(piece, action) or refuse_by_batch(call, one, entry)
    if refusal := refusal or refuse_by_shelf(call, one, entry):
        return refusal
    if action is Action.EXTEND:
        terms = call.due_book().terms(site=one.site, kind=entry.kind, moment=one.at)
        # Named by its loan, an extension is of no other: the cup may have come back meanwhile.
        loan = piece.loan if piece.loan and one.scan.of in (None, piece.loan.id) else None
        # A loan of this very call has no due date on record yet.
        due = (
            (entry.dues.get(loan.id) or call.due_book().due_of(entry.kind, loan)) if loan else None
        )
        return refuse_extension(loan, due, now=one.at, terms=terms)
    if action is not Action.LEND or one.scan.borrower is None:
        return None
    borrower = call.borrowers.get(one.position)
    if borrower is None:
        return Code.BORROWER_UNKNOWN
    terms = call.due_book().terms(site=one.site, kind=entry.kind, moment=one.at)
    file = call.files[borrower.resident_id]
    return refuse_borrower(file, now=one.at, terms=terms, override=one.scan.override)


def _record(call: Call, one: Prepared, entry: Entry | None) -> Draft:
    scan, borrower = one.scan, call.borrowers.get(one.position)
    lends = scan.action is Action.LEND and scan.borrower is not None
    unresolved = lends and borrower is None
    party = call.party_of(entry, borrower) if lends else None
    row = scan_row(call, one, entry, party=party, unresolved=unresolved)
    call.rows.append(row)
    call.known[scan.id] = _known(one, entry, row["recorded_at"], lends)
    if lends:
        sealed = seal(call.keys, scan.borrower or "", about=scan.id.bytes) if unresolved else None
        call.borrower_rows.append(
            {
                "scan_id": scan.id,
                "district_id": call.actor.district_id,
                "resident_id": borrower and borrower.resident_id,
                "digest": one.digest,
                "sealed": sealed,
            }
        )
    if entry is None:
        return Draft(one, None, Result.RECORDED)
    # Replayed scan by scan only where a borrower of this call may be judged on the result.
    later = entry.has_story and not call.files
    before = None if later else entry.now().loan
    entry.take(event_from_values(row))
    carried = spread(call, one, entry, row)
    if one.new_code is not None:
        call.label_rows.append({"code": one.new_code, "item_id": entry.id, "kind_id": entry.kind})
    if later:
        return Draft(one, entry, Result.RECORDED, borrower=borrower, carried=carried)
    _keep_files(call, one, entry, before)
    if entry.has_story:
        before = None  # which loan it closed is read from the story
    return Draft(
        one, entry, Result.RECORDED, piece=entry.piece, closed=before, borrower=borrower,
        open_loans=call.files[borrower.resident_id].open_count() if borrower else None,
        carried=carried,
    )  # fmt: skip


def _keep_files(call: Call, one: Prepared, entry: Entry, before: OpenLoan | None) -> None:
    """Later scans of the call are judged on what this one gave out or took back."""
    loan = entry.now().loan
    if loan == before:
        return
    if before is not None and (loan is None or loan.id != before.id):
        for file in call.files.values():
            file.loans.pop(before.id, None)
    if loan is None:
        return
    due = entry.dues[loan.id] = call.due_book().due_of(entry.kind, loan)
    if (borrower := call.borrowers.get(one.position)) and loan.id == one.scan.id:
        call.files[borrower.resident_id].loans[loan.id] = OpenLoanOf(due)


def _known(one: Prepared, entry: Entry | None, recorded_at: datetime, lends: bool) -> Known:
    scan = one.scan
    return Known(
        scan.action, one.code, scan.at, one.site, scan.of, entry and entry.id, recorded_at, lends,
        one.digest, scan.override, scan.reason,
    )  # fmt: skip


def _refuse(
    call: Call, one: Prepared, entry: Entry | None, code: Code, field: str | None = None
) -> Draft:
    """Nothing is stored under the id; the attempt is kept apart, without a person."""
    call.refusals.append(refusal_row(call, one, entry, code))
    piece = entry.now() if entry is not None else None
    return Draft(one, entry, Result.REFUSED, piece=piece, error=code, field=field)
