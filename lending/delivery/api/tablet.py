"""The pass's tablet as JSON: what happened to its orders, and how the day stands."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.orm import Session

from lending.delivery.api.shapes import announced_out, kind_out, line_out, order_out, read_record
from lending.delivery.orders.board import bag_codes, load_board
from lending.delivery.orders.book import Pass
from lending.delivery.orders.records import Record, Recorded, record_all
from lending.delivery.orders.stock import stock_codes
from lending.delivery.pages.words import words_of
from lending.errors import Code, LendingError
from lending.loop import scan_parts as parts
from lending.people.envelopes import public_key
from lending.people.tables import Role
from lending.places.sites import SiteView
from lending.web.access import current_actor, station
from lending.web.errors import error_body
from lending.web.i18n import name_of
from lending.web.limits import limited
from lending.web.services import now, reading, services, write
from lending.web.stations import acting_site, signed_in_at

blueprint = Blueprint("delivery_tablet", __name__)

MOST_RECORDS = 100
LONGEST_CALL = 1024 * 1024


@blueprint.post("/delivery/records")
@station(Role.CAFE)
@limited("delivery_records", per_minute=240)
def post_records() -> Response:
    """`{"sent_at", "site", "records": [1 to 100]}` → `{"now", "receipts"}`, in the order sent.

    Each is recorded once, however often it is sent; a refused one spoils no other. `site`: whose
    tablet kept them; anybody else's is refused as a whole (NOT_ALLOWED_HERE).
    """
    request.max_content_length = LONGEST_CALL
    sent_at, code, raw = _read_call()
    moment = now()

    def record(session: Session) -> list[dict[str, Any]]:
        site = _own_site(session, code)
        here = Pass(site, current_actor(), services().keys, moment)
        read = [_read(one, sent_at, signed_in_at(site)) for one in raw]
        done = iter(
            record_all(session, [one for one in read if isinstance(one, Record)], here=here)
        )
        return [_receipt(next(done)) if isinstance(one, Record) else one for one in read]

    return jsonify(receipts=write(record), now=now())


@blueprint.get("/delivery/state")
@station(Role.CAFE)
@limited("delivery_state", per_minute=120)
def get_state() -> Response:
    """`?site=` → the day's orders, those announced, the shelf, the shop's bags, its
    crates of stock, and the sealing key."""
    with reading() as session:
        site = _own_site(session, request.args.get("site"))
        board = load_board(session, site=site, now=now())
        bags, stock = bag_codes(session, site=site), stock_codes(session, site=site)
    return jsonify(
        now=now(),
        site=site.code,
        key=public_key(services().keys),
        orders=[line_out(line) for line in board.lines],
        announced=[announced_out(order) for order in board.announced],
        bags=bags,
        stock=stock,
        kinds=[kind_out(here, name_of(here.kind)) for here in board.kinds],
    )


def _own_site(session: Session, code: str | None) -> SiteView:
    site = acting_site(session, code)
    if code is not None and code != site.code:
        raise LendingError(Code.NOT_ALLOWED_HERE, field="site")
    return site


def _read_call() -> tuple[Any, str | None, list[Any]]:
    body = request.get_json(silent=True)
    if type(body) is not dict:
        raise LendingError(Code.INVALID)
    records, site = body.get("records"), body.get("site")
    if type(records) is not list or not 1 <= len(records) <= MOST_RECORDS:
        raise LendingError(Code.INVALID, field="records")
    try:
        code = None if site is None else parts.read_site_text(site)
        return parts.read_moment(body.get("sent_at")), code, records
    except parts.BadPart as error:
        raise LendingError(Code.INVALID, field="sent_at") from error


def _read(raw: object, sent_at: Any, by: int | None) -> Record | dict[str, Any]:
    try:
        return read_record(raw, sent_at=sent_at, by=by)
    except parts.BadPart as error:
        id = raw.get("id") if type(raw) is dict else None
        return _refused(id if type(id) is str else None, Code.INVALID, str(error) or None)


def _receipt(done: Recorded) -> dict[str, Any]:
    words = asdict(words_of(done))
    if done.error is not None:
        return _refused(done.record.id, done.error, done.field) | {"answer": words}
    packed = done.packed
    answer = words | {
        "order": order_out(done.order) if done.order else None,
        "kind": packed.kind if packed else None,
        "bag": bool(packed and packed.bag),
        "carried": packed.receipt.carried if packed and packed.receipt else 0,
        "again": bool(packed and packed.receipt is None),
    }
    return {
        "id": done.record.id,
        "result": "recorded",
        "final": False,
        "error": None,
        "answer": answer,
    }


def _refused(id: Any, code: Code, field: str | None) -> dict[str, Any]:
    error = error_body(code, field=field)["error"]
    return {"id": id, "result": "refused", "final": True, "error": error}
