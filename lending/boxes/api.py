"""The requests of a tablet above a box, as JSON; returns themselves go through /station/scans."""

import base64
import binascii
from typing import Any

from flask import Blueprint, Response, jsonify, request

from lending.boxes.pages import state_out
from lending.boxes.reports import Told, take_report
from lending.boxes.schemas import LONGEST_BASE64, MemberBody, ReportBody
from lending.boxes.state import load_box_state
from lending.errors import Code, LendingError
from lending.people.actors import ActorKind
from lending.people.tables import Role
from lending.photos.pictures import clean_picture
from lending.requests.credits import MemberShown, credit_returns
from lending.web.access import current_actor, station
from lending.web.limits import limited, spend
from lending.web.services import now, reading, services, write
from lending.web.stations import acting_site, read_body

blueprint = Blueprint("boxes_api", __name__)

HOUR = 3600
PHOTOS_AN_HOUR = 60  # per tablet


@blueprint.post("/return/member")
@station(Role.MACHINE)
@limited("return_member", per_minute=120)
def post_member() -> Response:
    """MemberBody → `{"now"}`, the same whoever it was: the box tells nobody who is a member."""
    values = read_body(MemberBody())
    code = values.pop("site")
    shown, moment = MemberShown(**values), now()
    write(
        lambda session: credit_returns(
            session, [shown], site=acting_site(session, code), keys=services().keys, now=moment
        )
    )
    return jsonify(now=now())


@blueprint.post("/return/report")
@station(Role.MACHINE)
@limited("return_report", per_minute=60)
def post_report() -> Response:
    """ReportBody → `{"now", "new"}`; the same id again changes nothing.

    A photo that is none is refused (INVALID or TOO_LARGE, field photo): sent again without it, the
    report is taken.
    """
    request.max_content_length = LONGEST_BASE64 + 10_000
    values = read_body(ReportBody())
    code, photo = values.pop("site"), values.pop("photo")
    jpeg = _read_photo(photo) if photo else None
    told, moment = Told(**values), now()
    new = write(
        lambda session: take_report(
            session, told, jpeg=jpeg, site=acting_site(session, code), now=moment
        )
    )
    return jsonify(now=now(), new=new)


@blueprint.get("/return/state")
@station(Role.MACHINE)
def get_state() -> Response:
    """How full the box is and where else there is room; `?site=` as above."""
    with reading() as session:
        site = acting_site(session, request.args.get("site"))
        state = load_box_state(session, site=site, now=now())
    return jsonify(state_out(state) | {"now": now()})


def _read_photo(text: str) -> bytes:
    """The picture, decoded and encoded anew; its decoding is paid for by the tablet's budget."""
    actor: Any = current_actor()
    if actor.kind is ActorKind.DEVICE:
        spend("return_photo", f"device {actor.id}", limit=PHOTOS_AN_HOUR, seconds=HOUR)
    try:
        return clean_picture(base64.b64decode(text, validate=True))
    except binascii.Error as error:
        raise LendingError(Code.INVALID, field="photo") from error
