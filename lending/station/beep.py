"""One beep at a till: what it means is decided under the item's lock and recorded at once."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.clock import moment_told
from lending.loop.codes import read_code
from lending.loop.meaning import Meaning, mean_beep
from lending.loop.record import record_scans
from lending.loop.scans import Receipt, Result, ScanIn
from lending.loop.steps import Action, State
from lending.loop.values import Piece
from lending.loop.write.entry import Entry
from lending.loop.write.load import Known, load_known, lock_items
from lending.people.actors import Actor
from lending.people.envelopes import Shown, open_borrower
from lending.people.sealing import Keys
from lending.people.staff import staff_at
from lending.places.sites import SiteView
from lending.requests.arrivals import follow_crates
from lending.station.crates import Contents, is_crate, load_contents
from lending.station.meant import taken_in_id
from lending.station.past import pieces_at

UNFIT = {Code.NOT_CLEAN, Code.HELD, Code.RETIRED}  # it is the piece that forbids the lend
LATE = timedelta(seconds=60)  # sent later than this, the person and the cup have gone: a fact


@dataclass(frozen=True, slots=True)
class Beep:
    """A piece's code as the till read it. `borrower`: who is shown, sealed or plain; `by`: the
    staff signed in.

    `at` and `sent_at` are the device's times; `stocking`: clean cups are being unpacked.
    """

    id: uuid.UUID
    code: str
    at: datetime
    sent_at: datetime
    seq: int | None = None
    clock_error: float | None = None
    borrower: str | None = None
    override: str | None = None
    stocking: bool = False
    clock_lost: bool = False
    by: int | None = None


@dataclass(frozen=True, slots=True)
class BeepAnswer:
    """What became of a beep. `receipt` None: nothing is stored; the piece waits for its borrower,
    or it is a crate that stands there.

    `seen` is the return recorded beside a refused lend; `before` the piece as it was found.
    """

    id: uuid.UUID
    code: str
    action: Action | None
    receipt: Receipt | None = None
    seen: Receipt | None = None
    before: Piece | None = None
    kind: str | None = None
    late: bool = False
    crate: Contents | None = None  # what is in it, where it was a crate

    @property
    def was_out(self) -> bool:
        """Whether the piece was on loan when it came under the reader."""
        return self.before is not None and self.before.loan is not None

    @property
    def was_just_returned(self) -> bool:
        """Whether this return only repeats one made at the same place within ten minutes.

        Any other return of a returned piece shows a gap: a lend was missed in between.
        """
        first = self.receipt is not None and self.receipt.result is Result.RECORDED
        again = self.before is not None and self.before.state is State.RETURNED
        return first and again and self.receipt is not None and not self.receipt.gaps

    @property
    def recorded(self) -> list[uuid.UUID]:
        """The scans that an undo would take back."""
        receipts = [one for one in (self.receipt, self.seen) if one is not None]
        return [one.id for one in receipts if one.result is not Result.REFUSED]


def take_beep(
    session: Session, beep: Beep, *, actor: Actor, site: SiteView, keys: Keys, now: datetime
) -> BeepAnswer:
    """Lends, takes back or lets wait, by the item's state inside this transaction.

    The same id again gives the same scan (`repeated`), whatever became of the item since. Raises
    INVALID or BAD_CHECK_DIGIT for a text that is no item's code, NOT_ALLOWED_HERE for a place that
    is not the actor's.
    """
    code = read_code(beep.code)
    entry = lock_items(session, {code}).get(code)
    taken_in = taken_in_id(beep.id)
    known, _ = load_known(session, {beep.id, taken_in})
    late, told_at = beep.sent_at - beep.at > LATE, moment_told(beep, now=now)
    [piece] = pieces_at(session, [(entry, told_at if late else now)])
    beep = replace(beep, by=_at_work(session, beep.by, site))
    shown = None
    if beep.borrower:
        shown = open_borrower(keys, beep.borrower, at=beep.at, sent_at=beep.sent_at)
    meaning = _meaning(beep, known, piece, site)
    answer = BeepAnswer(
        beep.id, code, meaning.action, before=piece, kind=entry and entry.kind_code, late=late
    )
    if meaning.action is None:
        return _looked_into(session, answer, entry)

    def record(scan: ScanIn) -> Receipt:
        [receipt] = record_scans(
            session, [scan], actor=actor, keys=keys, now=now, sent_at=beep.sent_at
        )
        if receipt.error is Code.NOT_ALLOWED_HERE:
            raise LendingError(Code.NOT_ALLOWED_HERE, field=receipt.field)
        return receipt

    receipt = record(_scan(beep, meaning.action, code, site, shown, ask=not late))
    answer = replace(answer, receipt=receipt)
    takes_in = meaning.take_in and not _has_moved_on(piece, told_at)
    if receipt.error in UNFIT and (takes_in or taken_in in known):
        back = _scan(replace(beep, id=taken_in), Action.RETURN, code, site, None, ask=False)
        answer = replace(answer, seen=record(back))
    if entry is not None and is_crate(entry):
        follow_crates(session, crate_ids={entry.id}, actor=actor)
    return _looked_into(session, answer, entry)


def _looked_into(session: Session, answer: BeepAnswer, entry: Entry | None) -> BeepAnswer:
    """With what is in the crate, where it is one."""
    if entry is None or not is_crate(entry):
        return answer
    return replace(answer, crate=load_contents(session, {entry.id})[entry.id])


def _has_moved_on(piece: Piece | None, told_at: datetime) -> bool:
    """Whether the piece was seen after this beep: the till has decided by itself long ago, and a
    return at the beep's time would soil what it lent then."""
    return piece is not None and piece.last_at is not None and piece.last_at > told_at


def _at_work(session: Session, staff: int | None, site: SiteView) -> int | None:
    """The staff said to be signed in, if they work at this place."""
    ids = {staff} if staff is not None else set()
    at_work = staff_at(session, staff_ids=ids, district_id=site.district_id, site_id=site.id)
    return staff if at_work else None


def _meaning(
    beep: Beep, known: dict[uuid.UUID, Known], piece: Piece | None, site: SiteView
) -> Meaning:
    """A scan that is already recorded keeps the meaning it was given then."""
    if beep.id in known:
        return Meaning(Action(known[beep.id].action))
    if beep.stocking:
        return Meaning(Action.STOCK)
    return mean_beep(piece, site=site.id, borrower_shown=beep.borrower is not None)


def _scan(
    beep: Beep, action: Action, code: str, site: SiteView, shown: Shown | None, *, ask: bool
) -> ScanIn:
    lends = action is Action.LEND
    return ScanIn(
        id=beep.id,
        action=action,
        code=code,
        at=beep.at,
        ask=ask,
        site=site.code,
        borrower=shown.raw if lends and shown else None,
        seq=beep.seq,
        clock_error=beep.clock_error,
        override=beep.override if lends else None,
        clock_lost=beep.clock_lost,
        shown_at=shown.at if lends and shown else None,
        staff_id=beep.by,
    )
