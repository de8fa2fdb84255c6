"""/office/machines/<place>: one machine, how it is set up, what changed, what it did not take."""

from datetime import timedelta
from typing import Any

from flask import redirect, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.loop.read.pieces import list_kinds
from lending.machines.fleet import find_machine, list_bottle_days, list_changes, list_refusals
from lending.machines.pages.desk import blueprint, machines_page
from lending.machines.setting import SetUp, load_machine_site, load_set_up, set_machine
from lending.machines.settings import FULL_AT, HOT_AT, KINDS
from lending.people.tables import Role
from lending.people.tokens import create_token
from lending.places.opening import list_opening
from lending.places.sites import list_sites
from lending.places.tables import SiteKind
from lending.web.access import current_actor, staff
from lending.web.context import district
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.schemas import MESSAGES, Text
from lending.web.services import now, reading, write

MOST_SITES = 500
BOTTLE_DAYS = timedelta(days=14)
KEEPERS = tuple(kind for kind in SiteKind if kind not in KINDS)


class SetUpForm(Schema):
    """How a machine is set up."""

    model = Text(max_length=100, load_default="")
    keeper = Text(max_length=20, load_default="")
    accepts = fields.List(Text(max_length=40), load_default=list)
    takes_bottles = fields.Boolean(load_default=False)
    full_at = fields.Integer(
        load_default=FULL_AT, error_messages=MESSAGES,
        validate=validate.Range(1, 100, error=str(MESSAGES["invalid"])),
    )  # fmt: skip
    hot_at = fields.Integer(
        load_default=HOT_AT, error_messages=MESSAGES,
        validate=validate.Range(1, 150, error=str(MESSAGES["invalid"])),
    )  # fmt: skip


@blueprint.get("/office/machines/<int:site_id>")
@staff(Role.OFFICER)
def show_one(site_id: int) -> str:
    """One machine."""
    return _page(site_id)


@blueprint.post("/office/machines/<int:site_id>")
@staff(Role.OFFICER)
def post_set_up(site_id: int) -> Response | tuple[str, int]:
    """Sets the machine up anew; its next heartbeat tells it."""
    form, actor = read_form(SetUpForm()), current_actor()

    def work(session: Session) -> bool:
        values = form.values | {"accepts": tuple(form.values["accepts"])}
        set_machine(session, SetUp(**values), site_id=site_id, actor=actor, now=now())
        return True

    if not attempt(form, work):
        return _page(site_id, form=form), 422
    tell(_("바꿨어요. 기계는 다음 소식을 보낼 때 새 설정을 받아요."))
    return redirect(url_for("machines.show_one", site_id=site_id))


@blueprint.post("/office/machines/<int:site_id>/token")
@staff(Role.OFFICER)
def post_token(site_id: int) -> str:
    """Makes a token for the machine and shows it this once."""
    actor = current_actor()

    def work(session: Session) -> str:
        site = load_machine_site(session, site_id=site_id, district_id=actor.district_id)
        made = create_token(
            session, site=site.code, role=Role.MACHINE, name=site.name, now=now(),
            district_id=actor.district_id,
        )  # fmt: skip
        return made.token

    return _page(site_id, token=write(work))


def _page(site_id: int, *, form: Form | None = None, token: str | None = None) -> str:
    actor, moment = current_actor(), now()
    with reading() as session:
        site = load_machine_site(session, site_id=site_id, district_id=actor.district_id)
        machine = find_machine(session, site_id=site_id, now=moment)
        if machine is None:
            raise LendingError(Code.NOT_FOUND, field="site")
        since = moment.astimezone(district().zone).date() - BOTTLE_DAYS
        places = list_sites(session, district_id=actor.district_id, kinds=KEEPERS, limit=MOST_SITES)
        kinds = list_kinds(session, district_id=actor.district_id)
        opening = list_opening(session, site_id=site_id)
        values: dict[str, Any] = {
            "set_up": load_set_up(session, site_id=site_id),
            "changes": list_changes(session, site_id=site_id),
            "refusals": list_refusals(session, site=site, now=moment),
            "bottles": list_bottle_days(session, site_id=site_id, since=since),
        }
    return machines_page(
        "machines/one.html", machine=machine, form=form, token=token,
        places=[place for place in places if place.active],
        kinds=[kind for kind in kinds if not kind.carrier],
        hours=next((one for one in opening if one.valid_from <= moment), None), **values,
    )  # fmt: skip
