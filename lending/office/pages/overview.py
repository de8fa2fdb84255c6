"""/office: what stands where, what is out and late, and what somebody should look at."""

from dataclasses import dataclass, field

from flask import redirect, render_template
from werkzeug.wrappers import Response

from lending.loop.read.stock import StockLine, stock_of_sites
from lending.loop.steps import State
from lending.notices.alerts import mark_seen, open_alerts
from lending.office.loan_board import Band, count_bands
from lending.office.pages import words
from lending.office.pages.alert_words import ALERT_PAGES, ALERTS
from lending.office.pages.desk import blueprint
from lending.office.review_counts import count_open_reviews
from lending.office.set_up import what_is_missing
from lending.people.tables import Role
from lending.places.sites import list_sites
from lending.requests.fullness import boxes_full
from lending.web.access import current_actor, staff
from lending.web.services import now, reading, write

MOST_SITES = 500
LATE = frozenset(Band) - {Band.ON_TIME, Band.LOST}


@dataclass(slots=True)
class StockRow:
    """A site's pieces by state, with how many of them are clean and on hold."""

    site: str
    name: str
    name_en: str
    states: dict[State, int] = field(default_factory=dict)
    total: int = 0
    clean: int = 0
    held: int = 0

    def add(self, line: StockLine) -> None:
        self.states[line.state] = self.states.get(line.state, 0) + line.count
        self.total += line.count
        self.clean += line.clean
        self.held += line.held


@blueprint.get("/office")
@staff(Role.OFFICER)
def overview() -> str | Response:
    """Stock, loans by age and alerts of the district; a new district is led to its set-up."""
    actor, moment = current_actor(), now()
    with reading() as session:
        missing = what_is_missing(session, district_id=actor.district_id)
        if missing.is_new:
            return redirect("/office/start")
        lines = stock_of_sites(session, actor=actor).items
        sites = list_sites(session, district_id=actor.district_id, limit=MOST_SITES)
        bands = count_bands(session, district_id=actor.district_id, now=moment)
        alerts = open_alerts(session, actor=actor)
        reviews = count_open_reviews(session, district_id=actor.district_id)
        boxes = boxes_full(session, district_id=actor.district_id)
    rows = {site.code: StockRow(site.code, site.name, site.name_en) for site in sites}
    whole = StockRow("", "", "")
    for line in lines:
        rows.setdefault(line.site, StockRow(line.site, line.site, "")).add(line)
        whole.add(line)
    return render_template(
        "office/overview.html",
        rows=[row for row in rows.values() if row.total],
        whole=whole,
        states=[state for state in words.STATES if whole.states.get(State(state))],
        bands=bands,
        open_count=sum(band.count for band in bands if band.band is not Band.LOST),
        late_count=sum(band.count for band in bands if band.band in LATE),
        alerts=alerts,
        alerts_named=ALERTS,
        alert_pages=ALERT_PAGES,
        reviews=reviews,
        boxes=boxes,
        missing=missing,
        words=words,
    )


@blueprint.post("/office/alerts/<int:alert_id>/seen")
@staff(Role.OFFICER)
def post_seen(alert_id: int) -> Response:
    """Somebody has seen the alert; it goes no step further up."""
    actor = current_actor()
    write(lambda s: mark_seen(s, alert_id=alert_id, actor=actor, now=now()))
    return redirect("/office#alerts")
