"""A recall as its page shows it: where everything is, what was measured, and the next step."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.steps import State
from lending.loop.tables import Item
from lending.washing.hygiene.checks import failed_again, good_at_last
from lending.washing.hygiene.listing import TestRow, list_tests_of
from lending.washing.hygiene.plan import load_plan
from lending.washing.hygiene.recall_views import NOT_THERE, RecallView, view_recall
from lending.washing.hygiene.tables import Reach, Recall, RecallPiece
from lending.washing.hygiene.tell import count_to_tell


class Step(StrEnum):
    """What is to be done next."""

    CHECK = "check"  # enter the value again, or test again
    CONFIRM = "confirm"  # it failed twice: people are to be told
    RETEST = "retest"  # people were told: test again, wash again, or retire
    RELEASE = "release"  # the retest was good
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class RecallDesk:
    """`tests`: the one that failed, what was entered for it again, its retests, in order. `to_tell`:
    how many people a confirmation would tell now. `here`: held pieces that lie at the centre.
    `is_overdue`: not confirmed within the district's time."""

    view: RecallView
    tests: list[TestRow]
    step: Step
    to_tell: int
    set_aside: int
    here: int
    is_overdue: bool

    @property
    def test(self) -> TestRow:
        """The test that set it going."""
        return self.tests[0]


def load_recall_desk(
    session: Session, *, recall_id: uuid.UUID, district_id: int, now: datetime
) -> RecallDesk:
    """All that the page of a recall shows, and never a person; NOT_FOUND (field recall)."""
    view = view_recall(session, recall_id=recall_id, district_id=district_id)
    recall = session.get_one(Recall, recall_id)
    minutes = load_plan(session, district_id=district_id).escalate_minutes
    waits = recall.confirmed_at is None and recall.closed_at is None
    late = recall.escalated_at is not None or recall.opened_at + timedelta(minutes=minutes) <= now
    return RecallDesk(
        view,
        list_tests_of(session, test_id=recall.test_id),
        _step(session, recall),
        count_to_tell(session, recall) if recall.closed_at is None else 0,
        set_aside=sum(line.set_aside for line in view.places),
        here=session.scalar(_here(recall_id, sa.func.count())) or 0,
        is_overdue=waits and late,
    )


def codes_here(session: Session, *, recall_id: uuid.UUID, district_id: int) -> list[str]:
    """The codes of the held pieces that lie at the recall's centre; NOT_FOUND (field recall)."""
    recall = session.get(Recall, recall_id)
    if recall is None or recall.district_id != district_id:
        raise LendingError(Code.NOT_FOUND, field="recall")
    return list(session.scalars(_here(recall_id, Item.code).order_by(Item.code)))


def _step(session: Session, recall: Recall) -> Step:
    if recall.closed_at is not None:
        return Step.CLOSED
    if good_at_last(session, recall):
        return Step.RELEASE
    if recall.confirmed_at is not None:
        return Step.RETEST
    return Step.CONFIRM if failed_again(session, recall) else Step.CHECK


def _here(recall_id: uuid.UUID, column: Any) -> sa.Select[Any]:
    return (
        sa.select(column)
        .select_from(RecallPiece)
        .join(Recall, Recall.id == RecallPiece.recall_id)
        .join(Item, Item.id == RecallPiece.item_id)
        .where(RecallPiece.recall_id == recall_id, RecallPiece.reach == Reach.HELD)
        .where(RecallPiece.ended_how.is_(None), Item.site_id == Recall.site_id)
        .where(Item.state.not_in([*NOT_THERE, State.RETIRED]))
    )
