"""POST /machines/returns: pieces that were put in, as facts, in batches."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop import scan_parts as parts
from lending.loop.api.answers import fails_with
from lending.loop.api.scans import record_each
from lending.loop.scans import ScanIn
from lending.loop.schemas.answered import ReceiptsOut
from lending.loop.schemas.sent import read_scan
from lending.machines.api.answers import blueprint, own_site, read_list, read_object
from lending.machines.schemas import MOST_RETURNS, ReturnIn, ReturnsIn
from lending.people.envelopes import LONGEST_SEALED
from lending.people.tables import Role
from lending.requests.credits import MemberShown, credit_returns
from lending.web.access import bearer
from lending.web.services import now, services

TOLD = frozenset(ReturnIn().fields)
MEMBER = {"member": parts.text_reader(LONGEST_SEALED)}


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
    spoils no other. Sent again with its id it is recorded once. Whose `member` QR was shown beside
    it is noted for the points to come, and told to nobody.
    """
    call = read_object()
    raw = read_list(call, "returns", most=MOST_RETURNS)
    try:
        sent_at = parts.read_moment(call.get("sent_at"))
    except parts.BadPart as error:
        raise LendingError(Code.INVALID, field="sent_at") from error
    shown: list[MemberShown] = []

    def read(one: Any) -> ScanIn:
        scan, member = _read_return(one)
        if member is not None:
            clock = (scan.clock_error, scan.clock_lost)
            shown.append(MemberShown(member, (scan.id,), scan.at, sent_at, *clock))
        return scan

    def credit(session: Session) -> int:
        if not shown:
            return 0
        return credit_returns(
            session, shown, site=own_site(session), keys=services().keys, now=now()
        )

    return record_each(raw, read=read, sent_at=sent_at, then=credit)


def _read_return(raw: Any) -> tuple[ScanIn, str | None]:
    """The return, and the member QR beside it; BadPart with the field at fault: a machine tells of
    returns, and of nothing else."""
    if type(raw) is not dict:
        raise parts.BadPart
    if unknown := raw.keys() - TOLD:
        raise parts.BadPart(parts.shown_name(min(unknown)))
    told = parts.read_fields(raw, MEMBER, required=())
    rest = {name: value for name, value in raw.items() if name not in MEMBER}
    return read_scan(rest | {"action": "return", "intent": "fact"}), told.get("member")
