"""The ledger over time: a place's balance from one moment to another, its moves one by one."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.loop.read.paging import DEFAULT_LIMIT, Key, KeyPart, Page, beyond, cut, read_key
from lending.loop.tables import ItemKind
from lending.people.actors import ActorKind
from lending.people.tables import Role
from lending.wares.tables import CountedAccount, CountedMove
from lending.wares.ways import Account, Outside, Why

Source, Target = aliased(CountedAccount), aliased(CountedAccount)


@dataclass(frozen=True, slots=True)
class PlaceBalance:
    """A place's loose ware of a kind over a time: opening + came − went − written_off + difference
    = closing. Crates come in when they are unpacked; `written_off`: broken and retired;
    `difference`: what counting found (or missed: below zero)."""

    kind: str
    kind_id: int
    opening: int
    came: int
    went: int
    written_off: int
    difference: int
    closing: int


@dataclass(frozen=True, slots=True)
class MoveView:
    """A move as it is shown; `sender_*` and `staff_id`: who recorded it."""

    id: uuid.UUID
    kind: str
    quantity: int
    source: Account
    target: Account
    why: Why
    at: datetime
    recorded_at: datetime
    batch_id: uuid.UUID | None
    ref: uuid.UUID | None
    sender_kind: ActorKind
    sender_id: int | None
    sender_role: Role
    staff_id: int | None
    note: str | None


def place_balances(
    session: Session, *, site_id: int, since: datetime, until: datetime
) -> list[PlaceBalance]:
    """A place's balance of each counted kind from `since` (included) to `until` (not); one
    statement. Changes of condition within the place come and go in no column."""
    gained = sa.case((Target.site_id == site_id, 1), else_=0) - sa.case(
        (Source.site_id == site_id, 1), else_=0
    )
    amount = CountedMove.quantity * gained
    other = sa.case((Target.site_id == site_id, Source.outside), else_=Target.outside)
    off = other.in_([Outside.BROKEN, Outside.RETIRED])
    counted = other.in_([Outside.DIFFERENCE, Outside.SHORT])
    plain = other.is_(None) | ~(off | counted)
    during = CountedMove.at >= since
    query = (
        sa.select(
            ItemKind.code, ItemKind.id,
            _total(~during, amount),
            _total(during & plain & (gained == 1), amount),
            _total(during & plain & (gained == -1), -amount),
            _total(during & off, -amount),
            _total(during & counted, amount),
            sa.func.sum(amount),
        )
        .join(Source, Source.id == CountedMove.from_id)
        .join(Target, Target.id == CountedMove.to_id)
        .join(ItemKind, ItemKind.id == CountedMove.kind_id)
        .where(sa.or_(*_touching(site_id)), CountedMove.at < until)
        .group_by(ItemKind.code, ItemKind.id)
        .order_by(ItemKind.code)
    )  # fmt: skip
    return [PlaceBalance(*row[:2], *map(int, row[2:])) for row in session.execute(query)]


def list_moves(
    session: Session,
    *,
    site_id: int,
    kind_id: int | None = None,
    after: Sequence[KeyPart] | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[MoveView]:
    """The moves of a place's loose ware, the newest first. Errors: cursor INVALID."""
    key = read_key(after, datetime, uuid.UUID)
    rows = session.execute(
        select_moves(sa.or_(*_touching(site_id)), key, limit + 1, kind_id=kind_id)
    ).all()
    return cut(rows, limit, view_move, lambda row: (row[0].at, str(row[0].id)))


def select_moves(
    where: sa.ColumnElement[bool], key: Key | None, limit: int, *, kind_id: int | None = None
) -> sa.Select[*tuple[Any, ...]]:
    """Moves with their accounts, the newest first, beyond a key; a row makes `view_move`."""
    order = (CountedMove.at, CountedMove.id)
    columns = (
        (Source.site_id, Source.crate_id, Source.condition, Source.outside),
        (Target.site_id, Target.crate_id, Target.condition, Target.outside),
    )
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(CountedMove, ItemKind.code, *columns[0], *columns[1])
        .join(Source, Source.id == CountedMove.from_id)
        .join(Target, Target.id == CountedMove.to_id)
        .join(ItemKind, ItemKind.id == CountedMove.kind_id)
        .where(where, beyond(order, key, falling=True))
        .order_by(CountedMove.at.desc(), CountedMove.id.desc())
        .limit(limit)
    )
    return query if kind_id is None else query.where(CountedMove.kind_id == kind_id)


def view_move(row: Any) -> MoveView:
    """The view in a row of `select_moves`."""
    move, kind = row[0], row[1]
    return MoveView(
        move.id, kind, move.quantity, Account(*row[2:6]), Account(*row[6:10]), move.why, move.at,
        move.recorded_at, move.batch_id, move.ref, ActorKind(move.sender_kind), move.sender_id,
        move.sender_role, move.staff_id, move.note,
    )  # fmt: skip


def _touching(site_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    """By the place's own accounts, so that the indexes on both sides of a move are used."""
    own = sa.select(CountedAccount.id).where(CountedAccount.site_id == site_id)
    return CountedMove.from_id.in_(own), CountedMove.to_id.in_(own)


def _total(condition: sa.ColumnElement[bool], amount: Any) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, amount), else_=0)), 0)
