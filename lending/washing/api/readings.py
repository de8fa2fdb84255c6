"""POST /wash/readings: what washing machines measure, sent by them or by a program of the centre."""

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from lending.errors import Code, LendingError
from lending.loop import scan_parts as parts
from lending.loop.api.answers import answer_json, fails_with
from lending.loop.api.scans import read_json
from lending.people.tables import Role
from lending.washing.batches.readings import (
    MOST_AT_ONCE,
    ReadingReceipt,
    SentReading,
    note_readings,
)
from lending.washing.batches.tables import Measure, Stage
from lending.web.access import bearer, current_actor
from lending.web.errors import error_body
from lending.web.openapi import ErrorDetail
from lending.web.problems import explain_problem
from lending.web.schemas import Moment, Text
from lending.web.services import now, write

blueprint = Blueprint("wash", __name__, url_prefix="/api/v1/wash")


class SentValue(fields.Field[str | float]):
    """A number, or a text that should be one; whether it is, is judged for each reading."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str | float:
        if isinstance(value, str) and len(value) <= 40 and "\0" not in value:
            return value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value) if abs(value) < 1e300 else str(value)
        raise ValidationError("a number without its unit")


class ReadingIn(Schema):
    """A value in the unit of its measure: temperature in °C, detergent in grams per litre, time in
    seconds. Name the batch, or the machine (its name or number): then it is of the batch that the
    machine ran at that time."""

    id = fields.UUID(required=True)
    measure = fields.Enum(Measure, by_value=True, required=True)
    value = SentValue(required=True, metadata={"type": ["number", "string"], "example": 82.5})
    at = Moment()
    batch_id = fields.UUID(data_key="batch", load_default=None, allow_none=True)
    machine = Text(max_length=100, load_default=None, allow_none=True)
    stage = fields.Enum(Stage, by_value=True, load_default=None, allow_none=True)

    @validates_schema
    def _names_one(self, data: dict[str, Any], **_: Any) -> None:
        if (data.get("batch_id") is None) == (data.get("machine") is None):
            raise ValidationError("batch or machine", "batch")


class ReadingsIn(Schema):
    """Up to 500 readings; safe to send again with the same ids."""

    readings = fields.List(
        fields.Nested(ReadingIn), required=True, validate=validate.Length(1, MOST_AT_ONCE)
    )


class ReadingReceiptOut(Schema):
    """What became of one reading."""

    id = fields.UUID(required=True, allow_none=True)
    result = fields.String(
        required=True, validate=validate.OneOf(["recorded", "repeated", "refused"])
    )
    batch = fields.UUID(required=True, allow_none=True)
    error = fields.Nested(ErrorDetail)


class ReadingReceiptsOut(Schema):
    """A receipt for each reading, in the order sent."""

    now = fields.AwareDateTime(required=True)
    receipts = fields.List(fields.Nested(ReadingReceiptOut), required=True)


@blueprint.post("/readings")
@blueprint.doc(
    requestBody={"required": True, "content": {"application/json": {"schema": ReadingsIn}}},
)
@blueprint.response(200, ReadingReceiptsOut)
@fails_with(401, 403, 413, 422)
@bearer(Role.MACHINE, Role.WASH)
def post_readings() -> Response:
    """Note 1 to 500 readings of the token's washing centre.

    Each is judged by itself: one that is refused (a unit in its value, an unknown machine, a batch
    that did not run then) or has a wrong shape spoils no other. A reading sent again with its id is
    noted once.
    """
    raw = _read_call(request.get_data(cache=False))
    schema = ReadingIn()
    sent: dict[int, SentReading] = {}
    bad: dict[int, str | None] = {}
    for position, one in enumerate(raw):
        try:
            sent[position] = SentReading(**schema.load(one))
        except ValidationError as error:
            bad[position] = _field_of(error)
    moment, actor = now(), current_actor()
    told = write(lambda s: note_readings(s, list(sent.values()), actor=actor, now=moment))
    receipts = dict(zip(sent, told, strict=True))
    return answer_json(
        {
            "now": now(),
            "receipts": [
                _receipt(receipts[position]) if position in receipts else _bad(one, bad[position])
                for position, one in enumerate(raw)
            ],
        }
    )


def _read_call(body: bytes) -> list[Any]:
    call = read_json(body)
    readings = call.get("readings") if type(call) is dict else None
    if type(readings) is not list or not readings:
        raise LendingError(Code.INVALID, field="readings")
    if len(readings) > MOST_AT_ONCE:
        raise LendingError(Code.TOO_LARGE, field="readings")
    if unknown := call.keys() - {"readings"}:
        raise LendingError(Code.INVALID, field=parts.shown_name(min(unknown)))
    return readings


def _field_of(error: ValidationError) -> str | None:
    """The first input at fault."""
    names = error.messages if isinstance(error.messages, dict) else {}
    name = next(iter(names), None)
    return parts.shown_name(name) if isinstance(name, str) and name != "_schema" else None


def _bad(raw: Any, field: str | None) -> dict[str, Any]:
    try:
        id = parts.read_uuid(raw.get("id")) if type(raw) is dict else None
    except parts.BadPart:
        id = None
    error = error_body(Code.INVALID, field=field)["error"]
    return {"id": id, "result": "refused", "batch": None, "error": error}


def _receipt(receipt: ReadingReceipt) -> dict[str, Any]:
    if receipt.error is None:
        result = "repeated" if receipt.repeated else "recorded"
        return {"id": receipt.id, "result": result, "batch": receipt.batch_id}
    error = error_body(receipt.error.code, field=receipt.error.field)["error"]
    if words := explain_problem(receipt.error.detail):
        error["next_step"] = words
    return {"id": receipt.id, "result": "refused", "batch": None, "error": error}
