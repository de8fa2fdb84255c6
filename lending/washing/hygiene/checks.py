"""What a recall's next step hangs on: whether its value was confirmed, whether a retest was good."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.washing.hygiene.tables import HygieneTest, Recall


def failed_again(session: Session, recall: Recall) -> bool:
    """Whether the value was entered again over the limit, or a retest failed: so it may be
    confirmed."""
    again = sa.or_(
        HygieneTest.corrects_id == recall.test_id, HygieneTest.retest_of_id == recall.test_id
    )
    failed = sa.exists().where(again, HygieneTest.passed.is_(False), ~HygieneTest.superseded)
    return bool(session.scalar(sa.select(failed)))


def good_at_last(session: Session, recall: Recall) -> bool:
    """Whether the last retest with a result was good: so it may be released."""
    latest = (
        sa.select(HygieneTest.passed)
        .where(HygieneTest.retest_of_id == recall.test_id, ~HygieneTest.superseded)
        .where(HygieneTest.passed.is_not(None))
        .order_by(HygieneTest.sampled_at.desc(), HygieneTest.recorded_at.desc())
        .limit(1)
    )
    return bool(session.scalar(latest))
