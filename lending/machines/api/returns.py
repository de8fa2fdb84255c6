"""POST /machines/returns: pieces that were put in, as facts, in batches."""

from typing import Any

from flask import Response

from lending.errors import Code, LendingError
from lending.loop import scan_parts as parts
from lending.loop.api.answers import fails_with
from lending.loop.api.scans import record_each
from lending.loop.scans import ScanIn
from lending.loop.schemas.answered import ReceiptsOut
from lending.loop.schemas.sent import read_scan
from lending.machines.api.answers import blueprint, read_list, read_object
from lending.machines.schemas import MOST_RETURNS, ReturnIn, ReturnsIn
from lending.people.tables import Role
from lending.web.access import bearer

TOLD = frozenset(ReturnIn().fields)


@blueprint.post("/returns")
@blueprint.doc(
    requestBody={"required": True, "content": {"application/json": {"schema": ReturnsIn}}},
)
@blueprint.response(200, ReceiptsOut)
@fails_with(401, 403, 413, 422)
@bearer(Role.MACHINE)
def post_returns() -> Response:
    """Record 1 to 1,000 pieces that were put in.

    A return is a fact: it is kept whatever the piece's state, also hours later and when nobody
    knows its code. One that has a wrong shape or a wrong check digit is refused by itself and
    spoils no other. Sent again with its id it is recorded once.
    """
    call = read_object()
    raw = read_list(call, "returns", most=MOST_RETURNS)
    try:
        sent_at = parts.read_moment(call.get("sent_at"))
    except parts.BadPart as error:
        raise LendingError(Code.INVALID, field="sent_at") from error
    return record_each(raw, read=_read_return, sent_at=sent_at)


def _read_return(raw: Any) -> ScanIn:
    """BadPart with the field at fault: a machine tells of returns, and of nothing else."""
    if type(raw) is not dict:
        raise parts.BadPart
    if unknown := raw.keys() - TOLD:
        raise parts.BadPart(parts.shown_name(min(unknown)))
    return read_scan(raw | {"action": "return", "intent": "fact"})
