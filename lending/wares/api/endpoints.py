"""GET /wares/balances and POST /wares/moves."""

from datetime import datetime
from typing import Any, cast

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop import scan_parts as parts
from lending.loop.api.answers import answer_json, answer_page, fails_with
from lending.loop.api.scans import read_json
from lending.loop.read.pieces import find_item
from lending.loop.read.sight import site_asked
from lending.people.tables import Role
from lending.wares.api.reading import load_codes, read_move
from lending.wares.api.shapes import (
    BalancesQuery,
    CountedBalancePage,
    CountedMoveIn,
    CountedMovesIn,
    CountedReceiptsOut,
)
from lending.wares.crates import find_crate
from lending.wares.holdings import list_holdings
from lending.wares.ledger import record_moves
from lending.wares.values import MOST_AT_ONCE, MoveReceipt
from lending.web.access import bearer, current_actor
from lending.web.errors import error_body
from lending.web.services import now, reading, write

blueprint = Blueprint("wares_api", __name__, url_prefix="/api/v1")

PLACES = (Role.OFFICER, Role.COURIER, Role.CAFE, Role.WASH)
FIELDS = {"source": "from", "target": "to"}  # as the ledger names them: as the call does


@blueprint.get("/wares/balances")
@blueprint.arguments(BalancesQuery, location="query")
@blueprint.response(200, CountedBalancePage)
@fails_with(401, 403, 404, 422)
@bearer(*PLACES)
def get_balances(wanted: dict[str, Any]) -> Response:
    """List what is held of counted ware by kind, site or crate, and condition.

    A place's token sees its own and what is in crates that stand there, were there or are coming.
    """
    actor = current_actor()
    with reading() as session:
        crate = wanted.get("crate")
        if crate is not None:
            find_item(session, code=crate, actor=actor)
        page = list_holdings(
            session,
            actor=actor,
            site_id=_site_id(session, wanted.get("site")),
            crate_id=None if crate is None else find_crate(session, code=crate, actor=actor).id,
            kind=wanted.get("kind"),
            after=wanted.get("cursor"),
            limit=wanted["limit"],
        )
    return answer_page(page)


@blueprint.post("/wares/moves")
@blueprint.doc(
    requestBody={"required": True, "content": {"application/json": {"schema": CountedMovesIn}}},
)
@blueprint.response(200, CountedReceiptsOut)
@fails_with(401, 403, 413, 422)
@bearer(*PLACES)
def post_moves() -> Response:
    """Record 1 to 5,000 moves of counted ware.

    In the order sent, each by itself: one that is refused or has a wrong shape never spoils its
    neighbours. A move sent again with its id is not recorded twice.
    """
    sent_at, raw = _read_call(request.get_data(cache=False))
    schema = CountedMoveIn()
    read: dict[int, dict[str, Any]] = {}
    bad: dict[int, str | None] = {}
    for position, one in enumerate(raw):
        try:
            read[position] = cast("dict[str, Any]", schema.load(one))
        except ValidationError as error:
            bad[position] = _field_of(error)
    moment = now()

    def record(session: Session) -> list[MoveReceipt]:
        codes = load_codes(session, read.values(), actor=current_actor())
        moves = [read_move(one, codes, sent_at=sent_at, now=moment) for one in read.values()]
        return record_moves(session, moves, actor=current_actor(), now=moment)

    told = dict(zip(read, write(record), strict=True)) if read else {}
    receipts = [
        _dump(told[position]) if position in told else _dump_bad(one, bad[position])
        for position, one in enumerate(raw)
    ]
    return answer_json({"now": now(), "receipts": receipts})


def _site_id(session: Session, code: str | None) -> int | None:
    """A place sees more than its own account where it names none: crates too."""
    return None if code is None else site_asked(session, actor=current_actor(), code=code.upper())


def _read_call(body: bytes) -> tuple[datetime, list[Any]]:
    call = read_json(body)
    if type(call) is not dict:
        raise LendingError(Code.INVALID)
    moves = call.get("moves")
    if type(moves) is not list or not moves:
        raise LendingError(Code.INVALID, field="moves")
    if len(moves) > MOST_AT_ONCE:
        raise LendingError(Code.TOO_LARGE, field="moves")
    try:
        sent_at = parts.read_moment(call.get("sent_at"))
    except parts.BadPart as error:
        raise LendingError(Code.INVALID, field="sent_at") from error
    if unknown := call.keys() - {"sent_at", "moves"}:
        raise LendingError(Code.INVALID, field=parts.shown_name(min(unknown)))
    return sent_at, moves


def _field_of(error: ValidationError) -> str | None:
    """The dotted path of the first input at fault."""
    path: list[str] = []
    messages: Any = error.messages
    while isinstance(messages, dict) and messages:
        name = next(iter(messages))
        if not isinstance(name, str) or name == "_schema":
            break
        path.append(parts.shown_name(name))
        messages = messages[name]
    return ".".join(filter(None, path)) or None


def _dump(receipt: MoveReceipt) -> dict[str, Any]:
    answer: dict[str, Any] = {"id": receipt.id, "result": receipt.result, "left": receipt.left}
    if receipt.error is not None:
        field = FIELDS.get(receipt.field or "", receipt.field)
        answer["error"] = error_body(receipt.error, field=field)["error"]
    return answer


def _dump_bad(raw: Any, field: str | None) -> dict[str, Any]:
    try:
        id = parts.read_uuid(raw.get("id")) if type(raw) is dict else None
    except parts.BadPart:
        id = None
    error = error_body(Code.INVALID, field=field)["error"]
    return {"id": id, "result": "refused", "left": None, "error": error}
