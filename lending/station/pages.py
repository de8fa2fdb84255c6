"""The scan station's pages: the till itself, the test of a barcode gun, and pairing."""

from flask import Blueprint, Response, jsonify, render_template, request
from flask_babel import lazy_gettext as _
from marshmallow import Schema

from lending.loop.read.pieces import list_kinds
from lending.people.devices import pair_device
from lending.people.tables import Role
from lending.places.tables import SiteKind
from lending.web.access import public, station
from lending.web.homes import home_of
from lending.web.identity import remember_device
from lending.web.limits import limited
from lending.web.schemas import Text
from lending.web.services import glancing, now, write
from lending.web.stations import Choice, choose_site, site_of_page, station_parts

blueprint = Blueprint("station", __name__)

COUNTERS = (SiteKind.CAFE, SiteKind.SHOP, SiteKind.HALL, SiteKind.OFFICE)
CHOICE = Choice(
    "/scan",
    COUNTERS,
    _("어느 곳의 스캔인가요?"),
    _("고른 곳의 기록으로 남아요."),
    _("아직 등록된 곳이 없어요"),
    _("설정에서 카페를 먼저 등록해 주세요."),
)


class PairBody(Schema):
    """The secret of a pairing QR."""

    secret = Text(required=True, max_length=200)


@blueprint.get("/scan")
@station(Role.CAFE)
def show_station() -> str:
    """The till of the actor's place; who acts for a whole district chooses one first (`?site=`)."""
    with glancing() as session:
        site = site_of_page(session)
        if site is None:
            return choose_site(session, CHOICE)
        kinds = list_kinds(session, district_id=site.district_id)
    return render_template("station/scan.html", **station_parts(site, kinds))


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
    with glancing() as session:
        return jsonify(next=home_of(session, actor=paired.actor))
