"""Counted ware of an event in the ledger: what came back, broke and is missing, by the latest word."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.events.crates.ledger import record_all
from lending.wares.tables import CountedMove
from lending.wares.values import MoveIn
from lending.wares.ways import Account, Condition, Outside, Why, at_place, beyond

_LOSSES = {Why.SHORT: 1, Why.TURNED_UP: -1}
_BREAKS = {Why.BROKEN: 1, Why.NOT_BROKEN: -1}


def book_back(
    session: Session,
    lines: Sequence[tuple[uuid.UUID, int, int]],
    *,
    centre_id: int,
    district_id: int,
    at: datetime,
    staff_id: int | None,
    now: datetime,
) -> None:
    """All that went out with these crates is back at the centre, used; what of it is missing or
    broken leaves from there. `lines`: (hand-out, kind id, pieces)."""
    moves = [
        MoveIn(
            uuid.uuid5(hand, f"came back {kind}"), kind, pieces, beyond(Outside.LENT),
            at_place(centre_id, Condition.DIRTY), Why.CAME_BACK, at, ref=hand, staff_id=staff_id,
        )
        for hand, kind, pieces in lines
    ]  # fmt: skip
    record_all(session, moves, district_id=district_id, now=now)


def book_outcome(
    session: Session,
    outcome: Mapping[int, tuple[int, int]],
    *,
    event_id: uuid.UUID,
    statement_id: uuid.UUID,
    centre_id: int,
    district_id: int,
    at: datetime,
    staff_id: int | None,
    now: datetime,
) -> None:
    """The event's missing and broken pieces become what the statement says, by moves of what it
    differs in. `outcome`: (missing, below zero where more came back than was sent; broken) by kind
    id."""
    short = booked(session, event_id=event_id, whys=_LOSSES)
    broken = booked(session, event_id=event_id, whys=_BREAKS)
    place = at_place(centre_id, Condition.DIRTY)
    moves: list[MoveIn] = []
    for kind, (missing, broke) in sorted(outcome.items()):
        steps: list[tuple[int, Outside, Why, Why]] = [
            (missing - short.get(kind, 0), Outside.SHORT, Why.SHORT, Why.TURNED_UP),
            (broke - broken.get(kind, 0), Outside.BROKEN, Why.BROKEN, Why.NOT_BROKEN),
        ]
        for more, outside, out, back in steps:
            if more:
                why = out if more > 0 else back
                ends: tuple[Account, Account] = (place, beyond(outside))
                source, target = ends if more > 0 else (ends[1], ends[0])
                id = uuid.uuid5(statement_id, f"{why} {kind}")
                moves.append(
                    MoveIn(
                        id, kind, abs(more), source, target, why, at, ref=event_id,
                        staff_id=staff_id,
                    )
                )  # fmt: skip
    record_all(session, moves, district_id=district_id, now=now)


def booked(
    session: Session, *, event_id: uuid.UUID, whys: Mapping[Why, int] = _LOSSES
) -> dict[int, int]:
    """Pieces by kind id that the ledger has for an event under these words, each with its sign."""
    query = (
        sa.select(CountedMove.kind_id, CountedMove.why, sa.func.sum(CountedMove.quantity))
        .where(CountedMove.ref == event_id, CountedMove.why.in_(whys))
        .group_by(CountedMove.kind_id, CountedMove.why)
    )
    found: dict[int, int] = {}
    for kind, why, pieces in session.execute(query):
        found[kind] = found.get(kind, 0) + whys[why] * int(pieces)
    return found
