"""What a piece's wash batch forbids: a pass without a finished one, a shipment before its result."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from lending.bulk import one_of
from lending.db import fetch
from lending.errors import Code, LendingError
from lending.loop.steps import Action
from lending.loop.tables import Scan, WashBatch
from lending.loop.write.entry import Entry
from lending.loop.write.prepare import Prepared

if TYPE_CHECKING:
    from lending.loop.write.call import Call


@dataclass(frozen=True, slots=True)
class Span:
    """Where and when a finished batch ran."""

    site: int
    started_at: datetime
    ended_at: datetime


@dataclass(slots=True)
class CallBatches:
    """The batches a call is judged by; `unready` pieces were washed without a machine's batch on a
    day whose sample awaits its result."""

    ended: dict[uuid.UUID, Span] = field(default_factory=dict)
    awaiting: set[uuid.UUID] = field(default_factory=set)
    unready: set[int] = field(default_factory=set)


_OF_CALL = sa.select(
    WashBatch.id,
    WashBatch.site_id,
    WashBatch.started_at,
    WashBatch.ended_at,
    WashBatch.awaits_result,
).where(one_of(WashBatch.id, "ids"), WashBatch.district_id == sa.bindparam("district"))
_DAYS_AWAITING = sa.select(WashBatch.site_id, WashBatch.started_at, WashBatch.ended_at).where(
    WashBatch.district_id == sa.bindparam("district"),
    WashBatch.awaits_result,
    WashBatch.implicit,
)


def load_batches(call: "Call", fresh: Sequence[Prepared]) -> CallBatches:
    """What a call must know of batches: nothing, unless it names one or asks to ship."""
    found = CallBatches()
    named = {one.scan.batch for one in fresh if one.scan.batch is not None}
    ships = [one for one in fresh if one.scan.action is Action.SHIP and one.scan.ask]
    shipped = _shipped(call, ships)
    named |= {entry.before.batch for entry in shipped if entry.before.batch is not None}
    district = {"district": call.actor.district_id}
    if named:
        for row in fetch(call.session, _OF_CALL, {"ids": list(named)} | district):
            if row.ended_at is not None:
                found.ended[row.id] = Span(row.site_id, row.started_at, row.ended_at)
            if row.awaits_result:
                found.awaiting.add(row.id)
    if shipped and (days := fetch(call.session, _DAYS_AWAITING, district)):
        without = [entry.id for entry in shipped if entry.before.batch is None]
        found.unready = _washed_on(call, without, days)
    return found


def refuse_batch(call: "Call", one: Prepared) -> LendingError | None:
    """Why the batch that a scan names cannot have washed the piece, or None.

    The wash must lie in the batch's time: else a cup used since could be said to be washed by the
    batch of yesterday.
    """
    if one.scan.batch is None:
        return None
    span = call.batches.ended.get(one.scan.batch)
    fits = (
        span is not None
        and one.scan.action is Action.WASH
        and not one.scan.ask
        and one.site == span.site
        and span.started_at <= one.at <= span.ended_at
    )
    return None if fits else LendingError(Code.INVALID, field="batch")


def refuse_by_batch(call: "Call", one: Prepared, entry: Entry) -> Code | None:
    """Why a piece's batch, or its lack of one, forbids a question, or None."""
    piece = entry.now()
    if one.scan.action is Action.PASS:
        lacks = call.sites.requires_batch(one.site) and piece.washed and piece.batch is None
        return Code.NO_BATCH if lacks and not piece.carrier else None
    if one.scan.action is Action.SHIP:
        by_day = piece.batch is None and piece.washed and entry.id in call.batches.unready
        awaits = by_day or piece.batch in call.batches.awaiting
        return Code.AWAITING_RESULT if awaits else None
    return None


def _shipped(call: "Call", ships: Sequence[Prepared]) -> list[Entry]:
    entries = [call.entries[one.code] for one in ships if one.code in call.entries]
    return entries + [piece for entry in entries for piece in call.inside.get(entry.id, ())]


def _washed_on(
    call: "Call", items: Collection[int], days: Sequence[tuple[int, datetime, datetime]]
) -> set[int]:
    """Which of these pieces were last washed at such a site on such a day, without a batch."""
    newest = sa.func.row_number().over(
        partition_by=Scan.item_id, order_by=(Scan.occurred_at.desc(), Scan.id)
    )
    washes = (
        sa.select(Scan.item_id, Scan.site_id, Scan.occurred_at, newest.label("newest"))
        .where(one_of(Scan.item_id, "items"), Scan.action == Action.WASH)
        .subquery()
    )
    query = sa.select(washes.c.item_id, washes.c.site_id, washes.c.occurred_at)
    rows = fetch(call.session, query.where(washes.c.newest == 1), {"items": list(items)})
    return {
        row.item_id
        for row in rows
        for site, begins, ends in days
        if row.site_id == site and begins <= row.occurred_at < ends
    }
