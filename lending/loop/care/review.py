"""Decisions on review entries: what may be decided, carried out, and taken back."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.care import drop_verdicts, repairs
from lending.loop.care.decisions import AUTOMATICALLY, Decision, choices_for
from lending.loop.steps import Gap
from lending.loop.system import system_actor
from lending.loop.tables import Forgiveness, Loan, Review, ScanBorrower
from lending.loop.write.reviews import AUTOMATIC, SETTLE_AFTER, VANISHED, Saying
from lending.people.actors import Actor, ActorKind
from lending.people.keys import Keys
from lending.people.tables import Role
from lending.people.upserts import insert_or

MOST_TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """An open entry under decision."""

    id: int
    district_id: int
    site_id: int
    subject: str
    scan_id: uuid.UUID | None
    opened_at: datetime


def settle_review(
    session: Session,
    *,
    review_id: int,
    decision: Decision,
    actor: Actor,
    keys: Keys,
    now: datetime,
    together: bool = False,
) -> int:
    """Carries out a decision; how many entries it settled.

    `together`: all open entries of the same subject at the same site, 500 at most. NOT_FOUND for
    an entry that is settled, another district's or not at the actor's place; INVALID (field
    decision) for one the subject does not offer; what the writer refuses is raised and nothing
    changes.
    """
    entries = _lock_entries(session, review_id, actor, together)
    if decision not in choices_for(entries[0].subject):
        raise LendingError(Code.INVALID, field="decision")
    _carry_out(session, entries, decision, actor, keys, now)
    _close(session, entries, decision.value, actor, now)
    return len(entries)


def reopen_review(
    session: Session, *, review_id: int, actor: Actor, keys: Keys, now: datetime
) -> None:
    """Takes a decision back: its scans are voided, its forgiveness ends, the entry is open again.

    NOT_FOUND unless it is settled; CONFLICT after a detachment, which cannot be undone.
    """
    query = _visible(actor).where(Review.id == review_id, Review.settled_at.is_not(None))
    row = session.execute(query.add_columns(Review.settled_how, Review.settled_at)).first()
    if row is None or row.settled_how == VANISHED:
        raise LendingError(Code.NOT_FOUND, field="review")
    if row.settled_how == Decision.DETACH:
        raise LendingError(Code.CONFLICT, field="review")
    entry = Entry(*row[:6])
    repairs.undo(session, entry_id=entry.id, scan_id=entry.scan_id, at=row.settled_at,
                 actor=actor, keys=keys, now=now)  # fmt: skip
    if entry.scan_id is not None:
        if _is_claim(entry):
            drop_verdicts.reopen_claim(session, lend_id=entry.scan_id)
        session.execute(
            sa.delete(Forgiveness).where(
                Forgiveness.lend_id == entry.scan_id, Forgiveness.reason == _reason(entry)
            )
        )
    session.execute(
        sa.update(Review)
        .where(Review.id == entry.id)
        .values(settled_at=None, settled_how=None, settled_by=None, settle_by=now + SETTLE_AFTER)
        .execution_options(synchronize_session=False)
    )


def settle_overdue_reviews(session: Session, *, district_id: int, keys: Keys, now: datetime) -> int:
    """The automatic outcome of entries that waited 14 days: mercy for people, a note for the rest.

    All of it can be taken back with `reopen_review`. Entries about loans that closed meanwhile
    close themselves. At most 500 a call; how many.
    """
    actor = system_actor(district_id)
    _close_answered(session, district_id, now)
    query = (
        _visible(actor)
        .where(Review.settled_at.is_(None), Review.settle_by <= now)
        .where(Review.subject != Saying.RETURNED)  # claims end in drop_sweep.py
        .order_by(Review.id)
        .limit(MOST_TOGETHER)
        .with_for_update(of=Review, skip_locked=True)
    )
    by_decision: dict[Decision, list[Entry]] = {}
    for row in session.execute(query):
        entry = Entry(*row[:6])
        decision = AUTOMATICALLY.get(entry.subject, Decision.NOTED)
        by_decision.setdefault(decision, []).append(entry)
    for decision, entries in by_decision.items():
        _carry_out(session, entries, decision, actor, keys, now)
        _close(session, entries, AUTOMATIC, actor, now)
    return sum(map(len, by_decision.values()))


def _lock_entries(session: Session, review_id: int, actor: Actor, together: bool) -> list[Entry]:
    wanted = _visible(actor).where(Review.id == review_id, Review.settled_at.is_(None))
    row = session.execute(wanted.with_for_update(of=Review)).first()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="review")
    first = Entry(*row[:6])
    if not together:
        return [first]
    alike = _visible(actor).where(
        Review.settled_at.is_(None),
        Review.site_id == first.site_id,
        Review.subject == first.subject,
        Review.id != first.id,
    )
    alike = alike.order_by(Review.id).limit(MOST_TOGETHER - 1)
    rows = session.execute(alike.with_for_update(of=Review, skip_locked=True))
    return [first, *(Entry(*row[:6]) for row in rows)]


def _visible(actor: Actor) -> sa.Select[*tuple[Any, ...]]:
    """Entries of the actor's district; for the staff of a place those of the place."""
    columns: Sequence[sa.ColumnElement[object]] = (
        Review.id, Review.district_id, Review.site_id, Review.subject, Review.scan_id,
        Review.opened_at,
    )  # type: ignore[assignment]  # fmt: skip
    query = sa.select(*columns).where(Review.district_id == actor.district_id)
    return query if actor.role is Role.OFFICER else query.where(Review.site_id == actor.site_id)


def _carry_out(
    session: Session,
    entries: Sequence[Entry],
    decision: Decision,
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> None:
    scans = [entry.scan_id for entry in entries if entry.scan_id is not None]
    match decision:
        case Decision.VOID:
            marks = {entry.scan_id: entry.id for entry in entries if entry.scan_id}
            repairs.void_scans(session, marks, actor=actor, keys=keys, now=now)
        case Decision.RETURN | Decision.REJECT:
            said = {e.scan_id: (e.id, e.site_id) for e in entries if e.scan_id and _is_claim(e)}
            drop_verdicts.record_verdict(session, decision, said, actor=actor, keys=keys, now=now)
        case Decision.REPAIR:
            for entry in entries:
                repairs.repair_stuck(
                    session, entry_id=entry.id, site_id=entry.site_id, subject=entry.subject,
                    actor=actor, keys=keys, now=now,
                )  # fmt: skip
        case Decision.FORGIVE:
            _forgive(session, entries, actor, now)
        case Decision.DETACH:
            _change_borrowers(session, scans, {"resident_id": None, "sealed": None})
    claims = [entry.scan_id for entry in entries if entry.scan_id and _is_claim(entry)]
    drop_verdicts.settle_claims(session, decision, claims, actor=actor, now=now)
    # What could not be resolved was kept for this decision only.
    unresolved = [e.scan_id for e in entries if e.subject == Gap.BORROWER_UNRESOLVED and e.scan_id]
    _change_borrowers(session, unresolved, {"sealed": None})


def _change_borrowers(
    session: Session, scans: Sequence[uuid.UUID], values: dict[str, None]
) -> None:
    if not scans:
        return
    session.execute(
        sa.update(ScanBorrower)
        .where(ScanBorrower.scan_id.in_(scans))
        .values(values)
        .execution_options(synchronize_session=False)
    )


def _forgive(session: Session, entries: Sequence[Entry], actor: Actor, now: datetime) -> None:
    staff_id = actor.id if actor.kind is ActorKind.STAFF else None
    rows = [
        {
            "lend_id": entry.scan_id,
            "district_id": entry.district_id,
            "staff_id": staff_id,
            "reason": _reason(entry),
            "at": now,
        }
        for entry in entries
        if entry.scan_id is not None
    ]
    if rows:
        session.execute(insert_or(session, Forgiveness).on_conflict_do_nothing(), rows)


def _is_claim(entry: Entry) -> bool:
    return entry.subject == Saying.RETURNED


def _reason(entry: Entry) -> str:
    return f"review {entry.id}: {entry.subject}"


def _close(
    session: Session, entries: Sequence[Entry], how: str, actor: Actor, now: datetime
) -> None:
    staff_id = actor.id if actor.kind is ActorKind.STAFF else None
    session.execute(
        sa.update(Review)
        .where(Review.id.in_([entry.id for entry in entries]))
        .values(settled_at=now, settled_how=how, settled_by=staff_id)
        .execution_options(synchronize_session=False)
    )


def _close_answered(session: Session, district_id: int, now: datetime) -> None:
    """What somebody said of a loan needs no head once the loan is closed or voided."""
    still_open = sa.exists().where(Loan.id == Review.scan_id, Loan.closed_at.is_(None))
    session.execute(
        sa.update(Review)
        .where(
            Review.district_id == district_id,
            Review.settled_at.is_(None),
            Review.subject.in_([saying.value for saying in Saying]),
            ~still_open,
        )
        .values(settled_at=now, settled_how=VANISHED)
        .execution_options(synchronize_session=False)
    )
