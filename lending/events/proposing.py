"""What an event of so many guests needs, by kind and in crates."""

import math

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.events.settings import MOST_PER_100, list_kind_settings
from lending.events.values import GUESTS, EventKind, KindSetting, ProposedLine
from lending.loop.steps import State
from lending.loop.tables import Item
from lending.places.tables import Site, SiteKind
from lending.requests.acting import check_count
from lending.wares.tables import CountedAccount
from lending.wares.ways import Condition

PER_CRATE = 100  # pieces, where a kind has no number of its own [I]


def propose_packing(
    session: Session, *, district_id: int, kind: EventKind, guests: int | None = None
) -> list[ProposedLine]:
    """A line for every kind that goes out to this sort of event; three statements. Pieces are
    rounded up, and crates are full but the last. `guests` None: 250. INVALID (guests)."""
    number = GUESTS if guests is None else check_count(guests, "guests")
    settings = list_kind_settings(session, district_id=district_id, event=kind)
    wanted = [one for one in settings if one.per_100 > 0]
    clean = _clean_at_centre(session, district_id)
    return [_line(one, number, clean.get(one.kind_id, 0)) for one in wanted]


def pieces_for(guests: int, per_100: int) -> int:
    """Pieces for so many guests, at `per_100` for a hundred, rounded up."""
    assert per_100 <= MOST_PER_100
    return math.ceil(guests * per_100 / 100)


def _line(one: KindSetting, guests: int, clean: int) -> ProposedLine:
    pieces = pieces_for(guests, one.per_100)
    size = one.crate_pieces or PER_CRATE
    return ProposedLine(
        one.kind_id, one.kind, one.kind_name, one.kind_name_en, one.counted, one.per_100, pieces, size,
        math.ceil(pieces / size), clean, one.price,
    )  # fmt: skip


def _clean_at_centre(session: Session, district_id: int) -> dict[int, int]:
    """Clean pieces by kind that lie loose at the district's washing centres."""
    centre = Site.district_id == district_id, Site.kind == SiteKind.WASH_CENTRE
    tracked = (
        sa.select(Item.kind_id, sa.func.count())
        .join(Site, Site.id == Item.site_id)
        .where(*centre, Item.state == State.READY, Item.clean, Item.hold.is_(None))
        .where(Item.crate_id.is_(None), ~Item.carrier)
        .group_by(Item.kind_id)
    )
    counted = (
        sa.select(CountedAccount.kind_id, sa.func.sum(CountedAccount.balance))
        .join(Site, Site.id == CountedAccount.site_id)
        .where(*centre, CountedAccount.condition == Condition.CLEAN)
        .group_by(CountedAccount.kind_id)
    )
    rows = [*session.execute(tracked), *session.execute(counted)]
    return {kind: int(pieces) for kind, pieces in rows}
