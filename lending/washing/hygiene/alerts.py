"""Staff alerts about hygiene: a recall open, its ware out for occasions, a test due, a full machine."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.notices.raising import Raised, raise_alerts
from lending.notices.tables import AlertOwner
from lending.places.districts import load_district
from lending.places.tables import Site
from lending.washing.batches.tables import WashMachine
from lending.washing.batches.views import list_open_batches
from lending.washing.hygiene.out import count_out
from lending.washing.hygiene.sweep import list_due_tests
from lending.washing.hygiene.tables import Reach, Recall, RecallPiece

PREFIX = "wash_"  # the kinds that this sweep, and no other, opens and closes
RECALL = "wash_recall"
RECALL_OUT = "wash_recall_out"  # where it was lent from: pieces out for orders, bookings, events
TEST_DUE = "wash_test_due"
MACHINE_FULL = "wash_machine_full"


def sweep_wash_alerts(session: Session, *, district_id: int, now: datetime) -> int:
    """Brings the centre's alerts up to what is found now; how many were opened or closed. Several
    workers at once are safe."""
    found = _find(session, district_id, now)
    return raise_alerts(session, district_id=district_id, prefix=PREFIX, found=found, now=now)


def _find(session: Session, district_id: int, now: datetime) -> dict[tuple[int, str], Raised]:
    found: dict[tuple[int, str], Raised] = {}
    pieces = sa.func.count(RecallPiece.item_id)
    recalls = (
        sa.select(Recall.site_id, pieces, sa.func.max(Recall.escalated_at))
        .outerjoin(
            RecallPiece,
            (RecallPiece.recall_id == Recall.id)
            & (RecallPiece.reach == Reach.HELD)
            & RecallPiece.ended_how.is_(None),
        )
        .where(Recall.district_id == district_id, Recall.closed_at.is_(None))
        .group_by(Recall.site_id)
    )
    for site, count, up in session.execute(recalls):
        found[site, RECALL] = Raised(count, AlertOwner.PLACE, up is not None)
    for site, out in count_out(session, district_id=district_id).items():
        found[site, RECALL_OUT] = Raised(out, AlertOwner.PLACE)
    today = now.astimezone(load_district(session, district_id=district_id).zone).date()
    due = list_due_tests(session, district_id=district_id, today=today)
    sites = _sites(session, district_id)
    for one in due:
        before = found.get((sites[one.site], TEST_DUE))
        count = 1 + (before.count if before else 0)
        found[sites[one.site], TEST_DUE] = Raised(count, AlertOwner.OFFICER)
    for site in _with_machines(session, district_id):
        full = sum(one.over_capacity for one in list_open_batches(session, site_id=site))
        if full:
            found[site, MACHINE_FULL] = Raised(full, AlertOwner.PLACE)
    return found


def _sites(session: Session, district_id: int) -> dict[str, int]:
    query = sa.select(Site.code, Site.id).where(Site.district_id == district_id)
    return {row.code: row.id for row in session.execute(query)}


def _with_machines(session: Session, district_id: int) -> list[int]:
    query = sa.select(WashMachine.site_id).where(WashMachine.district_id == district_id).distinct()
    return list(session.scalars(query.order_by(WashMachine.site_id)))
