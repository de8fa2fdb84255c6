"""Packing lists: what a place gets on a day, how far it is packed, which pieces to take first."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.steps import State
from lending.loop.tables import Item, ItemKind
from lending.moving.supply.crate_sizes import crates_for, load_crate_sizes
from lending.moving.tables import Allotment, PackingList
from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.places.sites import load_sites, load_sites_by_code
from lending.requests.acting import place_of, signature
from lending.requests.round_tables import Consignment, ConsignmentLine
from lending.wares.balances import crate_contents


@dataclass(frozen=True, slots=True)
class PackingLine:
    """A kind on a list: pieces to pack, pieces in crates for it, and crates it takes in all."""

    kind_id: int
    kind: str
    kind_name: str
    pieces: int
    packed: int
    crates: int

    @property
    def left(self) -> int:
        """Pieces still to pack."""
        return max(0, self.pieces - self.packed)


@dataclass(frozen=True, slots=True)
class PackingView:
    """A packing list with its lines by kind; kinds packed though nobody gave any are among them."""

    id: uuid.UUID
    site: str
    site_name: str
    from_site: str
    day: date
    closed_at: datetime | None
    lines: tuple[PackingLine, ...]

    @property
    def left(self) -> int:
        return sum(line.left for line in self.lines)


@dataclass(frozen=True, slots=True)
class NextPiece:
    """A piece to pack: ready since when, used how often."""

    code: str
    since: datetime
    uses: int


def open_packing_list(
    session: Session,
    *,
    list_id: uuid.UUID,
    site: str,
    day: date,
    actor: Actor,
    now: datetime,
    from_site: str | None = None,
) -> PackingView:
    """The list of a place for a day, made if there is none; packed at `from_site` (a code, the
    actor's own place by default). One list per place and day: a second request gets the first.

    Errors as `place_of` for the packing place; NOT_FOUND (site) for the other, INVALID (site) when
    both are the same; ID_REUSED (id).
    """
    centre = place_of(session, actor=actor, code=from_site)
    to = load_sites_by_code(session, codes=[site], district_id=actor.district_id).get(site)
    if to is None or not to.active:
        raise LendingError(Code.NOT_FOUND, field="site")
    if to.id == centre.id:
        raise LendingError(Code.INVALID, field="site")
    row = {
        "id": list_id,
        "district_id": centre.district_id,
        "site_id": to.id,
        "from_site_id": centre.id,
        "day": day,
        "made_at": now,
        "made_by": signature(actor),
    }
    session.execute(insert_or(session, PackingList).on_conflict_do_nothing(), [row])
    same = (PackingList.site_id == to.id, PackingList.day == day)
    known = session.scalar(sa.select(PackingList.id).where(*same))
    if known is None:  # the id is another list's
        raise LendingError(Code.ID_REUSED, field="id")
    return load_packing_list(session, list_id=known, district_id=actor.district_id)


def list_packing(session: Session, *, district_id: int, day: date) -> list[PackingView]:
    """All lists of a day, by place; five statements."""
    query = sa.select(PackingList).where(
        PackingList.district_id == district_id, PackingList.day == day
    )
    return _view(session, district_id, session.scalars(query).all())


def load_packing_list(session: Session, *, list_id: uuid.UUID, district_id: int) -> PackingView:
    """One list; NOT_FOUND (list)."""
    row = get_packing_list(session, list_id=list_id, district_id=district_id)
    return _view(session, district_id, [row])[0]


def next_pieces(
    session: Session, *, list_id: uuid.UUID, kind: str, district_id: int, limit: int = 50
) -> list[NextPiece]:
    """Which pieces of a kind to take first: first in first out by the day on which they became
    ready, of the same day the least used.

    Only what stands clean at the packing place, in no crate and on no hold. NOT_FOUND (list).
    """
    row = get_packing_list(session, list_id=list_id, district_id=district_id)
    query = (
        sa.select(Item.code, Item.since, Item.uses)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(
            Item.district_id == district_id,
            Item.site_id == row.from_site_id,
            Item.state == State.READY,
            ItemKind.code == kind,
            Item.clean,
            Item.hold.is_(None),
            Item.crate_id.is_(None),
            ~Item.carrier,
        )
        .order_by(sa.func.date(Item.since), Item.uses, Item.since, Item.id)
        .limit(limit)
    )
    return [NextPiece(*one) for one in session.execute(query)]


def get_packing_list(session: Session, *, list_id: uuid.UUID, district_id: int) -> PackingList:
    """The row; NOT_FOUND (list)."""
    row = session.get(PackingList, list_id)
    if row is None or row.district_id != district_id:
        raise LendingError(Code.NOT_FOUND, field="list")
    return row


def _view(session: Session, district_id: int, rows: Collection[PackingList]) -> list[PackingView]:
    if not rows:
        return []
    sites = load_sites(
        session, site_ids={s for row in rows for s in (row.site_id, row.from_site_id)}
    )
    kinds = {
        row.id: (row.code, row.name)
        for row in session.execute(
            sa.select(ItemKind.id, ItemKind.code, ItemKind.name).where(
                ItemKind.district_id == district_id
            )
        )
    }
    sizes = load_crate_sizes(session, district_id=district_id)
    wanted = _wanted(session, rows)
    packed = _packed(session, [row.id for row in rows])
    views = []
    for row in rows:
        own = {kind for list_id, kind in (*wanted, *packed) if list_id == row.id}
        lines = [
            PackingLine(
                kind, *kinds[kind], wanted.get((row.id, kind), 0), packed.get((row.id, kind), 0),
                crates_for(wanted.get((row.id, kind), 0), sizes.get(kind)),
            )
            for kind in sorted(own, key=lambda one: kinds[one])
        ]  # fmt: skip
        to = sites[row.site_id]
        views.append(
            PackingView(
                row.id, to.code, to.name, sites[row.from_site_id].code, row.day, row.closed_at,
                tuple(lines),
            )
        )  # fmt: skip
    return sorted(views, key=lambda one: one.site)


def _wanted(session: Session, rows: Collection[PackingList]) -> dict[tuple[uuid.UUID, int], int]:
    query = (
        sa.select(PackingList.id, Allotment.kind_id, Allotment.pieces)
        .join(
            Allotment,
            sa.and_(Allotment.site_id == PackingList.site_id, Allotment.day == PackingList.day),
        )
        .where(PackingList.id.in_([row.id for row in rows]), Allotment.pieces > 0)
    )
    return {(row[0], row[1]): row[2] for row in session.execute(query)}


def _packed(session: Session, lists: Collection[uuid.UUID]) -> dict[tuple[uuid.UUID, int], int]:
    """Sealed crates count as they were sealed, open ones as they are now."""
    own = (Consignment.packing_id.in_(lists), Consignment.dissolved_at.is_(None))
    unsealed = Consignment.sealed_at.is_(None)
    sealed = (
        sa.select(Consignment.packing_id, ConsignmentLine.kind_id, ConsignmentLine.pieces)
        .join(ConsignmentLine, ConsignmentLine.consignment_id == Consignment.id)
        .where(*own, ~unsealed)
    )
    found: dict[tuple[uuid.UUID, int], int] = {}
    for list_id, kind, pieces in session.execute(sealed):
        assert list_id is not None
        found[list_id, kind] = found.get((list_id, kind), 0) + pieces
    query = sa.select(Consignment.crate_id, Consignment.packing_id)
    rows = session.execute(query.where(*own, unsealed))
    filling = {row[0]: row[1] for row in rows if row[1] is not None}
    for line in crate_contents(session, crate_ids=filling):
        key = (filling[line.crate_id], line.kind_id)
        found[key] = found.get(key, 0) + line.quantity
    return found
