"""The requests of a driver's phone as JSON: its sheet, what happened, photos of closed doors."""

import base64
import binascii
import uuid
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop import scan_parts as parts
from lending.moving.api.driver_parts import PhotoBody, own_name, read_record, sheet_out
from lending.moving.rounds.driving import keep_stop_photo
from lending.moving.rounds.looks import note_looks, show_door, unnoted
from lending.moving.rounds.records import record_all
from lending.moving.rounds.sheet import load_sheet
from lending.moving.rounds.told import Record, Recorded
from lending.moving.supply.orders import local_today
from lending.people.tables import Role
from lending.photos.pictures import MOST_BYTES, clean_picture
from lending.web.access import current_actor, station
from lending.web.errors import error_body
from lending.web.limits import client_address, limited, spend
from lending.web.services import now, reading, services, write
from lending.web.stations import read_body

blueprint = Blueprint("driver_api", __name__)

MOST_RECORDS = 100
LONGEST_CALL = 1024 * 1024
LONGEST_PHOTO = MOST_BYTES * 4 // 3 + 10_000
HOUR = 3600
PHOTOS_AN_HOUR = 60  # of one driver


@blueprint.get("/drive/sheet")
@station(Role.COURIER)
@limited("drive_sheet", per_minute=120)
def get_sheet() -> Response:
    """`{"now", "owner", "rounds": […]}`: all that the phone is to know without a network."""
    actor, moment = current_actor(), now()
    with reading() as session:
        day = local_today(session, district_id=actor.district_id, now=moment)
        sheet = load_sheet(session, actor=actor, day=day, keys=services().keys, now=moment)
        new = unnoted(session, pickup_ids=sheet.doors, actor=actor, now=moment)
    if new:  # noted before it is told
        address = client_address()
        write(lambda s: note_looks(s, pickup_ids=new, actor=actor, address=address, now=moment))
    owner = own_name(actor)
    return jsonify(now=moment, owner=owner, rounds=sheet_out(sheet, owner))


@blueprint.get("/drive/doors/<uuid:pickup_id>")
@station(Role.COURIER)
@limited("drive_doors", per_minute=120)
def get_door(pickup_id: uuid.UUID) -> Response:
    """The photo the asker took of where it stands; the phone keeps it for the way without a network."""
    actor, address, moment = current_actor(), client_address(), now()

    def show(session: Session) -> bytes:
        today = local_today(session, district_id=actor.district_id, now=moment)
        return show_door(
            session, pickup_id=pickup_id, actor=actor, address=address, today=today, now=moment
        )

    answer = Response(write(show), mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/drive/records")
@station(Role.COURIER)
@limited("drive_records", per_minute=240)
def post_records() -> Response:
    """`{"sent_at", "owner", "records": [1 to 100]}` → `{"now", "receipts"}`, in the order sent.

    A receipt's `first` tells who had taken a pick-up before, and when.
    All of it has happened already. Each is recorded once, however often it is sent; a refused one
    spoils no other. `owner`: whose phone kept them; anybody else's is refused as a whole
    (NOT_ALLOWED_HERE) and nothing of it is recorded.
    """
    request.max_content_length = LONGEST_CALL
    sent_at, raw = _read_call()
    read = [_read(one, sent_at) for one in raw]
    records = [one for one in read if isinstance(one, Record)]
    moment = now()
    done = write(
        lambda session: record_all(
            session, records, actor=current_actor(), keys=services().keys, now=moment
        )
    )
    told = iter(done)
    receipts = [_receipt(next(told)) if isinstance(one, Record) else one for one in read]
    return jsonify(now=now(), receipts=receipts)


@blueprint.post("/drive/photos")
@station(Role.COURIER)
@limited("drive_photos", per_minute=60)
def post_photo() -> Response:
    """PhotoBody → `{"now"}`; the same again changes nothing. INVALID or TOO_LARGE (photo)."""
    request.max_content_length = LONGEST_PHOTO
    values, actor = read_body(PhotoBody()), current_actor()
    _check_owner(values["owner"])
    spend("drive_photo", f"{actor.kind} {actor.id}", limit=PHOTOS_AN_HOUR, seconds=HOUR)
    try:
        jpeg = clean_picture(base64.b64decode(values["photo"], validate=True))
    except (binascii.Error, ValueError) as error:
        raise LendingError(Code.INVALID, field="photo") from error
    write(
        lambda session: keep_stop_photo(
            session, stop_id=values["stop"], told_id=values["about"], jpeg=jpeg, actor=actor,
            now=now(),
        )
    )  # fmt: skip
    return jsonify(now=now())


def _read_call() -> tuple[Any, list[Any]]:
    body = request.get_json(silent=True)
    if type(body) is not dict:
        raise LendingError(Code.INVALID)
    records = body.get("records")
    if type(records) is not list or not 1 <= len(records) <= MOST_RECORDS:
        raise LendingError(Code.INVALID, field="records")
    try:
        sent_at = parts.read_moment(body.get("sent_at"))
    except parts.BadPart as error:
        raise LendingError(Code.INVALID, field="sent_at") from error
    _check_owner(body.get("owner"))
    return sent_at, records


def _check_owner(owner: object) -> None:
    """What one driver's phone kept another one does not send."""
    if owner != own_name(current_actor()):
        raise LendingError(Code.NOT_ALLOWED_HERE, field="owner")


def _read(raw: object, sent_at: Any) -> Record | dict[str, Any]:
    try:
        return read_record(raw, sent_at=sent_at)
    except parts.BadPart as error:
        id = raw.get("id") if type(raw) is dict else None
        return _refused(id if type(id) is str else None, Code.INVALID, str(error) or None)


def _receipt(done: Recorded) -> dict[str, Any]:
    if done.error is None:
        first = {"by": done.first.by, "at": done.first.at} if done.first else None
        return {"id": done.id, "result": "recorded", "final": False, "error": None, "first": first}
    return _refused(done.id, done.error, done.field)


def _refused(id: uuid.UUID | str | None, code: Code, field: str | None) -> dict[str, Any]:
    error = error_body(code, field=field)["error"]
    return {"id": id, "result": "refused", "final": True, "error": error}
