"""Shapes of the pass's tablet: one record from JSON, an order and the day to JSON."""

from datetime import datetime
from typing import Any

from lending.delivery.orders.board import KindHere, OrderLine
from lending.delivery.orders.records import Record, What
from lending.delivery.orders.views import OrderView
from lending.loop import scan_parts as parts
from lending.people.envelopes import LONGEST_SEALED

READERS: dict[str, parts.Reader] = parts.TOLD | {
    "what": parts.choice_reader({what.value: what for what in What}),
    "order": parts.read_uuid,
    "text": parts.text_reader(LONGEST_SEALED),
    "announced": parts.read_uuid,
}
REQUIRED = ("id", "what", "order", "at")


def read_record(raw: object, *, sent_at: datetime, by: int | None) -> Record:
    """The record in a JSON value; BadPart with the name of the field at fault, or without one."""
    values = parts.read_fields(raw, READERS, required=REQUIRED)
    return Record(sent_at=sent_at, by=by, **values)


def order_out(order: OrderView) -> dict[str, Any]:
    """An order as the tablet knows it: by the occasion it made."""
    return {
        "order": order.occasion_id,
        "number": order.number,
        "contact": order.contact.value,
        "status": order.status.value,
        "at": order.packed_at or order.made_at,
    }


def line_out(line: OrderLine) -> dict[str, Any]:
    """The same with its pieces."""
    return order_out(line.order) | {"pieces": line.pieces, "bags": line.bags, "back": line.back}


def announced_out(order: OrderView) -> dict[str, Any]:
    """An order that a platform told of and nothing is packed for."""
    return {"id": order.id, "number": order.number, "at": order.made_at}


def kind_out(here: KindHere, name: str) -> dict[str, Any]:
    """A kind on the shelf."""
    return {"kind": here.kind.code, "name": name, "fit": here.fit, "short": here.short}
