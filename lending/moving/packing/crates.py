"""Crates as moving sees them: found by code, what is in them, which way they are on."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.errors import Code, LendingError
from lending.loop.codes import read_code
from lending.loop.steps import State
from lending.loop.tables import Item, Label
from lending.loop.write.load import take_crate_turn
from lending.places.tables import Site
from lending.requests.round_tables import Consignment, Way
from lending.wares.balances import CrateLine, crate_contents

CLOCKS = timedelta(minutes=1)  # by which two devices' corrected clocks may differ

From, To = aliased(Site), aliased(Site)


class Busy(StrEnum):
    """Why a crate cannot be packed or loaded now: the detail of a CONFLICT (crate)."""

    SEALED = "sealed"
    OTHER_LIST = "other_list"
    ON_ITS_WAY = "on_its_way"
    EMPTY = "empty"
    CHANGED = "changed"  # by somebody, since it was sealed and opened again
    NO_LIST = "no_list"  # nothing was packed into it for a list
    LOADED = "loaded"  # and on its way to another place than is said now


@dataclass(frozen=True, slots=True)
class Crate:
    """A crate or bag; `site_id`: where it stands."""

    id: int
    code: str
    district_id: int
    site_id: int
    state: State


@dataclass(frozen=True, slots=True)
class Inside:
    """A piece in a crate."""

    code: str
    kind_id: int
    clean: bool
    hold: str | None
    state: State

    @property
    def may_be_sent(self) -> bool:
        """Clean ware that may be lent where it goes."""
        return self.clean and self.hold is None and self.state in (State.READY, State.SHIPPED)


@dataclass(frozen=True, slots=True)
class CrateView:
    """A crate with its contents and, where it is on one, its way; times None: not yet.

    `pieces`: in it now, tracked and counted, by kind code; `packing_id`: the list it is filled for.
    """

    code: str
    site: str
    pieces: dict[str, int]
    consignment_id: uuid.UUID | None = None
    way: Way | None = None
    from_site: str | None = None
    to_site: str | None = None
    to_name: str | None = None
    packing_id: uuid.UUID | None = None
    round_id: uuid.UUID | None = None
    sealed_at: datetime | None = None
    loaded_at: datetime | None = None
    delivered_at: datetime | None = None
    received_at: datetime | None = None


def find_crate(session: Session, *, code: str, district_id: int, lock: bool = True) -> Crate:
    """The crate behind a label, locked before anything in it as the writer does.

    BAD_CHECK_DIGIT or INVALID as `read_code`; NOT_FOUND (crate), INVALID (crate) for what is none.
    """
    query = (
        sa.select(Item.id, Item.code, Item.district_id, Item.site_id, Item.state, Item.carrier)
        .join(Label, Label.item_id == Item.id)
        .where(Label.code == read_code(code), Item.district_id == district_id)
    )
    if lock:
        take_crate_turn(session, district_id)
        query = query.with_for_update(of=Item)
    row = session.execute(query).first()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="crate")
    if not row.carrier:
        raise LendingError(Code.INVALID, field="crate")
    return Crate(*row[:5])


def contents_of(session: Session, *, crate_id: int) -> list[Inside]:
    """The tracked pieces in a crate now, by code."""
    query = (
        sa.select(Item.code, Item.kind_id, Item.clean, Item.hold, Item.state)
        .where(Item.crate_id == crate_id)
        .order_by(Item.code)
    )
    return [Inside(*row) for row in session.execute(query)]


def counted_in(session: Session, *, crate_id: int) -> list[CrateLine]:
    """The counted ware in a crate now, by kind and condition."""
    lines = crate_contents(session, crate_ids=[crate_id])
    return [line for line in lines if line.condition is not None]


def latest(session: Session, *, crate_id: int, at: datetime) -> Consignment | None:
    """The way a crate was on or was on last at a moment, locked; the last one of all where none was
    opened by then. Ways that were given up are left out."""
    query = (
        sa.select(Consignment)
        .where(Consignment.crate_id == crate_id, Consignment.dissolved_at.is_(None))
        .order_by(
            Consignment.opened_at > at + CLOCKS, Consignment.opened_at.desc(), Consignment.id
        )
        .limit(1)
        .with_for_update()
    )  # fmt: skip
    return session.scalars(query.execution_options(populate_existing=True)).first()


def opened_next(session: Session, *, crate_id: int, at: datetime) -> datetime | None:
    """When the crate's first way after a moment was opened: word of what happened then comes late."""
    query = sa.select(sa.func.min(Consignment.opened_at)).where(
        Consignment.crate_id == crate_id,
        Consignment.dissolved_at.is_(None),
        Consignment.opened_at > at + CLOCKS,
    )
    return session.scalar(query)


def last_out(session: Session, *, crate_id: int, at: datetime) -> Consignment | None:
    """The way out that a crate was on at a moment, or the one it is packed for; locked. A word about
    an earlier way may come when the crate is long on another one."""
    query = (
        sa.select(Consignment)
        .where(
            Consignment.crate_id == crate_id,
            Consignment.dissolved_at.is_(None),
            Consignment.way == Way.OUT,
            Consignment.loaded_at <= at,
        )
        .order_by(Consignment.loaded_at.desc(), Consignment.id)
        .limit(1)
        .with_for_update()
    )
    return session.scalars(query.execution_options(populate_existing=True)).first() or latest(
        session, crate_id=crate_id, at=at
    )


def view_crate(session: Session, *, crate_id: int) -> CrateView:
    """A crate as it is now, with the way it is on or was on last; three statements."""
    query = sa.select(Consignment.id).where(
        Consignment.crate_id == crate_id, Consignment.dissolved_at.is_(None)
    )
    last = session.scalar(query.order_by(Consignment.opened_at.desc()).limit(1))
    if last is not None:
        return view_crates(session, Consignment.id == last)[0]
    row = session.execute(
        sa.select(Item.code, Site.code)
        .join(Site, Site.id == Item.site_id)
        .where(Item.id == crate_id)
    ).one()
    return CrateView(row[0], row[1], _pieces_in(session, [crate_id]).get(crate_id, {}))


def find_crate_view(session: Session, *, code: str, district_id: int) -> CrateView | None:
    """The crate behind a label as it is now, to look at; None where there is none."""
    try:
        crate = find_crate(session, code=code, district_id=district_id, lock=False)
    except LendingError:
        return None
    return view_crate(session, crate_id=crate.id)


def view_crates(session: Session, *which: sa.ColumnElement[bool]) -> list[CrateView]:
    """The crates of these consignments by code; two statements. Ways that were given up are left
    out."""
    query = (
        sa.select(
            Consignment.crate_id, Item.code, Site.code, Consignment.id, Consignment.way, From.code,
            To.code, To.name, Consignment.packing_id, Consignment.round_id, Consignment.sealed_at,
            Consignment.loaded_at, Consignment.delivered_at, Consignment.received_at,
        )
        .join(Item, Item.id == Consignment.crate_id)
        .join(Site, Site.id == Item.site_id)
        .join(From, From.id == Consignment.from_site_id)
        .join(To, To.id == Consignment.to_site_id)
        .where(Consignment.dissolved_at.is_(None), *which)
        .order_by(Item.code, Consignment.opened_at)
    )  # fmt: skip
    rows: list[Any] = list(session.execute(query))
    inside = _pieces_in(session, {row[0] for row in rows})
    return [CrateView(row[1], row[2], inside.get(row[0], {}), *row[3:]) for row in rows]


def _pieces_in(session: Session, crates: Collection[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for line in crate_contents(session, crate_ids=crates):
        kinds = found.setdefault(line.crate_id, {})
        kinds[line.kind] = kinds.get(line.kind, 0) + line.quantity
    return found
