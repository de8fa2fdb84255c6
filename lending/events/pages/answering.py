"""How the hall's answer to a statement is read: it is right, or lines of it are wrong, and why."""

import uuid

from flask import request
from flask_babel import gettext as _
from marshmallow import Schema, fields, validate

from lending.errors import LendingError
from lending.events.pages.desk import Whole
from lending.events.values import DisputeIn, StatementView
from lending.photos.pictures import clean_picture
from lending.web.forms import Form, read_form
from lending.web.schemas import MESSAGES, Text


class AnswerForm(Schema):
    """Who answers, by role or initials, which version, and what."""

    word = fields.String(
        required=True, validate=validate.OneOf(["right", "wrong"]), error_messages=MESSAGES
    )
    name = Text(required=True, max_length=40)
    version = Whole(required=True)


def answer_form() -> Form:
    """The form as it was sent."""
    return read_form(AnswerForm())


def read_disputes(form: Form, statement: StatementView) -> list[DisputeIn]:
    """A dispute for each line that has a reason; what is wrong stands in the form."""
    found = []
    for line in statement.lines:
        reason = form.raw.get(f"reason-{line.position}", "").strip()
        said = form.raw.get(f"said-{line.position}", "").strip()
        photo = _photo(form, line.position)
        if not reason:
            if said or photo:
                form.errors[f"reason-{line.position}"] = _("무엇이 다른지 한마디 적어 주세요.")
            continue
        if said and not (said.isdecimal() and len(said) < 7):
            form.errors[f"said-{line.position}"] = _("몇 개인지 숫자로 적어 주세요.")
            continue
        id = _id(form.raw.get(f"id-{line.position}", ""))
        found.append(DisputeIn(id, line.position, reason[:500], int(said) if said else None, photo))
    if not found and not form.errors:
        form.errors[""] = _("다른 줄을 골라 무엇이 다른지 적어 주세요.")
    return [] if form.errors else found


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.uuid4()


def _photo(form: Form, position: int) -> bytes | None:
    file = request.files.get(f"photo-{position}")
    if file is None or not file.filename:
        return None
    try:
        return clean_picture(file.read())
    except LendingError as error:
        form.refuse(error, field_name=f"photo-{position}")
        return None
