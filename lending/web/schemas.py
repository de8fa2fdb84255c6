"""Fields and shapes every schema shares: safe texts, stations' bodies, cursors, pages of a list.

marshmallow's own messages are English; the ones people can meet in a form are given in
`MESSAGES` as lazy texts.
"""

import base64
import json
import math
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError, fields, validate

from lending.web.openapi import ErrorOut as ErrorOut  # part of every endpoint's description

MAX_CURSOR = 400

CursorPart = str | int | float | None

MESSAGES = {
    "required": _("이 칸을 채워 주세요."),
    "null": _("이 칸을 채워 주세요."),
    "invalid": _("이 칸을 다시 확인해 주세요."),
    "validator_failed": _("이 칸을 다시 확인해 주세요."),
}
TOO_LONG = _("너무 길어요.")
NOT_READABLE = _("쓸 수 없는 글자가 들어 있어요.")


def has_control(text: str) -> bool:
    """Whether a text holds NUL, other control characters or half a surrogate pair."""
    return any(unicodedata.category(char) in {"Cc", "Cs"} for char in text)


class Text(fields.String):
    """A text of one line: stripped, at most `max_length` characters, without control characters.

    `lines=True` lets line breaks through, `strip=False` keeps blanks around it (passwords).
    An empty text counts as missing when required.
    """

    default_error_messages = MESSAGES

    def __init__(
        self, *, max_length: int = 200, lines: bool = False, strip: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.lines = lines
        self.strip = strip
        self.validators.insert(0, validate.Length(max=max_length, error=TOO_LONG))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if self.strip:
            text = text.strip()
        if has_control(text.replace("\r\n", "").replace("\n", "") if self.lines else text):
            raise ValidationError(NOT_READABLE)
        if not text and self.required:
            raise self.make_error("required")
        return text


class Moment(fields.AwareDateTime):
    """A device's time with its zone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", required=True, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> datetime:
        moment: datetime = super()._deserialize(value, attr, data, **kwargs)
        # Years at either end cannot be moved between zones.
        if not 1970 <= moment.year <= 9000:
            raise self.make_error("invalid", input=value, obj_type="datetime")
        return moment


class FromStation(Schema):
    """What every request of a station carries; `site` only from who acts for several places,
    `clock_error` in seconds by which the device's clock is ahead."""

    at = Moment()
    sent_at = Moment()
    site = Text(max_length=40, load_default=None, allow_none=True)
    clock_error = fields.Float(
        load_default=None, allow_none=True, validate=validate.Range(-(10**9), 10**9)
    )


class FromTablet(FromStation):
    """The same from a station that works offline: `clock_lost`, its clock was set anew since."""

    clock_lost = fields.Boolean(load_default=False)


class SeenBody(Schema):
    """An alert somebody has seen."""

    alert = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**62))


class Cursor(fields.String):
    """The `next` of the page before, read into a list of its parts; anything else is refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return decode_cursor(text)
        except ValueError as error:
            raise self.make_error("invalid") from error


def encode_cursor(parts: Sequence[CursorPart | datetime]) -> str:
    """The sort key of a page's last row as one opaque word for an address."""
    plain = [
        part.astimezone(UTC).isoformat() if isinstance(part, datetime) else part for part in parts
    ]
    packed = json.dumps(plain, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode_cursor(text: str) -> list[CursorPart]:
    """The parts of a cursor (datetimes as ISO texts); ValueError for anything we did not make."""
    if not text or len(text) > MAX_CURSOR:
        raise ValueError("not a cursor")
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        parts = json.loads(packed)
    except (ValueError, RecursionError) as error:  # no base64, no UTF-8, no JSON
        raise ValueError("not a cursor") from error
    if not isinstance(parts, list) or not all(_is_part(part) for part in parts):
        raise ValueError("not a cursor")
    return parts


def page_of(item: type[Schema]) -> type[Schema]:
    """The schema of one page of a list: `{"items": […], "next": null | cursor}`."""
    name = item.__name__.removesuffix("Schema").removesuffix("Out") + "Page"
    return type(
        name,
        (Schema,),
        {
            "items": fields.List(fields.Nested(item), required=True),
            "next": fields.String(required=True, allow_none=True),
        },
    )


def _is_part(part: object) -> bool:
    if isinstance(part, str):
        return not has_control(part)
    if isinstance(part, bool):
        return False
    if isinstance(part, int):
        return abs(part) < 2**63
    return part is None or (isinstance(part, float) and math.isfinite(part))
