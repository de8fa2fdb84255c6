"""A pick-up that waits is put onto a round of the day, one under way as well."""

import uuid

from flask import Blueprint, redirect, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.moving.rounds.joining import join_pickup
from lending.people.tables import Role
from lending.web.access import current_actor, staff
from lending.web.forms import read_form, tell
from lending.web.services import now, services, write

blueprint = Blueprint("round_pickups", __name__)


class JoinForm(Schema):
    """Onto which round."""

    round = fields.UUID(required=True)


@blueprint.post("/moving/pickups/<uuid:pickup_id>/round")
@staff(Role.OFFICER)
def post_join(pickup_id: uuid.UUID) -> Response:
    """The request becomes a stop of the round, where the way becomes least longer."""
    form, actor = read_form(JoinForm()), current_actor()
    if form.errors:
        raise LendingError(Code.INVALID, field="round")
    round_id = form.values["round"]
    drive = write(
        lambda s: join_pickup(
            s, round_id=round_id, pickup_id=pickup_id, actor=actor, keys=services().keys, now=now()
        )
    )
    place = next(
        stop.position
        for stop in reversed(drive.stops)
        if stop.pickup and stop.pickup.request.id == pickup_id
    )
    tell(_("%(van)s의 %(place)s번째로 넣었어요.", van=drive.van, place=place))
    return redirect(url_for("rounds.show_round", round_id=round_id, _anchor=f"stop-{place}"))
