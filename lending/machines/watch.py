"""Machines that say nothing or are full: noted, and their keepers told, by the worker."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import InstrumentedAttribute, Session

from lending.machines.bottle_people import drop_old_people
from lending.machines.bottles import drop_old_days
from lending.machines.fleet import drop_old_changes
from lending.machines.refusals import drop_old_refusals
from lending.machines.rules import load_rules
from lending.machines.tables import Event, MachineChange
from lending.notices.raising import Raised, raise_alerts
from lending.notices.tables import AlertOwner
from lending.places.rounds import Clock, Stop, never, sweep_districts
from lending.places.tables import Site
from lending.requests.tables import Machine, MachineStatus

PREFIX = "machine_"  # the kinds that this sweep, and no other, opens and closes
SILENT = "machine_silent"
FULL = "machine_full"
CHANGES_KEPT = timedelta(days=400)


def sweep_machines(engine: Engine, *, clock: Clock, stop: Stop = never) -> Counter[str]:
    """One round over every district; several workers at once are safe."""
    return +Counter(alerts=sum(sweep_districts(engine, watch_machines, clock=clock, stop=stop)))


def watch_machines(session: Session, *, district_id: int, now: datetime) -> int:
    """Notes who has fallen silent and brings the alerts up to date, for each keeper one of a kind;
    how many alerts were opened or closed. Four statements beside those that change something."""
    silence = load_rules(session, district_id=district_id).silence
    _note_silent(session, district_id, now - silence, now)
    found: dict[tuple[int, str], Raised] = {}
    for kind, so in ((SILENT, MachineStatus.silent), (FULL, MachineStatus.full)):
        for site, kept, count in session.execute(_by_keeper(district_id, so)):
            # Nobody works at a machine: without a keeper the officers are told, at its own place.
            found[site, kind] = Raised(count, AlertOwner.PLACE if kept else AlertOwner.OFFICER)
    return raise_alerts(session, district_id=district_id, prefix=PREFIX, found=found, now=now)


def drop_old_machine_rows(session: Session, *, now: datetime) -> int:
    """Changes and refusals of more than 400 days ago, counters of past days, people who came no more."""
    return (
        drop_old_changes(session, before=now - CHANGES_KEPT)
        + drop_old_refusals(session, before=now - CHANGES_KEPT)
        + drop_old_days(session, now=now)
        + drop_old_people(session, now=now)
    )


def _note_silent(session: Session, district_id: int, before: datetime, now: datetime) -> None:
    """Counted as a heartbeat, so that one that comes at the same moment looks again."""
    silent = session.execute(
        sa.update(MachineStatus)
        .where(
            MachineStatus.district_id == district_id,
            ~MachineStatus.silent,
            MachineStatus.heard_at <= before,
        )
        .values(silent=True, beats=MachineStatus.beats + 1, changed_at=now)
        .returning(MachineStatus.site_id)
        .execution_options(synchronize_session=False)
    )
    rows = [
        {"district_id": district_id, "site_id": site, "at": now, "event": Event.SILENT}
        for site in sorted(silent.scalars())
    ]
    if rows:
        session.execute(sa.insert(MachineChange), rows)


def _by_keeper(district_id: int, so: InstrumentedAttribute[bool]) -> sa.Select[*tuple[Any, ...]]:
    """(place, whether it is a keeper, machines) of the machines in force of which this is so."""
    place = sa.func.coalesce(Machine.keeper_id, Site.id)
    kept = Machine.keeper_id.is_not(None)
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(place, kept, sa.func.count())
        .select_from(MachineStatus)
        .join(Site, Site.id == MachineStatus.site_id)
        .outerjoin(Machine, Machine.site_id == Site.id)
        .where(MachineStatus.district_id == district_id, so, Site.active)
        .group_by(place, kept)
    )
    return query
