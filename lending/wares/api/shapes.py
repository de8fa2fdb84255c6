"""What the endpoints of counted ware take and give, field by field: the published truth."""

from typing import Any

from marshmallow import Schema, fields, validate

from lending.loop import scan_parts as parts
from lending.loop.scans import Result
from lending.loop.schemas.sent import MOMENT, UUID, PageQuery, Part
from lending.wares.ledger import LONGEST_NOTE
from lending.wares.values import MOST_AT_ONCE, MOST_PIECES
from lending.wares.ways import NEVER_SENT, Condition, Why
from lending.web.openapi import ErrorDetail
from lending.web.schemas import Text, page_of

WHYS = [why.value for why in Why if why not in NEVER_SENT]
CONDITIONS = [one.value for one in Condition]
CODE = {"pattern": "^[1-9][0-9]{11}$", "example": "482109375518"}


def _text(longest: int, what: str) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest, "description": what}


class CountedEndIn(Schema):
    """Where the ware was, or is then: loose at a site, or in a crate."""

    site = Part(
        parts.read_site_text,
        metadata=_text(parts.LONGEST_SITE, "The token's own if neither is named."),
    )
    crate = Part(parts.read_code_text, metadata=_text(parts.LONGEST_CODE, "The crate's code."))
    condition = fields.String(required=True, validate=validate.OneOf(CONDITIONS))


class CountedMoveIn(Schema):
    """A quantity that went from one account to another. The same `id` again is the same move.

    `from` is left out where ware comes from outside (bought, parted, found), `to` where it goes
    there (broken, retired, joined).
    """

    id = Part(parts.read_uuid, required=True, metadata=UUID)
    kind = Part(
        parts.read_kind_text, required=True, metadata=_text(parts.LONGEST_KIND, "A counted kind.")
    )
    quantity = fields.Integer(
        required=True, strict=True, validate=validate.Range(min=1, max=MOST_PIECES)
    )
    why = fields.String(required=True, validate=validate.OneOf(WHYS))
    from_ = fields.Nested(CountedEndIn, data_key="from", load_default=None, allow_none=True)
    to = fields.Nested(CountedEndIn, load_default=None, allow_none=True)
    at = Part(
        parts.read_moment,
        required=True,
        metadata=MOMENT | {"description": "When it happened by the device's clock."},
    )
    batch = Part(
        parts.read_uuid,
        load_default=None,
        metadata=UUID | {"description": "Of a wash: the finished batch."},
    )
    ref = Part(
        parts.read_uuid,
        load_default=None,
        metadata=UUID | {"description": "The order, round or delivery it belongs to."},
    )
    note = Part(
        parts.text_reader(LONGEST_NOTE), load_default=None, metadata=_text(LONGEST_NOTE, "")
    )


class CountedMovesIn(Schema):
    """A call. A move of a wrong shape gets `refused` with `invalid` at its place in the answer."""

    sent_at = Part(
        parts.read_moment,
        required=True,
        metadata=MOMENT | {"description": "The device's clock now, stamped anew at each attempt."},
    )
    moves = fields.List(
        fields.Nested(CountedMoveIn),
        required=True,
        validate=validate.Length(min=1, max=MOST_AT_ONCE),
    )


class CountedReceiptOut(Schema):
    """What became of one move; `error` only with `refused`. `left`: what its account then holds;
    below zero more was taken than was known of. Null for what came from outside."""

    id = fields.UUID(required=True, allow_none=True)
    result = fields.String(
        required=True, validate=validate.OneOf([result.value for result in Result])
    )
    error = fields.Nested(ErrorDetail)
    left = fields.Integer(required=True, allow_none=True)


class CountedReceiptsOut(Schema):
    """The receipts in the order sent."""

    now = fields.DateTime(required=True, format="iso")
    receipts = fields.List(fields.Nested(CountedReceiptOut), required=True)


class CountedBalanceOut(Schema):
    """Pieces of a kind in one condition, loose at a site or in a crate."""

    kind = fields.String(required=True)
    site = fields.String(required=True, allow_none=True)
    crate = fields.String(required=True, allow_none=True, metadata=CODE)
    condition = fields.String(required=True, validate=validate.OneOf(CONDITIONS))
    quantity = fields.Integer(
        required=True,
        metadata={"description": "Below zero more was taken than was known of: count it."},
    )


CountedBalancePage = page_of(CountedBalanceOut)


class BalancesQuery(PageQuery):
    """Of one site (crates that stand there too), one crate, one kind; all the token sees if left
    out."""

    site = Text(max_length=parts.LONGEST_SITE)
    crate = Text(max_length=parts.LONGEST_CODE)
    kind = Text(max_length=parts.LONGEST_KIND)
