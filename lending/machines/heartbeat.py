"""A heartbeat: one row written over, a change noted only when there is one, the settings answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import UtcDateTime, fetch, table_of
from lending.errors import ChangedMeanwhile, Code, LendingError
from lending.machines.beats import Beat, Before, Judged, Noted, judge_beat
from lending.machines.rows import SETTING_COLUMNS, closing_days, join_settings, settings_of
from lending.machines.settings import KINDS, Settings
from lending.machines.tables import MachineChange
from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.places.tables import District, Site
from lending.requests.tables import MachineStatus

STATUS = table_of(MachineStatus)

# Built once, as the statement that finds a token: ten thousand machines ask it every minute.
_LOOK = join_settings(
    sa.select(
        Site.kind, Site.active, Site.district_id, District.timezone, *SETTING_COLUMNS,
        MachineStatus.beats, MachineStatus.full, MachineStatus.hot, MachineStatus.silent,
        MachineStatus.noted_full, MachineStatus.noted_hot, MachineStatus.noted_fault,
        MachineStatus.noted_software, MachineStatus.changed_at,
    )
    .select_from(Site)
    .join(District, District.id == Site.district_id)
    .outerjoin(MachineStatus, MachineStatus.site_id == Site.id)
    .where(Site.id == sa.bindparam("site")),
    sa.bindparam("now", type_=UtcDateTime()),
    sa.bindparam("first", type_=sa.Date()),
    sa.bindparam("last", type_=sa.Date()),
)  # fmt: skip
_UPSERTS: dict[str, Any] = {}  # by dialect


@dataclass(frozen=True, slots=True)
class Answer:
    """The settings in force, whether the machine works by them already, and its district's zone."""

    settings: Settings
    known: bool
    timezone: str


def take_heartbeat(session: Session, beat: Beat, *, actor: Actor, now: datetime) -> Answer:
    """Writes down how the machine of this token is; two statements, three when something changed.

    NOT_ALLOWED_HERE for a token of a place that is no machine, or of one that takes no part any
    more. Raises ChangedMeanwhile when another heartbeat of the same machine came in between.
    """
    site, row = actor.site_id, None
    if site is not None:
        first, last = closing_days(now)
        given = {"site": site, "now": now, "first": first, "last": last}
        row = next(iter(fetch(session, _LOOK, given)), None)
    if row is None or row.kind not in KINDS or not row.active:
        raise LendingError(Code.NOT_ALLOWED_HERE, field="site")
    settings = settings_of(row)
    judged = judge_beat(beat, _before(row), settings, now=now)
    own = {"site_id": site, "district_id": row.district_id}
    values = own | _values(beat, judged, now) | {"beats": (row.beats or 0) + 1}
    values["changed_at"] = now if judged.changes or row.beats is None else row.changed_at
    if not fetch(session, _upsert(session), values):
        raise ChangedMeanwhile
    if judged.changes:
        rows = [own | {"at": now, "event": e, "detail": detail} for e, detail in judged.changes]
        session.connection().execute(sa.insert(MachineChange), rows)
    return Answer(settings, beat.settings == settings.version, row.timezone)


def _before(row: Any) -> Before | None:
    if row.beats is None:
        return None
    noted = Noted(row.noted_full, row.noted_hot, row.noted_fault, row.noted_software)
    return Before(row.full, row.hot, row.silent, noted, row.changed_at)


def _values(beat: Beat, judged: Judged, now: datetime) -> dict[str, Any]:
    return {
        "heard_at": now,
        "fullness": beat.fullness,
        "temperature": beat.temperature,
        "software": beat.software,
        "errors": "\n".join(beat.errors),
        "settings_seen": beat.settings,
        "silent": False,
        "full": judged.full,
        "hot": judged.hot,
        "noted_full": judged.noted.full,
        "noted_hot": judged.noted.hot,
        "noted_fault": judged.noted.fault,
        "noted_software": judged.noted.software,
    }


def _upsert(session: Session) -> Any:
    """Writes over the row that was read; returns nothing where another came in between."""
    dialect = session.get_bind().dialect.name
    if dialect not in _UPSERTS:
        insert = insert_or(session, MachineStatus)
        changed = {c.name: insert.excluded[c.name] for c in STATUS.columns if not c.primary_key}
        _UPSERTS[dialect] = insert.on_conflict_do_update(
            index_elements=["site_id"],
            set_=changed,
            where=STATUS.c.beats == insert.excluded.beats - 1,
        ).returning(STATUS.c.site_id)
    return _UPSERTS[dialect]
