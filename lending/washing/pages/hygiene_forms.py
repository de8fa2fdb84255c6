"""The forms of hygiene: a sample, its result, a kind of test, the plan, the ends of a recall."""

import uuid
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from lending.washing.hygiene.tables import Scope
from lending.washing.pages.hygiene_desk import LocalMinute
from lending.web.schemas import MESSAGES, Text


def whole(least: int, most: int) -> fields.Integer:
    """A form's whole number between two bounds."""
    words = MESSAGES | {"too_large": MESSAGES["invalid"]}
    between = validate.Range(least, most, error=str(MESSAGES["invalid"]))
    return fields.Integer(validate=between, error_messages=words, load_default=least)


class Request(Schema):
    """A form that records something; `id` was made with the page, so that sent twice it is once."""

    id = fields.UUID(required=True, error_messages=MESSAGES)


class ResultForm(Request):
    """The value of a sample, or the same entered again; without its unit, which the service says."""

    value = Text(required=True, max_length=40)
    result_at = LocalMinute()
    scope = fields.Enum(
        Scope, by_value=True, load_default=Scope.BATCH, error_messages=MESSAGES | {"unknown": ""}
    )


class Subject(fields.Field[tuple[str, Any]]):
    """What a sample is of: `batch:<id>`, `machine:<number>`, `today` (without a machine), `site`."""

    default_error_messages = MESSAGES

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[str, Any]:
        sort, _sep, which = str(value).partition(":")
        try:
            if sort == "batch":
                return sort, uuid.UUID(which)
            if sort == "machine":
                return sort, int(which) if len(which) < 10 else 0
        except ValueError as error:
            raise ValidationError(str(MESSAGES["invalid"])) from error
        if sort not in ("today", "site") or which:
            raise ValidationError(str(MESSAGES["invalid"]))
        return sort, None


class SampleForm(Request):
    """A sample, with its value where that is known at once."""

    kind = Text(required=True, max_length=30)
    subject = Subject(required=True)
    sampled_at = LocalMinute()
    lab = Text(max_length=100, load_default="")
    note = Text(max_length=500, load_default="")
    value = Text(max_length=40, load_default="")
    scope = ResultForm().fields["scope"]
    retest_of = fields.UUID(load_default=None, error_messages=MESSAGES)


class KindForm(Schema):
    """What may change of a kind of test."""

    name = Text(required=True, max_length=100)
    name_en = Text(max_length=100, load_default="")
    unit = Text(max_length=20, load_default="")
    limit = Text(required=True, max_length=40)
    months = whole(0, 120)
    active = fields.Boolean(load_default=False, error_messages=MESSAGES)


class NewKindForm(KindForm):
    """A new kind of test."""

    code = Text(required=True, max_length=30)
    active = fields.Boolean(load_default=True, error_messages=MESSAGES)


class PlanForm(Schema):
    """How the district tests."""

    sample_every = whole(0, 1000)
    ship_waits = fields.Boolean(load_default=False, error_messages=MESSAGES)
    escalate_minutes = whole(0, 1440)


class ReleaseForm(Schema):
    """Why a recall ends."""

    reason = Text(required=True, max_length=500)


class PiecesForm(Schema):
    """Pieces of a recall, scanned one below the other, or all that lie here."""

    codes = Text(max_length=20_000, lines=True, load_default="")
    here = fields.Boolean(load_default=False, error_messages=MESSAGES)
