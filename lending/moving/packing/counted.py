"""Counted ware goes into a crate for a packing list: so many of a kind, typed."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.tables import ItemKind
from lending.moving.packing.crates import CrateView, find_crate, view_crate
from lending.moving.packing.lists import PackingView, get_packing_list, load_packing_list
from lending.moving.packing.pieces import check_place, take_crate
from lending.people.actors import Actor
from lending.wares.crates import CrateCall, Packing, pack_counted
from lending.wares.ledger import require_all
from lending.wares.tables import CountedMove
from lending.wares.ways import Condition, Why


@dataclass(frozen=True, slots=True)
class CountedPacking:
    """Pieces by kind (codes) put into a crate together. `id`: the request's, so that it may be sent
    again; `at`: when, by the corrected clock."""

    id: uuid.UUID
    list_id: uuid.UUID
    crate: str
    quantities: Mapping[str, int]
    at: datetime


def pack_counted_ware(
    session: Session, packing: CountedPacking, *, actor: Actor, now: datetime
) -> tuple[CrateView, PackingView]:
    """Clean counted ware of the packing place goes into a crate for a list: all lines or none.

    NOT_FOUND (list, crate, kind), INVALID (quantities: none; what the ledger refuses), CONFLICT
    (crate) for a crate that is sealed or in use for another list.
    """
    row = get_packing_list(session, list_id=packing.list_id, district_id=actor.district_id)
    centre = check_place(session, row.from_site_id, actor)
    crate = find_crate(session, code=packing.crate, district_id=actor.district_id)
    kinds = find_counted_kinds(session, packing.quantities, actor.district_id)
    call = CrateCall(packing.id, crate.id, centre.id, packing.at, ref=row.id)
    again = is_known_call(session, packing, kinds, Why.PACKED)
    at = min(packing.at, now)
    take_crate(session, crate, row, request_id=packing.id, actor=actor, at=at, again=again)
    if not again:
        lines = [Packing(kinds[kind], count) for kind, count in sorted(packing.quantities.items())]
        require_all(pack_counted(session, call, lines, actor=actor, now=now))
    return (
        view_crate(session, crate_id=crate.id),
        load_packing_list(session, list_id=row.id, district_id=row.district_id),
    )


def is_known_call(
    session: Session, packing: CountedPacking, kinds: Mapping[str, int], why: Why
) -> bool:
    """Whether this request was done before: one of its moves is recorded for its list."""
    ids = [uuid.uuid5(packing.id, f"{why} {kind} {Condition.CLEAN}") for kind in kinds.values()]
    query = sa.select(CountedMove.id).where(
        CountedMove.ref == packing.list_id, CountedMove.id.in_(ids)
    )
    return session.scalar(query.limit(1)) is not None


def find_counted_kinds(
    session: Session, quantities: Mapping[str, int], district_id: int
) -> dict[str, int]:
    """Ids of counted kinds by code; INVALID (quantities) for none, NOT_FOUND (kind)."""
    if not quantities:
        raise LendingError(Code.INVALID, field="quantities")
    query = sa.select(ItemKind.code, ItemKind.id).where(
        ItemKind.district_id == district_id, ItemKind.code.in_(quantities), ItemKind.counted
    )
    kinds = {row[0]: row[1] for row in session.execute(query)}
    if missing := sorted(quantities.keys() - kinds.keys()):
        raise LendingError(Code.NOT_FOUND, field="kind", detail=missing[0])
    return kinds
