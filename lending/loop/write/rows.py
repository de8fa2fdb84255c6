"""Between rows of the log's tables and the values of the rules, both ways."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lending.loop.replay import Story
from lending.loop.steps import Outcome
from lending.loop.tables import Item, Scan
from lending.loop.values import ClosedStay, Event, OpenLoan, Piece, Stay
from lending.people.tables import Role

# The columns an event is made of, in the order `event_from_row` reads them.
EVENT_COLUMNS = (
    Scan.id,
    Scan.action,
    Scan.occurred_at,
    Scan.site_id,
    Scan.seq,
    Scan.position,
    Scan.to_site_id,
    Scan.of,
    Scan.reason,
    Scan.new_code,
    Scan.party,
    Scan.unresolved,
    Scan.clock_suspect,
    Scan.recorded_at,
    Scan.sender_role,
    Scan.crate_id,
    Scan.batch_id,
    Scan.needs_batch,
    Scan.occasion_id,
)


def event_from_row(row: Any) -> Event:
    """An event out of a row that begins with EVENT_COLUMNS."""
    values: list[Any] = [*row[:14], row[14] is Role.OFFICER, *row[15:19]]
    return Event(*values)


def event_from_values(scan: Mapping[str, Any]) -> Event:
    """The event of a scan that is about to be inserted."""
    return Event(
        scan["id"],
        scan["action"],
        scan["occurred_at"],
        scan["site_id"],
        scan["seq"],
        scan["position"],
        scan["to_site_id"],
        scan["of"],
        scan["reason"],
        scan["new_code"],
        scan["party"],
        scan["unresolved"],
        scan["clock_suspect"],
        scan["recorded_at"],
        scan["sender_role"] is Role.OFFICER,
        scan["crate_id"],
        scan["batch_id"],
        scan["needs_batch"],
        scan["occasion_id"],
    )


ITEM_COLUMNS = (
    Item.id,
    Item.district_id,
    Item.kind_id,
    Item.code,
    Item.due_at,
    Item.state,
    Item.site_id,
    Item.clean,
    Item.washed,
    Item.hold,
    Item.to_site_id,
    Item.uses,
    Item.washes,
    Item.gaps,
    Item.last_at,
    Item.last_id,
    Item.last_site_id,
    Item.last_return_at,
    Item.since,
    Item.loan_id,
    Item.loan_site_id,
    Item.loan_opened_at,
    Item.loan_party,
    Item.loan_extensions,
    Item.loan_lost_at,
    Item.loan_resumed_at,
    Item.loan_occasion_id,
    Item.batch_id,
    Item.crate_id,
    Item.packed_by,
    Item.packed_at,
    Item.carrier,
)
ITEM_WIDTH = len(ITEM_COLUMNS)


def piece_from_row(row: Any) -> Piece:
    """The piece out of a row that begins with ITEM_COLUMNS."""
    (
        _id, _district, _kind, code, _due, state, site, clean, washed, hold, to_site, uses, washes,
        gaps, last_at, last_id, last_site, last_return_at, since, loan_id, loan_site, loan_opened,
        loan_party, loan_extensions, loan_lost, loan_resumed, loan_occasion, batch, crate,
        packed_by, packed_at, carrier,
    ) = row[:ITEM_WIDTH]  # fmt: skip
    loan = None
    if loan_id is not None:
        loan = OpenLoan(
            loan_id, loan_site, loan_opened, loan_party, loan_extensions, loan_lost, loan_resumed,
            loan_occasion,
        )  # fmt: skip
    stay = None if crate is None else Stay(packed_by, crate, packed_at)
    return Piece(
        state, site, clean, washed, hold, to_site, uses, washes, gaps, code, last_at, last_id,
        last_site, last_return_at, since, loan, batch, stay, carrier,
    )  # fmt: skip


def item_values(piece: Piece, due_at: datetime | None) -> dict[str, Any]:
    """What an item row stores of a piece, by column; all of it is a cache of the log."""
    loan, stay = piece.loan, piece.stay
    return {
        "code": piece.code,
        "state": piece.state,
        "site_id": piece.site,
        "clean": piece.clean,
        "washed": piece.washed,
        "hold": piece.hold,
        "to_site_id": piece.to_site,
        "uses": piece.uses,
        "washes": piece.washes,
        "gaps": piece.gaps,
        "last_at": piece.last_at,
        "last_id": piece.last_id,
        "last_site_id": piece.last_site,
        "last_return_at": piece.last_return_at,
        "since": piece.since,
        "loan_id": loan and loan.id,
        "loan_site_id": loan and loan.site,
        "loan_opened_at": loan and loan.opened_at,
        "loan_party": loan and loan.party,
        "loan_extensions": loan.extensions if loan else 0,
        "loan_lost_at": loan and loan.lost_at,
        "loan_resumed_at": loan and loan.resumed_at,
        "loan_occasion_id": loan and loan.occasion,
        "due_at": due_at,
        "batch_id": piece.batch,
        "crate_id": stay and stay.crate,
        "packed_by": stay and stay.id,
        "packed_at": stay and stay.packed_at,
    }


@dataclass(frozen=True, slots=True)
class LoanRow:
    """A loan as stored, its due date apart (that comes from the terms)."""

    id: uuid.UUID
    site: int
    opened_at: datetime
    extensions: int = 0
    lost_at: datetime | None = None
    resumed_at: datetime | None = None
    occasion: uuid.UUID | None = None
    closed_at: datetime | None = None
    closed_by: uuid.UUID | None = None
    outcome: Outcome | None = None

    def values(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "site_id": self.site,
            "opened_at": self.opened_at,
            "extensions": self.extensions,
            "lost_at": self.lost_at,
            "resumed_at": self.resumed_at,
            "occasion_id": self.occasion,
            "closed_at": self.closed_at,
            "closed_by": self.closed_by,
            "outcome": self.outcome,
        }


@dataclass(frozen=True, slots=True)
class StayRow:
    """A stay in a crate as stored."""

    id: uuid.UUID
    crate: int
    packed_at: datetime
    left_at: datetime | None = None
    left_by: uuid.UUID | None = None

    def values(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "crate_id": self.crate,
            "packed_at": self.packed_at,
            "left_at": self.left_at,
            "left_by": self.left_by,
        }


def stays_of(left: Sequence[ClosedStay], stay: Stay | None) -> dict[uuid.UUID, StayRow]:
    """Every stay of a piece by id, ended and going on."""
    rows = {
        one.stay.id: StayRow(
            one.stay.id, one.stay.crate, one.stay.packed_at, one.left_at, one.left_by
        )
        for one in left
    }
    return rows | ({stay.id: StayRow(stay.id, stay.crate, stay.packed_at)} if stay else {})


def loans_of(story: Story) -> dict[uuid.UUID, LoanRow]:
    """Every loan of a story by id, closed and open."""
    rows = {}
    for closed in story.closed:
        closing = (closed.closed_at, closed.closed_by, closed.outcome)
        rows[closed.loan.id] = LoanRow(*_open_values(closed.loan), *closing)
    if story.open is not None:
        rows[story.open.id] = open_row(story.open)
    return rows


def open_row(loan: OpenLoan) -> LoanRow:
    """The row of a loan that is open."""
    return LoanRow(*_open_values(loan))


def _open_values(
    loan: OpenLoan,
) -> tuple[uuid.UUID, int, datetime, int, datetime | None, datetime | None, uuid.UUID | None]:
    return (
        loan.id, loan.site, loan.opened_at, loan.extensions, loan.lost_at, loan.resumed_at,
        loan.occasion,
    )  # fmt: skip
