"""The shapes of the till's requests."""

from marshmallow import Schema, fields, validate

from lending.people.envelopes import LONGEST_SEALED
from lending.station.fact_parts import GREATEST_STAFF
from lending.web.schemas import FromTablet, Text


class BeepBody(FromTablet):
    """A piece's code under the reader; `by`: the staff signed in, if the till knows better."""

    id = fields.UUID(required=True)
    code = Text(required=True, max_length=300)
    seq = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 2**53)
    )
    borrower = Text(max_length=LONGEST_SEALED, load_default=None, allow_none=True)
    by = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(1, GREATEST_STAFF)
    )
    override = Text(max_length=200, load_default=None, allow_none=True)
    stocking = fields.Boolean(load_default=False)


class PersonBody(FromTablet):
    """A person's code or contact, sealed or plain."""

    borrower = Text(required=True, max_length=LONGEST_SEALED)


class ClaimBody(Schema):
    """A cup said to be back: `where` is a place's name or code, or any words; `day` a local one."""

    code = Text(required=True, max_length=300)
    where = Text(required=True, max_length=100)
    day = fields.Date(required=True)
