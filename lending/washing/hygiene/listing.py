"""Tests as the pages list them: the latest of a centre, what awaits its result, what is due."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.errors import Code, LendingError
from lending.loop.read.paging import KeyPart, Page, beyond, cut, read_key
from lending.loop.tables import WashBatch
from lending.places.tables import Site
from lending.washing.batches.tables import WashMachine
from lending.washing.hygiene.plan import list_kinds
from lending.washing.hygiene.tables import HygieneTest, Recall, TestKind

SHOWN = 30
SOON = 14  # days ahead of a due test that it is said


@dataclass(frozen=True, slots=True)
class TestRow:
    """A test with all the pages say of it; `corrected`: another value was entered for it; `recall`
    is the one it set going, by itself or by what it was entered again for or repeats."""

    __test__ = False  # no test case of pytest's

    id: uuid.UUID
    kind: str
    name: str
    name_en: str
    unit: str
    site: str
    machine_id: int | None
    machine: str | None
    batch_id: uuid.UUID | None
    batch_day: date | None  # of a day's washing without a machine
    batch_began: datetime | None
    lab: str
    sampled_at: datetime
    sampled_by: str
    value: float | None
    limit: float
    passed: bool | None
    result_at: datetime | None
    result_by: str | None
    next_due: date | None
    corrected: bool
    corrects_id: uuid.UUID | None
    retest_of_id: uuid.UUID | None
    note: str
    recall_id: uuid.UUID | None
    recall_is_open: bool


@dataclass(frozen=True, slots=True)
class DueLine:
    """A kind of test that a centre makes every `months`: last good when, due when; `due` None where
    it was never made."""

    kind: str
    name: str
    name_en: str
    months: int
    sampled_at: datetime | None
    due: date | None
    late: bool
    soon: bool


def list_tests(
    session: Session,
    *,
    site_id: int,
    awaiting: bool = False,
    after: Sequence[KeyPart] | None = None,
) -> Page[TestRow]:
    """The tests of a centre, the latest sample first, 30 a page; `awaiting`: only those without a
    result. INVALID (cursor) for a cursor that is none of ours."""
    order = (HygieneTest.sampled_at, HygieneTest.id)
    key = read_key(after, datetime, uuid.UUID)
    query = _rows().where(HygieneTest.site_id == site_id, beyond(order, key, falling=True))
    if awaiting:
        query = query.where(HygieneTest.value.is_(None), ~HygieneTest.superseded)
    query = query.order_by(*(one.desc() for one in order)).limit(SHOWN + 1)
    rows = session.execute(query).all()
    return cut(rows, SHOWN, lambda row: TestRow(*row), lambda row: (row.sampled_at, row.id))


def load_test(session: Session, *, test_id: uuid.UUID, district_id: int) -> TestRow:
    """One test; NOT_FOUND (field test)."""
    query = _rows().where(HygieneTest.id == test_id, HygieneTest.district_id == district_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="test")
    return TestRow(*row)


def list_tests_of(session: Session, *, test_id: uuid.UUID) -> list[TestRow]:
    """A test, what was entered for it again, and its retests with what was entered for those."""
    again = sa.select(HygieneTest.id).where(HygieneTest.corrects_id == test_id)
    of = sa.or_(
        HygieneTest.id == test_id,
        HygieneTest.corrects_id == test_id,
        HygieneTest.corrects_id.in_(again),
        HygieneTest.retest_of_id == test_id,
    )
    order = (HygieneTest.id != test_id, HygieneTest.recorded_at, HygieneTest.id)
    return [TestRow(*row) for row in session.execute(_rows().where(of).order_by(*order))]


def list_due(session: Session, *, site_id: int, district_id: int, today: date) -> list[DueLine]:
    """The tests a centre has to repeat, the most urgent first: never made, then by day."""
    good = (
        sa.select(
            HygieneTest.kind_id,
            sa.func.max(HygieneTest.sampled_at),
            sa.func.max(HygieneTest.next_due),
        )
        .where(HygieneTest.site_id == site_id, HygieneTest.passed.is_(True))
        .where(~HygieneTest.superseded)
        .group_by(HygieneTest.kind_id)
    )
    last = {row[0]: (row[1], row[2]) for row in session.execute(good)}
    lines = []
    for kind in list_kinds(session, district_id=district_id):
        if kind.active and kind.months:
            sampled, due = last.get(kind.id, (None, None))
            late = due is not None and due < today
            soon = due is not None and due <= today + timedelta(days=SOON)
            names = (kind.code, kind.name, kind.name_en, kind.months)
            lines.append(DueLine(*names, sampled, due, late, soon))
    return sorted(lines, key=lambda line: (line.due is not None, line.due or today, line.kind))


def _rows() -> sa.Select[*tuple[Any, ...]]:
    own, again, repeated = aliased(Recall), aliased(Recall), aliased(Recall)
    recall = sa.func.coalesce(own.id, again.id, repeated.id)
    opened = sa.func.coalesce(own.opened_at, again.opened_at, repeated.opened_at)
    closed = sa.case(
        (own.id.is_not(None), own.closed_at),
        (again.id.is_not(None), again.closed_at),
        else_=repeated.closed_at,
    )
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            HygieneTest.id, TestKind.code, TestKind.name, TestKind.name_en, TestKind.unit,
            Site.code, HygieneTest.machine_id, WashMachine.name, HygieneTest.batch_id,
            WashBatch.day, WashBatch.started_at, HygieneTest.lab, HygieneTest.sampled_at,
            HygieneTest.sampled_by, HygieneTest.value, HygieneTest.limit, HygieneTest.passed,
            HygieneTest.result_at, HygieneTest.result_by, HygieneTest.next_due,
            HygieneTest.superseded, HygieneTest.corrects_id, HygieneTest.retest_of_id,
            HygieneTest.note, recall, sa.and_(opened.is_not(None), closed.is_(None)),
        )
        .join(TestKind, TestKind.id == HygieneTest.kind_id)
        .join(Site, Site.id == HygieneTest.site_id)
        .outerjoin(WashMachine, WashMachine.id == HygieneTest.machine_id)
        .outerjoin(WashBatch, WashBatch.id == HygieneTest.batch_id)
        .outerjoin(own, own.test_id == HygieneTest.id)
        .outerjoin(again, again.test_id == HygieneTest.corrects_id)
        .outerjoin(repeated, repeated.test_id == HygieneTest.retest_of_id)
    )  # fmt: skip
    return query
