"""The shapes of what a packer's tablet tells, and of what it is answered."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from lending.moving.packing.closing import ListAct, may
from lending.moving.packing.crates import CrateView
from lending.moving.packing.lists import PackingLine
from lending.moving.packing.next import Lot
from lending.moving.packing.sight import PackerView
from lending.web.context import district
from lending.web.i18n import write_clock, write_day
from lending.web.schemas import FromTablet, Text

MOST_CODES = 500
MOST_COUNTED = 20_000


@dataclass(frozen=True, slots=True)
class Told:
    """A tablet's times, as lending.loop.clock reads them."""

    at: datetime
    sent_at: datetime
    clock_error: float | None
    clock_lost: bool = False


class PackerBody(FromTablet):
    """What every call of a packer carries; the same id again is the same act. `crate`: the one in
    hand when the server last answered; `trail`: codes scanned since, not answered yet."""

    id = fields.UUID(required=True)
    seq = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 2**53)
    )
    crate = Text(max_length=300, load_default=None, allow_none=True)
    trail = fields.List(
        Text(max_length=300), load_default=list, validate=validate.Length(0, MOST_CODES)
    )


class CodesBody(PackerBody):
    """Codes read one by one or together: a crate to take in hand, or pieces for the one in
    hand; `out`: they are taken out; `extra`: kinds that the list does not name go in too."""

    codes = fields.List(
        Text(required=True, max_length=300), required=True, validate=validate.Length(1, MOST_CODES)
    )
    out = fields.Boolean(load_default=False)
    extra = fields.Boolean(load_default=False)


class CountedBody(PackerBody):
    """So many pieces of a kind without codes, into the crate or out of it."""

    kind = Text(required=True, max_length=40)
    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_COUNTED))
    out = fields.Boolean(load_default=False)


class CrateBody(PackerBody):
    """What is done with the crate in hand as a whole."""

    do = fields.String(required=True, validate=validate.OneOf(["seal", "reopen", "dissolve"]))


class ListBody(PackerBody):
    """What is done with the list as a whole: the address says it."""


def state_out(packer: PackerView) -> dict[str, Any]:
    """A list as the packer's screen shows it; `lots` None: as before."""
    view, counted = packer.packing, packer.counted
    return {
        "list": packer.list_state,
        "may": [act for act in ListAct if may(act, packer.list_state)],
        "left": view.left,
        "lines": [
            {
                "kind": line.kind,
                "pieces": line.pieces,
                "packed": line.packed,
                "left": line.left,
                "crates": line.crates,
                "counted": line.kind in counted,
                "loose": packer.loose.get(line.kind, 0) if line.kind in counted else None,
                "lots": _lots_out(packer, line),
            }
            for line in view.lines
        ],
        "crates": [crate_out(one) for one in packer.crates],
    }


def crate_out(one: CrateView) -> dict[str, Any]:
    """A crate of a list."""
    return {
        "code": one.code,
        "pieces": one.pieces,
        "count": sum(one.pieces.values()),
        "sealed": one.sealed_at is not None,
        "loaded": one.loaded_at is not None,
    }


def _lots_out(packer: PackerView, line: PackingLine) -> list[dict[str, Any]] | None:
    if not line.left:
        return []
    lots = packer.lots.get(line.kind)
    return None if lots is None else [_lot_out(lot) for lot in lots]


def _lot_out(lot: Lot) -> dict[str, Any]:
    zone = district().timezone
    told = asdict(lot) | {"day": write_day(lot.day), "clock": write_clock(lot.ready_at, zone)}
    told.pop("ready_at")
    return told
