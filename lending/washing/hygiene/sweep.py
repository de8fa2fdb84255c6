"""What happens by itself: late facts held, further borrowers told, unconfirmed recalls passed up."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.system import system_actor
from lending.people.sealing import Keys
from lending.places.tables import Site
from lending.washing.hygiene.counted import hold_counted
from lending.washing.hygiene.holds import hold_reach
from lending.washing.hygiene.plan import load_plan
from lending.washing.hygiene.recalls import lock_recall
from lending.washing.hygiene.tables import HygieneTest, Recall, TestKind
from lending.washing.hygiene.tell import tell_borrowers


@dataclass(frozen=True, slots=True)
class Swept:
    """What one look at a district's open recalls did."""

    held: int
    told: int
    escalated: int


@dataclass(frozen=True, slots=True)
class DueTest:
    """A test that is due at a site by `due`; `late` when that day has passed."""

    site: str
    kind: str
    name: str
    name_en: str
    due: date
    late: bool


def sweep_recalls(session: Session, *, district_id: int, keys: Keys, now: datetime) -> Swept:
    """Holds what has come into the reach of an open recall, tells who borrowed since, and passes up
    what nobody confirmed in time. The same again changes nothing; several workers are safe."""
    system = system_actor(district_id)
    late = now - timedelta(minutes=load_plan(session, district_id=district_id).escalate_minutes)
    query = sa.select(Recall.id).where(
        Recall.district_id == district_id, Recall.closed_at.is_(None)
    )
    held = told = escalated = 0
    for recall_id in session.scalars(query.order_by(Recall.id)).all():
        recall = lock_recall(session, recall_id, actor=system)
        if recall.closed_at is not None:
            continue
        held += hold_reach(session, recall, actor=system, keys=keys, now=now).held
        hold_counted(session, recall, actor=system, now=now)
        if recall.confirmed_at is not None:
            told += tell_borrowers(session, recall, now=now)
        elif recall.escalated_at is None and recall.opened_at <= late:
            recall.escalated_at = now
            escalated += 1
            session.flush()
    return Swept(held, told, escalated)


def list_due_tests(
    session: Session, *, district_id: int, today: date, ahead: int = 14
) -> list[DueTest]:
    """The tests due within `ahead` days or late, by day: of each site and kind the last good one
    says when the next is due. What was never tested has no day yet."""
    newest = sa.func.max(HygieneTest.next_due)
    query = (
        sa.select(Site.code, TestKind.code, TestKind.name, TestKind.name_en, newest)
        .join(Site, Site.id == HygieneTest.site_id)
        .join(TestKind, TestKind.id == HygieneTest.kind_id)
        .where(HygieneTest.district_id == district_id, TestKind.active, TestKind.months > 0)
        .where(HygieneTest.passed.is_(True), ~HygieneTest.superseded)
        .group_by(Site.code, TestKind.code, TestKind.name, TestKind.name_en)
        .having(newest <= today + timedelta(days=ahead))
        .order_by(newest, Site.code, TestKind.code)
    )
    return [
        DueTest(site, kind, name, name_en, due, late=due < today)
        for site, kind, name, name_en, due in session.execute(query)
        if due is not None
    ]
