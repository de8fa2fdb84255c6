"""Staff alerts as pages show them: open ones for a place or for officers, and "seen"."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.notices.tables import Alert, AlertOwner
from lending.people.actors import Actor
from lending.people.tables import Role
from lending.places.tables import Site

MOST_SHOWN = 100
_OFFICERS = sa.or_(Alert.owner == AlertOwner.OFFICER, Alert.escalated_at.is_not(None))


@dataclass(frozen=True, slots=True)
class AlertView:
    """One open alert; `kind` as in notices.tables.Alert, `count` pieces (or entries) concerned."""

    id: int
    site: str  # code
    site_name: str
    site_name_en: str
    kind: str
    count: int
    opened_at: datetime
    seen_at: datetime | None
    escalated_at: datetime | None
    officers: bool  # the officers are to see to it, by its kind or because it came one step up


def open_alerts(
    session: Session, *, actor: Actor, site_id: int | None = None, unseen: bool = False
) -> list[AlertView]:
    """What the actor is to look at, the oldest first, at most 100.

    A place's staff and devices get their own site's; an officer gets what is an officer's or came
    one step up, or with `site_id` everything of that site. `unseen`: without those seen already.
    """
    query = (
        sa.select(
            Alert.id, Site.code, Site.name, Site.name_en, Alert.kind, Alert.count,
            Alert.opened_at, Alert.seen_at, Alert.escalated_at,
        )
        .add_columns(_OFFICERS)
        .join(Site, Site.id == Alert.site_id)
        .where(Alert.district_id == actor.district_id, Alert.closed_at.is_(None))
        .order_by(Alert.opened_at, Alert.id)
        .limit(MOST_SHOWN)
    )  # fmt: skip
    query = query.where(_mine(actor, site_id))
    if unseen:
        query = query.where(Alert.seen_at.is_(None))
    return [AlertView(*row) for row in session.execute(query)]


def mark_seen(session: Session, *, alert_id: int, actor: Actor, now: datetime) -> None:
    """Somebody has seen the alert: it goes no step further up. The first time counts.

    NOT_FOUND for an alert that is not the actor's or is closed.
    """
    seen = session.execute(
        sa.update(Alert)
        .where(
            Alert.id == alert_id,
            Alert.district_id == actor.district_id,
            Alert.closed_at.is_(None),
            sa.true() if actor.role is Role.OFFICER else Alert.site_id == actor.site_id,
        )
        .values(
            seen_by=sa.func.coalesce(Alert.seen_by, f"{actor.kind}:{actor.id or 0}"),
            seen_at=sa.case((Alert.seen_at.is_(None), now), else_=Alert.seen_at),
        )
        .returning(Alert.id)
        .execution_options(synchronize_session=False)
    )
    if seen.first() is None:
        raise LendingError(Code.NOT_FOUND, field="alert")


def _mine(actor: Actor, site_id: int | None) -> sa.ColumnElement[bool]:
    if actor.role is Role.OFFICER:
        if site_id is not None:
            return Alert.site_id == site_id
        return _OFFICERS
    return sa.and_(Alert.site_id == actor.site_id, Alert.owner == AlertOwner.PLACE)
