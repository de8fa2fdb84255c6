"""What every page of a place's staff says while a recall asks something of the place."""

from datetime import datetime

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from lending.loop.loans.lent_for import OccasionKind
from lending.washing.hygiene.out import load_keeper_view
from lending.web.panels import Panel

OUT_AT: dict[OccasionKind, LazyString] = {
    OccasionKind.ORDER: _("배달 주문에 나감"),
    OccasionKind.BOOKING: _("부서에 나감"),
    OccasionKind.EVENT: _("방에 나감"),
}
PAGES = {
    OccasionKind.ORDER: "/delivery",
    OccasionKind.BOOKING: "/offices",
    OccasionKind.EVENT: "/events/rooms",
}


def make_keeper_panel(session: Session, site_id: int, _now: datetime) -> Panel | None:
    """The notice of a place that has recalled pieces, or lent them for an occasion."""
    asked = load_keeper_view(session, site_id=site_id)
    if asked is None:
        return None
    values = {"asked": asked, "words": OUT_AT, "pages": PAGES}
    return Panel(values=values, notice="washing/keeper_notice.html")
