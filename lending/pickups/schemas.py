"""What the forms of pick-ups may hold."""

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from lending.requests.pickups.hours import MOST_HOURS
from lending.requests.pickups.places import LONGEST_ADDRESS, LONGEST_NOTE
from lending.requests.pickups.tables import Where
from lending.web.schemas import MESSAGES, Cursor, Text


class AskForm(Schema):
    """Where and when; `id` is the form's own, so that a second tap asks for nothing more."""

    id = fields.UUID(required=True, error_messages=MESSAGES)
    place = fields.Enum(Where, by_value=True, required=True, error_messages=MESSAGES)
    note = Text(max_length=LONGEST_NOTE, load_default="")
    address = Text(max_length=LONGEST_ADDRESS, load_default="")
    window = Text(required=True, max_length=20)
    latitude = fields.Float(load_default=None)
    longitude = fields.Float(load_default=None)


class RequestCodeForm(Schema):
    """The code of a request, as it was typed."""

    code = Text(required=True, max_length=40)


class ReasonForm(Schema):
    """Why an officer decides so."""

    reason = Text(required=True, max_length=200)


def _hours() -> fields.Integer:
    message = _("%(least)s부터 %(most)s까지의 시간을 써 주세요.", least=1, most=MOST_HOURS)
    return fields.Integer(
        required=True,
        error_messages=MESSAGES,
        validate=validate.Range(1, MOST_HOURS, error=message),
    )


class HoursForm(Schema):
    """After how many hours something is late, missing or unseen."""

    late = _hours()
    missing = _hours()
    unseen = _hours()


class EndedQuery(Schema):
    """Where a page of ended requests begins."""

    after = Cursor()
