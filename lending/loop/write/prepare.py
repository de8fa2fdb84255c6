"""A scan made ready for the writer: all that can be told of it without its item."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.clock import happened_at
from lending.loop.codes import read_code
from lending.loop.scans import ScanIn
from lending.loop.steps import Action
from lending.loop.write.load import Sites
from lending.people import rights
from lending.people.actors import Actor
from lending.people.claims import borrower_digest
from lending.people.sealing import Keys

# What is packed, taken out, or received from a box's bag.
NAMING_CRATE = (Action.PACK, Action.UNPACK, Action.RECEIVE)
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Prepared:
    """A scan with what can be told without its item. `error` set: refused before any look-up."""

    position: int
    scan: ScanIn
    code: str = ""
    site: int = 0
    to_site: int | None = None
    from_site: int | None = None
    new_code: str | None = None
    crate: str = ""  # code of the crate named
    at: datetime = LONG_AGO
    suspect: bool = False
    digest: bytes | None = None
    error: LendingError | None = None

    @property
    def shown_at(self) -> datetime:
        """When the borrower was read, corrected as the scan's own time was."""
        shown = self.scan.shown_at
        return self.at if shown is None else self.at - (self.scan.at - shown)


@dataclass(slots=True)
class Setting:
    """What the scans of a call are read against."""

    session: Session
    actor: Actor
    keys: Keys
    now: datetime
    sites: Sites


def prepare(call: Setting, position: int, scan: ScanIn, sent_at: datetime) -> Prepared:
    """A scan made ready; refused here where its code, place, right or shape forbids it."""
    ready = Prepared(position, scan)
    try:
        ready.code = read_code(scan.code)
        ready.site = call.sites.acting(scan.site, call.actor)
        if not rights.allows(call.actor, scan.action.value):
            raise LendingError(Code.NOT_ALLOWED_HERE, field="action")
        if scan.action is Action.RELABEL:
            ready.new_code = read_code(scan.to or "")
        elif scan.to is not None:
            ready.to_site = call.sites.named(scan.to, "to")
        if scan.from_ is not None:
            ready.from_site = call.sites.named(scan.from_, "from")
        if scan.crate is not None:
            ready.crate = _read_crate(scan.crate)
        if not _is_crate_fit(scan.action, ready):
            raise LendingError(Code.INVALID, field="crate")
        if scan.occasion is not None and scan.action is not Action.LEND:
            raise LendingError(Code.INVALID, field="occasion")
        if scan.action is Action.REGISTER or (scan.action is Action.VOID and scan.of is None):
            raise LendingError(Code.INVALID, field="of" if scan.action is Action.VOID else "action")
        ready.at, ready.suspect = happened_at(
            scan.at,
            sent_at=sent_at,
            recorded_at=call.now,
            clock_error=scan.clock_error,
            clock_lost=scan.clock_lost,
        )
        ready.at = max(ready.at, scan.not_before or ready.at)
        if scan.borrower is not None and scan.action is Action.LEND:
            ready.digest = borrower_digest(call.keys, scan.borrower)
    except LendingError as error:
        ready.error = error
    return ready


def _read_crate(text: str) -> str:
    try:
        return read_code(text)
    except LendingError as error:
        raise LendingError(error.code, field="crate") from error


def _is_crate_fit(action: Action, ready: Prepared) -> bool:
    """A crate is named where something goes into it or comes out; nothing is packed in itself."""
    if not ready.crate:
        return action is not Action.PACK
    # With `of` it would look like a scan derived from its crate's.
    return action in NAMING_CRATE and ready.crate != ready.code and ready.scan.of is None
