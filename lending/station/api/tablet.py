"""A tablet's own requests: what waited in its queue, what it is to know offline, its enrolment."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from marshmallow import Schema
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop import scan_parts as parts
from lending.loop.api.scans import read_json
from lending.loop.scans import Result
from lending.loop.steps import Action
from lending.people import rights
from lending.people.devices import Paired, enrol_device
from lending.people.envelopes import public_key
from lending.people.tables import Role
from lending.places.sites import SiteView
from lending.station.fact_parts import Fact, read_fact
from lending.station.facts import FactReceipt, Sending, record_facts
from lending.station.snapshot import take_snapshot
from lending.web.access import (
    current_actor,
    current_device_or_none,
    staff,
    station,
)
from lending.web.context import district
from lending.web.errors import error_body
from lending.web.homes import home_at
from lending.web.identity import remember_device
from lending.web.limits import limited
from lending.web.schemas import Text
from lending.web.services import now, reading, services, write
from lending.web.stations import acting_site, read_body, signed_in_at

blueprint = Blueprint("station_tablet", __name__)

MOST_FACTS = 500
MOST_BYTES = 4 * 1024 * 1024  # 500 scans with notes of the greatest length

LONGEST_SUM = 64

STATIONS = (Role.CAFE, Role.WASH, Role.MACHINE, Role.COURIER)


class EnrolBody(Schema):
    """What the tablet is called; `site` only from who acts for several."""

    name = Text(max_length=60, load_default=None, allow_none=True)
    site = Text(max_length=40, load_default=None, allow_none=True)


@blueprint.post("/station/scans")
@station(*STATIONS)
def post_scans() -> Response:
    """`{"sent_at", "site", "scans": [1 to 500]}` → `{"now", "receipts"}`, in the order sent.

    All of it has happened already. A wrong shape is refused by itself (`final`: sending it again
    never helps) and spoils no other. `site`: where the queue was scanned; anybody else's is refused
    as a whole (NOT_ALLOWED_HERE) and nothing of it is recorded.
    """
    sent_at, site_code, raw = _read_call()
    read = [_read(one) for one in raw]
    facts = [one for one in read if isinstance(one, Fact)]

    def record(session: Session) -> list[FactReceipt]:
        site = _own_site(session, site_code)
        sending = Sending(current_actor(), site, services().keys, moment, sent_at)
        return record_facts(session, facts, sending) if facts else []

    moment = now()
    recorded = iter(write(record))
    receipts = [next(recorded) if isinstance(one, Fact) else one for one in read]
    return jsonify(now=now(), receipts=[_receipt_out(one) for one in receipts])


@blueprint.post("/station/snapshot")
@station(*STATIONS)
def post_snapshot() -> Response:
    """`{"sent_at", "site"?, "known": {bucket: digest}}` → what the tablet is to know offline."""
    body = _read_json()
    known, code = _read_known(body.get("known")), _read_site(body.get("site"))
    with reading() as session:
        site = _own_site(session, code)
        snapshot = take_snapshot(
            session,
            site=site,
            zone=district().timezone,
            keys=services().keys,
            lends=rights.may(current_actor().role, Action.LEND.value),
            known=known,
            now=now(),
        )
    device = current_device_or_none()
    return jsonify(
        now=now(),
        site=_site_out(site),
        device=device.id if device else None,
        by=signed_in_at(site),
        day=snapshot.day.isoformat(),
        salt=snapshot.salt,
        paused=snapshot.paused,
        buckets=snapshot.buckets,
        kinds=snapshot.kinds,
        key=public_key(services().keys),
    )


@blueprint.post("/station/enrol")
@staff(Role.CAFE, Role.WASH, Role.OFFICER)
@limited("enrol", per_minute=20)
def post_enrolment() -> Response:
    """EnrolBody → this browser is the station of the place of whoever is signed in.

    A browser that is one already stays it; another place's is refused with CONFLICT: an officer
    revokes it first, or pairs it anew.
    """
    values = read_body(EnrolBody())
    actor, device = current_actor(), current_device_or_none()

    def enrol(session: Session) -> tuple[SiteView, Paired | None]:
        site = _own_site(session, values["site"])
        if device is not None:
            if device.site_id != site.id:
                raise LendingError(Code.CONFLICT, field="site", detail="another place's station")
            return site, None
        made = enrol_device(
            session, district_id=actor.district_id, site_id=site.id,
            name=values["name"] or _("태블릿"), by=actor.id, now=now(),
        )  # fmt: skip
        return site, made

    site, made = write(enrol)
    if made is not None:
        remember_device(made.credential)
        device = made.actor
    assert device is not None
    return jsonify(
        now=now(),
        device=device.id,
        site=_site_out(site),
        next=home_at(device.role, site.kind, is_tablet=True),
    )


def _read_call() -> tuple[datetime, str | None, list[Any]]:
    """(sent at, the place named, the entries as sent); INVALID with the field at fault."""
    body = _read_json()
    scans = body.get("scans")
    if type(scans) is not list or not 1 <= len(scans) <= MOST_FACTS:
        raise LendingError(Code.INVALID, field="scans")
    try:
        sent_at = parts.read_moment(body.get("sent_at"))
    except parts.BadPart as error:
        raise LendingError(Code.INVALID, field="sent_at") from error
    return sent_at, _read_site(body.get("site")), scans


def _read_json() -> dict[str, Any]:
    """The JSON object that was posted, at most MOST_BYTES long."""
    if (request.content_length or 0) > MOST_BYTES:
        raise LendingError(Code.TOO_LARGE)
    text = request.get_data(cache=False)
    if len(text) > MOST_BYTES:  # sent in pieces, without its length
        raise LendingError(Code.TOO_LARGE)
    body = read_json(text)
    if type(body) is not dict:
        raise LendingError(Code.INVALID)
    return body


def _read_site(value: object) -> str | None:
    try:
        return None if value is None else parts.read_site_text(value)
    except parts.BadPart as error:
        raise LendingError(Code.INVALID, field="site") from error


def _read_known(value: object) -> dict[str, str]:
    """Bucket → digest, for the buckets that can be."""
    if value is None:
        return {}
    if type(value) is not dict or not all(_is_bucket(*pair) for pair in value.items()):
        raise LendingError(Code.INVALID, field="known")
    return value


def _is_bucket(name: str, sum_: object) -> bool:
    named = len(name) == 2 and name.isascii() and name.isdigit()
    return named and type(sum_) is str and len(sum_) <= LONGEST_SUM


def _own_site(session: Session, code: str | None) -> SiteView:
    """The actor's place, which must be the one named; who acts for a district names any of it."""
    site = acting_site(session, code)
    if code is not None and code != site.code:
        raise LendingError(Code.NOT_ALLOWED_HERE, field="site")
    return site


def _read(raw: object) -> Fact | FactReceipt:
    """An entry, or the receipt of one that has a wrong shape."""
    try:
        return read_fact(raw)
    except parts.BadPart as error:
        named = raw if type(raw) is dict else {}
        return FactReceipt(
            id=_readable(parts.read_code_text, named.get("id")),  # as it came: it finds its entry
            code=_readable(parts.read_code_text, named.get("code")),
            action=None,
            result=Result.REFUSED,
            error=Code.INVALID,
            field=str(error) or None,
        )


def _readable(reader: parts.Reader, value: object) -> Any:
    try:
        return reader(value)
    except parts.BadPart:
        return None


def _receipt_out(receipt: FactReceipt) -> dict[str, Any]:
    error = None
    if receipt.error is not None:
        error = error_body(receipt.error, field=receipt.field)["error"]
    return {
        "id": receipt.id,
        "code": receipt.code,
        "action": receipt.action,
        "result": receipt.result,
        "error": error,
        "final": receipt.final,
        "gap": receipt.gap,
    }


def _site_out(site: SiteView) -> dict[str, str]:
    return {"code": site.code, "name": site.name, "name_en": site.name_en}
