"""Who may act on a batch, and the checks of what is typed about one."""

import math
import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.tables import WashBatch
from lending.people import rights
from lending.people.actors import Actor
from lending.people.tables import Role
from lending.places.texts import Problem
from lending.washing.batches.tables import WashMachine

WASHERS = (Role.WASH, Role.OFFICER)
AHEAD = timedelta(seconds=30)  # a tablet's clock may be this much ahead
LONGEST_AGO = timedelta(days=400)


def signed(actor: Actor) -> str:
    """Who did something, as it is written beside it: "staff:12" or "device:3"."""
    return f"{actor.kind}:{actor.id or 0}"


def check_washer(actor: Actor, site_id: int) -> None:
    """NOT_ALLOWED_HERE (field site) for who does not wash at this site."""
    here = rights.may_act_at(actor.role, own_site_id=actor.site_id, site_id=site_id)
    if actor.role not in WASHERS or not here:
        raise LendingError(Code.NOT_ALLOWED_HERE, field="site")


def lock_batch(session: Session, batch_id: uuid.UUID, *, actor: Actor) -> WashBatch:
    """The batch and its machine locked, as they stand now; NOT_FOUND (field batch) or
    NOT_ALLOWED_HERE. The order is always batch, machine, items."""
    query = sa.select(WashBatch).where(
        WashBatch.id == batch_id, WashBatch.district_id == actor.district_id
    )
    fresh = query.with_for_update().execution_options(populate_existing=True)
    batch = session.scalars(fresh).one_or_none()
    if batch is None:
        raise LendingError(Code.NOT_FOUND, field="batch")
    check_washer(actor, batch.site_id)
    lock_machine(session, batch.machine_id)
    return batch


def require_room(batch: WashBatch, at: datetime) -> None:
    """CONFLICT (field batch) where nothing can have been put in at that moment: the batch was
    aborted or over by then, or it is no machine's but the name of a day."""
    over = batch.ended_at is not None and at > batch.ended_at
    if batch.implicit or batch.aborted_at is not None or over:
        raise LendingError(Code.CONFLICT, field="batch")


def lock_machine(session: Session, machine_id: int | None) -> None:
    """What a machine washes and a recall of what it washed come in turn."""
    if machine_id is not None:
        query = sa.select(WashMachine.id).where(WashMachine.id == machine_id)
        session.execute(query.with_for_update()).all()


def read_number(given: str | float, field: str, *, least: float = 0.0, most: float = 1e7) -> float:
    """A number typed or sent without its unit; INVALID for anything else, `detail` says why."""
    try:
        value = float(given.strip()) if isinstance(given, str) else float(given)
    except ValueError:
        raise LendingError(Code.INVALID, field=field, detail=Problem.NUMBER_ONLY) from None
    if isinstance(given, bool) or not math.isfinite(value) or "_" in str(given):
        raise LendingError(Code.INVALID, field=field, detail=Problem.NUMBER_ONLY)
    if not least <= value <= most:
        raise LendingError(Code.INVALID, field=field, detail=Problem.OUT_OF_RANGE)
    return value


def read_moment(at: datetime, field: str, *, now: datetime) -> datetime:
    """A moment that has come: a clock's few seconds ahead become now; INVALID beyond them, and for
    more than 400 days ago."""
    if at > now + AHEAD:
        raise LendingError(Code.INVALID, field=field, detail=Problem.IN_THE_FUTURE)
    if at < now - LONGEST_AGO:
        raise LendingError(Code.INVALID, field=field, detail=Problem.OUT_OF_RANGE)
    return min(at, now)
