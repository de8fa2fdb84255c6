"""Notices become messages: one per person for all that waits; and an officer's "remind now"."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from lending.bulk import insert_rows, update_rows
from lending.db import table_of
from lending.loop.loans.due import load_terms
from lending.loop.loans.stopped import told_nothing
from lending.loop.tables import Loan, ScanBorrower
from lending.notices.quiet import after_quiet
from lending.notices.tables import Message, MessageState, Notice, NoticeKind, NoticeState, Purpose
from lending.people.actors import Actor
from lending.people.tables import Resident
from lending.people.upserts import insert_or
from lending.places.tables import District

_COLLECTING = sa.and_(Message.state == MessageState.QUEUED, Message.purpose == Purpose.REMINDER)


@dataclass(frozen=True, slots=True)
class Reminded:
    """`queued` loans will be told of, in one message per person from `not_before` on.

    `skipped` have nobody to tell, are closed, are disputed, or were reminded on request before.
    """

    queued: int
    skipped: int
    not_before: datetime


def remind_now(
    session: Session, *, lend_ids: Collection[uuid.UUID], actor: Actor, now: datetime
) -> Reminded:
    """Queues a reminder about these open loans of the officer's district, once per loan.

    An unconfirmed contact that had its one message about a loan gets no second one.
    """
    query = (
        sa.select(Loan.id)
        .join(ScanBorrower, ScanBorrower.scan_id == Loan.id)
        .join(Resident, Resident.id == ScanBorrower.resident_id)
        .where(
            Loan.id.in_(lend_ids),
            Loan.district_id == actor.district_id,
            Loan.closed_at.is_(None),
            Resident.contact_sealed.is_not(None),
            sa.or_(Resident.confirmed_at.is_not(None), ~told_before(Loan.id)),
            ~told_nothing(Loan.id),
        )
    )
    rows = [
        notice_row(lend, NoticeKind.ON_REQUEST, NoticeState.WAITING, actor.district_id, now)
        for lend in session.scalars(query)
    ]
    queued = 0
    if rows:
        insert = insert_or(session, Notice).on_conflict_do_nothing().returning(Notice.id)
        queued = len(session.execute(insert, rows).all())
    collect_notices(session, district_id=actor.district_id, now=now)
    return Reminded(
        queued, len(set(lend_ids)) - queued, _not_before(session, actor.district_id, now)
    )


def notice_row(
    lend_id: uuid.UUID, kind: NoticeKind, state: NoticeState, district_id: int, now: datetime
) -> dict[str, object]:
    """A row of `notice`; its id follows from loan and kind."""
    return {
        "id": uuid.uuid5(lend_id, kind.value),
        "district_id": district_id,
        "lend_id": lend_id,
        "kind": kind,
        "state": state,
        "created_at": now,
    }


def told_before(lend_id: InstrumentedAttribute[uuid.UUID]) -> sa.ColumnElement[bool]:
    """SQL: whether a message about this loan went out, or may have; a recall is not about it."""
    return sa.exists().where(
        Notice.lend_id == lend_id,
        Notice.kind != NoticeKind.RECALLED,
        Notice.state.in_([NoticeState.SENT, NoticeState.MAYBE_SENT]),
    )


def collect_notices(session: Session, *, district_id: int, now: datetime, limit: int = 1000) -> int:
    """Puts waiting notices into messages, one per person, after the quiet hours; how many.

    What falls due joins the person's message that is not yet begun. Set-based; several workers
    at once are safe, for a unique index allows one such message per person.
    """
    waiting = session.execute(
        sa.select(Notice.id, Resident.id.label("resident"), Resident.contact_kind)
        .join(ScanBorrower, ScanBorrower.scan_id == Notice.lend_id)
        .join(Resident, Resident.id == ScanBorrower.resident_id)
        .where(
            Notice.district_id == district_id,
            Notice.state == NoticeState.WAITING,
            Notice.message_id.is_(None),
            Resident.contact_sealed.is_not(None),
            # What a bag lacked waits for the clock of its loan, should that stand again.
            sa.or_(Notice.kind != NoticeKind.NOT_IN_BAG, ~told_nothing(Notice.lend_id)),
        )
        .order_by(Notice.id)
        .limit(limit)
    ).all()
    if not waiting:
        return 0
    not_before = _not_before(session, district_id, now)
    new = [
        {
            "id": uuid.uuid4(),
            "district_id": district_id,
            "resident_id": resident,
            "contact_kind": kind,
            "purpose": Purpose.REMINDER,
            "state": MessageState.QUEUED,
            "not_before": not_before,
            "created_at": now,
        }
        for resident, kind in sorted({row.resident: row.contact_kind for row in waiting}.items())
    ]
    insert_rows(session, table_of(Message), new, skip_known=True)
    open_messages = _lock_collecting(session, [row["resident_id"] for row in new])
    # A message claimed by another worker in between is not there: its notices wait for the next
    # round.
    rows = [
        {"id": row.id, "message_id": open_messages[row.resident]}
        for row in waiting
        if row.resident in open_messages
    ]
    update_rows(session, table_of(Notice), rows)
    return len(rows)


def _lock_collecting(session: Session, residents: Collection[object]) -> dict[uuid.UUID, uuid.UUID]:
    query = (
        sa.select(Message.resident_id, Message.id)
        .where(Message.resident_id.in_(residents), _COLLECTING)
        .order_by(Message.id)
        .with_for_update()
    )
    return {row.resident_id: row.id for row in session.execute(query) if row.resident_id}


def _not_before(session: Session, district_id: int, now: datetime) -> datetime:
    zone = session.scalar(sa.select(District.timezone).where(District.id == district_id))
    terms = load_terms(session, district_id).at(None, now)
    return after_quiet(
        now, quiet_from=terms.quiet_from, quiet_to=terms.quiet_to, zone=ZoneInfo(zone or "UTC")
    )
