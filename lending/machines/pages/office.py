"""/office/machines: every machine of the district with its state, and what holds for all of them."""

from flask import redirect, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.machines.fleet import list_machines
from lending.machines.pages.desk import blueprint, machines_page
from lending.machines.rules import LONGEST_SILENCE, MOST_BOTTLES, Rules, load_rules, set_rules
from lending.people.tables import Role
from lending.web.access import current_actor, staff
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.schemas import MESSAGES, decode_cursor, encode_cursor
from lending.web.services import now, reading

PAGE = 100


class RulesForm(Schema):
    """What holds for all machines."""

    silent_minutes = fields.Integer(
        required=True, error_messages=MESSAGES,
        validate=validate.Range(2, LONGEST_SILENCE, error=str(MESSAGES["invalid"])),
    )  # fmt: skip
    bottles_a_day = fields.Integer(
        required=True, error_messages=MESSAGES,
        validate=validate.Range(0, MOST_BOTTLES, error=str(MESSAGES["invalid"])),
    )  # fmt: skip


@blueprint.get("/office/machines")
@staff(Role.OFFICER)
def list_all() -> str:
    """The machines by the code of their place."""
    return _page(None)


@blueprint.post("/office/machines/rules")
@staff(Role.OFFICER)
def post_rules() -> Response | tuple[str, int]:
    """Changes what holds for all machines, from now on."""
    form, actor = read_form(RulesForm()), current_actor()

    def work(session: Session) -> bool:
        set_rules(session, Rules(**form.values), actor=actor, now=now())
        return True

    if not attempt(form, work):
        return _page(form), 422
    tell(_("기준을 바꿨어요."))
    return redirect(url_for("machines.list_all"))


def _page(form: Form | None) -> str:
    district_id, moment = current_actor().district_id, now()
    with reading() as session:
        found = list_machines(
            session, district_id=district_id, after=_after(), limit=PAGE + 1, now=moment
        )
        rules = load_rules(session, district_id=district_id)
    return machines_page(
        "machines/office.html", machines=found[:PAGE], rules=rules, form=form,
        next=encode_cursor([found[PAGE - 1].site.code]) if len(found) > PAGE else None,
    )  # fmt: skip


def _after() -> str | None:
    text = request.args.get("after")
    if not text:
        return None
    try:
        return str(decode_cursor(text)[0])
    except (ValueError, IndexError) as error:
        raise LendingError(Code.INVALID, field="after") from error
