"""Shapes of the driver's phone: one record from JSON, the sheet to JSON, a photo."""

from datetime import datetime, time
from typing import Any

from marshmallow import Schema, fields, validate

from lending.loop import scan_parts as parts
from lending.moving.packing.crates import CrateView
from lending.moving.rounds.pickups import PickupOn
from lending.moving.rounds.sheet import Sheet
from lending.moving.rounds.told import Record, What
from lending.moving.rounds.views import RoundView, StopView
from lending.people.actors import Actor
from lending.photos.pictures import MOST_BYTES
from lending.requests.acting import signature
from lending.requests.collections import CollectView
from lending.requests.pickups.sheet import PickupSheet
from lending.web.schemas import Text

LONGEST_BASE64 = MOST_BYTES * 4 // 3 + 4
LONGEST_TOLD = 300


class PhotoBody(Schema):
    """A picture in base64 `about` what was told of a stop; `owner` as in the records."""

    about = fields.UUID(required=True)
    stop = fields.UUID(required=True)
    owner = Text(required=True, max_length=40)
    photo = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_BASE64))


def own_name(actor: Actor) -> str:
    """Under which name a phone keeps what this actor records: "staff:12"."""
    return signature(actor)


READERS: dict[str, parts.Reader] = parts.TOLD | {
    "what": parts.choice_reader({what.value: what for what in What}),
    "round": parts.read_uuid,
    "stop": parts.read_uuid,
    "position": parts.read_number,
    "note": parts.text_reader(LONGEST_TOLD),
}
REQUIRED = ("id", "what", "round", "at")
NAMES = {"round": "round_id", "stop": "stop_id"}


def read_record(raw: object, *, sent_at: datetime) -> Record:
    """The record in a JSON value; BadPart with the name of the field at fault, or without one.
    Fields of no meaning here are passed over: a queue may be older or newer than we."""
    values = parts.read_fields(raw, READERS, required=REQUIRED)
    return Record(sent_at=sent_at, **{NAMES.get(name, name): at for name, at in values.items()})


def sheet_out(sheet: Sheet, owner: str) -> list[dict[str, Any]]:
    """The rounds of a sheet as the phone of `owner` keeps them."""
    return [_round_out(one, sheet, owner) for one in sheet.rounds]


def _round_out(one: RoundView, sheet: Sheet, owner: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "day": one.day.isoformat(),
        "van": one.van,
        "driver": one.driver.name if one.driver else None,
        "depot": {"name": one.depot.name, "name_en": one.depot.name_en},
        "leaves_at": one.leaves_at,
        "back_at": one.back_at,
        "begun": one.begun_at,
        "ended": one.ended_at,
        "stops": [_stop_out(stop, one, sheet, owner) for stop in one.stops],
        "brought": [crate.code for crate in one.taken if crate.received_at],
    }


def _stop_out(stop: StopView, one: RoundView, sheet: Sheet, owner: str) -> dict[str, Any]:
    site, emptied = stop.site, sheet.emptied.get(stop.site.id)
    latitude, longitude = site.spot.position
    hours = sheet.hours.get(site.id)
    return {
        "id": stop.id,
        "site": {
            "code": site.code, "kind": site.kind.value, "name": site.name,
            "name_en": site.name_en, "latitude": latitude, "longitude": longitude,
        },
        "hours": [_clock(moment) for moment in hours] if hours else None,
        "closed": site.id in sheet.closed,
        "planned": stop.planned_for,
        "take": stop.take,
        "lying": sheet.lying.get(site.id, 0),
        "leave": stop.leave,
        "crates": [_crate_out(crate) for crate in stop.crates],
        "asked": [_asked_out(ask) for ask in stop.requests],
        "taken": _taken(stop, one),
        "emptied": bool(emptied and one.begun_at and emptied >= one.begun_at),
        "outcome": stop.outcome.value if stop.outcome else None,
        "note": stop.note,
        "told": stop.told_at,
        "pickup": _pickup_out(stop.pickup, sheet, owner) if stop.pickup else None,
    }  # fmt: skip


def _pickup_out(pickup: PickupOn, sheet: Sheet, owner: str) -> dict[str, Any]:
    """`door` None: nothing is left to fetch, and nobody needs to know where it was."""
    asked = pickup.request
    door = sheet.doors.get(asked.id)
    return {
        "id": asked.id,
        "place": asked.place.value,
        "window": [asked.from_at, asked.to_at] if asked.from_at and asked.to_at else None,
        "tries": asked.tries,
        "taken": asked.taken_at,
        "over": pickup.is_over,
        "mine": asked.taken_by == owner,
        "door": _door_out(door) if door else None,
    }


def _door_out(door: PickupSheet) -> dict[str, Any]:
    return {
        "address": door.address,
        "note": door.note,
        "latitude": door.latitude,
        "longitude": door.longitude,
        "photo": f"/drive/doors/{door.id}" if door.photo_id else None,
        "kinds": [
            {"name": name, "name_en": name_en, "count": count}
            for name, name_en, count in door.kinds
        ],
        "codes": list(door.codes),
    }


def _taken(stop: StopView, one: RoundView) -> list[str]:
    """The crates and bags that came along from a stop."""
    if stop.pickup is not None:
        return [stop.pickup.bag] if stop.pickup.bag else []
    bags = {other.pickup.bag for other in one.stops if other.pickup}
    return [
        crate.code
        for crate in one.taken
        if crate.from_site == stop.site.code and crate.code not in bags
    ]


def _asked_out(asked: CollectView) -> dict[str, Any]:
    return {"why": asked.why.value, "crates": asked.crates, "note": asked.note}


def _crate_out(crate: CrateView) -> dict[str, Any]:
    return {
        "code": crate.code,
        "pieces": crate.pieces,
        "loaded": crate.loaded_at is not None,
        "delivered": crate.delivered_at is not None or crate.received_at is not None,
    }


def _clock(moment: time) -> str:
    return moment.isoformat(timespec="minutes")
