"""POST /scans: reads a call, records what has the right shape, answers one receipt per scan."""

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from flask import Response, request
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop import scan_parts as parts
from lending.loop.api.answers import answer_json, blueprint, fails_with
from lending.loop.record import record_scans
from lending.loop.scans import Receipt, Result, ScanIn
from lending.loop.schemas.answered import ReceiptsOut
from lending.loop.schemas.sent import MOST_SCANS, ScansIn, read_scan
from lending.web.access import bearer, current_actor
from lending.web.errors import error_body
from lending.web.services import now, services, write

Explain = Callable[[Code, str | None], dict[str, str]]


@blueprint.post("/scans")
@blueprint.doc(
    requestBody={"required": True, "content": {"application/json": {"schema": ScansIn}}},
)
@blueprint.response(200, ReceiptsOut)
@fails_with(401, 403, 413, 422)
@bearer()
def post_scans() -> Response:
    """Record 1 to 10,000 scans.

    Each scan is judged by itself, in the order sent, on the result of those before it: one that
    is refused or has a wrong shape never spoils its neighbours. A scan sent again with its id is
    not recorded twice.

    A crate or bag takes what is in it along, one scan for each piece, which `carried` counts. With
    these a call records at most 20,000 scans: one beyond that is answered 413 and records nothing;
    send it in parts.
    """
    sent_at, raw = read_call(request.get_data(cache=False))
    return record_each(raw, read=read_scan, sent_at=sent_at)


def record_each(
    raw: list[Any],
    *,
    read: Callable[[Any], ScanIn],
    sent_at: datetime,
    then: Callable[[Session], object] | None = None,
) -> Response:
    """Records what `read` makes a scan of, and answers one receipt for each as sent: what it raises
    BadPart at is refused by itself. `then` notes, in the same transaction, what came along."""
    scans: list[ScanIn] = []
    bad: dict[int, parts.BadPart] = {}
    for position, one in enumerate(raw):
        try:
            scans.append(read(one))
        except parts.BadPart as error:
            bad[position] = error
    actor, keys, moment = current_actor(), services().keys, now()

    def work(session: Session) -> list[Receipt]:
        done = record_scans(session, scans, actor=actor, keys=keys, now=moment, sent_at=sent_at)
        if then is not None:
            then(session)
        return done

    receipts = write(work) if scans else []
    return answer_json({"now": now(), "receipts": _dump_receipts(raw, receipts, bad)})


def read_call(body: bytes) -> tuple[datetime, list[Any]]:
    """(sent at, the scans as sent) of a call's body; INVALID with the field at fault."""
    call = read_json(body)
    if type(call) is not dict:
        raise LendingError(Code.INVALID)
    scans = call.get("scans")
    if type(scans) is not list or not 1 <= len(scans) <= MOST_SCANS:
        raise LendingError(Code.INVALID, field="scans")
    try:
        sent_at = parts.read_moment(call.get("sent_at"))
    except parts.BadPart as error:
        raise LendingError(Code.INVALID, field="sent_at") from error
    if unknown := call.keys() - {"sent_at", "scans"}:
        raise LendingError(Code.INVALID, field=min(unknown)[: parts.LONGEST_SITE])
    return sent_at, scans


def _dump_receipts(
    raw: list[Any], receipts: list[Receipt], bad: dict[int, parts.BadPart]
) -> list[dict[str, Any]]:
    """The receipts in the order sent, those of wrong shapes at their places."""
    explain = _explainer()
    if not bad:
        return [dump_receipt(receipt, explain) for receipt in receipts]
    recorded = iter(receipts)
    return [
        _dump_bad(one, bad[position], explain)
        if position in bad
        else dump_receipt(next(recorded), explain)
        for position, one in enumerate(raw)
    ]


def dump_receipt(receipt: Receipt, explain: Explain) -> dict[str, Any]:
    """A receipt as `ReceiptOut` publishes it; its item and loan are written as they are."""
    answer: dict[str, Any] = {"id": receipt.id, "result": receipt.result}
    if receipt.error is not None:
        answer["error"] = explain(receipt.error, receipt.field)
    if receipt.gaps:
        answer["gap"] = receipt.gap
    if receipt.carried:
        answer["carried"] = receipt.carried
    answer["item"] = receipt.item
    answer["loan"] = receipt.loan
    return answer


def _dump_bad(raw: Any, error: parts.BadPart, explain: Explain) -> dict[str, Any]:
    """The receipt of a wrong shape, under its id when that can be read."""
    field = str(error) or None
    return {
        "id": _readable_id(raw),
        "result": Result.REFUSED,
        "error": explain(Code.INVALID, field),
        "item": None,
        "loan": None,
    }


def _readable_id(raw: Any) -> uuid.UUID | None:
    try:
        return parts.read_uuid(raw.get("id")) if type(raw) is dict else None
    except parts.BadPart:
        return None


def _explainer() -> Explain:
    """Says each error once per call in the caller's language, then from memory."""
    said: dict[tuple[Code, str | None], dict[str, str]] = {}

    def explain(code: Code, field: str | None) -> dict[str, str]:
        key = (code, field)
        if key not in said:
            said[key] = error_body(code, field=field)["error"]
        return said[key]

    return explain


def read_json(body: bytes) -> Any:
    """The value in a body. What orjson refuses is tried again by the standard library, so that
    NaN or half a surrogate pair in one scan is that scan's fault alone."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(body.decode())
    except (ValueError, RecursionError) as error:
        raise LendingError(Code.INVALID) from error
