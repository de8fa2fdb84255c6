"""/drive: the driver's list on a phone, one stop after the other; works without a network."""

from flask import Blueprint, render_template

from lending.loop.read.pieces import list_kinds
from lending.moving.api.driver_parts import own_name
from lending.people.tables import Role
from lending.web.access import current_actor, station
from lending.web.i18n import name_of
from lending.web.services import glancing

blueprint = Blueprint("driver", __name__)


@blueprint.get("/drive")
@station(Role.COURIER)
def show() -> str:
    """The page itself; what it shows is the sheet the phone asks for and keeps."""
    actor = current_actor()
    with glancing() as session:
        kinds = list_kinds(session, district_id=actor.district_id, counted=None)
    names = {kind.code: name_of(kind) for kind in kinds}
    return render_template("moving/driver.html", owner=own_name(actor), kinds=names)
