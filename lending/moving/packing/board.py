"""What the centre has to pack on a day, place by place, and how far each is."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.moving.packing.lists import list_packing
from lending.moving.tables import Allotment, PackingList
from lending.places.tables import Site
from lending.requests.round_tables import Consignment


@dataclass(frozen=True, slots=True)
class PlaceToPack:
    """A place with what it gets on a day: `list_id` None as long as nobody has begun; pieces given
    and pieces packed; crates filled for it, sealed ones among them."""

    site: str
    list_id: uuid.UUID | None
    pieces: int
    packed: int = 0
    left: int = 0
    crates: int = 0
    sealed: int = 0
    closed_at: datetime | None = None

    @property
    def share(self) -> int:
        """How much of what it gets is packed, in percent, at most 100."""
        done = self.pieces - self.left
        return 100 if not self.pieces else max(0, min(100, round(100 * done / self.pieces)))

    @property
    def is_done(self) -> bool:
        return self.closed_at is not None


def packing_board(
    session: Session, *, district_id: int, from_site: str, day: date
) -> list[PlaceToPack]:
    """The places that get something on a day and are packed at this centre, or by nobody yet; by
    place, closed ones last."""
    lists = list_packing(session, district_id=district_id, day=day)
    counts = _count_crates(session, [one.id for one in lists])
    found = [
        PlaceToPack(
            one.site, one.id, sum(line.pieces for line in one.lines),
            sum(line.packed for line in one.lines), one.left, *counts.get(one.id, (0, 0)),
            one.closed_at,
        )
        for one in lists
        if one.from_site == from_site
    ]  # fmt: skip
    found += _not_begun(session, district_id, day)
    return sorted(found, key=lambda one: (one.is_done, one.site))


def day_to_pack(board: Callable[..., list[PlaceToPack]], today: date) -> date:
    """Today, or tomorrow once nothing of today is left to pack and something of tomorrow is;
    `board(day=…)`: what there is to pack on a day."""
    days = (today, today + timedelta(days=1))
    is_open = [any(not one.is_done for one in board(day=day)) for day in days]
    return days[is_open == [False, True]]


def _not_begun(session: Session, district_id: int, day: date) -> list[PlaceToPack]:
    query = (
        sa.select(Site.code, sa.func.sum(Allotment.pieces))
        .join(Site, Site.id == Allotment.site_id)
        .outerjoin(
            PackingList,
            sa.and_(PackingList.site_id == Allotment.site_id, PackingList.day == Allotment.day),
        )
        .where(
            Allotment.district_id == district_id,
            Allotment.day == day,
            Allotment.pieces > 0,
            PackingList.id.is_(None),
            Site.active,
        )
        .group_by(Site.code)
    )
    return [
        PlaceToPack(site, None, int(pieces), left=int(pieces))
        for site, pieces in session.execute(query)
    ]


def _count_crates(session: Session, lists: list[uuid.UUID]) -> dict[uuid.UUID, tuple[int, int]]:
    query = (
        sa.select(
            Consignment.packing_id, sa.func.count(), sa.func.count(Consignment.sealed_at)
        )
        .where(Consignment.packing_id.in_(lists), Consignment.dissolved_at.is_(None))
        .group_by(Consignment.packing_id)
    )  # fmt: skip
    return {row[0]: (row[1], row[2]) for row in session.execute(query) if row[0] is not None}
