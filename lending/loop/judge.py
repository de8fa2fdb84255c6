"""Whether a question is granted: the rules of the till and the washing table; pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lending.errors import Code
from lending.loop.scans import GROUP
from lending.loop.steps import Action, State
from lending.loop.terms import Terms, max_open
from lending.loop.values import OpenLoan, Piece


@dataclass(frozen=True, slots=True)
class OpenLoanOf:
    """A borrower's open loan as the rules of pause see it; `warned_at`: the first notice sent."""

    due_at: datetime
    lost_at: datetime | None = None
    warned_at: datetime | None = None
    forgiven: bool = False
    claimed: bool = False  # said to be back: the clock stands still


@dataclass(slots=True)
class BorrowerFile:
    """A borrower at the desk: what is out, and what this call adds or takes away."""

    confirmed: bool
    has_contact: bool
    loans: dict[object, OpenLoanOf] = field(default_factory=dict)

    def is_paused(self, now: datetime, terms: Terms) -> bool:
        return any(pauses(loan, now, terms) for loan in self.loans.values())

    def open_count(self) -> int:
        """Cups out; one written off or said to be back leaves the count."""
        return sum(loan.lost_at is None and not loan.claimed for loan in self.loans.values())


def pauses(loan: OpenLoanOf, now: datetime, terms: Terms) -> bool:
    """Whether a late loan pauses its borrower: late enough, warned in time, neither forgiven nor
    said to be back, and not written off longer ago than the pause lasts."""
    if loan.forgiven or loan.claimed or loan.warned_at is None:
        return False
    late = now > loan.due_at + timedelta(days=terms.pause_after_days)
    warned = now >= loan.warned_at + timedelta(days=terms.notice_lead_days)
    ended = loan.lost_at is not None and now > loan.lost_at + timedelta(days=terms.pause_end_days)
    return late and warned and not ended


def refuse_piece(piece: Piece, action: Action) -> Code | None:
    """Why the piece itself forbids a question, or None."""
    if action is Action.LEND:
        if piece.state is State.RETIRED:
            return Code.RETIRED
        if piece.hold is not None:
            return Code.HELD
        if piece.state is State.LENT:
            return Code.ALREADY_LENT
        # A crate or a bag is no ware: what is in it has to be clean.
        return None if piece.clean or piece.carrier else Code.NOT_CLEAN
    if action is Action.PASS:
        if piece.state is State.RETIRED:
            return Code.RETIRED
        return None if piece.washed else Code.NOT_CLEAN
    return None


def refuse_borrower(
    borrower: BorrowerFile, *, now: datetime, terms: Terms, override: str | None
) -> Code | None:
    """Why this borrower may not have one more cup, or None; staff may override with a reason."""
    group = override == GROUP
    if override is not None and not group:
        return None
    if borrower.is_paused(now, terms):
        return Code.BORROWER_PAUSED
    limit = max_open(
        terms, confirmed=borrower.confirmed, has_contact=borrower.has_contact, group=group
    )
    return Code.TOO_MANY_OPEN if borrower.open_count() >= limit else None


def refuse_extension(
    loan: OpenLoan | None, due_at: datetime | None, *, now: datetime, terms: Terms
) -> Code | None:
    """An extension is granted before the loan is due, as often as the terms say."""
    if loan is None or due_at is None or now > due_at or loan.extensions >= terms.extensions:
        return Code.NOT_EXTENDABLE
    return None
