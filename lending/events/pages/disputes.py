"""/events/disputes: lines that halls say are wrong, decided by the office."""

import uuid

from flask import redirect, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from werkzeug.wrappers import Response

from lending.errors import Code
from lending.events.pages.desk import Whole, blueprint, event_page
from lending.events.reading import events_by_id
from lending.events.statements.disputes import decide_dispute, list_disputes
from lending.events.values import DisputeDecision
from lending.people.tables import Role
from lending.web.access import current_actor, staff
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.schemas import Text
from lending.web.services import now, reading


class DecisionForm(Schema):
    """It stands, or says other numbers; an empty number stays as it was."""

    decision = fields.Enum(DisputeDecision, by_value=True, required=True)
    missing = Whole(load_default=None)
    broken = Whole(load_default=None)
    note = Text(max_length=500, load_default="")


@blueprint.get("/events/disputes")
@staff(Role.OFFICER)
def show_disputes() -> str:
    """All that wait, the oldest first."""
    return _page(None, None)


@blueprint.get("/events/disputes/<uuid:dispute_id>")
@staff(Role.OFFICER)
def show_dispute(dispute_id: uuid.UUID) -> str:
    """One of them; nothing where it is decided already."""
    return _page(dispute_id, None)


@blueprint.post("/events/disputes/<uuid:dispute_id>")
@staff(Role.OFFICER)
def post_dispute(dispute_id: uuid.UUID) -> Response | tuple[str, int]:
    """Decides it; with the last one of a statement its next version is written."""
    form, actor = read_form(DecisionForm()), current_actor()
    values = form.values
    corrected = values.get("decision") is DisputeDecision.CORRECTED
    made = attempt(
        form,
        lambda s: decide_dispute(
            s, dispute_id=dispute_id, decision=values["decision"], actor=actor, now=now(),
            broken=values["broken"] if corrected else None,
            missing=values["missing"] if corrected else None, note=values["note"],
        ),
    )  # fmt: skip
    if made is None:
        if Code.CONFLICT in form.errors or {"statement", "dispute"} & set(form.errors):
            form.errors[""] = _("그 사이에 이미 정했거나 새 확인서가 나왔어요.")
        for name in ("missing", "broken"):
            if name in form.errors:
                form.errors[""] = _("보낸 수보다 많을 수 없어요. 숫자를 다시 봐 주세요.")
        return _page(None, form), 422
    tell(_("정했어요."))
    return redirect(url_for("events.show_statement", event_id=made.event.id))


def _page(dispute_id: uuid.UUID | None, form: Form | None) -> str:
    actor, moment = current_actor(), now()
    with reading() as session:
        found = list_disputes(session, actor=actor, now=moment)
        shown = [one for one in found if dispute_id in (None, one.id)]
        of = {one.event_id for one in shown}
        events = events_by_id(session, event_ids=of, district_id=actor.district_id, now=moment)
    return event_page("events/disputes.html", "/events", disputes=shown, events=events, form=form)
