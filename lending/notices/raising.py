"""Alerts that one package opens and closes by itself, brought up to what it finds now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.notices.tables import Alert, AlertOwner
from lending.people.upserts import insert_or


@dataclass(frozen=True, slots=True)
class Raised:
    """What is so now at a site: `count` of them; `up`: the officers see it as well."""

    count: int
    owner: AlertOwner
    up: bool = False


def raise_alerts(
    session: Session,
    *,
    district_id: int,
    prefix: str,
    found: Mapping[tuple[int, str], Raised],
    now: datetime,
) -> int:
    """Opens, changes and closes the district's alerts whose kind begins with `prefix`, so that they
    are what was found, by (site, kind); how many were opened or closed. Several workers are safe.
    """
    known = session.scalars(
        sa.select(Alert)
        .where(Alert.district_id == district_id, Alert.closed_at.is_(None))
        .where(Alert.kind.startswith(prefix, autoescape=True))
        .order_by(Alert.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    changed = 0
    for alert in known:
        one = found.get((alert.site_id, alert.kind))
        if one is None:
            alert.closed_at = now
            changed += 1
        else:
            if one.count > alert.count:  # one more than somebody has seen: unseen again
                alert.seen_at = alert.seen_by = None
            alert.count = one.count
            if one.up and alert.escalated_at is None:
                alert.escalated_at = now
    session.flush()
    there = {(alert.site_id, alert.kind) for alert in known}
    rows = [
        {
            "district_id": district_id, "site_id": site, "kind": kind, "owner": one.owner,
            "count": one.count, "opened_at": now, "escalated_at": now if one.up else None,
        }
        for (site, kind), one in sorted(found.items())
        if (site, kind) not in there
    ]  # fmt: skip
    if rows:
        insert = insert_or(session, Alert).on_conflict_do_nothing().returning(Alert.id)
        changed += len(session.execute(insert, rows).all())
    return changed
