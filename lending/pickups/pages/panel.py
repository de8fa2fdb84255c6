"""What pick-ups say on a piece's public page: the way to ask, the same while it is out and back."""

from datetime import datetime

from sqlalchemy.orm import Session

from lending.requests.pickups.subjects import was_delivered
from lending.web.panels import Panel


def make_item_panel(session: Session, item_id: int, _now: datetime) -> Panel | None:
    """The action of a piece that was ever delivered."""
    if not was_delivered(session, item_id=item_id):
        return None
    return Panel(action="pickups/item_action.html")
