"""Counted ware of a crate that goes out to an event, and comes back as it went."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.system import system_actor
from lending.people.actors import Actor, ActorKind
from lending.wares.accounts import ACCOUNT_COLUMNS
from lending.wares.balances import balances
from lending.wares.ledger import record_moves, require_all
from lending.wares.tables import CountedAccount, CountedMove
from lending.wares.values import MoveIn
from lending.wares.ways import Account, Condition, Outside, Why, beyond


def staff_of(actor: Actor) -> int | None:
    """Who was signed in, for moves that the system signs."""
    return actor.id if actor.kind is ActorKind.STAFF else None


def refuse_unclean(session: Session, *, crate_id: int, district_id: int) -> None:
    """NOT_CLEAN (crate) for a crate that holds counted ware which is not clean."""
    held = balances(session, district_id=district_id, crate_ids=[crate_id])
    if any(one.quantity > 0 and one.condition is not Condition.CLEAN for one in held):
        raise LendingError(Code.NOT_CLEAN, field="crate")


def hand_counted(
    session: Session,
    *,
    crate_id: int,
    hand_id: uuid.UUID,
    at: datetime,
    actor: Actor,
    now: datetime,
) -> dict[int, int]:
    """All counted ware in a crate goes out with it; pieces by kind id. The same hand-out again
    moves nothing more."""
    held = balances(session, district_id=actor.district_id, crate_ids=[crate_id])
    moves = [
        MoveIn(
            uuid.uuid5(hand_id, f"handed {one.kind_id} {one.condition}"), one.kind_id, one.quantity,
            one.account, beyond(Outside.LENT), Why.HANDED, at, ref=hand_id,
            staff_id=staff_of(actor),
        )
        for one in held
        if one.quantity > 0
    ]  # fmt: skip
    record_all(session, moves, district_id=actor.district_id, now=now)
    pieces: dict[int, int] = {}
    for move in moves:
        pieces[move.kind_id] = pieces.get(move.kind_id, 0) + move.quantity
    return pieces


def take_counted_back(
    session: Session, *, hand_id: uuid.UUID, district_id: int, at: datetime, now: datetime,
    staff_id: int | None = None,
) -> None:  # fmt: skip
    """What went out with a crate is in it again, as it was; once."""
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(CountedMove.id, CountedMove.kind_id, CountedMove.quantity, *ACCOUNT_COLUMNS)
        .join(CountedAccount, CountedAccount.id == CountedMove.from_id)
        .where(CountedMove.ref == hand_id, CountedMove.why == Why.HANDED)
    )
    moves = [
        MoveIn(
            uuid.uuid5(row[0], "unopened"), row[1], row[2], beyond(Outside.LENT), Account(*row[3:]),
            Why.UNOPENED, at, ref=hand_id, staff_id=staff_id,
        )
        for row in session.execute(query)
    ]  # fmt: skip
    record_all(session, moves, district_id=district_id, now=now)


def record_all(
    session: Session, moves: Sequence[MoveIn], *, district_id: int, now: datetime
) -> None:
    """Records these moves, or raises why one of them cannot be. The system signs them, for nobody
    else may say that ware left for an event or came back clean; `staff_id` names who did it."""
    if moves:
        require_all(record_moves(session, moves, actor=system_actor(district_id), now=now))
