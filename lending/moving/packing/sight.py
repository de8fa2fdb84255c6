"""A packer's screen: the crate a scanner saw, and a list with its crates and what comes next."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.codes import read_code
from lending.loop.read.pieces import KindView, list_kinds
from lending.loop.tables import Item, Label
from lending.moving.packing.closing import ListState, state_of
from lending.moving.packing.crates import (
    Busy,
    CrateView,
    find_crate,
    view_crate,
    view_crates,
)
from lending.moving.packing.lists import PackingView, get_packing_list, load_packing_list
from lending.moving.packing.next import Lot, loose_counted, next_lots
from lending.moving.packing.pieces import busy_with, check_place
from lending.people.actors import Actor
from lending.places.sites import SiteView
from lending.requests.consignments import underway
from lending.requests.round_tables import Consignment


@dataclass(frozen=True, slots=True)
class CrateSight:
    """A crate that was scanned at a list: `busy` None: it may be filled; `left_over`: pieces in it
    that nobody packed for this list."""

    crate: CrateView
    busy: Busy | None
    left_over: int


@dataclass(frozen=True, slots=True)
class PackerView:
    """A list, its crates, clean counted ware that stands loose at the packing place by kind, and
    the lots to take next by kind (only of the kinds that were asked for)."""

    packing: PackingView
    crates: tuple[CrateView, ...]
    loose: Mapping[str, int]
    lots: Mapping[str, list[Lot]]
    kinds: Mapping[str, KindView]

    @property
    def list_state(self) -> ListState:
        is_loaded = any(crate.loaded_at is not None for crate in self.crates)
        return state_of(is_closed=self.packing.closed_at is not None, is_loaded=is_loaded)

    @property
    def counted(self) -> frozenset[str]:
        """Codes of the kinds that are counted."""
        return frozenset(code for code, kind in self.kinds.items() if kind.counted)


def sight_crate(
    session: Session, *, code: str, list_id: uuid.UUID, actor: Actor
) -> CrateSight | None:
    """The crate behind a code as a list sees it; None for a code that is no crate's.

    BAD_CHECK_DIGIT or INVALID (code) for what is no code; NOT_FOUND (list).
    """
    row = get_packing_list(session, list_id=list_id, district_id=actor.district_id)
    try:
        crate = find_crate(session, code=code, district_id=actor.district_id)
    except LendingError as error:
        if error.field == "crate" and error.code in (Code.NOT_FOUND, Code.INVALID):
            return None
        raise
    way = underway(session, crate_id=crate.id)
    view = view_crate(session, crate_id=crate.id)
    left_over = 0 if way is not None else sum(view.pieces.values())
    return CrateSight(view, None if way is None else busy_with(way, row.id), left_over)


def crate_in_hand(
    session: Session, *, crate: str | None, trail: Sequence[str], district_id: int
) -> str | None:
    """The code of the crate a packer had in hand: the last one among the codes scanned just before
    (`trail`, the oldest first), else `crate`. So a beep that is sent hours later still falls into the
    crate it was scanned into."""
    read: list[str] = []
    for text in trail:
        with suppress(LendingError):
            read.append(read_code(text))
    if read:
        query = sa.select(Label.code).join(Item, Item.id == Label.item_id)
        query = query.where(Label.code.in_(read), Item.carrier, Item.district_id == district_id)
        crates = set(session.scalars(query))
        crate = next((code for code in reversed(read) if code in crates), crate)
    return crate


def view_packer(
    session: Session, *, list_id: uuid.UUID, actor: Actor, kinds: Collection[str] | None = None
) -> PackerView:
    """The list as it stands, with the next lots of these kinds (None: of all it wants).

    NOT_FOUND (list), NOT_ALLOWED_HERE (site) for who may not act for its packing place.
    """
    district_id = actor.district_id
    packing_place(session, list_id=list_id, actor=actor)
    view = load_packing_list(session, list_id=list_id, district_id=district_id)
    known = {kind.code: kind for kind in list_kinds(session, district_id=district_id, counted=None)}
    crates = view_crates(session, Consignment.packing_id == list_id)
    wanted = [line.kind for line in view.lines if line.left and not known[line.kind].counted]
    lots = {
        kind: next_lots(session, packing=view, kind=kind, district_id=district_id)
        for kind in wanted
        if kinds is None or kind in kinds
    }
    has_counted = any(known[line.kind].counted for line in view.lines)
    loose = loose_counted(session, packing=view, district_id=district_id) if has_counted else {}
    return PackerView(view, tuple(crates), loose, lots, known)


def packing_place(session: Session, *, list_id: uuid.UUID, actor: Actor) -> SiteView:
    """Where a list is packed; NOT_FOUND (list), NOT_ALLOWED_HERE (site)."""
    row = get_packing_list(session, list_id=list_id, district_id=actor.district_id)
    return check_place(session, row.from_site_id, actor)
