"""Loans as they are read: a place's and a district's without borrowers, and one resident's own."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.read.paging import DEFAULT_LIMIT, KeyPart, Page, beyond, cut, read_key
from lending.loop.read.sight import site_asked
from lending.loop.steps import Outcome
from lending.loop.tables import Item, ItemKind, Loan, ScanBorrower
from lending.people.actors import Actor
from lending.places.tables import Site

LOAN_COLUMNS = (
    Loan.id, Item.code, ItemKind.code, Site.code, Loan.opened_at, Loan.due_at, Loan.extensions,
    Loan.lost_at, Loan.closed_at, Loan.outcome, ItemKind.name, ItemKind.name_en, Site.name,
    Site.name_en,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LoanLine:
    """A loan in a list, without its borrower; `site` is where it was lent."""

    id: uuid.UUID
    code: str
    kind: str
    site: str
    opened_at: datetime
    due_at: datetime
    extensions: int
    lost_at: datetime | None
    closed_at: datetime | None
    outcome: Outcome | None
    kind_name: str
    kind_name_en: str
    site_name: str
    site_name_en: str

    def is_overdue(self, now: datetime) -> bool:
        """Whether the cup is out past its due date."""
        return self.closed_at is None and self.due_at < now


@dataclass(frozen=True, slots=True)
class LoansOfResident:
    """What a resident has out, the soonest due first, and a page of what came back."""

    open: list[LoanLine]
    history: Page[LoanLine]


def list_loans(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    open: bool | None = None,
    overdue: bool | None = None,
    site: str | None = None,
    after: Sequence[KeyPart] | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[LoanLine]:
    """Loans of the district, or of the actor's own site, by the site that lent.

    Open or overdue ones come by due date, the oldest first; otherwise the latest lends first.
    Errors: `site_asked`, cursor INVALID.
    """
    lent_at = site_asked(session, actor=actor, code=site)
    by_due = bool(open or overdue)
    key = read_key(after, datetime, uuid.UUID)
    order = (Loan.due_at, Loan.id) if by_due else (Loan.opened_at, Loan.id)
    query = _view_loans().where(
        Loan.district_id == actor.district_id, beyond(order, key, falling=not by_due)
    )
    if lent_at is not None:
        query = query.where(Loan.site_id == lent_at)
    if open is not None:
        query = query.where(Loan.closed_at.is_(None) if open else Loan.closed_at.is_not(None))
    if overdue is not None:
        late = sa.and_(Loan.closed_at.is_(None), Loan.due_at < now)
        query = query.where(late if overdue else sa.not_(late))
    query = query.order_by(*(order if by_due else (column.desc() for column in order)))
    rows = session.execute(query.limit(limit + 1)).all()
    return cut(
        rows,
        limit,
        _view,
        lambda row: (row.due_at if by_due else row.opened_at, str(row.id)),
    )


def loans_of_resident(
    session: Session,
    *,
    resident_id: uuid.UUID,
    after: Sequence[KeyPart] | None = None,
    limit: int = 20,
) -> LoansOfResident:
    """What a resident has out and what came back (`after`, `limit`: of the history, the latest
    lend first). Two statements; what was superseded counts as come back."""
    key = read_key(after, datetime, uuid.UUID)
    query = (
        _view_loans()
        .join(ScanBorrower, ScanBorrower.scan_id == Loan.id)
        .where(ScanBorrower.resident_id == resident_id)
    )
    order = (Loan.opened_at, Loan.id)
    out = query.where(Loan.closed_at.is_(None)).order_by(Loan.due_at, Loan.id)
    back = query.where(Loan.closed_at.is_not(None), beyond(order, key, falling=True))
    rows = session.execute(
        back.order_by(*(column.desc() for column in order)).limit(limit + 1)
    ).all()
    return LoansOfResident(
        open=[_view(row) for row in session.execute(out)],
        history=cut(rows, limit, _view, lambda row: (row.opened_at, str(row.id))),
    )


def _view_loans() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*LOAN_COLUMNS)
        .join(Item, Item.id == Loan.item_id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .join(Site, Site.id == Loan.site_id)
    )


def _view(row: Any) -> LoanLine:
    return LoanLine(*row)
