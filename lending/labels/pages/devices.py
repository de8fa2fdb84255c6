"""/office/devices: tablets paired by a QR, listed, revoked."""

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from marshmallow import Schema
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.labels.pages.desk import before, blueprint, next_page
from lending.people.devices import Pairing, list_devices, make_pairing, revoke_device
from lending.people.tables import Role
from lending.places.sites import find_site, list_sites
from lending.qr import qr_svg
from lending.web.access import current_actor, staff
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.schemas import Text
from lending.web.services import now, reading, services, write

PAGE = 50
MOST_SITES = 500


class PairForm(Schema):
    """Which place the tablet stands at, and what it is called; `drives`: it goes with a van."""

    site = Text(required=True, max_length=20)
    name = Text(required=True, max_length=100)
    drives = Text(max_length=1, load_default="")


@blueprint.get("/office/devices")
@staff(Role.OFFICER)
def devices() -> str:
    """The tablets, the newest first."""
    return _devices_page(None)


@blueprint.post("/office/devices")
@staff(Role.OFFICER)
def post_pairing() -> str | tuple[str, int]:
    """A QR that pairs one tablet within half an hour, shown this once.

    The secret stands behind the `#` of its address, which browsers never send to a server's log.
    """
    form, actor = read_form(PairForm()), current_actor()

    def work(session: Session) -> Pairing:
        site = find_site(session, code=form.values["site"], district_id=actor.district_id)
        return make_pairing(
            session,
            district_id=actor.district_id,
            site_id=site.id,
            name=form.values["name"],
            by=actor.id,
            now=now(),
            drives=bool(form.values["drives"]),
        )

    pairing = attempt(form, work)
    if pairing is None:
        return _devices_page(form), 422
    address = f"{services().config.public_url}/pair/#{pairing.secret}"
    return render_template(
        "labels/pairing.html",
        pairing=pairing,
        address=address,
        qr=Markup(qr_svg(address)),
        name=form.values["name"],
    )


@blueprint.post("/office/devices/<int:device_id>/revoke")
@staff(Role.OFFICER)
def post_revoke_device(device_id: int) -> Response:
    """Signs a tablet out for ever."""
    actor = current_actor()
    write(lambda s: revoke_device(s, district_id=actor.district_id, device_id=device_id, now=now()))
    tell(_("이 기기는 로그아웃됐어요."))
    return redirect(url_for("labels.devices"))


def _devices_page(form: Form | None) -> str:
    district_id, moment = current_actor().district_id, now()
    with reading() as session:
        found = list_devices(session, district_id=district_id, before=before(), limit=PAGE + 1)
        sites = list_sites(session, district_id=district_id, limit=MOST_SITES)
    return render_template(
        "labels/devices.html",
        devices=found[:PAGE],
        next=next_page(found[PAGE - 1].id if len(found) > PAGE else None),
        sites=sites,
        form=form,
        moment=moment,
    )
