"""Tells the borrowers of recalled pieces, once each; staff never see who they are."""

from datetime import datetime

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
    query = (
        sa.select(Loan.id)
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
    rows = [
        notice_row(lend, NoticeKind.RECALLED, NoticeState.WAITING, recall.district_id, now)
        for lend in session.scalars(query)
    ]
    if not rows:
        return 0
    insert = insert_or(session, Notice).on_conflict_do_nothing().returning(Notice.id)
    told = len(session.execute(insert, rows).all())
    collect_notices(session, district_id=recall.district_id, now=now)
    return told
