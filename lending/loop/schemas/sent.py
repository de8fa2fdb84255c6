"""What is sent to the API: scans, new pieces, and which page of a list."""

from typing import Any, cast

from marshmallow import Schema, ValidationError, fields, validate

from lending.loop import scan_parts as parts
from lending.loop.scans import ScanIn
from lending.loop.steps import State
from lending.web.schemas import Cursor, Text

MOST_SCANS = 10_000
MOST_ITEMS = 10_000
LONGEST_PAGE = 1000

MOMENT = {"type": "string", "format": "date-time", "example": "2026-03-02T10:15:30.123456+09:00"}
UUID = {"type": "string", "format": "uuid"}


class Part(fields.Field[Any]):
    """A part of a scan, read by one function, whether alone or with ten thousand others."""

    def __init__(self, reader: parts.Reader, **kwargs: Any) -> None:
        """`kwargs` of a field, among them `metadata` with the published type."""
        super().__init__(allow_none=not kwargs.get("required"), **kwargs)
        self.reader = reader

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return self.reader(value)
        except parts.BadPart as error:
            raise ValidationError("Not a valid value.") from error


def _text(longest: int, what: str = "") -> dict[str, Any]:
    said = {"description": what} if what else {}
    return {"type": "string", "minLength": 1, "maxLength": longest, **said}


class OverrideIn(Schema):
    """Why staff set a limit of the borrower aside."""

    reason = Part(parts.read_reason, required=True, metadata=_text(parts.LONGEST_REASON))


class ScanInSchema(Schema):
    """One scan. The same `id` sent again is the same scan, however often it arrives."""

    id = Part(parts.read_uuid, required=True, metadata=UUID)
    action = Part(
        parts.read_action, required=True, metadata={"type": "string", "enum": list(parts.ACTIONS)}
    )
    code = Part(
        parts.read_code_text,
        required=True,
        metadata=_text(
            parts.LONGEST_CODE, "The piece's 12 digits, with hyphens or as its label's address."
        ),
    )
    at = Part(
        parts.read_moment,
        required=True,
        metadata=MOMENT | {"description": "When it happened by the device's clock, with its zone."},
    )
    ask = Part(
        parts.read_intent,
        required=True,
        data_key="intent",
        metadata={
            "type": "string",
            "enum": list(parts.INTENTS),
            "description": "ask: may this be done? It can be refused. fact: it has been done.",
        },
    )
    site = Part(
        parts.read_site_text,
        metadata=_text(parts.LONGEST_SITE, "Where; the token's own site if left out."),
    )
    borrower = Part(
        parts.read_code_text,
        metadata=_text(
            parts.LONGEST_CODE,
            "Of a lend: what the till read or typed (member QR, card, phone number, e-mail).",
        ),
    )
    of = Part(parts.read_uuid, metadata=UUID | {"description": "The scan that a void takes back."})
    to = Part(
        parts.read_destination,
        metadata=_text(parts.LONGEST_CODE, "Of a ship: the site; of a relabel: the new code."),
    )
    from_ = Part(
        parts.read_site_text,
        data_key="from",
        metadata=_text(parts.LONGEST_SITE, "Of a receive: where the pieces were collected."),
    )
    crate = Part(
        parts.read_code_text,
        metadata=_text(
            parts.LONGEST_CODE,
            "Of a pack or unpack: the crate's code; of a receive: the bag that it came out of.",
        ),
    )
    batch = Part(
        parts.read_uuid,
        metadata=UUID
        | {"description": "Of a wash: the finished wash batch at this site in whose time it lies."},
    )
    seq = Part(
        parts.read_number,
        metadata={
            "type": "integer",
            "minimum": 0,
            "maximum": parts.GREATEST_SEQ,
            "description": "The device's running number.",
        },
    )
    clock_error = Part(
        parts.read_seconds,
        metadata={
            "type": "number",
            "minimum": -parts.GREATEST_CLOCK_ERROR,
            "maximum": parts.GREATEST_CLOCK_ERROR,
            "description": "Seconds by which the device's clock was ahead.",
        },
    )
    clock_lost = Part(
        parts.read_flag,
        metadata={
            "type": "boolean",
            "description": "The device's clock was set anew between the scan and any contact with"
            " this server, so its error then is not known: the scan is marked.",
        },
    )
    override = fields.Nested(OverrideIn, allow_none=True)
    reason = Part(parts.read_reason, metadata=_text(parts.LONGEST_REASON))
    note = Part(parts.read_note, metadata=_text(parts.LONGEST_NOTE))

    def load_scan(self, raw: object) -> ScanIn:
        """One scan through the schema itself; ValidationError. `read_scan` is the fast way."""
        values = cast("dict[str, Any]", self.load(raw))  # type: ignore[arg-type]
        override = values.pop("override", None)
        return ScanIn(**values, override=override and override["reason"])


def _make_table() -> dict[str, tuple[str, bool, parts.Reader]]:
    table = {}
    for name, field in ScanInSchema().fields.items():
        reader = field.reader if isinstance(field, Part) else parts.read_override
        table[field.data_key or name] = (name, bool(field.required), reader)
    return table


TABLE = _make_table()
REQUIRED = frozenset(name for name, required, _ in TABLE.values() if required)


def read_scan(raw: object) -> ScanIn:
    """The scan in a JSON value, just as `ScanInSchema.load_scan` reads it, in a tenth of its time.

    BadPart with the name of the field at fault, or without one.
    """
    if type(raw) is not dict:
        raise parts.BadPart
    values = {}
    for key, value in raw.items():
        known = TABLE.get(key)
        if known is None:
            raise parts.BadPart(parts.shown_name(key))
        name, required, reader = known
        if value is None and not required:
            continue
        try:
            values[name] = reader(value)
        except parts.BadPart as error:
            raise parts.BadPart(key) from error
    if missing := REQUIRED - values.keys():
        name = min(missing)
        raise parts.BadPart("intent" if name == "ask" else name)
    return ScanIn(**values)


class ScansIn(Schema):
    """A call. A scan of a wrong shape gets `refused` with `invalid` at its place in the answer."""

    sent_at = Part(
        parts.read_moment,
        required=True,
        metadata=MOMENT | {"description": "The device's clock now, stamped anew at each attempt."},
    )
    scans = fields.List(
        fields.Nested(ScanInSchema),
        required=True,
        validate=validate.Length(min=1, max=MOST_SCANS),
    )


class ItemsIn(Schema):
    """New pieces of one kind. The same `id` again returns the same codes."""

    id = Part(parts.read_uuid, metadata=UUID)
    kind = Part(parts.read_kind_text, required=True, metadata=_text(parts.LONGEST_KIND))
    count = fields.Integer(
        required=True, strict=True, validate=validate.Range(min=1, max=MOST_ITEMS)
    )
    site = Part(
        parts.read_site_text, metadata=_text(parts.LONGEST_SITE, "The token's own if left out.")
    )


class PageQuery(Schema):
    """Which page of a list: `cursor` is the `next` of the page before."""

    cursor = Cursor(metadata={"description": "The `next` of the page before."})
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=LONGEST_PAGE))


class SiteQuery(PageQuery):
    """A page of one site's; an officer's and a courier's token may leave it out for all."""

    site = Text(max_length=parts.LONGEST_SITE)


class ItemsQuery(SiteQuery):
    """Items by site, state and kind."""

    state = fields.Enum(State, by_value=True)
    kind = Text(max_length=parts.LONGEST_KIND)


class LoansQuery(SiteQuery):
    """Loans by the site that lent; `open` and `overdue` narrow them."""

    open = fields.Boolean()
    overdue = fields.Boolean()
