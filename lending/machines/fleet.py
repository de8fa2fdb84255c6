"""The machines of a district or of a keeper as pages show them: each with its newest state."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.machines.rows import SETTING_COLUMNS, Rows, closing_days, join_settings, settings_of
from lending.machines.settings import KINDS, Settings
from lending.machines.tables import BottleDeposit, Event, MachineChange, MachineRefusal, Why
from lending.photos.keep import photos_about
from lending.places.sites import SiteView, view_site
from lending.places.tables import Site, SiteKind
from lending.requests.tables import Machine, MachineStatus

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class StatusView:
    """A machine at its last heartbeat; `settings_known`: it works by the newest settings."""

    heard_at: datetime
    fullness: int | None
    temperature: float | None
    software: str
    errors: tuple[str, ...]
    silent: bool
    full: bool
    hot: bool
    settings_known: bool


@dataclass(frozen=True, slots=True)
class MachineView:
    """One machine; `status` None: it was never heard of. `keeper`: a place, or the officers."""

    site: SiteView
    model: str
    keeper: SiteView | None
    takes_bottles: bool
    status: StatusView | None

    @property
    def needs_care(self) -> bool:
        """Whether somebody is to go there."""
        now = self.status
        return now is not None and (now.silent or now.full or now.hot or bool(now.errors))


@dataclass(frozen=True, slots=True)
class ChangeView:
    """That a machine changed; `detail`: the version or the errors."""

    at: datetime
    event: Event
    detail: str


@dataclass(frozen=True, slots=True)
class RefusalView:
    """A piece a machine did not take; `photo`: the id of its picture, while it is kept."""

    at: datetime
    code: str
    why: Why
    photo: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class BottleDayView:
    """Bottles of one day at one machine."""

    day: date
    deposits: int
    offered: int
    granted: int


def list_machines(
    session: Session,
    *,
    district_id: int,
    keeper_id: int | None = None,
    after: str | None = None,
    limit: int = 100,
    now: datetime,
) -> list[MachineView]:
    """At most `limit` machines by the code of their place, from the first after `after` on.

    A keeper gets its own; the district every place of the kind machine, and those boxes that were
    heard of or set up. One statement.
    """
    query = _machines(now).where(Site.district_id == district_id, Site.active)
    query = query.order_by(Site.code).limit(limit)
    if keeper_id is not None:
        query = query.where(Machine.keeper_id == keeper_id)
    else:
        known = Machine.site_id.is_not(None) | MachineStatus.site_id.is_not(None)
        query = query.where((Site.kind == SiteKind.MACHINE) | (Site.kind.in_(KINDS) & known))
    if after is not None:
        query = query.where(Site.code > after)
    return [_view(row) for row in session.execute(query)]


def find_machine(session: Session, *, site_id: int, now: datetime) -> MachineView | None:
    """The machine at this place, set up or not; None where none may stand."""
    query = _machines(now).where(Site.id == site_id, Site.kind.in_(KINDS))
    row = session.execute(query).first()
    return _view(row) if row else None


def list_changes(session: Session, *, site_id: int, limit: int = MOST_SHOWN) -> list[ChangeView]:
    """The newest changes of a machine."""
    query = (
        sa.select(MachineChange.at, MachineChange.event, MachineChange.detail)
        .where(MachineChange.site_id == site_id)
        .order_by(MachineChange.at.desc(), MachineChange.id.desc())
        .limit(limit)
    )
    return [ChangeView(*row) for row in session.execute(query)]


def list_refusals(
    session: Session, *, site: SiteView, now: datetime, limit: int = MOST_SHOWN
) -> list[RefusalView]:
    """The newest pieces a machine did not take, with their photos; two statements."""
    query = (
        sa.select(MachineRefusal.id, MachineRefusal.at, MachineRefusal.code, MachineRefusal.why)
        .where(MachineRefusal.site_id == site.id)
        .order_by(MachineRefusal.at.desc(), MachineRefusal.id)
        .limit(limit)
    )
    rows = session.execute(query).all()
    photos = photos_about(
        session, district_id=site.district_id, about=[row.id for row in rows], now=now
    )
    return [RefusalView(row.at, row.code, row.why, photos.get(row.id)) for row in rows]


def list_bottle_days(session: Session, *, site_id: int, since: date) -> list[BottleDayView]:
    """Bottles by day from `since` on, the newest first."""
    d = BottleDeposit
    query = (
        sa.select(d.day, sa.func.count(), sa.func.sum(d.offered), sa.func.sum(d.granted))
        .where(d.site_id == site_id, d.day >= since)
        .group_by(d.day)
        .order_by(d.day.desc())
    )
    return [BottleDayView(*row) for row in session.execute(query)]


def drop_old_changes(session: Session, *, before: datetime) -> int:
    """Deletes changes from before a moment; how many."""
    old = sa.delete(MachineChange).where(MachineChange.at < before)
    return len(session.execute(old.returning(MachineChange.id)).all())


Keeper = aliased(Site)


def _machines(now: datetime) -> Rows:
    query: Rows = (
        sa.select(Site, Keeper, MachineStatus, Machine.model, *SETTING_COLUMNS)
        .select_from(Site)
        .outerjoin(MachineStatus, MachineStatus.site_id == Site.id)
    )
    query = join_settings(query, now, *closing_days(now))
    return query.outerjoin(Keeper, Keeper.id == Machine.keeper_id)


def _view(row: Any) -> MachineView:
    site, keeper, status = row[:3]
    return MachineView(
        view_site(site),
        row.model or "",
        view_site(keeper) if keeper else None,
        bool(row.takes_bottles),
        _status(status, settings_of(row)) if status else None,
    )


def _status(status: MachineStatus, settings: Settings) -> StatusView:
    errors = tuple(status.errors.split("\n")) if status.errors else ()
    known = status.settings_seen == settings.version
    return StatusView(
        status.heard_at, status.fullness, status.temperature, status.software, errors,
        status.silent, status.full, status.hot, known,
    )  # fmt: skip
