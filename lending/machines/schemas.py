"""What machines send and what they are answered."""

from marshmallow import Schema, fields, validate

from lending.loop import scan_parts as parts
from lending.loop.schemas.sent import MOMENT, UUID, Part
from lending.machines.bottles import MOST_AT_ONCE, MOST_OFFERED
from lending.machines.tables import Why
from lending.people.envelopes import LONGEST_SEALED
from lending.photos.pictures import MOST_BYTES
from lending.web.openapi import ErrorDetail
from lending.web.schemas import FromTablet, Moment, Text

MOST_RETURNS = 1000
MOST_ERRORS = 10
LONGEST_ERROR = 80
LONGEST_BASE64 = MOST_BYTES * 4 // 3 + 4
RESULTS = ("recorded", "repeated", "refused")


class HeartbeatIn(Schema):
    """How a machine is now. What it cannot tell is null or left out. `settings`: the version of
    the settings that it works by."""

    fullness = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 100),
        metadata={"description": "Per cent."},
    )  # fmt: skip
    temperature = fields.Float(
        load_default=None, allow_none=True, validate=validate.Range(-60, 200),
        metadata={"description": "°C, inside."},
    )  # fmt: skip
    software = Text(max_length=40, load_default="")
    errors = fields.List(
        Text(max_length=LONGEST_ERROR, required=True, validate=validate.Length(min=1)),
        load_default=list, validate=validate.Length(max=MOST_ERRORS),
        metadata={"description": "In its own words what is wrong; empty: nothing."},
    )  # fmt: skip
    settings = Text(max_length=20, load_default="")


class SettingsOut(Schema):
    """What a machine works by. `accepts`: codes of kinds, null for every kind. Days: 0 is Monday;
    hours in the district's time."""

    accepts = fields.List(fields.String(), required=True, allow_none=True)
    bottles = fields.Boolean(required=True)
    open_weekdays = fields.List(fields.Integer(validate=validate.Range(0, 6)), required=True)
    opens = fields.String(required=True, allow_none=True, metadata={"example": "09:00"})
    closes = fields.String(required=True, allow_none=True, metadata={"example": "21:00"})
    closed_days = fields.List(
        fields.Date(), required=True,
        metadata={"description": "Announced ones of the next two months, closed whatever the weekday."},
    )  # fmt: skip
    full_at = fields.Integer(required=True, metadata={"description": "Per cent."})
    hot_at = fields.Integer(required=True, metadata={"description": "°C."})
    heartbeat_seconds = fields.Integer(required=True)
    timezone = fields.String(required=True, metadata={"example": "Asia/Seoul"})
    sealing_key = fields.String(
        required=True,
        metadata={"description": "Persons are sealed with it before they are stored."},
    )


class HeartbeatOut(Schema):
    """`settings` is null where the machine works by this version already."""

    now = fields.AwareDateTime(required=True)
    version = fields.String(required=True)
    settings = fields.Nested(SettingsOut, required=True, allow_none=True)


class ReturnIn(Schema):
    """A piece that was put in. The same `id` again is the same return. `member`: the member QR shown
    beside it, sealed with the settings' `sealing_key` or plain, for the points to come."""

    id = Part(parts.read_uuid, required=True, metadata=UUID)
    code = Part(
        parts.read_code_text,
        required=True,
        metadata={"type": "string", "minLength": 1, "maxLength": parts.LONGEST_CODE},
    )
    at = Part(parts.read_moment, required=True, metadata=MOMENT)
    seq = Part(parts.read_number, metadata={"type": "integer", "minimum": 0})
    clock_error = Part(parts.read_seconds, metadata={"type": "number"})
    clock_lost = Part(parts.read_flag, metadata={"type": "boolean"})
    member = Part(
        parts.text_reader(LONGEST_SEALED),
        metadata={"type": "string", "minLength": 1, "maxLength": LONGEST_SEALED},
    )


class ReturnsIn(Schema):
    """1 to 1,000 returns; one of a wrong shape is refused at its place, the others are recorded."""

    sent_at = Part(parts.read_moment, required=True, metadata=MOMENT)
    returns = fields.List(
        fields.Nested(ReturnIn), required=True, validate=validate.Length(1, MOST_RETURNS)
    )


class RefusalIn(FromTablet):
    """A piece that was not taken; `code`: what could be read; `photo`: a picture in base64."""

    id = fields.UUID(required=True)
    why = fields.Enum(Why, by_value=True, required=True)
    code = Text(max_length=parts.LONGEST_CODE, load_default="")
    photo = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(max=LONGEST_BASE64)
    )

    class Meta:
        exclude = ("site",)  # a machine speaks for its own place alone


class WayOut(Schema):
    """A place that takes the piece; `metres` null where no position is known."""

    code = fields.String(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    metres = fields.Integer(required=True, allow_none=True)
    open = fields.Boolean(required=True)


class ScreenOut(Schema):
    """What the machine's screen shows to the person who still holds the piece; `clock` is empty
    where no piece of ours was read."""

    title = fields.String(required=True)
    where = fields.String(required=True)
    clock = fields.String(required=True)


class ScreensOut(Schema):
    """The same in both languages."""

    ko = fields.Nested(ScreenOut, required=True)
    en = fields.Nested(ScreenOut, required=True)


class MachineRefusalOut(Schema):
    """Where the piece can go instead; the same whether it is lent or not."""

    now = fields.AwareDateTime(required=True)
    result = fields.String(required=True, validate=validate.OneOf(RESULTS[:2]))
    places = fields.List(fields.Nested(WayOut), required=True)
    screen = fields.Nested(ScreensOut, required=True)


class DepositIn(Schema):
    """Bottles put in by one person in one go. `person`: the member QR, card or telephone number,
    sealed with the settings' `sealing_key` or plain; left out: nobody named."""

    id = fields.UUID(required=True)
    offered = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_OFFERED))
    at = Moment()
    person = Text(max_length=LONGEST_SEALED, load_default=None, allow_none=True)
    clock_error = fields.Float(
        load_default=None, allow_none=True, validate=validate.Range(-(10**9), 10**9)
    )
    clock_lost = fields.Boolean(load_default=False)


class DepositsIn(Schema):
    """1 to 200 deposits; one of a wrong shape is refused at its place."""

    sent_at = Moment()
    deposits = fields.List(
        fields.Nested(DepositIn), required=True, validate=validate.Length(1, MOST_AT_ONCE)
    )


class DepositReceiptOut(Schema):
    """`granted` of the bottles count; `named`: for the person who was named."""

    id = fields.UUID(required=True, allow_none=True)
    result = fields.String(required=True, validate=validate.OneOf(RESULTS))
    granted = fields.Integer(required=True)
    named = fields.Boolean(required=True)
    error = fields.Nested(ErrorDetail)


class DepositReceiptsOut(Schema):
    """A receipt for each deposit, in the order sent."""

    now = fields.AwareDateTime(required=True)
    receipts = fields.List(fields.Nested(DepositReceiptOut), required=True)
