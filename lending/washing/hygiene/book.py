"""The hygiene book: what stands in a batch's certificate and in a month's book; the same rows."""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.errors import Code, LendingError
from lending.loop.steps import Action
from lending.loop.tables import Item, Scan, WashBatch
from lending.people.signers import name_signers
from lending.people.tables import Staff
from lending.places.districts import load_district
from lending.places.tables import Site
from lending.washing.batches.log import stands, washes_of
from lending.washing.batches.views import BatchView, load_batches
from lending.washing.hygiene.book_days import bounds_of, days_of
from lending.washing.hygiene.tables import Ending, HygieneTest, Recall, TestKind


class Verdict(StrEnum):
    """What the tests of a batch say of it."""

    GOOD = "good"
    WAITING = "waiting"
    FAILED = "failed"
    UNTESTED = "untested"


@dataclass(frozen=True, slots=True)
class TestLine:
    """A test in the book, with its recall and how that ended; `corrected`: another value was
    entered for it, which has a line of its own."""

    __test__ = False  # no test case of pytest's

    id: uuid.UUID
    kind: str
    name: str
    name_en: str
    unit: str
    batch_id: uuid.UUID | None
    machine_id: int | None
    lab: str
    sampled_at: datetime
    value: float | None
    limit: float
    passed: bool | None
    result_at: datetime | None
    result_by: str | None
    next_due: date | None
    corrected: bool
    recall_id: uuid.UUID | None
    recall_ended: Ending | None
    recall_confirmed: bool


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A batch in the book with its tests; `inspected` and `passed`: its pieces by what became of
    them at the inspection after it, so far. `operator`: who ran it, or what it was run from."""

    batch: BatchView
    tests: tuple[TestLine, ...]
    inspected: int
    passed: int
    operator: str

    @property
    def verdict(self) -> Verdict:
        """What its tests say of it: of each kind the last value that was not entered again counts."""
        last = {test.kind: test for test in self.tests if not test.corrected}
        if not last:
            return Verdict.UNTESTED
        called_back = any(one.recall_id and one.recall_ended is None for one in self.tests)
        if called_back or any(test.passed is False for test in last.values()):
            return Verdict.FAILED
        waits = any(test.passed is None for test in last.values())
        return Verdict.WAITING if waits else Verdict.GOOD

    def for_public(self) -> "BatchLine":
        """What everybody may read of it: a value over the limit that nobody confirmed may be typed
        wrong, and alarms nobody outside; it counts as awaited."""
        if self.verdict is not Verdict.FAILED or any(one.recall_confirmed for one in self.tests):
            return self
        tests = (
            one if one.passed
            else replace(one, value=None, passed=None, result_at=None, recall_id=None)
            for one in self.tests
        )  # fmt: skip
        return replace(self, tests=tuple(tests))


@dataclass(frozen=True, slots=True)
class BookDay:
    """A day on which something was washed or sampled: its batches in the order they began, and the
    tests of machines and of the place itself."""

    day: date
    batches: list[BatchLine]
    other_tests: list[TestLine]


@dataclass(frozen=True, slots=True)
class HygieneBook:
    """A month of a centre. `days` reads one local day after the other, so that a month of any size
    takes the memory of a day; each can be read once, while the session is open."""

    site: str
    site_name: str
    year: int
    month: int
    zone: str
    days: Iterator[BookDay]


def load_certificate(
    session: Session, *, batch_id: uuid.UUID, district_id: int | None = None
) -> BatchLine:
    """All that a batch's certificate says (None: of any district, for who has its address);
    NOT_FOUND (field batch), CONFLICT for one not ended."""
    mine = sa.true() if district_id is None else WashBatch.district_id == district_id
    one = (WashBatch.id == batch_id) & mine
    lines = _lines(session, load_batches(session, one))
    if not lines:
        raise LendingError(Code.NOT_FOUND, field="batch")
    if lines[0].batch.ended_at is None:
        raise LendingError(Code.CONFLICT, field="batch")
    return lines[0]


def open_book(session: Session, *, site_id: int, year: int, month: int) -> HygieneBook:
    """The hygiene book of a centre's local month, to be read day by day.

    INVALID (field month) for no month; NOT_FOUND (field site).
    """
    site = session.get(Site, site_id)
    if site is None:
        raise LendingError(Code.NOT_FOUND, field="site")
    days = days_of(year, month)
    zone = load_district(session, district_id=site.district_id).zone
    read = (_day(session, site_id, day, zone) for day in days)
    filled = (one for one in read if one.batches or one.other_tests)
    return HygieneBook(site.code, site.name, year, month, zone.key, filled)


def read_book_day(session: Session, *, site_id: int, day: date) -> BookDay:
    """One local day of a centre's book."""
    site = session.get_one(Site, site_id)
    return _day(session, site_id, day, load_district(session, district_id=site.district_id).zone)


def _day(session: Session, site_id: int, day: date, zone: ZoneInfo) -> BookDay:
    begins, ends = bounds_of(day, zone)
    begun = sa.and_(
        WashBatch.site_id == site_id,
        WashBatch.started_at >= begins,
        WashBatch.started_at < ends,
        WashBatch.ended_at.is_not(None),
    )
    others = sa.and_(
        HygieneTest.site_id == site_id,
        HygieneTest.batch_id.is_(None),
        HygieneTest.sampled_at >= begins,
        HygieneTest.sampled_at < ends,
    )
    batches = load_batches(session, begun, limit=None)
    return BookDay(day, _lines(session, batches), _tests(session, others))


def _lines(session: Session, batches: Collection[BatchView]) -> list[BatchLine]:
    ids = [one.id for one in batches]
    tests = _tests(session, HygieneTest.batch_id.in_(ids))
    inspected = _inspected(session, ids)
    operators = _operators(session, batches)
    return [
        BatchLine(
            one, tuple(test for test in tests if test.batch_id == one.id),
            *inspected.get(one.id, (0, 0)), operators[one.id],
        )
        for one in batches
    ]  # fmt: skip


def _tests(session: Session, which: sa.ColumnElement[bool]) -> list[TestLine]:
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            HygieneTest.id, TestKind.code, TestKind.name, TestKind.name_en, TestKind.unit,
            HygieneTest.batch_id, HygieneTest.machine_id, HygieneTest.lab, HygieneTest.sampled_at,
            HygieneTest.value, HygieneTest.limit, HygieneTest.passed, HygieneTest.result_at,
            HygieneTest.result_by, HygieneTest.next_due, HygieneTest.superseded, Recall.id,
            Recall.closed_how, Recall.confirmed_at.is_not(None),
        )
        .join(TestKind, TestKind.id == HygieneTest.kind_id)
        .outerjoin(Recall, Recall.test_id == HygieneTest.id)
        .where(which)
        .order_by(HygieneTest.sampled_at, HygieneTest.recorded_at, HygieneTest.id)
    )  # fmt: skip
    return [TestLine(*row) for row in session.execute(query)]


def _operators(session: Session, batches: Collection[BatchView]) -> dict[uuid.UUID, str]:
    """Who ran each batch: the operator who was named, else who or what began it."""
    named = sa.select(WashBatch.id, Staff.login).join(Staff, Staff.id == WashBatch.staff_id)
    rows = session.execute(named.where(WashBatch.id.in_([one.id for one in batches])))
    logins = {row.id: row.login for row in rows}
    signers = name_signers(session, {one.begun_by for one in batches})
    return {one.id: logins.get(one.id) or signers.get(one.begun_by, "") for one in batches}


def _inspected(
    session: Session, batches: Collection[uuid.UUID]
) -> dict[uuid.UUID, tuple[int, int]]:
    """(inspected, passed) of each batch: the first pass, rewash or retire of a piece after its wash
    and before the next one, each found by one look into the piece's story."""
    wash, then = washes_of(batches), aliased(Scan)
    marks = (Action.PASS, Action.REWASH, Action.RETIRE, Action.WASH)
    first = (
        sa.select(then.action)
        .where(then.item_id == wash.c.item_id, then.occurred_at > wash.c.occurred_at)
        .where(then.action.in_(marks), stands(then))
        .order_by(then.occurred_at, then.seq, then.id)
        .limit(1)
        .correlate(wash)
        .scalar_subquery()
    )
    after = (
        sa.select(wash.c.batch, first.label("action"))
        .join(Item, Item.id == wash.c.item_id)
        .where(~Item.carrier)
        .subquery()
    )
    passed = sa.func.sum(sa.case((after.c.action == Action.PASS, 1), else_=0))
    query = sa.select(after.c.batch, sa.func.count(), passed).where(
        after.c.action.in_([Action.PASS, Action.REWASH, Action.RETIRE])
    )
    rows = session.execute(query.group_by(after.c.batch))
    return {batch: (inspected, int(good)) for batch, inspected, good in rows}
