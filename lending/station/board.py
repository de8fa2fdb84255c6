"""What a till shows beside its results: today's counts, clean cups here, the last ten scans."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lending.loop.read.history import ScanView, last_scans, today_counts
from lending.loop.read.stock import stock_of_sites
from lending.loop.steps import Action, State
from lending.notices.alerts import AlertView, open_alerts
from lending.people.actors import Actor
from lending.places.sites import SiteView

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Board:
    """`clean_here`: cups that could be lent now; `to_collect`: returned ones waiting here."""

    lent: int
    returned: int
    clean_here: int
    to_collect: int
    scans: list[ScanView]
    alerts: list[AlertView]


def load_board(session: Session, *, actor: Actor, site: SiteView, now: datetime) -> Board:
    """The board of one site; a handful of statements."""
    counts = today_counts(session, site_id=site.id, now=now)
    stock = stock_of_sites(session, actor=actor, site=site.code).items
    here = [line for line in stock if line.site == site.code]
    return Board(
        lent=counts.get(Action.LEND, 0),
        returned=counts.get(Action.RETURN, 0),
        clean_here=sum(line.clean for line in here if line.state is State.READY),
        to_collect=sum(line.count for line in here if line.state is State.RETURNED),
        scans=last_scans(session, site_id=site.id, limit=SHOWN),
        alerts=open_alerts(session, actor=actor, site_id=site.id, unseen=True),
    )
