"""What goes into the ledger of counted ware and what comes out."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from lending.errors import Code
from lending.loop.scans import Result
from lending.wares.ways import Account, Condition, Why

MOST_AT_ONCE = 5_000  # moves or figures of one call
MOST_PIECES = 1_000_000  # of one move or figure


@dataclass(frozen=True, slots=True)
class MoveIn:
    """A quantity (1 to 1,000,000 pieces of a counted kind) that went from one account to another.

    `at`: when, corrected for the device's clock; later than now becomes now. `batch_id`: the wash
    batch; `ref`: the order, round, session or scan it belongs to; `staff_id`: who was signed in.
    The same id again changes nothing.
    """

    id: uuid.UUID
    kind_id: int
    quantity: int
    source: Account
    target: Account
    why: Why
    at: datetime
    batch_id: uuid.UUID | None = None
    ref: uuid.UUID | None = None
    staff_id: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class FigureIn:
    """What was counted: so many pieces (0 to 1,000,000) of a kind in an account at a moment.

    It holds for what had happened up to `at`, whenever word of that arrives. `ref`: the stocktaking
    session.
    """

    id: uuid.UUID
    kind_id: int
    account: Account
    quantity: int
    at: datetime
    ref: uuid.UUID | None = None
    staff_id: int | None = None


@dataclass(frozen=True, slots=True)
class MoveReceipt:
    """What became of a move; `error` and `field` only with REFUSED.

    `left`: what its account then holds, None for what comes from outside. Below zero more was taken
    than was known of: the move stands, and the account is to be counted.
    """

    id: uuid.UUID
    result: Result
    error: Code | None = None
    field: str | None = None
    left: int | None = None


@dataclass(frozen=True, slots=True)
class FigureReceipt:
    """What became of a figure: how many were expected at that moment, and by how many it differs
    (below zero: missing). Both as they stand with all that is known now."""

    id: uuid.UUID
    result: Result
    error: Code | None = None
    field: str | None = None
    expected: int = 0
    difference: int = 0


@dataclass(frozen=True, slots=True)
class Holding:
    """How many pieces of a kind one account holds; below zero more was taken than was known of."""

    kind_id: int
    account: Account
    quantity: int

    @property
    def condition(self) -> Condition | None:
        return self.account.condition
