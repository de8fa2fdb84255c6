"""Results of tests: the value of a sample, and a value entered again where it was typed wrong."""

import uuid
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.people.actors import Actor
from lending.people.sealing import Keys
from lending.places.districts import load_district
from lending.places.texts import Problem
from lending.washing.batches.rights import (
    check_washer,
    lock_batch,
    lock_machine,
    read_moment,
    read_number,
    signed,
)
from lending.washing.hygiene.awaiting import settle_awaiting
from lending.washing.hygiene.recalls import end_by_reentry, open_recall
from lending.washing.hygiene.tables import HygieneTest, Recall, Scope, TestKind
from lending.washing.hygiene.tested import TestView, view_test


@dataclass(frozen=True, slots=True)
class ResultIn:
    """The value of a sample as typed, without its unit. `scope`: how far a recall reaches if it is
    over the limit; a machine's sample always reaches all of the machine."""

    test_id: uuid.UUID
    value: str | float
    result_at: datetime
    scope: Scope = Scope.BATCH


def enter_result(
    session: Session, result: ResultIn, *, actor: Actor, keys: Keys, now: datetime
) -> TestView:
    """The value of a sample: over the limit, every piece in reach is held at once.

    The same value again changes nothing; another one is CONFLICT (field value): what was typed wrong
    is entered again (`enter_again`). INVALID (value) with a unit or below zero.
    """
    test = _lock_test(session, result.test_id, actor)
    value = read_number(result.value, "value")
    if test.value is not None:
        if test.value != value:
            raise LendingError(Code.CONFLICT, field="value")
        return view_test(session, test.id)
    _judge(session, test, value, result.result_at, actor=actor, now=now)
    _follow(session, test, result.scope, actor=actor, keys=keys, now=now)
    return view_test(session, test.id)


def enter_again(
    session: Session,
    result: ResultIn,
    *,
    request_id: uuid.UUID,
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> TestView:
    """The value of a test entered a second time, as a test of its own that takes its place.

    Good where the first was over the limit: the recall nobody confirmed yet ends and its holds are
    taken back. Over the limit again: the recall can be confirmed. CONFLICT (field test) for a test
    without a value or entered again already; the same request changes nothing.
    """
    first = _lock_test(session, result.test_id, actor)
    value = read_number(result.value, "value")
    known = session.get(HygieneTest, request_id)
    if known is not None:
        if known.corrects_id not in (first.id, first.corrects_id) or known.value != value:
            raise LendingError(Code.ID_REUSED, field="id")
        return view_test(session, known.id)
    if first.value is None or first.superseded:
        raise LendingError(Code.CONFLICT, field="test")
    names = ("district_id", "kind_id", "site_id", "machine_id", "batch_id", "lab", "sampled_at",
             "sampled_by", "limit", "retest_of_id", "note")  # fmt: skip
    test = HygieneTest(
        id=request_id, recorded_at=now, corrects_id=_stands_for(session, first), superseded=False,
        **{name: getattr(first, name) for name in names},
    )  # fmt: skip
    session.add(test)
    first.superseded = True
    session.flush()
    _judge(session, test, value, result.result_at, actor=actor, now=now)
    if test.passed and not first.passed and test.corrects_id is not None:
        end_by_reentry(session, test_id=test.corrects_id, actor=actor, keys=keys, now=now)
    if first.passed:  # what failed before has its recall
        _follow(session, test, result.scope, actor=actor, keys=keys, now=now)
    else:
        settle_awaiting(session, test.batch_id)
    return view_test(session, test.id)


def _stands_for(session: Session, test: HygieneTest) -> uuid.UUID:
    """Which test a value entered for this one again takes the place of: the one whose recall is
    open, though it was entered again before."""
    opened = sa.select(Recall.id).where(
        Recall.test_id == test.corrects_id, Recall.closed_at.is_(None)
    )
    before = test.corrects_id
    return test.id if before is None or session.scalar(opened) is None else before


def _follow(
    session: Session, test: HygieneTest, scope: Scope, *, actor: Actor, keys: Keys, now: datetime
) -> None:
    """What a first result sets going: a recall where it is over the limit, unless it repeats a test
    whose recall is open still."""
    repeats = sa.select(Recall.id).where(
        Recall.test_id == test.retest_of_id, Recall.closed_at.is_(None)
    )
    reaches = test.batch_id is not None or test.machine_id is not None
    if not test.passed and reaches and session.scalar(repeats) is None:
        whole = Scope.MACHINE if test.batch_id is None else scope
        open_recall(session, test, whole, actor=actor, keys=keys, now=now)
    settle_awaiting(session, test.batch_id)


def _judge(
    session: Session,
    test: HygieneTest,
    value: float,
    result_at: datetime,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    at = read_moment(result_at, "result_at", now=now)
    if at < test.sampled_at:
        raise LendingError(Code.INVALID, field="result_at", detail=Problem.BEFORE_START)
    test.value, test.passed = value, value <= test.limit
    test.result_at, test.result_by = at, signed(actor)
    months = session.scalars(sa.select(TestKind.months).where(TestKind.id == test.kind_id)).one()
    if months:
        zone = load_district(session, district_id=test.district_id).zone
        test.next_due = months_later(test.sampled_at.astimezone(zone).date(), months)
    session.flush()


def months_later(day: date, months: int) -> date:
    """The same day of the month so many months later, or that month's last."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _lock_test(session: Session, test_id: uuid.UUID, actor: Actor) -> HygieneTest:
    """The test with its batch and machine locked: all they washed is seen. NOT_FOUND (test)."""
    test = session.get(HygieneTest, test_id)
    if test is None or test.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="test")
    check_washer(actor, test.site_id)
    if test.batch_id is not None:
        lock_batch(session, test.batch_id, actor=actor)
    else:
        lock_machine(session, test.machine_id)
    query = sa.select(HygieneTest).where(HygieneTest.id == test_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()
