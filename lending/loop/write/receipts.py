"""Receipts out of what the writer did, after all scans of a call were taken."""

from collections.abc import Sequence
from dataclasses import dataclass

from lending.errors import Code
from lending.loop.scans import ItemView, LoanView, Receipt, Result
from lending.loop.steps import Gap
from lending.loop.values import OpenLoan, Piece
from lending.loop.write.call import Call
from lending.loop.write.entry import Entry
from lending.loop.write.prepare import Prepared
from lending.loop.write.rows import LoanRow
from lending.people.borrowers import Borrower


@dataclass(slots=True)
class Draft:
    """A receipt before the call is complete. `piece` None: take the item's last state."""

    one: Prepared
    entry: Entry | None
    result: Result
    piece: Piece | None = None
    closed: OpenLoan | None = None  # the loan that was open before this scan
    error: Code | None = None
    field: str | None = None
    borrower: Borrower | None = None
    open_loans: int | None = None
    carried: int = 0


def make_receipts(call: Call, drafts: Sequence[Draft]) -> list[Receipt]:
    """One receipt per draft, in order."""
    entries = [draft.entry for draft in drafts if draft.entry is not None]
    pieces = [piece for entry in entries for piece in (entry.before, entry.now())]
    pieces += [draft.piece for draft in drafts if draft.piece is not None]
    sites = {site for piece in pieces for site in (piece.site, piece.to_site) if site is not None}
    sites |= {loan.site for entry in entries for loan in entry.loans().values()}
    call.sites.load_more(call.session, sites)
    return [_receipt(call, draft) for draft in drafts]


def _receipt(call: Call, draft: Draft) -> Receipt:
    entry, one = draft.entry, draft.one
    if entry is None:
        recorded = draft.result is Result.RECORDED
        gaps = (Gap.UNKNOWN_CODE,) if recorded else ()
        return Receipt(one.scan.id, draft.result, draft.error, draft.field, gaps)
    piece = draft.piece or entry.now()
    return Receipt(
        id=one.scan.id,
        result=draft.result,
        error=draft.error,
        field=draft.field,
        gaps=entry.gaps.get(one.scan.id) or entry.gaps_before.get(one.scan.id, ()),
        item=item_view(call, entry, piece),
        loan=_loan_view(call, entry, piece, draft),
        borrower=draft.borrower.label if draft.borrower else None,
        open_loans=draft.open_loans,
        carried=draft.carried,
    )


def item_view(call: Call, entry: Entry, piece: Piece) -> ItemView:
    """The item in a state of this call."""
    return ItemView(
        code=piece.code or "",
        kind=entry.kind_code,
        state=piece.state,
        clean=piece.clean,
        hold=piece.hold,
        site=call.sites.code(piece.site) if piece.site is not None else "",
        to=call.sites.code(piece.to_site) if piece.to_site is not None else None,
        uses=piece.uses,
        washes=piece.washes,
        due_at=entry.dues.get(piece.loan.id) if piece.loan else None,
        since=piece.since or call.now,
        gaps=piece.gaps,
    )


def _loan_view(call: Call, entry: Entry, piece: Piece, draft: Draft) -> LoanView | None:
    """The open loan, or the one that this scan closed."""
    if draft.result is Result.REFUSED:
        return None
    loans = entry.loans()
    row: LoanRow | None = None
    if piece.loan is not None:
        row = loans.get(piece.loan.id)
    elif draft.closed is not None:
        row = loans.get(draft.closed.id)
    if row is None:
        closed_here = [loan for loan in loans.values() if loan.closed_by == draft.one.scan.id]
        row = closed_here[-1] if closed_here else None
    if row is None or row.id not in entry.dues:
        return None
    return LoanView(
        id=row.id,
        code=piece.code or "",
        site=call.sites.code(row.site),
        opened_at=row.opened_at,
        due_at=entry.dues[row.id],
        extensions=row.extensions,
        lost_at=row.lost_at,
        closed_at=row.closed_at,
        outcome=row.outcome,
    )
