"""/machines: the machines that a place looks after, as its people see them."""

from flask import redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.machines.fleet import list_machines
from lending.machines.pages.desk import blueprint, machines_page
from lending.machines.watch import PREFIX
from lending.notices.alerts import mark_seen, open_alerts
from lending.people.tables import Role
from lending.places.tables import SiteKind
from lending.web.access import current_actor, station
from lending.web.forms import attempt, read_form, tell
from lending.web.services import now, reading
from lending.web.stations import Choice, choose_site, site_of_page

MOST = 200
CHOICE = Choice(
    "/machines",
    (SiteKind.CAFE, SiteKind.OFFICE, SiteKind.SHOP, SiteKind.HALL, SiteKind.WASH_CENTRE),
    lazy_gettext("어느 곳이 맡은 기계를 볼까요?"),
    lazy_gettext("그곳 사람들이 보는 화면이에요."),
    lazy_gettext("아직 장소가 없어요."),
    lazy_gettext("설정에서 장소를 먼저 더해 주세요."),
)


class SeenForm(Schema):
    """An alert somebody has seen."""

    alert = fields.Integer(required=True, validate=validate.Range(1, 2**62))


@blueprint.get("/machines")
@station(Role.CAFE, Role.WASH)
def show_kept() -> str:
    """The place's machines, those to be looked at first; an officer names a place (`?site=`)."""
    actor, moment = current_actor(), now()
    with reading() as session:
        site = site_of_page(session)
        if site is None:
            return choose_site(session, CHOICE)
        machines = list_machines(
            session, district_id=site.district_id, keeper_id=site.id, limit=MOST, now=moment
        )
        alerts = open_alerts(session, actor=actor, site_id=site.id)
    return machines_page(
        "machines/kept.html", site=site,
        machines=sorted(machines, key=lambda one: not one.needs_care),
        alerts=[alert for alert in alerts if alert.kind.startswith(PREFIX)],
    )  # fmt: skip


@blueprint.post("/machines/seen")
@station(Role.CAFE, Role.WASH)
def post_seen() -> Response:
    """Somebody has seen an alert: it goes no step further up."""
    form, actor = read_form(SeenForm()), current_actor()

    def work(session: Session) -> bool:
        mark_seen(session, alert_id=form.values["alert"], actor=actor, now=now())
        return True

    if attempt(form, work):
        tell(_("확인했다고 남겼어요."))
    asked = request.args.get("site", "")[:40]
    return redirect(f"/machines?site={asked}" if asked else "/machines")
