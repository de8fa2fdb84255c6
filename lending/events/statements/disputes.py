"""Disputed lines of statements: decided by the office, and written into the next version."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.events.counting.found import kinds_seen
from lending.events.crates.ledger import staff_of
from lending.events.rights import check_officer
from lending.events.settings import load_times
from lending.events.statements.reading import (
    find_statement,
    lock_statement,
    view_disputes,
    view_statement,
)
from lending.events.statements.writing import Figures, Writing, write_statement
from lending.events.tables import Dispute, Event, Statement, StatementLine
from lending.events.values import (
    DisputeDecision,
    DisputeView,
    ForeignLine,
    StatementView,
    StatementWhy,
)
from lending.loop.care.decisions import EVENT_DISPUTE, Decision
from lending.loop.system import system_actor
from lending.loop.tables import ItemKind, Review
from lending.loop.write.reviews import AUTOMATIC
from lending.people.actors import Actor
from lending.places.texts import read_text
from lending.requests.acting import check_count, signature

MOST = 1_000_000
LONGEST_NOTE = 500
AT_ONCE = 500


def list_disputes(session: Session, *, actor: Actor, now: datetime) -> list[DisputeView]:
    """The disputes that wait for a decision, the oldest first, at most 500. NOT_ALLOWED for all but
    the office."""
    check_officer(actor)
    waiting = (
        sa.select(Dispute.id)
        .where(Dispute.district_id == actor.district_id, Dispute.decision.is_(None))
        .order_by(Dispute.at, Dispute.id)
        .limit(AT_ONCE)
    )
    return view_disputes(session, Dispute.id.in_(waiting), now=now)


def decide_dispute(
    session: Session,
    *,
    dispute_id: uuid.UUID,
    decision: DisputeDecision,
    actor: Actor,
    now: datetime,
    broken: int | None = None,
    missing: int | None = None,
    note: str = "",
) -> StatementView:
    """Decides a disputed line: it stands, or says other numbers from now on (None: as before; of
    ware that is not ours `missing` is how many pieces there were). With the last decision the next
    version is written, and the hall has its days to answer it; until then the statement as it is.

    NOT_ALLOWED for all but the office; NOT_FOUND (dispute), CONFLICT (statement: a newer one; dispute:
    decided otherwise), INVALID (broken, missing: more than was sent; note).
    """
    check_officer(actor)
    dispute = session.get(Dispute, dispute_id)
    if dispute is None or dispute.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="dispute")
    told = decision, broken, missing
    if (dispute.decision, dispute.broken, dispute.missing) == told:
        event_id = session.get_one(Statement, dispute.statement_id).event_id
        return view_statement(session, find_statement(session, event_id, None), now=now)
    row, event = lock_statement(session, dispute.statement_id, actor)
    session.refresh(dispute)
    if dispute.decision is not None:
        raise LendingError(Code.CONFLICT, field="dispute", detail=dispute.decision)
    if decision is DisputeDecision.CORRECTED:
        _refuse_numbers(session, dispute, broken, missing)
        dispute.broken, dispute.missing = broken, missing
    dispute.decision_note = read_text(note, "note", longest=LONGEST_NOTE, empty=True)
    dispute.decision, dispute.decided_at = decision, now
    dispute.decided_by = signature(actor)
    _settle_review(session, dispute, actor, now)
    session.flush()
    if not _waiting(session, row.id):
        row = _write_next(session, row, event, actor, now)
    return view_statement(session, row, now=now)


def follow_reviews(session: Session, *, district_id: int, now: datetime) -> int:
    """Disputes whose review entry was settled in the queue, by somebody or by its time: their lines
    stand as they are; how many."""
    query = (
        sa.select(Dispute.id, Dispute.statement_id)
        .select_from(Dispute)
        .join(Review, (Review.scan_id == Dispute.id) & (Review.subject == EVENT_DISPUTE))
        .where(Dispute.district_id == district_id, Dispute.decision.is_(None))
        .where(Review.settled_at.is_not(None))
        .order_by(Dispute.at, Dispute.id)
        .limit(AT_ONCE)
    )
    actor = system_actor(district_id)
    found: Sequence[tuple[uuid.UUID, uuid.UUID]] = [
        (row[0], row[1]) for row in session.execute(query)
    ]
    for dispute_id, _ in found:
        decide_dispute(
            session, dispute_id=dispute_id, decision=DisputeDecision.UPHELD, actor=actor, now=now,
            note="",
        )  # fmt: skip
    return len(found)


def answer_by_recount(session: Session, event: Event, *, actor: Actor, now: datetime) -> None:
    """Disputes of an event that wait when it is counted again: the new version says what is so."""
    query = (
        sa.select(Dispute)
        .join(Statement, Statement.id == Dispute.statement_id)
        .where(Statement.event_id == event.id, Dispute.decision.is_(None))
        .order_by(Dispute.id)
    )
    for dispute in session.scalars(query).all():
        dispute.decision, dispute.decided_at = DisputeDecision.CORRECTED, now
        dispute.decided_by = signature(actor)
        _settle_review(session, dispute, actor, now)


def _refuse_numbers(
    session: Session, dispute: Dispute, broken: int | None, missing: int | None
) -> None:
    line = session.get_one(StatementLine, (dispute.statement_id, dispute.position))
    for number, field in ((broken, "broken"), (missing, "missing")):
        if number is not None:
            check_count(number, field, least=0, most=MOST)
    said = _or(missing, line.missing)
    if line.kind_id is not None and _or(broken, line.broken) + said > _total(line, said):
        raise LendingError(Code.INVALID, field="missing")


def _settle_review(session: Session, dispute: Dispute, actor: Actor, now: datetime) -> None:
    session.execute(
        sa.update(Review)
        .where(Review.scan_id == dispute.id, Review.subject == EVENT_DISPUTE)
        .where(Review.settled_at.is_(None))
        .values(
            settled_at=now,
            settled_how=Decision.NOTED.value if staff_of(actor) else AUTOMATIC,
            settled_by=staff_of(actor),
        )
        .execution_options(synchronize_session=False)
    )


def _waiting(session: Session, statement_id: uuid.UUID) -> bool:
    query = sa.select(Dispute.id).where(
        Dispute.statement_id == statement_id, Dispute.decision.is_(None)
    )
    return session.scalar(query.limit(1)) is not None


def _write_next(
    session: Session, row: Statement, event: Event, actor: Actor, now: datetime
) -> Statement:
    """The version after all is decided: corrected lines as decided, those with codes as their scans
    say by now, the others as they were."""
    figures, foreign = next_figures(session, row, event)
    writing = Writing(
        uuid.uuid5(row.id, "decided"), StatementWhy.DECISION, row.site_id, row.counted_at,
        row.counted_by, figures, foreign, row.note, staff_of(actor), signature(actor),
        load_times(session, district_id=row.district_id).answer_days,
    )  # fmt: skip
    return write_statement(session, event, writing, now=now)


def next_figures(
    session: Session, row: Statement, event: Event
) -> tuple[list[Figures], list[ForeignLine]]:
    """What the next version says beside a new count: see `_write_next`."""
    decided = {
        one.position: one
        for one in session.scalars(
            sa.select(Dispute).where(
                Dispute.statement_id == row.id, Dispute.decision == DisputeDecision.CORRECTED
            )
        )
    }
    seen = {one.kind_id: one for one in kinds_seen(session, event_id=event.id)}
    query = (
        sa.select(StatementLine, ItemKind.counted)
        .select_from(StatementLine)
        .outerjoin(ItemKind, ItemKind.id == StatementLine.kind_id)
        .where(StatementLine.statement_id == row.id)
        .order_by(StatementLine.position)
    )
    figures: list[Figures] = []
    foreign: list[ForeignLine] = []
    for line, counted in session.execute(query):
        one = decided.get(line.position)
        if line.kind_id is None:
            pieces = _or(one.missing if one else None, line.foreign_pieces)
            foreign += [ForeignLine(line.what, pieces)] if pieces else []
        elif one is None and not counted and line.kind_id in seen:
            now = seen[line.kind_id]
            figures.append(
                Figures(line.kind_id, False, now.sent, now.found, now.broken, now.strangers)
            )
        else:
            figures.append(_corrected(line, one, bool(counted)))
    return figures, foreign


def _corrected(line: StatementLine, one: Dispute | None, counted: bool) -> Figures:
    assert line.kind_id is not None
    broken = _or(one.broken if one else None, line.broken)
    missing = _or(one.missing if one else None, line.missing)
    found = _total(line, missing) - broken - missing
    return Figures(line.kind_id, counted, line.sent, found, broken, line.foreign_pieces)


def _total(line: StatementLine, missing: int) -> int:
    """The pieces a line accounts for: those sent, and more that came back while none is missing."""
    return line.sent + (0 if missing else line.surplus)


def _or(number: int | None, other: int) -> int:
    return other if number is None else number
