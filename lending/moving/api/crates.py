"""A crate is scanned on its way, by somebody without a round: recorded once, answered in words."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify
from marshmallow import fields, validate

from lending.errors import LendingError
from lending.loop.clock import moment_told
from lending.moving.api.shapes import Told
from lending.moving.packing.crates import CrateView, find_crate_view
from lending.moving.pages.crate_words import words_of_move, words_of_refusal
from lending.moving.pages.names import load_names
from lending.moving.rounds.beeps import Beep, Move
from lending.moving.rounds.dispatch import move_crate
from lending.people.tables import Role
from lending.requests.pickups.views import bags_taken
from lending.web.access import current_actor, station
from lending.web.schemas import FromTablet, Text
from lending.web.services import now, reading, services, write
from lending.web.stations import read_body

blueprint = Blueprint("moving_crates_api", __name__)
STILL_ASKED = timedelta(seconds=60)  # what was scanned longer ago has happened
OF_THE_CRATE = {"crate", "to", "code", None}


class MoveBody(FromTablet):
    """A crate's scan; `to`: where one goes that no list was packed for."""

    id = fields.UUID(required=True)
    seq = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 2**53)
    )
    move = fields.Enum(Move, by_value=True, required=True)
    crate = Text(required=True, max_length=300)
    to = Text(max_length=40, load_default=None, allow_none=True)


@blueprint.post("/moving/crates/beep")
@station(Role.WASH, Role.COURIER)
def post_beep() -> Response:
    """MoveBody → what it came to in words, and the crate; 200 for what is refused at it too."""
    values, actor, moment = read_body(MoveBody()), current_actor(), now()
    told_at = (values[name] for name in ("at", "sent_at", "clock_error", "clock_lost"))
    at = moment_told(Told(*told_at), now=moment)
    beep = Beep(
        values["id"], values["move"], values["crate"], at, values["site"], values["to"],
        ask=moment - at <= STILL_ASKED, seq=values["seq"],
    )  # fmt: skip
    error: LendingError | None = None
    crate: CrateView | None
    try:
        answer = write(
            lambda session: move_crate(session, beep, actor=actor, keys=services().keys, now=moment)
        )
        crate = answer.crate
    except LendingError as caught:
        if caught.field not in OF_THE_CRATE:
            raise
        error = caught
    with reading() as session:
        if error is not None:
            crate = find_crate_view(
                session, code=values["crate"], district_id=actor.district_id
            )  # fmt: skip
            told = words_of_refusal(error, crate)
        else:
            names = load_names(session, district_id=actor.district_id)
            by_piece = bool(bags_taken(session, codes=[answer.crate.code]))
            place = names.site(crate.to_site) if crate else ""
            told = words_of_move(answer, values["move"], place, by_piece=by_piece)
    body: dict[str, Any] = {
        "id": values["id"], "code": crate.code if crate else values["crate"],
        "outcome": "refused" if error else "moved", "error": error.code if error else None,
        "now": moment,
    }  # fmt: skip
    return jsonify(body | asdict(told))
