"""The scan that hands a crate out, recorded and taken back."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.events.tables import Event, EventCrate
from lending.loop.record import record_scans
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action
from lending.loop.system import system_actor
from lending.loop.tables import Item
from lending.people.actors import Actor
from lending.people.keys import Keys
from lending.places.tables import Site


def record_one(session: Session, scan: ScanIn, actor: Actor, keys: Keys, now: datetime) -> None:
    """Records one scan, or raises why it is refused (field crate unless it names another)."""
    record_all_scans(session, [scan], actor, keys, now, field="crate")


def record_all_scans(
    session: Session,
    scans: Sequence[ScanIn],
    actor: Actor,
    keys: Keys,
    now: datetime,
    *,
    field: str = "codes",
) -> None:
    """Records these scans, or raises why the first of them is refused."""
    if not scans:
        return
    for receipt in record_scans(session, scans, actor=actor, keys=keys, now=now):
        if receipt.result is Result.REFUSED:
            raise LendingError(receipt.error or Code.INVALID, field=receipt.field or field)


def void_lend(
    session: Session, row: EventCrate, *, id: uuid.UUID, at: datetime, keys: Keys, now: datetime
) -> None:
    """Takes a crate's lend out of the story: what was in it is in it again, as it was."""
    place = (
        sa.select(Item.code, Site.code)
        .select_from(Item)
        .join(Event, Event.id == row.event_id)
        .join(Site, Site.id == Event.site_id)
        .where(Item.id == row.crate_id)
    )
    code, site = session.execute(place).one()
    scan = ScanIn(id, Action.VOID, code, at, site=site, of=row.id)
    record_one(session, scan, system_actor(row.district_id), keys, now)
