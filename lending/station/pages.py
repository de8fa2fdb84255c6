"""The scan station's pages: the till itself, the test of a barcode gun, and pairing."""

from flask import Blueprint, Response, jsonify, render_template, request
from marshmallow import Schema

from lending.people.devices import pair_device
from lending.people.tables import Role
from lending.places.sites import SiteView, find_site, list_sites, load_sites
from lending.places.tables import SiteKind
from lending.station.board import kinds_of
from lending.web.access import current_actor, public, station
from lending.web.i18n import language
from lending.web.identity import remember_device
from lending.web.limits import limited
from lending.web.schemas import Text
from lending.web.services import glancing, now, write

blueprint = Blueprint("station", __name__)

COUNTERS = (SiteKind.CAFE, SiteKind.SHOP, SiteKind.HALL, SiteKind.OFFICE)
START = {Role.CAFE: "/scan", Role.WASH: "/wash", Role.MACHINE: "/return"}


class PairBody(Schema):
    """The secret of a pairing QR."""

    secret = Text(required=True, max_length=200)


@blueprint.get("/scan")
@station(Role.CAFE)
def show_station() -> str:
    """The till of the actor's place; who acts for a whole district chooses one first (`?site=`)."""
    actor = current_actor()
    with glancing() as session:
        if actor.site_id is not None:
            site = load_sites(session, site_ids=[actor.site_id])[actor.site_id]
        elif "site" in request.args:
            code = request.args["site"][:40]
            site = find_site(session, code=code, district_id=actor.district_id)
        else:
            sites = list_sites(session, district_id=actor.district_id, kinds=COUNTERS, limit=1000)
            return render_template("station/choose.html", sites=sites, name_of=name_of)
        kinds = kinds_of(session, actor=actor)
    names = {kind.code: (language() == "en" and kind.name_en) or kind.name for kind in kinds}
    return render_template(
        "station/scan.html",
        site=site,
        site_name=name_of(site),
        acts_for=site.code if actor.site_id is None else None,
        kinds=names,
    )


@blueprint.get("/scan/test")
@station(Role.CAFE, Role.WASH)
def test_scanner() -> str:
    """Checks a barcode gun: its keyboard, its suffix, its speed."""
    return render_template("station/test.html")


@blueprint.get("/pair/")
@public
@limited("pair", per_minute=60)
def show_pairing() -> str:
    """Where an officer's QR leads a tablet; the secret stands after the `#` and is not sent yet.

    The QR holds `<public url>/pair/#<secret>`, the secret from people.devices.make_pairing.
    """
    return render_template("station/pair.html")


@blueprint.post("/pair/")
@public
@limited("pair", per_minute=60)
def post_pairing() -> Response:
    """`{"secret"}` → the tablet is signed in for 90 days from its last use; `{"next"}`, its page."""
    values = PairBody().load(request.get_json())

    paired = write(lambda session: pair_device(session, secret=values["secret"], now=now()))
    remember_device(paired.credential)
    return jsonify(next=START.get(paired.actor.role, "/"))


def name_of(site: SiteView) -> str:
    """A site's name in the language of the page."""
    return (language() == "en" and site.name_en) or site.name
