"""What every page of the officer's desk shares: the blueprint, fields of forms, files, cursors."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar

from flask import Blueprint, request
from flask_babel import gettext as _
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.places.texts import BadRows, Problem
from lending.places.uploads import Columns, Row, read_rows
from lending.web.context import district
from lending.web.forms import Form
from lending.web.problems import explain_problem
from lending.web.schemas import MESSAGES, decode_cursor, encode_cursor
from lending.web.services import now, write

blueprint = Blueprint("office", __name__)

T = TypeVar("T")

LONGEST_FILE = 4_000_000  # bytes
MOST_SHOWN = 500  # faults of a file on one page


@dataclass(frozen=True, slots=True)
class WrongLine:
    """What is wrong in one line of a file, in words."""

    line: int
    column: str
    words: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class WrongLines:
    """A refused file: the first of its faults, how many lines have any, how many are not shown."""

    shown: list[WrongLine]
    lines: int
    more: int


def whole(least: int, most: int, **options: Any) -> fields.Integer:
    """A form's whole number between two bounds."""
    words = MESSAGES | {"too_large": MESSAGES["invalid"]}
    between = validate.Range(least, most, error=str(MESSAGES["invalid"]))
    return fields.Integer(validate=between, error_messages=words, **options)


def degrees(most: int, **options: Any) -> fields.Float:
    """A form's latitude or longitude in degrees."""
    within = validate.Range(-most, most, error=str(MESSAGES["invalid"]))
    return fields.Float(validate=within, error_messages=MESSAGES, **options)


def day(**options: Any) -> fields.Date:
    """A form's calendar day, `2026-11-23`."""
    return fields.Date(error_messages=MESSAGES, **options)


def clock_time(**options: Any) -> fields.Time:
    """A form's time of day, `21:00`."""
    return fields.Time(error_messages=MESSAGES, **options)


def one_of(values: Sequence[str], **options: Any) -> fields.String:
    """A form's choice of one of these values."""
    known = validate.OneOf(values, error=str(MESSAGES["invalid"]))
    return fields.String(validate=known, error_messages=MESSAGES, **options)


def today() -> date:
    """The district's local day."""
    return now().astimezone(district().zone).date()


def begins(on: date | None, moment: datetime) -> datetime:
    """When a change holds from: the local midnight that begins `on`; `moment` for today or None."""
    if on is None or on == today():
        return moment
    return datetime.combine(on, time(), district().zone).astimezone(UTC)


def _read_upload() -> bytes:
    """The uploaded file; INVALID or TOO_LARGE (field file)."""
    sent = request.files.get("file")
    raw = b""
    if sent:
        with closing(sent):  # a large one lies in a temporary file
            raw = sent.read(LONGEST_FILE + 1)
    if not raw:
        raise LendingError(Code.INVALID, field="file", detail=Problem.EMPTY)
    if len(raw) > LONGEST_FILE:
        raise LendingError(Code.TOO_LARGE, field="file")
    return raw


class Refused(Exception):
    """A file of which nothing was taken: `shown` goes to the page that asked for it."""

    def __init__(self, **shown: Any) -> None:
        super().__init__()
        self.shown = shown


def take_file(columns: Columns, work: Callable[[Session, Sequence[Row]], T]) -> T:
    """What `work` makes of the rows of the uploaded CSV or XLSX file, in one transaction that
    begins once the file is read.

    Refused: with the wrong lines (`wrong`), or with what is wrong of the whole (`upload`).
    """
    try:
        table = read_rows(_read_upload(), columns)
        return write(lambda session: work(session, table))
    except BadRows as error:
        raise Refused(wrong=_wrong_lines(error)) from error
    except LendingError as error:
        form = Form()
        form.refuse(error)
        raise Refused(upload=form) from error


def _wrong_lines(error: BadRows) -> WrongLines:
    """What is wrong in a file, in words, and how much of it there is."""
    lines = [
        WrongLine(
            one.line,
            "" if one.field in {"file", "?"} else one.field,
            explain_problem(one.problem) or _("이 칸을 다시 확인해 주세요."),
            one.value,
        )
        for one in error.errors[:MOST_SHOWN]
    ]
    wrong = {one.line for one in error.errors}
    return WrongLines(lines, len(wrong), len(error.errors) - len(lines))


def cursor() -> list[str | int | float | None] | None:
    """The `after` of a list's address; INVALID for one we did not make."""
    text = request.args.get("after")
    if not text:
        return None
    try:
        return decode_cursor(text)
    except ValueError as error:
        raise LendingError(Code.INVALID, field="after") from error


def next_cursor(key: Sequence[Any] | None) -> str | None:
    """A page's last sort key as the `after` of the next."""
    return encode_cursor(key) if key else None


def id_cursor() -> int | None:
    """The `after` of a list that goes down by number."""
    key = cursor()
    if key is None:
        return None
    if len(key) != 1 or not isinstance(key[0], int):
        raise LendingError(Code.INVALID, field="after")
    return key[0]
