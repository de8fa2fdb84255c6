"""/office/loans/…/dropped: "I dropped it" said by a caller, and taken back."""

import uuid

from flask import redirect, url_for
from flask_babel import gettext as _
from marshmallow import Schema
from werkzeug.wrappers import Response

from lending.office.dropped import drop_for_caller, withdraw_for_caller
from lending.office.pages.desk import blueprint, day
from lending.office.pages.loans import loan_page
from lending.people.tables import Role
from lending.web.access import current_actor, staff
from lending.web.context import district
from lending.web.forms import attempt, read_form, tell
from lending.web.schemas import Text
from lending.web.services import now, write


class DroppedForm(Schema):
    """Where (empty: not known) and on which day the caller brought the cup back."""

    site = Text(max_length=40, load_default="")
    day = day(required=True)


@blueprint.post("/office/loans/<uuid:lend_id>/dropped")
@staff(Role.OFFICER)
def post_dropped(lend_id: uuid.UUID) -> Response | tuple[str, int]:
    """Takes the caller's word; the loan's clock stops at once."""
    form, actor = read_form(DroppedForm()), current_actor()
    taken = attempt(
        form,
        lambda s: drop_for_caller(
            s,
            lend_id=lend_id,
            site=form.values["site"] or None,
            day=form.values["day"],
            zone=district().zone,
            actor=actor,
            now=now(),
        ),
    )
    if taken is None:
        return loan_page(lend_id, drop_form=form), 422
    if taken.stops_clock:
        tell(_("적었어요. 이 대여의 기한과 알림을 멈췄어요. 컵이 찍히면 저절로 끝나요."))
    else:
        tell(_("적었어요. 확인되지 않은 말이 이어져서 기한은 그대로예요. 확인할 일에 올렸어요."))
    return redirect(url_for("office.show_loan", lend_id=lend_id))


@blueprint.post("/office/loans/<uuid:lend_id>/found")
@staff(Role.OFFICER)
def post_found(lend_id: uuid.UUID) -> Response:
    """The caller has it after all: the clock goes on as before."""
    actor = current_actor()
    write(lambda s: withdraw_for_caller(s, lend_id=lend_id, actor=actor, now=now()))
    tell(_("적었어요. 돌려줄 날은 처음 그대로예요."))
    return redirect(url_for("office.show_loan", lend_id=lend_id))
