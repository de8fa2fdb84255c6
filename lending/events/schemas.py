"""What the endpoints of events take and give, field by field: the published truth."""

from marshmallow import Schema, fields, validate

from lending.events.values import Answer, BackHow, EventKind, Stage, StatementWhy
from lending.loop.schemas.sent import PageQuery
from lending.web.schemas import Moment, Text, page_of

CODE = 300  # whatever a reader sends for a crate
MOST_PIECES = 100_000


class EventsQuery(PageQuery):
    """Which events: those not over, or those of a stage; of one hall where it is named."""

    stage = fields.Enum(Stage, by_value=True)
    site = Text(max_length=40)


class HallEventOut(Schema):
    """An event; `out`: crates still there, `must_go_back`: they are to come back today."""

    id = fields.UUID(required=True)
    stage = fields.Enum(Stage, by_value=True, required=True)
    kind = fields.Enum(EventKind, by_value=True, required=True)
    site = fields.String(required=True)
    room = fields.String(required=True)
    place = fields.String(required=True)
    from_at = fields.AwareDateTime(required=True, data_key="from")
    until_at = fields.AwareDateTime(required=True, data_key="until")
    guests = fields.Integer(required=True)
    crates = fields.Integer(required=True)
    out = fields.Integer(required=True)
    packed = fields.Integer(required=True)
    count_by = fields.AwareDateTime(required=True, allow_none=True)
    must_go_back = fields.Boolean(required=True)


HallEventPage = page_of(HallEventOut)


class _ToldIn(Schema):
    """Sent again with the same `id` it is the same. `at`: when it was, `sent_at`: by that clock."""

    id = fields.UUID(required=True)
    crate = Text(required=True, max_length=CODE)
    signed = Text(required=True, max_length=40)
    at = Moment()
    sent_at = Moment()


class HandOutBody(_ToldIn):
    """A crate handed to an event. `signed`: who takes it over, by role or initials; `seal`: the
    number read on it. With `ask` it may still be refused; without, it has happened."""

    seal = Text(max_length=40, load_default=None, allow_none=True)
    ask = fields.Boolean(load_default=True)


class CrateBackBody(_ToldIn):
    """A crate that comes back to its hall, `sealed` if nobody opened it."""

    sealed = fields.Boolean(load_default=False)
    seal = Text(max_length=40, load_default=None, allow_none=True)


class HandedCrateOut(Schema):
    """A crate at an event, what was in it by kind, and how its time there ended."""

    id = fields.UUID(required=True)
    code = fields.String(required=True)
    event_id = fields.UUID(required=True, data_key="event")
    seal = fields.String(required=True)
    top_up = fields.Boolean(required=True)
    signed = fields.String(required=True)
    handed_at = fields.AwareDateTime(required=True)
    pieces = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    back_how = fields.Enum(BackHow, by_value=True, required=True, allow_none=True)
    back_at = fields.AwareDateTime(required=True, allow_none=True)


class CountLineIn(Schema):
    """A kind of counted ware: whole ones and broken ones."""

    kind = Text(required=True, max_length=40)
    found = fields.Integer(required=True, strict=True, validate=validate.Range(0, MOST_PIECES))
    broken = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, MOST_PIECES))


class ForeignIn(Schema):
    """Ware that is not ours, in words."""

    what = Text(required=True, max_length=100)
    pieces = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_PIECES))


class CountBody(Schema):
    """The centre's count: a line for every counted kind that was sent. `received`, `broken`: codes
    of pieces scanned with it, from the crate `crate`. `anyway`: although crates are still out."""

    id = fields.UUID(required=True)
    at = Moment()
    sent_at = Moment()
    site = Text(max_length=40, load_default=None, allow_none=True)
    lines = fields.List(
        fields.Nested(CountLineIn), required=True, validate=validate.Length(max=100)
    )
    foreign = fields.List(
        fields.Nested(ForeignIn), load_default=list, validate=validate.Length(max=100)
    )
    received = fields.List(
        Text(max_length=CODE), load_default=list, validate=validate.Length(max=5000)
    )
    broken = fields.List(
        Text(max_length=CODE), load_default=list, validate=validate.Length(max=5000)
    )
    crate = Text(max_length=CODE, load_default=None, allow_none=True)
    note = Text(max_length=500, load_default="")
    anyway = fields.Boolean(load_default=False)


class StatementLineOut(Schema):
    """A kind (its code), or ware that is not ours (`what`); `crate`: no ware, but what it was in;
    `price` in won for each piece."""

    kind = fields.String(required=True)
    what = fields.String(required=True)
    crate = fields.Boolean(required=True, attribute="carrier")
    sent = fields.Integer(required=True)
    returned = fields.Integer(required=True)
    broken = fields.Integer(required=True)
    missing = fields.Integer(required=True)
    surplus = fields.Integer(required=True)
    foreign = fields.Integer(required=True)
    price = fields.Integer(required=True, allow_none=True)


class StatementOut(Schema):
    """The latest version of an event's statement; `sent_at`: the centre confirmed it."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    why = fields.Enum(StatementWhy, by_value=True, required=True)
    centre = fields.String(required=True)
    counted_at = fields.AwareDateTime(required=True)
    sent_at = fields.AwareDateTime(required=True, allow_none=True)
    answer_by = fields.AwareDateTime(required=True, allow_none=True)
    answer = fields.Enum(Answer, by_value=True, required=True, allow_none=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)
    charge = fields.Integer(required=True, allow_none=True)
    lines = fields.List(fields.Nested(StatementLineOut), required=True)
