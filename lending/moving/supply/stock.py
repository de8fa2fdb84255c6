"""What clean ware of each kind a place has and what is on its way to it."""

from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import fetch
from lending.loop.steps import State
from lending.loop.tables import Item
from lending.wares.balances import place_totals
from lending.wares.ways import Condition

Key = tuple[int, int]
"""(site id, kind id)."""


@dataclass(frozen=True, slots=True)
class Stock:
    """Pieces by (site id, kind id): clean ones that can be lent there, and shipped ones."""

    clean: dict[Key, int] = field(default_factory=dict)
    shipped: dict[Key, int] = field(default_factory=dict)

    def there(self, key: Key) -> int:
        """Clean pieces that stand ready at the place."""
        return self.clean.get(key, 0)

    def on_the_way(self, key: Key) -> int:
        """Clean pieces shipped to it and not yet stocked."""
        return self.shipped.get(key, 0)


def load_stock(session: Session, *, district_id: int, site_id: int | None = None) -> Stock:
    """The stock of one place, or of every place of the district; three statements. Tracked pieces
    and counted ware; what is on hold does not count."""
    usable = (
        Item.district_id == district_id, Item.clean, Item.hold.is_(None), ~Item.carrier,
    )  # fmt: skip
    ready = (
        sa.select(Item.site_id, Item.kind_id, sa.func.count())
        .where(*usable, Item.state == State.READY)
        .group_by(Item.site_id, Item.kind_id)
    )
    shipped = (
        sa.select(Item.to_site_id, Item.kind_id, sa.func.count())
        .where(*usable, Item.state == State.SHIPPED, Item.to_site_id.is_not(None))
        .group_by(Item.to_site_id, Item.kind_id)
    )
    if site_id is not None:
        ready = ready.where(Item.site_id == site_id)
        shipped = shipped.where(Item.to_site_id == site_id)
    stock = Stock(
        {(site, kind): count for site, kind, count in fetch(session, ready)},
        {(site, kind): count for site, kind, count in fetch(session, shipped)},
    )
    for one in place_totals(session, district_id=district_id, site_id=site_id):
        if one.condition is Condition.CLEAN:
            stock.clean[one.site_id, one.kind_id] = one.loose + one.in_crates
            stock.shipped[one.site_id, one.kind_id] = one.coming
    return stock
