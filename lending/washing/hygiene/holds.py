"""Holds what a recall reaches, at once and again as late facts add to it; takes holds back."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows, one_of
from lending.db import fetch, table_of
from lending.errors import Code, LendingError
from lending.loop.record import record_scans
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action
from lending.loop.system import system_actor
from lending.loop.tables import Item, WashBatch
from lending.loop.washed.recalled import recall_reason
from lending.people.actors import Actor, ActorKind
from lending.people.sealing import Keys
from lending.places.tables import Site
from lending.washing.hygiene.reach import Reached, find_reach, open_recalls_of
from lending.washing.hygiene.tables import Ending, Reach, Recall, RecallPiece

AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Held:
    """What one look at a recall's reach did: pieces held by it, and all that it reaches."""

    held: int
    reached: int


def hold_reach(
    session: Session, recall: Recall, *, actor: Actor, keys: Keys, now: datetime
) -> Held:
    """Holds every piece in reach that the recall does not hold yet, and lists the others.

    The same again changes nothing. Whoever holds the recall's batch or machine locked sees all that
    it washed.
    """
    reached = find_reach(session, recall)
    known = _known(session, recall.id)
    fresh = [one for one in reached if one.item_id not in known]
    again = [
        one
        for one in reached
        if one.reach is Reach.HELD and one.item_id in known and _is_back(one, known[one.item_id])
    ]
    to_hold = [one for one in fresh if one.reach is Reach.HELD] + again
    scans = [
        ScanIn(
            _hold_id(recall.id, one),
            Action.HOLD,
            one.code,
            now,
            reason=recall_reason(recall.id),
        )
        for one in to_hold
    ]
    record_all(session, recall, scans, actor=actor, keys=keys, now=now)
    insert_rows(session, table_of(RecallPiece), [_row(recall, one) for one in fresh])
    if again:
        session.execute(
            sa.update(RecallPiece),
            [
                {
                    "recall_id": recall.id, "item_id": one.item_id, "reach": Reach.HELD,
                    "hold_id": _hold_id(recall.id, one), "wash_id": one.wash_id,
                    "set_aside_at": None, "set_aside_by": None,
                    "ended_how": None, "ended_at": None, "ended_by": None,
                }
                for one in again
            ],
        )  # fmt: skip
    return Held(len(to_hold), len(reached))


def hold_what_follows(
    session: Session, batch: WashBatch, *, actor: Actor, keys: Keys, now: datetime
) -> None:
    """Holds what a batch washed just now where an open recall reaches it: its machine's, or its own
    where pieces are added late."""
    for recall in open_recalls_of(session, batch):
        hold_reach(session, recall, actor=actor, keys=keys, now=now)


def take_holds_back(
    session: Session, recall: Recall, *, how: Ending, actor: Actor, keys: Keys, now: datetime
) -> int:
    """Takes back every hold of a recall that still stands; how many.

    Each by a void, so that what was clean is clean again where it stands: a release would soil it
    and call it here. Signed as the system's with who did it, for an officer's void has no time limit.
    """
    query = (
        sa.select(RecallPiece.item_id, RecallPiece.hold_id, Item.code)
        .join(Item, Item.id == RecallPiece.item_id)
        .where(RecallPiece.recall_id == recall.id, RecallPiece.reach == Reach.HELD)
        .where(RecallPiece.ended_how.is_(None))
        .order_by(RecallPiece.item_id)
    )
    rows = session.execute(query).all()
    scans = [
        ScanIn(
            uuid.uuid5(recall.id, f"void {row.hold_id}"), Action.VOID, row.code, now, of=row.hold_id,
            reason=recall_reason(recall.id), staff_id=actor.id if actor.kind is ActorKind.STAFF else None,
        )
        for row in rows
    ]  # fmt: skip
    system = system_actor(recall.district_id)
    record_all(session, recall, scans, actor=system, keys=keys, now=now)
    end_pieces(session, recall, [row.item_id for row in rows], how=how, actor=actor, now=now)
    return len(rows)


def end_pieces(
    session: Session,
    recall: Recall,
    items: Collection[int],
    *,
    how: Ending,
    actor: Actor,
    now: datetime,
) -> None:
    """Notes how the recall ended for these pieces."""
    statement = (
        sa.update(RecallPiece)
        .where(RecallPiece.recall_id == recall.id, one_of(RecallPiece.item_id, "items"))
        .values(ended_how=how, ended_at=now, ended_by=f"{actor.kind}:{actor.id or 0}")
    )
    session.connection().execute(statement, {"items": list(items)})


def record_all(
    session: Session,
    recall: Recall,
    scans: Sequence[ScanIn],
    *,
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> None:
    """Records scans at the recall's centre; none of them can be refused but for want of a right."""
    site = session.scalars(sa.select(Site.code).where(Site.id == recall.site_id)).one()
    for part in _parts([_at(scan, site) for scan in scans]):
        for receipt in record_scans(session, part, actor=actor, keys=keys, now=now):
            if receipt.result is Result.REFUSED:
                raise LendingError(receipt.error or Code.INVALID, field=receipt.field)


def _hold_id(recall_id: uuid.UUID, one: Reached) -> uuid.UUID:
    """The id of the scan by which a recall holds a piece after this wash."""
    return uuid.uuid5(recall_id, f"hold {one.item_id} {one.wash_id}")


def _is_back(one: Reached, known: Any) -> bool:
    """Whether what the recall held no more is in its reach again: its later wash or its retiring
    was taken back, or it was sent to be washed again and a batch of this very recall washed it."""
    if known.reach is not Reach.HELD:
        return True
    return known.ended_how is not None and bool(known.wash_id != one.wash_id)


def _at(scan: ScanIn, site: str) -> ScanIn:
    return replace(scan, site=site)


def _parts(scans: Sequence[ScanIn]) -> Iterator[Sequence[ScanIn]]:
    for start in range(0, len(scans), AT_ONCE):
        yield scans[start : start + AT_ONCE]


def _known(session: Session, recall_id: uuid.UUID) -> dict[int, Any]:
    query = sa.select(
        RecallPiece.item_id, RecallPiece.reach, RecallPiece.wash_id, RecallPiece.ended_how
    )
    rows = fetch(session, query.where(RecallPiece.recall_id == recall_id))
    return {row.item_id: row for row in rows}


def _row(recall: Recall, one: Reached) -> dict[str, Any]:
    held = one.reach is Reach.HELD
    return {
        "recall_id": recall.id,
        "item_id": one.item_id,
        "wash_id": one.wash_id,
        "washed_at": one.washed_at,
        "reach": one.reach,
        "hold_id": _hold_id(recall.id, one) if held else None,
    }
