"""The shapes of the requests of a tablet above a box."""

from marshmallow import fields, validate

from lending.people.envelopes import LONGEST_SEALED
from lending.photos.pictures import MOST_BYTES
from lending.web.schemas import FromTablet, Text

MOST_SCANS = 100  # cups of one visit
LONGEST_BASE64 = MOST_BYTES * 4 // 3 + 4


class MemberBody(FromTablet):
    """A member QR, sealed or plain, and the ids of the returns of the same visit."""

    member = Text(required=True, max_length=LONGEST_SEALED)
    scans = fields.List(
        fields.UUID(), required=True, validate=validate.Length(min=1, max=MOST_SCANS)
    )


class ReportBody(FromTablet):
    """A piece whose code cannot be read; `photo`: a picture in base64."""

    id = fields.UUID(required=True)
    code = Text(max_length=300, load_default="")
    photo = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(max=LONGEST_BASE64)
    )
