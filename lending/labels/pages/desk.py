"""What these pages share: the blueprint, files to save or print, and cursors that go down."""

import io
from collections.abc import Callable
from typing import Any, BinaryIO

from flask import Blueprint, Response, request, send_file

from lending.errors import Code, LendingError
from lending.web.schemas import decode_cursor, encode_cursor

blueprint = Blueprint("labels", __name__)


def send_pdf(draw: Callable[[BinaryIO], Any], name: str) -> Response:
    """A PDF made in memory, shown in the browser under this file name."""
    file = io.BytesIO()
    draw(file)
    file.seek(0)
    return send_file(file, mimetype="application/pdf", download_name=name)


def before() -> int | None:
    """The `after` of a list that goes down by number; INVALID for one we did not make."""
    text = request.args.get("after")
    if not text:
        return None
    try:
        (number,) = decode_cursor(text)
        if not isinstance(number, int):
            raise ValueError(number)
    except ValueError as error:
        raise LendingError(Code.INVALID, field="after") from error
    return number


def next_page(number: int | None) -> str | None:
    """The `after` of the next page."""
    return None if number is None else encode_cursor([number])
