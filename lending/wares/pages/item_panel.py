"""What counted ware says on a crate's public page: the way to its contents, for staff alone."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import Item
from lending.web.panels import Panel


def make_item_panel(session: Session, item_id: int, _now: datetime) -> Panel | None:
    """The panel of a crate or bag."""
    query = sa.select(Item.code).where(Item.id == item_id, Item.carrier)
    code = session.scalar(query)
    return None if code is None else Panel("wares/crate_panel.html", {"code": code})
