"""Staff alerts of the washing centre: a recall open, a test due, a machine that holds too much."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.notices.tables import Alert, AlertOwner
from lending.people.upserts import insert_or
from lending.places.districts import load_district
from lending.places.tables import Site
from lending.washing.batches.tables import WashMachine
from lending.washing.batches.views import list_open_batches
from lending.washing.hygiene.sweep import list_due_tests
from lending.washing.hygiene.tables import Reach, Recall, RecallPiece

PREFIX = "wash_"  # the kinds that this sweep, and no other, opens and closes
RECALL = "wash_recall"
TEST_DUE = "wash_test_due"
MACHINE_FULL = "wash_machine_full"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is so now at a site: `count` pieces, tests or machines; `up`: it went one step up."""

    count: int
    owner: AlertOwner
    up: bool = False


def sweep_wash_alerts(session: Session, *, district_id: int, now: datetime) -> int:
    """Brings the centre's alerts up to what is found now; how many were opened or closed. Several
    workers at once are safe."""
    found = _find(session, district_id, now)
    known = session.scalars(
        sa.select(Alert)
        .where(Alert.district_id == district_id, Alert.closed_at.is_(None))
        .where(Alert.kind.startswith(PREFIX, autoescape=True))
        .order_by(Alert.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    closed = 0
    for alert in known:
        finding = found.get((alert.site_id, alert.kind))
        if finding is None:
            alert.closed_at = now
            closed += 1
            continue
        alert.count = finding.count
        if finding.up and alert.escalated_at is None:
            alert.escalated_at = now
    session.flush()
    return closed + _open(session, district_id, found, {(a.site_id, a.kind) for a in known}, now)


def _open(
    session: Session,
    district_id: int,
    found: Mapping[tuple[int, str], Finding],
    known: set[tuple[int, str]],
    now: datetime,
) -> int:
    rows = [
        {
            "district_id": district_id, "site_id": site, "kind": kind, "owner": one.owner,
            "count": one.count, "opened_at": now, "escalated_at": now if one.up else None,
        }
        for (site, kind), one in sorted(found.items())
        if (site, kind) not in known
    ]  # fmt: skip
    if not rows:
        return 0
    insert = insert_or(session, Alert).on_conflict_do_nothing().returning(Alert.id)
    return len(session.execute(insert, rows).all())


def _find(session: Session, district_id: int, now: datetime) -> dict[tuple[int, str], Finding]:
    found: dict[tuple[int, str], Finding] = {}
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
        found[site, RECALL] = Finding(count, AlertOwner.PLACE, up is not None)
    today = now.astimezone(load_district(session, district_id=district_id).zone).date()
    due = list_due_tests(session, district_id=district_id, today=today)
    sites = _sites(session, district_id)
    for one in due:
        before = found.get((sites[one.site], TEST_DUE))
        count = 1 + (before.count if before else 0)
        found[sites[one.site], TEST_DUE] = Finding(count, AlertOwner.OFFICER)
    for site in _with_machines(session, district_id):
        full = sum(one.over_capacity for one in list_open_batches(session, site_id=site))
        if full:
            found[site, MACHINE_FULL] = Finding(full, AlertOwner.PLACE)
    return found


def _sites(session: Session, district_id: int) -> dict[str, int]:
    query = sa.select(Site.code, Site.id).where(Site.district_id == district_id)
    return {row.code: row.id for row in session.execute(query)}


def _with_machines(session: Session, district_id: int) -> list[int]:
    query = sa.select(WashMachine.site_id).where(WashMachine.district_id == district_id).distinct()
    return list(session.scalars(query.order_by(WashMachine.site_id)))
