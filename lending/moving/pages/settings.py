"""/moving/settings: what fits in a crate, the district's vans, hours after which an alert is raised."""

from datetime import time
from typing import Any

from flask import Blueprint, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.loop.read.pieces import list_kinds
from lending.moving.pages.tabs import moving_page
from lending.moving.rounds.bag_room import MOST_BAGS, load_bags_per_crate, set_bags_per_crate
from lending.moving.rounds.vehicles import MOST_CRATES, list_vehicles, set_vehicle
from lending.moving.supply.crate_sizes import PIECES_PER_CRATE, load_crate_sizes, set_crate_size
from lending.people.tables import Role
from lending.requests.pickups.bags import MOST_IN_A_BAG
from lending.requests.watch import (
    BOX_SILENT,
    CRATE_MISSING,
    DIRTY_OLD,
    MOST_HOURS,
    load_watch_hours,
    set_watch_hours,
)
from lending.web.access import current_actor, staff
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.schemas import MESSAGES, Text
from lending.web.services import now, reading

blueprint = Blueprint("moving_settings", __name__)

MOST_PIECES = 20_000
WATCHED = {
    CRATE_MISSING: lazy_gettext("배송이 끝나고도 상자를 받은 사람이 없을 때"),
    DIRTY_OLD: lazy_gettext("들어온 것이 씻기지 않고 기다릴 때"),
    BOX_SILENT: lazy_gettext("반납함이나 기계가 소식이 없을 때"),
}


def _whole(least: int, most: int) -> fields.Integer:
    message = lazy_gettext("%(least)s부터 %(most)s까지 적어 주세요.") % {
        "least": least, "most": most
    }  # fmt: skip
    return fields.Integer(
        required=True,
        error_messages=MESSAGES,
        validate=validate.Range(least, most, error=message),
    )


class SizeForm(Schema):
    """Pieces of a kind in a crate."""

    kind = Text(required=True, max_length=40)
    pieces = _whole(1, MOST_PIECES)


class BagForm(Schema):
    """Bags of used ware in the room of a crate."""

    bags = _whole(1, MOST_BAGS)


class VanForm(Schema):
    """A van by its name; one that is not ticked is not driven any more."""

    name = Text(required=True, max_length=40)
    crates = _whole(1, MOST_CRATES)
    leaves = fields.Time(required=True, format="%H:%M", error_messages=MESSAGES)
    back = fields.Time(required=True, format="%H:%M", error_messages=MESSAGES)
    active = fields.Boolean(load_default=False)


class HoursForm(Schema):
    """Hours of one kind of alert."""

    what = fields.String(required=True, validate=validate.OneOf(list(WATCHED)))
    hours = _whole(1, MOST_HOURS)


@blueprint.get("/moving/settings")
@staff(Role.OFFICER)
def show_settings() -> str:
    """What is set, and forms to change it."""
    return _page()


@blueprint.post("/moving/settings/crates")
@staff(Role.OFFICER)
def post_size() -> Response | tuple[str, int]:
    """Pieces per crate of a kind."""
    form, actor = read_form(SizeForm()), current_actor()

    def work(session: Session) -> bool:
        set_crate_size(session, district_id=actor.district_id, **form.values)
        return True

    return _done(attempt(form, work), "size", form)


@blueprint.post("/moving/settings/bags")
@staff(Role.OFFICER)
def post_bags() -> Response | tuple[str, int]:
    """Bags in the room of a crate."""
    form, actor = read_form(BagForm()), current_actor()

    def work(session: Session) -> bool:
        set_bags_per_crate(session, **form.values, actor=actor, now=now())
        return True

    return _done(attempt(form, work), "bag", form)


@blueprint.post("/moving/settings/vans")
@staff(Role.OFFICER)
def post_van() -> Response | tuple[str, int]:
    """A van, new or changed."""
    form, actor = read_form(VanForm()), current_actor()

    def work(session: Session) -> bool:
        set_vehicle(session, district_id=actor.district_id, **form.values)
        return True

    return _done(attempt(form, work), "van", form)


@blueprint.post("/moving/settings/hours")
@staff(Role.OFFICER)
def post_hours() -> Response | tuple[str, int]:
    """After how many hours an alert is raised."""
    form, actor = read_form(HoursForm()), current_actor()

    def work(session: Session) -> bool:
        set_watch_hours(session, **form.values, actor=actor, now=now())
        return True

    return _done(attempt(form, work), "hours", form)


def _done(done: bool | None, name: str, form: Form) -> Response | tuple[str, int]:
    if done:
        tell(_("저장했어요."))
        return redirect(url_for("moving_settings.show_settings"))
    if name == "van" and "back" in form.errors and form.values:
        form.errors["back"] = _("떠나는 시각보다 늦어야 해요.")
    return _page(**{name: form}), 422


def _page(**forms: Any) -> str:
    district_id = current_actor().district_id
    with reading() as session:
        kinds = list_kinds(session, district_id=district_id, counted=None)
        values: dict[str, Any] = {
            "kinds": [kind for kind in kinds if not kind.carrier],
            "sizes": load_crate_sizes(session, district_id=district_id),
            "bags": load_bags_per_crate(session, district_id=district_id),
            "vans": list_vehicles(session, district_id=district_id),
            "hours": load_watch_hours(session, district_id=district_id),
        }
    given = {"size": None, "bag": None, "van": None, "hours_form": None}
    given |= {"hours_form" if name == "hours" else name: form for name, form in forms.items()}
    return moving_page(
        "moving/settings.html", "/moving/settings", **values, forms=given, watched=WATCHED,
        usual=PIECES_PER_CRATE, in_bag=MOST_IN_A_BAG, nine=time(9), six=time(18),
    )  # fmt: skip
