"""POST /machines/bottles: bottles that were put in, counted once."""

import uuid
from contextlib import suppress
from typing import Any

from flask import Response
from marshmallow import ValidationError

from lending.errors import Code, LendingError
from lending.loop import scan_parts as parts
from lending.loop.api.answers import answer_json, fails_with
from lending.machines.api.answers import blueprint, field_of, own_site, read_list, read_object
from lending.machines.bottles import MOST_AT_ONCE, Deposit, DepositReceipt, take_deposits
from lending.machines.schemas import DepositIn, DepositReceiptsOut, DepositsIn
from lending.people.tables import Role
from lending.web.access import bearer
from lending.web.errors import error_body
from lending.web.services import now, services, write

SCHEMA = DepositIn()


@blueprint.post("/bottles")
@blueprint.doc(
    requestBody={"required": True, "content": {"application/json": {"schema": DepositsIn}}},
)
@blueprint.response(200, DepositReceiptsOut)
@fails_with(401, 403, 413, 422)
@bearer(Role.MACHINE)
def post_bottles() -> Response:
    """Count 1 to 200 deposits of bottles.

    `granted` of the bottles count: at most 30 (the district's setting) for a person and day,
    whatever the number of machines. Who is named is known by a keyed digest alone; a code that
    names nobody counts for nobody. Sent again with its id a deposit gets its first answer.
    """
    call = read_object()
    raw = read_list(call, "deposits", most=MOST_AT_ONCE)
    try:
        sent_at = parts.read_moment(call.get("sent_at"))
    except parts.BadPart as error:
        raise LendingError(Code.INVALID, field="sent_at") from error
    deposits: dict[int, Deposit] = {}
    bad: dict[int, str | None] = {}
    for position, one in enumerate(raw):
        try:
            deposits[position] = Deposit(sent_at=sent_at, **SCHEMA.load(one))
        except ValidationError as error:
            bad[position] = field_of(error)
    moment = now()
    told = write(
        lambda session: take_deposits(
            session, list(deposits.values()), site=own_site(session), keys=services().keys,
            now=moment,
        )
    )  # fmt: skip
    receipts = dict(zip(deposits, told, strict=True))
    return answer_json(
        {
            "now": now(),
            "receipts": [
                _receipt(receipts[position]) if position in receipts else _bad(one, bad[position])
                for position, one in enumerate(raw)
            ],
        }
    )


def _receipt(receipt: DepositReceipt) -> dict[str, Any]:
    told = {"id": receipt.id, "granted": receipt.granted, "named": receipt.named}
    if receipt.error is not None:
        return told | {"result": "refused", **error_body(receipt.error, field="id")}
    return told | {"result": "repeated" if receipt.repeated else "recorded"}


def _bad(raw: Any, field: str | None) -> dict[str, Any]:
    id: uuid.UUID | None = None
    with suppress(parts.BadPart):
        id = parts.read_uuid(raw.get("id")) if type(raw) is dict else None
    told = {"id": id, "result": "refused", "granted": 0, "named": False}
    return told | error_body(Code.INVALID, field=field)
