"""The hall's answer to a statement, by its link or signed in: right, wrong in a line, or no word."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.events.rights import check_hall
from lending.events.statements.links import find_linked
from lending.events.statements.reading import lock_statement, view_statement
from lending.events.tables import Dispute, Event, Statement, StatementLine
from lending.events.values import Answer, DisputeIn, StatementView
from lending.loop.care.decisions import EVENT_DISPUTE
from lending.loop.system import system_actor
from lending.loop.tables import Review
from lending.loop.write.reviews import SETTLE_AFTER
from lending.people.actors import Actor
from lending.people.tables import Role
from lending.photos.keep import Snapshot, keep_photo
from lending.places.texts import read_text
from lending.requests.acting import check_count, signature

LINK = "link"  # who answered without an account
LONGEST_NAME = 40
LONGEST_REASON = 500
MOST_DISPUTES = 100


def find_by_link(session: Session, *, secret: str, now: datetime) -> StatementView:
    """The latest statement that the centre confirmed, by the hall's link; NOT_FOUND (statement), as
    from 30 days on after hall and centre agreed."""
    return view_statement(session, find_linked(session, secret, now), now=now)


def answer_by_link(
    session: Session, *, secret: str, version: int, name: str, now: datetime
) -> StatementView:
    """The hall says that the statement is right; the same again changes nothing. `name`: a role or
    initials. NOT_FOUND, CONFLICT (statement: another version, or answered otherwise), INVALID (name).
    """
    row, event = _lock_linked(session, secret, version, now)
    return _confirm(session, row, event, LINK, name, now)


def dispute_by_link(
    session: Session,
    *,
    secret: str,
    version: int,
    disputes: Sequence[DisputeIn],
    name: str,
    now: datetime,
) -> StatementView:
    """The hall says that lines are wrong, and why: each waits in the review queue for a decision.
    The same again changes nothing. As `answer_by_link`; INVALID (disputes, position, reason,
    missing_said), ID_REUSED (id)."""
    row, event = _lock_linked(session, secret, version, now)
    return _dispute(session, row, event, disputes, LINK, name, now)


def answer_statement(
    session: Session, *, statement_id: uuid.UUID, actor: Actor, name: str, now: datetime
) -> StatementView:
    """As `answer_by_link`, by somebody of the hall (or the office for it) who is signed in; beside
    it NOT_ALLOWED_HERE (site)."""
    row, event = lock_statement(session, statement_id, actor)
    _check_answers(event, actor)
    return _confirm(session, row, event, signature(actor), name, now)


def dispute_statement(
    session: Session,
    *,
    statement_id: uuid.UUID,
    disputes: Sequence[DisputeIn],
    actor: Actor,
    name: str,
    now: datetime,
) -> StatementView:
    """As `dispute_by_link`, signed in."""
    row, event = lock_statement(session, statement_id, actor)
    _check_answers(event, actor)
    return _dispute(session, row, event, disputes, signature(actor), name, now)


def _check_answers(event: Event, actor: Actor) -> None:
    """NOT_ALLOWED_HERE (site) for all but the hall and the office: the centre says it on its side."""
    check_hall(event.site_id, actor)
    if actor.role is Role.WASH:
        raise LendingError(Code.NOT_ALLOWED_HERE, field="site")


def _lock_linked(
    session: Session, secret: str, version: int, now: datetime
) -> tuple[Statement, Event]:
    row = find_linked(session, secret, now)
    if row.version != version:
        raise LendingError(Code.CONFLICT, field="statement", detail="newer")
    return lock_statement(session, row.id, system_actor(row.district_id))


def _confirm(
    session: Session, row: Statement, event: Event, by: str, name: str, now: datetime
) -> StatementView:
    said = read_text(name, "name", longest=LONGEST_NAME)
    if row.answer is not Answer.CONFIRMED:
        _refuse_answer(row)
        row.answer, row.answered_at, row.answered_by = Answer.CONFIRMED, now, by
        row.answer_name = said
        settle_event(event, now)
        session.flush()
    return view_statement(session, row, now=now)


def _dispute(
    session: Session,
    row: Statement,
    event: Event,
    disputes: Sequence[DisputeIn],
    by: str,
    name: str,
    now: datetime,
) -> StatementView:
    said = read_text(name, "name", longest=LONGEST_NAME)
    known = session.scalars(sa.select(Dispute.id).where(Dispute.statement_id == row.id))
    if row.answer is Answer.DISPUTED and {one.id for one in disputes} <= set(known):
        return view_statement(session, row, now=now)
    _refuse_answer(row)
    _refuse_disputes(session, row, disputes)
    row.answer, row.answered_at, row.answered_by = Answer.DISPUTED, now, by
    row.answer_name = said
    for one in disputes:
        _raise(session, row, event, one, by, said, now)
    session.flush()
    return view_statement(session, row, now=now)


def _refuse_answer(row: Statement) -> None:
    if row.sent_at is None:
        raise LendingError(Code.NOT_FOUND, field="statement")
    if row.answer is not None:
        raise LendingError(Code.CONFLICT, field="statement", detail=row.answer)


def _refuse_disputes(session: Session, row: Statement, disputes: Sequence[DisputeIn]) -> None:
    positions = [one.position for one in disputes]
    lines = set(
        session.scalars(
            sa.select(StatementLine.position).where(StatementLine.statement_id == row.id)
        )
    )
    if not disputes or len(disputes) > MOST_DISPUTES or len(set(positions)) != len(positions):
        raise LendingError(Code.INVALID, field="disputes")
    if not set(positions) <= lines:
        raise LendingError(Code.INVALID, field="position")
    known = sa.select(Dispute.id).where(Dispute.id.in_([one.id for one in disputes]))
    if session.scalar(known.limit(1)) is not None:
        raise LendingError(Code.ID_REUSED, field="id")


def _raise(
    session: Session,
    row: Statement,
    event: Event,
    one: DisputeIn,
    by: str,
    name: str,
    now: datetime,
) -> None:
    missing = one.missing_said
    if missing is not None:
        check_count(missing, "missing_said", least=0, most=1_000_000)
    reason = read_text(one.reason, "reason", longest=LONGEST_REASON)
    session.add(
        Dispute(
            id=one.id, district_id=row.district_id, statement_id=row.id, position=one.position,
            missing_said=missing, reason=reason, at=now, by=by, name=name,
        )
    )  # fmt: skip
    session.flush()
    session.add(
        Review(
            district_id=row.district_id, site_id=event.site_id, subject=EVENT_DISPUTE,
            scan_id=one.id, opened_at=now, settle_by=now + SETTLE_AFTER,
        )
    )  # fmt: skip
    if one.photo is not None:
        keep_photo(session, Snapshot(one.photo, row.district_id, event.site_id, one.id), now=now)


def settle_event(event: Event, now: datetime) -> None:
    """Hall and centre agree: whom to ask at the hall is not needed any more."""
    event.settled_at, event.contact_sealed = now, None
