"""Tells the borrowers of recalled pieces, once each; staff never see who they are."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.care.remind import collect_notices, notice_row
from lending.loop.tables import Loan, ScanBorrower
from lending.notices.tables import Notice, NoticeKind, NoticeState
from lending.people.tables import Resident
from lending.people.upserts import insert_or
from lending.washing.hygiene.tables import Reach, Recall, RecallPiece


def tell_borrowers(session: Session, recall: Recall, *, now: datetime) -> int:
    """Queues a notice for each loan of a piece that the recall holds, taken since its wash, open or
    closed; how many are new. One per loan, ever: the same again tells nobody anew."""
    rows = [
        notice_row(lend, NoticeKind.RECALLED, NoticeState.WAITING, recall.district_id, now)
        for lend in session.scalars(_loans(recall, Loan.id))
    ]
    if not rows:
        return 0
    insert = insert_or(session, Notice).on_conflict_do_nothing().returning(Notice.id)
    told = len(session.execute(insert, rows).all())
    collect_notices(session, district_id=recall.district_id, now=now)
    return told


def count_to_tell(session: Session, recall: Recall) -> int:
    """How many people would be told by `tell_borrowers` now; a number and nothing else."""
    told = sa.exists().where(Notice.lend_id == Loan.id, Notice.kind == NoticeKind.RECALLED)
    people = sa.func.count(sa.distinct(Resident.id))
    return session.scalar(_loans(recall, people).where(~told)) or 0


def _loans(recall: Recall, column: sa.ColumnElement[Any] | Any) -> sa.Select[Any]:
    """`column` of the loans of what a recall holds, taken since its wash by somebody who can be
    reached."""
    return (
        sa.select(column)
        .select_from(Loan)
        .join(RecallPiece, RecallPiece.item_id == Loan.item_id)
        .join(ScanBorrower, ScanBorrower.scan_id == Loan.id)
        .join(Resident, Resident.id == ScanBorrower.resident_id)
        .where(
            RecallPiece.recall_id == recall.id,
            RecallPiece.reach == Reach.HELD,
            Loan.opened_at >= RecallPiece.washed_at,
            Resident.contact_sealed.is_not(None),
        )
    )
