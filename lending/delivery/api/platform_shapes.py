"""What delivery platforms send and are answered; written by hand, field for field."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from lending.delivery.orders.book import LONGEST_NUMBER
from lending.delivery.orders.sealed import LONGEST as LONGEST_CONTACT
from lending.delivery.orders.views import OrderView
from lending.delivery.platforms.announcing import LONGEST_REF
from lending.delivery.platforms.shops import LONGEST_SHOP
from lending.delivery.platforms.words import OrderWord, Result
from lending.delivery.tables import ContactKind, OrderStatus
from lending.requests.pickups.places import LONGEST_ADDRESS, LONGEST_NOTE, OrderSpot
from lending.web.schemas import Text

MOST_REVISIONS = 2**31 - 1


class AddressIn(Schema):
    """Where the order is brought to. Degrees (WGS 84), both or neither."""

    address = Text(data_key="text", required=True, max_length=LONGEST_ADDRESS)
    note = Text(max_length=LONGEST_NOTE, load_default="")
    latitude = fields.Float(
        load_default=None, allow_none=True, allow_nan=False, validate=validate.Range(-90, 90)
    )
    longitude = fields.Float(
        load_default=None, allow_none=True, allow_nan=False, validate=validate.Range(-180, 180)
    )

    @validates_schema
    def _both_or_none(self, data: dict[str, Any], **_: Any) -> None:
        if (data.get("latitude") is None) != (data.get("longitude") is None):
            raise ValidationError("both or neither", "latitude")


class CancelIn(Schema):
    """An order that is off."""

    ref = Text(
        data_key="order", required=True, max_length=LONGEST_REF,
        validate=validate.Regexp("^[0-9A-Za-z][0-9A-Za-z._:~-]*$"),
        metadata={"description": "The platform's own id of the order."},
    )  # fmt: skip
    revision = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, MOST_REVISIONS)
    )
    shop = Text(required=True, max_length=LONGEST_SHOP)


class OrderIn(CancelIn):
    """The whole order as it is now. What is left out or null was not told and stays as it was."""

    reusable = fields.Boolean(required=True, truthy={True}, falsy={False})
    number = Text(load_default=None, allow_none=True, max_length=LONGEST_NUMBER)
    contact = Text(load_default=None, allow_none=True, max_length=LONGEST_CONTACT)
    orderer = Text(
        load_default=None, allow_none=True, max_length=LONGEST_CONTACT,
        metadata={"description": "The platform's own sign for the orderer."},
    )  # fmt: skip
    address = fields.Nested(AddressIn, load_default=None, allow_none=True)


class OrderOut(Schema):
    """An order as it stands now; `contact` says only what kind of contact is known."""

    ref = fields.String(data_key="order", required=True)
    revision = fields.Integer(required=True)
    number = fields.String(required=True, allow_none=True)
    reusable = fields.Boolean(required=True)
    contact = fields.Enum(ContactKind, by_value=True, required=True)
    status = fields.Enum(OrderStatus, by_value=True, required=True)
    seq = fields.Integer(required=True)


class OrderTakenOut(OrderOut):
    """The same, and what became of what was sent."""

    result = fields.Enum(Result, by_value=True, required=True)


class LineOut(Schema):
    """A status the order came to; `seq` counts from 1 without a gap."""

    seq = fields.Integer(required=True)
    status = fields.Enum(OrderStatus, by_value=True, required=True)
    at = fields.AwareDateTime(required=True)


class OrderStoryOut(OrderOut):
    """An order and its history."""

    history = fields.List(fields.Nested(LineOut), required=True)


class StatusTold(Schema):
    """What is posted to a platform. A trial, by which an officer tries the address, has only `id`,
    `event` and `at`."""

    id = fields.UUID(required=True)
    event = fields.String(required=True, validate=validate.OneOf(["order.status", "trial"]))
    ref = fields.String(data_key="order")
    seq = fields.Integer()
    status = fields.Enum(OrderStatus, by_value=True)
    at = fields.AwareDateTime(required=True)


def order_word(values: dict[str, Any]) -> OrderWord:
    """A loaded OrderIn as the word it is."""
    address = values.pop("address")
    token = values.pop("orderer")
    return OrderWord(**values, token=token, spot=OrderSpot(**address) if address else None)


def dump_order(order: OrderView) -> dict[str, Any]:
    """An order as OrderOut has it."""
    return {
        "order": order.platform_ref,
        "revision": order.revision,
        "number": order.number,
        "reusable": order.reusable,
        "contact": order.contact,
        "status": order.status,
        "seq": order.status_seq,
    }
