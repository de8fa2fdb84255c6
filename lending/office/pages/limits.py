"""/office/limits: how long something may wait, and who is told then."""

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from marshmallow import Schema
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.loop.policy.edit import MOST_LIMIT_DAYS, list_limits, set_limit
from lending.loop.policy.limits import DEFAULT_LIMITS, Limit, LimitOwner, load_limits
from lending.office.pages import words
from lending.office.pages.desk import begins, blueprint, day, one_of, today, whole
from lending.people.tables import Role
from lending.web.access import current_actor, staff
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.services import now, reading


class LimitForm(Schema):
    """One limit and when it begins."""

    state = one_of(list(DEFAULT_LIMITS), required=True)
    days = whole(1, MOST_LIMIT_DAYS, required=True)
    owner = one_of([owner.value for owner in LimitOwner], required=True)
    from_day = day(load_default=None)


@blueprint.get("/office/limits")
@staff(Role.OFFICER)
def limits() -> str:
    """What is in force now, and every version."""
    return _limits_page(None)


@blueprint.post("/office/limits")
@staff(Role.OFFICER)
def post_limit() -> Response | tuple[str, int]:
    """A new version of one limit."""
    form, actor, moment = read_form(LimitForm()), current_actor(), now()

    def work(session: Session) -> bool:
        set_limit(
            session,
            district_id=actor.district_id,
            state=form.values["state"],
            limit=Limit(form.values["days"], LimitOwner(form.values["owner"])),
            valid_from=begins(form.values["from_day"], moment),
            now=moment,
        )
        return True

    if not attempt(form, work):
        if "valid_from" in form.errors:
            form.errors["from_day"] = form.errors.pop("valid_from")
        return _limits_page(form), 422
    tell(_("한도를 바꿨어요."))
    return redirect(url_for("office.limits"))


def _limits_page(form: Form | None) -> str:
    district_id, moment = current_actor().district_id, now()
    with reading() as session:
        in_force = load_limits(session, district_id=district_id, now=moment)
        versions = list_limits(session, district_id=district_id)
    return render_template(
        "office/limits.html",
        in_force=in_force,
        versions=versions,
        form=form,
        today=today(),
        moment=moment,
        words=words,
    )
