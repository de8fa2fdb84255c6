"""What a piece's public page says after a machine did not take it: where it can go instead."""

from datetime import datetime

from sqlalchemy.orm import Session

from lending.machines.refusals import refused_now
from lending.web.panels import Panel


def make_item_panel(session: Session, item_id: int, now: datetime) -> Panel | None:
    """For a day after a machine did not take the piece."""
    refused = refused_now(session, item_id=item_id, now=now)
    if refused is None:
        return None
    return Panel(values={"refused": refused}, action="machines/item_action.html")
