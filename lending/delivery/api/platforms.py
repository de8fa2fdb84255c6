"""/api/v1/delivery/orders: what delivery platforms tell of orders, signed, and how each stands."""

from typing import Any

from flask import Response, request
from flask.blueprints import BlueprintSetupState
from flask_smorest import Blueprint
from marshmallow import Schema

from lending.delivery.api.platform_shapes import (
    CancelIn,
    OrderIn,
    OrderStoryOut,
    OrderTakenOut,
    StatusTold,
    dump_order,
    order_word,
)
from lending.delivery.platforms.signatures import HEADER, LONGEST
from lending.delivery.platforms.signed import Caller, check_signature, find_platform
from lending.delivery.platforms.tables import Word
from lending.delivery.platforms.words import OrderWord, Result, Taken, load_story, take_word
from lending.errors import Code, LendingError
from lending.loop.api.answers import answer_json
from lending.loop.api.scans import read_json
from lending.people.tables import Role
from lending.web.access import bearer, current_actor
from lending.web.openapi import ErrorOut
from lending.web.services import glancing, now, reading, services, write

LONGEST_BODY = 16 * 1024  # bytes: an order is a few hundred

blueprint = Blueprint("platforms", __name__, url_prefix="/api/v1/delivery")

SIGNATURE = {
    "in": "header",
    "name": HEADER,
    "required": True,
    "schema": {"type": "string", "maxLength": LONGEST},
    "description": (
        "`t=<seconds since 1970>,v1=<hex>`: `v1` is the HMAC-SHA-256, by the platform's secret, of "
        "`t`, a full stop and the body as sent. Not older than 5 minutes."
    ),
}
WEBHOOK = (
    "Posted to the platform's callback address for every status an order comes to, signed as the "
    "platform's own calls are. Of one order a status is posted only after the one before it was "
    "answered with 2xx; what is not is tried again for three days, with the same `id`. A receiver "
    "that may have taken one already leaves out an `id` it knows. While keys are being changed the "
    "signature holds a `v1` for each."
)
ERRORS = {
    401: "No token, or one not in force; or a signature that is not right or too old.",
    403: "Not a delivery platform's token, or the platform is stopped.",
    404: "This platform has told of no such order.",
    409: "This revision said something else before.",
    413: "More than 16 KiB.",
    422: "Something sent is not right; `field` names it.",
}


def _fails_with(*statuses: int) -> Any:
    def mark(view: Any) -> Any:
        for status in statuses:
            view = blueprint.alt_response(status, schema=ErrorOut, description=ERRORS[status])(view)
        return view

    return mark


def _takes(schema: type[Schema]) -> Any:
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return blueprint.doc(requestBody=body, parameters=[SIGNATURE])


@blueprint.post("/orders")
@_takes(OrderIn)
@blueprint.response(200, OrderTakenOut)
@blueprint.alt_response(201, schema=OrderTakenOut, description="Taken; 200: nothing new in it.")
@_fails_with(401, 403, 409, 413, 422)
@bearer(Role.PLATFORM)
def post_order() -> Response:
    """Tell of an order, or of a change in it.

    Each post is the whole order with the number of its `revision`, from 1 up. The same revision sent
    again is taken once (`repeated`); one older than the latest changes nothing (`outdated`), so
    they may arrive in any order. `shop` is the platform's own id of the shop, which the district's
    office has been told. Before its shop packs it, an order is `waiting`; one that was packed
    already under the same `number` is joined. Whatever becomes of it is posted to the platform's
    callback address, see `order_status` under webhooks.

    `contact` may be the orderer's own number or a safe number (050-…), which is kept for three
    hours; an address is kept sealed until all of the order's ware is back. Of an order that did not
    choose reusable ware nothing personal is kept.
    """
    body, caller = _read_signed()
    values = _load(OrderIn(), body)
    return _answer(_take(order_word(values), caller))


@blueprint.post("/orders/<ref>/cancel")
@_takes(CancelIn)
@blueprint.response(200, OrderTakenOut)
@blueprint.alt_response(201, schema=OrderTakenOut, description="Taken; 200: nothing new in it.")
@_fails_with(401, 403, 409, 413, 422)
@bearer(Role.PLATFORM)
def post_cancel(ref: str) -> Response:
    """Cancel an order, once and for all.

    A cancellation that overtakes its order is kept for it. `order` is the same as in the address, so
    that the signature covers it. What is lent for the order already comes back as always.
    """
    body, caller = _read_signed()
    values = _load(CancelIn(), body)
    if values["ref"] != ref:
        raise LendingError(Code.INVALID, field="order")
    return _answer(_take(OrderWord(**values, word=Word.CANCEL), caller))


@blueprint.get("/orders/<ref>")
@blueprint.response(200, OrderStoryOut)
@_fails_with(401, 403, 404)
@bearer(Role.PLATFORM)
def get_order(ref: str) -> Response:
    """How an order of this platform stands, and every status it came to, in order."""
    with reading() as session:
        caller = find_platform(session, actor=current_actor(), now=now())
        order, history = load_story(session, caller=caller, ref=ref)
    lines = [{"seq": one.seq, "status": one.status, "at": one.at} for one in history]
    return answer_json(dump_order(order) | {"history": lines})


@blueprint.record_once
def publish_webhook(state: BlueprintSetupState) -> None:
    """Describes what we post to platforms in the API's own description."""
    (registered,) = state.app.extensions["flask-smorest"]["apis"].values()
    spec = registered["ext_obj"].spec
    spec.components.schema("StatusTold", schema=StatusTold)
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/StatusTold"}}}
    spec.options["webhooks"] = {
        "order_status": {
            "post": {
                "summary": "An order came to a status",
                "description": WEBHOOK,
                "parameters": [SIGNATURE],
                "requestBody": {"required": True, "content": content},
                "responses": {"2XX": {"description": "Taken; anything else is tried again."}},
            }
        }
    }


def _read_signed() -> tuple[bytes, Caller]:
    """The body and who sent it, or a refusal that has read no more than is allowed."""
    request.max_content_length = LONGEST_BODY
    body = request.get_data(cache=False)
    with glancing() as session:
        caller = check_signature(
            session, actor=current_actor(), header=request.headers.get(HEADER, ""), body=body,
            keys=services().keys, now=now(),
        )  # fmt: skip
    return body, caller


def _load(schema: Schema, body: bytes) -> dict[str, Any]:
    found = read_json(body)
    if not isinstance(found, dict):
        raise LendingError(Code.INVALID)
    values: dict[str, Any] = schema.load(found)
    return values


def _take(word: OrderWord, caller: Caller) -> Taken:
    keys, moment = services().keys, now()
    return write(lambda s: take_word(s, word, caller=caller, keys=keys, now=moment))


def _answer(taken: Taken) -> Response:
    response = answer_json({"result": taken.result} | dump_order(taken.order))
    response.status_code = 201 if taken.result is Result.RECORDED else 200
    return response
