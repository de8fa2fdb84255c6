"""What goes into the writer and what comes out: scans, receipts and the views in them."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lending.errors import Code
from lending.loop.steps import Action, Gap, Outcome, State

GROUP = "group"  # the override's reason that lifts the limit to a group's, not beyond


@dataclass(frozen=True, slots=True)
class ScanIn:
    """One scan as a client sent it. `ask` is a question that can be refused; else it is a fact.

    `at` is the device's time of the scan, `clock_error` the seconds by which that clock was ahead
    of true time, `clock_lost` that it was set anew since, unmeasured; `to`, `site` and `from_` are
    site codes (a relabel's `to` is the new label). `shown_at`: when the borrower was read, by the
    same clock, if not with the scan; `not_before`: what this scan is known to have come after;
    `staff_id`: who was signed in at the device. `crate`: the code of the crate that the piece is
    packed into or taken out of, or of the bag it was received from; `batch`: the finished wash
    batch of a wash. `occasion`: what a lend is for (loop/loans/occasions.py); no part of the scan's
    identity, and named by services only.
    """

    id: uuid.UUID
    action: Action
    code: str
    at: datetime
    ask: bool = False
    site: str | None = None
    borrower: str | None = None
    of: uuid.UUID | None = None
    to: str | None = None
    from_: str | None = None
    seq: int | None = None
    clock_error: float | None = None
    override: str | None = None
    reason: str | None = None
    note: str | None = None
    clock_lost: bool = False
    shown_at: datetime | None = None
    not_before: datetime | None = None
    staff_id: int | None = None
    crate: str | None = None
    batch: uuid.UUID | None = None
    occasion: uuid.UUID | None = None


class Result(StrEnum):
    RECORDED = "recorded"
    REPEATED = "repeated"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item as every answer shows it; never a person."""

    code: str
    kind: str
    state: State
    clean: bool
    hold: str | None
    site: str
    to: str | None
    uses: int
    washes: int
    due_at: datetime | None
    since: datetime
    gaps: int


@dataclass(frozen=True, slots=True)
class LoanView:
    """A loan without its borrower."""

    id: uuid.UUID
    code: str
    site: str
    opened_at: datetime
    due_at: datetime
    extensions: int
    lost_at: datetime | None
    closed_at: datetime | None
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one scan; `error` only with REFUSED. `gap` is the most telling one."""

    id: uuid.UUID
    result: Result
    error: Code | None = None
    field: str | None = None
    gaps: tuple[Gap, ...] = ()
    item: ItemView | None = None
    loan: LoanView | None = None
    borrower: str | None = None  # last four digits, for the till that scanned them; not in the API
    open_loans: int | None = None  # of that borrower, this one counted
    carried: int = 0  # pieces in the crate that it befell as well

    @property
    def gap(self) -> Gap | None:
        return self.gaps[-1] if self.gaps else None
