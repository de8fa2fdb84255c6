"""What the API answers: receipts, pieces, loans, scans, stock, sites and reviews."""

from typing import Any

from marshmallow import Schema, fields, validate

from lending.loop.scan_parts import INTENTS
from lending.loop.scans import Result
from lending.loop.steps import Action, Gap, Outcome, State
from lending.places.tables import SiteKind
from lending.web.openapi import ErrorDetail
from lending.web.schemas import page_of

CODE = {"pattern": "^[1-9][0-9]{11}$", "example": "482109375518"}


def _enum(values: Any, **more: Any) -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(values), **more)


def _moment(**more: Any) -> fields.DateTime:
    return fields.DateTime(required=True, format="iso", **more)


class ItemOut(Schema):
    """A piece as it stands."""

    code = fields.String(required=True, metadata=CODE)
    kind = fields.String(required=True)
    state = _enum([state.value for state in State])
    clean = fields.Boolean(required=True, metadata={"description": "Washed and passed since."})
    hold = fields.String(required=True, allow_none=True, metadata={"description": "Why, or null."})
    site = fields.String(required=True, metadata={"description": "Where it stands."})
    to = fields.String(required=True, allow_none=True, metadata={"description": "On its way to."})
    uses = fields.Integer(required=True)
    washes = fields.Integer(required=True)
    due_at = _moment(allow_none=True)
    since = _moment(metadata={"description": "In this state since."})
    gaps = fields.Integer(required=True, metadata={"description": "Steps missed so far."})


class ContentsOut(Schema):
    """What is in a crate or bag."""

    count = fields.Integer(required=True)
    codes = fields.List(
        fields.String(metadata=CODE),
        required=True,
        metadata={"description": "In the order of packing; the first 500."},
    )


class ItemDetailOut(ItemOut):
    """A piece by itself: with its crate, or with what is in it."""

    crate = fields.String(
        required=True, allow_none=True, metadata=CODE | {"description": "What it is packed in."}
    )
    contents = fields.Nested(
        ContentsOut,
        required=True,
        allow_none=True,
        metadata={"description": "Of a crate or bag; null for any other piece."},
    )


class LoanOut(Schema):
    """A loan, without its borrower; `id` is that of its lend scan."""

    id = fields.UUID(required=True)
    code = fields.String(required=True, metadata=CODE)
    site = fields.String(required=True, metadata={"description": "Where it was lent."})
    opened_at = _moment()
    due_at = _moment()
    extensions = fields.Integer(required=True)
    lost_at = _moment(allow_none=True)
    closed_at = _moment(allow_none=True)
    outcome = _enum([*(outcome.value for outcome in Outcome), None], allow_none=True)


class LoanLineOut(LoanOut):
    """A loan in a list."""

    kind = fields.String(required=True)
    overdue = fields.Boolean(required=True)


class ReceiptOut(Schema):
    """What became of one scan; `error` only with `refused`, `gap` where a step was missed."""

    id = fields.UUID(required=True, allow_none=True)
    result = _enum([result.value for result in Result])
    error = fields.Nested(ErrorDetail)
    gap = fields.String(validate=validate.OneOf([gap.value for gap in Gap]))
    carried = fields.Integer(
        validate=validate.Range(min=1),
        metadata={"description": "Of a crate: so many pieces in it went along. Left out for none."},
    )
    item = fields.Nested(ItemOut, required=True, allow_none=True)
    loan = fields.Nested(LoanOut, required=True, allow_none=True)


class ReceiptsOut(Schema):
    """One receipt per scan, in the order sent; `now` is the server's clock."""

    now = _moment()
    receipts = fields.List(fields.Nested(ReceiptOut), required=True)


class CodesOut(Schema):
    """The codes of the new pieces."""

    now = _moment()
    codes = fields.List(fields.String(metadata=CODE), required=True)


class ScanOut(Schema):
    """A recorded scan, without persons. `voided`: it was taken back and counts no more."""

    id = fields.UUID(required=True)
    action = _enum([action.value for action in Action])
    code = fields.String(required=True, metadata=CODE | {"description": "As scanned."})
    kind = fields.String(required=True, allow_none=True)
    site = fields.String(required=True)
    to = fields.String(required=True, allow_none=True)
    from_ = fields.String(required=True, allow_none=True, data_key="from")
    at = _moment(metadata={"description": "As sent."})
    occurred_at = _moment(metadata={"description": "With the clock's error taken off."})
    recorded_at = _moment()
    intent = _enum(list(INTENTS))
    role = fields.String(required=True, metadata={"description": "Who scanned it, by role."})
    of = fields.UUID(required=True, allow_none=True)
    new_code = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    gaps = fields.List(
        fields.String(validate=validate.OneOf([g.value for g in Gap])), required=True
    )
    voided = fields.Boolean(required=True)


class StockLineOut(Schema):
    """How many pieces of a kind are in a state at a site; `to`: where shipped ones go."""

    site = fields.String(required=True)
    kind = fields.String(required=True)
    state = _enum([state.value for state in State])
    to = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True)
    clean = fields.Integer(required=True)
    held = fields.Integer(required=True)


class SiteOut(Schema):
    """A place of the district."""

    code = fields.String(required=True)
    kind = _enum([kind.value for kind in SiteKind])
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    active = fields.Boolean(required=True)


class ReviewOut(Schema):
    """Something that needs a head; it settles itself at `settle_by`."""

    id = fields.Integer(required=True)
    subject = fields.String(required=True)
    site = fields.String(required=True)
    code = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True, allow_none=True)
    state = _enum([*(state.value for state in State), None], allow_none=True)
    scan_id = fields.UUID(required=True, allow_none=True)
    action = _enum([*(action.value for action in Action), None], allow_none=True)
    occurred_at = _moment(allow_none=True)
    opened_at = _moment()
    settle_by = _moment()


ItemPage, LoanPage, ScanPage = page_of(ItemOut), page_of(LoanLineOut), page_of(ScanOut)
StockPage, SitePage, ReviewPage = page_of(StockLineOut), page_of(SiteOut), page_of(ReviewOut)
