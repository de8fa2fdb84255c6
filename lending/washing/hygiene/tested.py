"""A test of hygiene as it is shown."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.washing.hygiene.tables import HygieneTest, Recall, TestKind


@dataclass(frozen=True, slots=True)
class TestView:
    """A test; `passed` None: its result is awaited. `recall_id`: what it set going."""

    __test__ = False  # no test case of pytest's

    id: uuid.UUID
    kind: str
    batch_id: uuid.UUID | None
    machine_id: int | None
    sampled_at: datetime
    value: float | None
    limit: float
    passed: bool | None
    result_at: datetime | None
    next_due: date | None
    recall_id: uuid.UUID | None


def view_test(session: Session, test_id: uuid.UUID) -> TestView:
    """One test as it stands; what its recall is called."""
    query = (
        sa.select(HygieneTest, TestKind.code, Recall.id)
        .join(TestKind, TestKind.id == HygieneTest.kind_id)
        .outerjoin(
            Recall,
            sa.or_(Recall.test_id == HygieneTest.id, Recall.test_id == HygieneTest.corrects_id),
        )
        .where(HygieneTest.id == test_id)
    )
    test, kind, recall = session.execute(query).one()
    return TestView(
        test.id, kind, test.batch_id, test.machine_id, test.sampled_at, test.value, test.limit,
        test.passed, test.result_at, test.next_due, recall,
    )  # fmt: skip
