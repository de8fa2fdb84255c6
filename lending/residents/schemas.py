"""What the residents' forms and addresses may hold."""

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from lending.people.profile import LANGUAGES
from lending.web.schemas import MESSAGES, Cursor, Text


class ContactForm(Schema):
    """A phone number of any country or an e-mail address."""

    contact = Text(required=True, max_length=254)


class CodeForm(Schema):
    """The six digits, as they were read or pasted."""

    code = Text(required=True, max_length=20)


class WelcomeForm(Schema):
    """The notice was read and age 14 or older is stated."""

    agreed = fields.Boolean(
        required=True,
        validate=validate.Equal(True),
        error_messages={"required": _("만 14세 이상이면 여기를 눌러 표시해 주세요.")},
    )


class LanguageForm(Schema):
    """The language of pages and messages."""

    language = fields.String(
        required=True, validate=validate.OneOf(LANGUAGES), error_messages=MESSAGES
    )


class DroppedForm(Schema):
    """Where (`-`: elsewhere) and on which day a cup was brought back."""

    site = Text(required=True, max_length=40)
    day = fields.Date(required=True, error_messages=MESSAGES)


class CupForm(Schema):
    """A cup's number as it was typed."""

    code = Text(required=True, max_length=100)


class PageQuery(Schema):
    """Where a page of a list begins."""

    after = Cursor()
