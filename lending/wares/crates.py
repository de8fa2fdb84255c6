"""Counted ware in crates: packed and taken out by kind, and soiled when its crate comes back used."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.errors import Code, LendingError
from lending.loop.codes import read_code
from lending.loop.steps import State
from lending.loop.system import system_actor
from lending.loop.tables import Item, Label
from lending.people.actors import Actor
from lending.wares.accounts import ACCOUNT_COLUMNS, lock_accounts
from lending.wares.ledger import record_moves, require_all
from lending.wares.tables import CountedAccount, CountedMove
from lending.wares.values import MoveIn, MoveReceipt
from lending.wares.ways import Account, Condition, Why, at_place, in_crate


@dataclass(frozen=True, slots=True)
class CrateView:
    """A crate or bag: its item's id and label, where it stands (`to_site_id`: where it goes)."""

    id: int
    code: str
    state: State
    site_id: int
    to_site_id: int | None


@dataclass(frozen=True, slots=True)
class Packing:
    """Pieces of one kind in one condition that go into a crate or come out of it."""

    kind_id: int
    quantity: int
    condition: Condition = Condition.CLEAN


@dataclass(frozen=True, slots=True)
class CrateCall:
    """A tablet's word about one crate at one place. `id`: the request's, so that it counts once;
    `at`: when it was done; `ref`: the packing list or round."""

    id: uuid.UUID
    crate_id: int
    site_id: int
    at: datetime
    ref: uuid.UUID | None = None
    staff_id: int | None = None


def find_crate(session: Session, *, code: str, actor: Actor) -> CrateView:
    """The crate of the actor's district that a label, present or replaced, is on. `code`: whatever
    a reader sends. INVALID or BAD_CHECK_DIGIT, NOT_FOUND; INVALID (field crate) for a piece that
    carries nothing."""
    query = (
        sa.select(Item.id, Item.code, Item.state, Item.site_id, Item.to_site_id, Item.carrier)
        .join(Label, Label.item_id == Item.id)
        .where(Label.code == read_code(code), Item.district_id == actor.district_id)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="crate")
    if not row.carrier:
        raise LendingError(Code.INVALID, field="crate")
    return CrateView(row.id, row.code, row.state, row.site_id, row.to_site_id)


def pack_counted(
    session: Session, call: CrateCall, packings: Sequence[Packing], *, actor: Actor, now: datetime
) -> list[MoveReceipt]:
    """Puts counted ware of a place into a crate; one receipt for each line. Two lines of one kind
    and condition are INVALID (field kind): they would be one move. Refusals as `record_moves`."""
    return _move(session, call, packings, Why.PACKED, actor, now)


def unpack_counted(
    session: Session, call: CrateCall, packings: Sequence[Packing], *, actor: Actor, now: datetime
) -> list[MoveReceipt]:
    """Takes counted ware out of a crate at a place; as `pack_counted`."""
    return _move(session, call, packings, Why.UNPACKED, actor, now)


def soil_crates(
    session: Session, scans: Mapping[int, uuid.UUID], *, at: datetime, actor: Actor, now: datetime
) -> int:
    """What is washed or clean in these crates has been used: dirty from now on; how many pieces.

    For whoever receives crates back; `scans`: the crate's scan by the crate's id, so that a repeat
    changes nothing. As in the loop, where a collect and a receive soil what is in the crate.
    """
    used = (Condition.CLEAN, Condition.WASHED)
    query = sa.select(CountedAccount.id, CountedAccount.kind_id, *ACCOUNT_COLUMNS).where(
        CountedAccount.crate_id.in_(scans), CountedAccount.condition.in_(used)
    )
    accounts = {row[0]: (row[1], Account(*row[2:])) for row in session.execute(query)}
    held = lock_accounts(session, accounts)
    moves = []
    for id, quantity in held.items():
        kind, account = accounts[id]
        crate, scan = account.crate_id or 0, scans[account.crate_id or 0]
        move_id = uuid.uuid5(scan, f"used {kind} {account.condition}")
        to = in_crate(crate, Condition.DIRTY)
        if quantity > 0:
            moves.append(MoveIn(move_id, kind, quantity, account, to, Why.USED, at, ref=scan))
    fresh = _unknown(session, moves)
    if fresh:
        require_all(record_moves(session, fresh, actor=actor, now=now))
    return sum(move.quantity for move in fresh)


def unsoil_crates(
    session: Session, scans: Collection[uuid.UUID], *, district_id: int, now: datetime
) -> int:
    """Takes back what `soil_crates` did at these scans, which were a mistake: what is still dirty
    in the crate is as it was; how many pieces. Again it changes nothing."""
    source, target = aliased(CountedAccount), aliased(CountedAccount)
    query = (
        sa.select(CountedMove, source.condition, target.crate_id, target.balance)
        .join(source, source.id == CountedMove.from_id)
        .join(target, target.id == CountedMove.to_id)
        .where(CountedMove.ref.in_(scans), CountedMove.why == Why.USED)
        .where(CountedMove.district_id == district_id, target.crate_id.is_not(None))
        .order_by(CountedMove.id)
        .with_for_update(of=target)
    )
    left: dict[int, int] = {}
    moves = []
    for used, condition, crate, dirty in session.execute(query):
        quantity = min(used.quantity, left.get(used.to_id, dirty))
        if quantity > 0:
            left[used.to_id] = left.get(used.to_id, dirty) - quantity
            id = uuid.uuid5(used.id, "taken back")
            ends = Account(None, crate, Condition.DIRTY), Account(None, crate, condition)
            move = MoveIn(id, used.kind_id, quantity, *ends, Why.TAKEN_BACK, now, ref=used.ref)
            moves.append(move)
    fresh = _unknown(session, moves)
    if fresh:
        require_all(record_moves(session, fresh, actor=system_actor(district_id), now=now))
    return sum(move.quantity for move in fresh)


def _unknown(session: Session, moves: Sequence[MoveIn]) -> list[MoveIn]:
    """Those of the moves that are not recorded yet."""
    ids = [move.id for move in moves]
    known = set(session.scalars(sa.select(CountedMove.id).where(CountedMove.id.in_(ids))))
    return [move for move in moves if move.id not in known]


def _move(
    session: Session,
    call: CrateCall,
    packings: Sequence[Packing],
    why: Why,
    actor: Actor,
    now: datetime,
) -> list[MoveReceipt]:
    if len({(one.kind_id, one.condition) for one in packings}) != len(packings):
        raise LendingError(Code.INVALID, field="kind")
    moves = []
    for one in packings:
        place = at_place(call.site_id, one.condition)
        crate = in_crate(call.crate_id, one.condition)
        source, target = (place, crate) if why is Why.PACKED else (crate, place)
        id = uuid.uuid5(call.id, f"{why} {one.kind_id} {one.condition}")
        moves.append(
            MoveIn(
                id, one.kind_id, one.quantity, source, target, why, call.at, ref=call.ref,
                staff_id=call.staff_id,
            )
        )  # fmt: skip
    return record_moves(session, moves, actor=actor, now=now)
