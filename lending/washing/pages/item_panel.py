"""What the washing centre says on a piece's public page: its last batch, and the recall's banner."""

from datetime import datetime

from sqlalchemy.orm import Session

from lending.washing.hygiene.piece import load_piece_hygiene
from lending.web.panels import Panel


def make_item_panel(session: Session, item_id: int, _now: datetime) -> Panel | None:
    """The panel of a piece that was washed at least once."""
    hygiene = load_piece_hygiene(session, item_id=item_id)
    if hygiene is None:
        return None
    notice = "washing/item_notice.html" if hygiene.recalled else None
    return Panel("washing/item_panel.html", {"hygiene": hygiene}, notice)
