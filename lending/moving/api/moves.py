"""POST /moves: what machines and programs tell of crates on their way, each recorded once."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from lending.errors import LendingError
from lending.loop.clock import moment_told
from lending.moving.api.shapes import Told
from lending.moving.packing.crates import CrateView
from lending.moving.rounds.beeps import Beep, Move, MoveAnswer
from lending.moving.rounds.dispatch import move_crate
from lending.requests.round_tables import Way
from lending.web.access import bearer, current_actor
from lending.web.errors import error_body
from lending.web.openapi import ErrorOut
from lending.web.schemas import Moment, Text
from lending.web.services import now, services, write
from lending.web.stations import read_body

blueprint = Blueprint("moves", __name__, url_prefix="/api/v1")

MOST_MOVES = 200


class MoveIn(Schema):
    """One step of one crate. The same `id` sent again is the same step, however often it arrives.

    `at` is when it happened, by the sender's clock. `site` is where: the token's own place, or the
    crate's own way, when it is left out. `to` names the place a crate goes to that was packed for no
    list. With `ask` it may still be refused; without, it has happened.
    """

    id = fields.UUID(required=True)
    move = fields.Enum(Move, by_value=True, required=True)
    crate = Text(required=True, max_length=300)
    at = Moment()
    site = Text(max_length=40, load_default=None, allow_none=True)
    to = Text(max_length=40, load_default=None, allow_none=True)
    round = fields.UUID(load_default=None, allow_none=True)
    ask = fields.Boolean(load_default=False)
    seq = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 2**53)
    )


class MovesIn(Schema):
    """1 to 200 steps, in the order in which they happened; `sent_at`: by the same clock as `at`."""

    sent_at = Moment()
    moves = fields.List(
        fields.Nested(MoveIn), required=True, validate=validate.Length(1, MOST_MOVES)
    )


class CrateOut(Schema):
    """A crate as it stands now: what is in it by kind, and the way it is on or was on last."""

    code = fields.String(required=True)
    site = fields.String(required=True)
    pieces = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    way = fields.Enum(Way, by_value=True, required=True, allow_none=True)
    from_site = fields.String(required=True, allow_none=True, data_key="from")
    to_site = fields.String(required=True, allow_none=True, data_key="to")
    round_id = fields.UUID(required=True, allow_none=True, data_key="round")
    sealed_at = fields.AwareDateTime(required=True, allow_none=True)
    loaded_at = fields.AwareDateTime(required=True, allow_none=True)
    delivered_at = fields.AwareDateTime(required=True, allow_none=True)
    received_at = fields.AwareDateTime(required=True, allow_none=True)


class RefusalOut(Schema):
    """Why a step was refused."""

    code = fields.String(required=True)
    message = fields.String(required=True)
    next_step = fields.String(required=True)
    field = fields.String()


class MoveReceiptOut(Schema):
    """What became of one step; `carried`: pieces that moved with the crate."""

    id = fields.UUID(required=True)
    result = fields.String(
        required=True, validate=validate.OneOf(["recorded", "repeated", "refused"])
    )
    carried = fields.Integer(required=True)
    crate = fields.Nested(CrateOut, required=True, allow_none=True)
    error = fields.Nested(RefusalOut)


class MoveReceiptsOut(Schema):
    """One receipt for each step, in the order sent."""

    now = fields.AwareDateTime(required=True)
    receipts = fields.List(fields.Nested(MoveReceiptOut), required=True)


@blueprint.post("/moves")
@blueprint.doc(
    requestBody={"required": True, "content": {"application/json": {"schema": MovesIn}}},
)
@blueprint.response(200, MoveReceiptsOut)
@blueprint.alt_response(401, schema=ErrorOut, description="No token, or one not in force.")
@blueprint.alt_response(403, schema=ErrorOut, description="Not for this role or place.")
@blueprint.alt_response(422, schema=ErrorOut, description="`field` names what is not right.")
@bearer()
def post_moves() -> dict[str, Any]:
    """Tell of 1 to 200 crates loaded, delivered, received, taken or brought.

    Each step is recorded by itself, in the order sent: one that is refused never spoils its
    neighbours. A step sent again with its id is not recorded twice.
    """
    values = read_body(MovesIn())
    return {
        "now": now(),
        "receipts": [_record(one, values["sent_at"]) for one in values["moves"]],
    }


def _record(one: dict[str, Any], sent_at: Any) -> dict[str, Any]:
    """One step in a transaction of its own."""
    moment, actor, keys = now(), current_actor(), services().keys
    at = moment_told(Told(one["at"], sent_at, None), now=moment)
    beep = Beep(
        one["id"], one["move"], one["crate"], at, one["site"], one["to"], one["round"],
        one["ask"], one["seq"],
    )  # fmt: skip
    try:
        answer = write(
            lambda session: move_crate(session, beep, actor=actor, keys=keys, now=moment)
        )
    except LendingError as error:
        refusal = error_body(error.code, field=error.field)["error"]
        return {
            "id": beep.id, "result": "refused", "carried": 0, "crate": None, "error": refusal
        }  # fmt: skip
    return _recorded(beep, answer)


def _recorded(beep: Beep, answer: MoveAnswer) -> dict[str, Any]:
    crate: CrateView = answer.crate
    result = "repeated" if answer.again else "recorded"
    return {"id": beep.id, "result": result, "carried": answer.carried, "crate": crate}
