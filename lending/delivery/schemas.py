"""The shapes of the forms on a shop's pages."""

from marshmallow import Schema, fields, validate

from lending.delivery.orders.book import LONGEST_NUMBER
from lending.delivery.orders.sealed import LONGEST
from lending.loop.policy.shelf import MOST_DAYS
from lending.requests.pickups.places import LONGEST_ADDRESS, LONGEST_NOTE
from lending.web.schemas import Text


class NumberForm(Schema):
    """The number people say; `announced`: the platform's order it means."""

    number = Text(required=True, max_length=LONGEST_NUMBER)
    announced = fields.UUID(load_default=None, allow_none=True)


class ContactForm(Schema):
    """A phone number or a platform's own sign."""

    contact = Text(required=True, max_length=LONGEST)


class PlaceForm(Schema):
    """Where an order was brought to."""

    address = Text(required=True, max_length=LONGEST_ADDRESS)
    note = Text(load_default="", max_length=LONGEST_NOTE)


class ShelfForm(Schema):
    """After how many days clean ware goes back."""

    shelf_days = fields.Integer(required=True, validate=validate.Range(1, MOST_DAYS))
