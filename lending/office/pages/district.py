"""/office/settings, and /office/district: its name, time zone and help desk."""

from zoneinfo import available_timezones

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from marshmallow import Schema
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.office.pages.desk import blueprint
from lending.office.set_up import what_is_missing
from lending.people.tables import Role
from lending.places.districts import change_district, rename_district
from lending.web.access import current_actor, staff
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.schemas import Text
from lending.web.services import reading


class DistrictForm(Schema):
    """What a district calls itself."""

    name = Text(required=True, max_length=100)
    name_en = Text(max_length=100, load_default="")
    timezone = Text(required=True, max_length=60)
    helpdesk = Text(max_length=100, load_default="")


@blueprint.get("/office/settings")
@staff(Role.OFFICER)
def settings() -> str:
    """Where everything a district decides is changed."""
    return render_template("office/settings.html")


@blueprint.get("/office/start")
@staff(Role.OFFICER)
def start() -> str:
    """The steps of a new district, each marked when it is done."""
    with reading() as session:
        missing = what_is_missing(session, district_id=current_actor().district_id)
    return render_template("office/start.html", missing=missing)


@blueprint.get("/office/district")
@staff(Role.OFFICER)
def show_district() -> str:
    """Name, time zone and help desk."""
    return _district_page(None)


@blueprint.post("/office/district")
@staff(Role.OFFICER)
def post_district() -> Response | tuple[str, int]:
    """Changes them; labels and codes stay as they are."""
    form, actor = read_form(DistrictForm()), current_actor()

    def work(session: Session) -> bool:
        values = form.values
        of = {"district_id": actor.district_id}
        rename_district(session, name=values["name"], name_en=values["name_en"], **of)
        change_district(session, helpdesk=values["helpdesk"], timezone=values["timezone"], **of)
        return True

    if not attempt(form, work):
        return _district_page(form), 422
    tell(_("바꿨어요."))
    return redirect(url_for("office.show_district"))


def _district_page(form: Form | None) -> str:
    return render_template("office/district.html", form=form, zones=sorted(available_timezones()))
