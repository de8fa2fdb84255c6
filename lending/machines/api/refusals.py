"""POST /machines/refusals: a piece not taken, answered by where it can go and what to show."""

import base64
import binascii
from typing import Any

from flask import Response, request
from flask_babel import force_locale
from flask_babel import gettext as _

from lending.errors import Code, LendingError
from lending.loop.api.answers import answer_json, fails_with
from lending.machines.api.answers import blueprint, own_site, read_object
from lending.machines.refusals import Clock, Refused, Told, tell_refusal
from lending.machines.schemas import LONGEST_BASE64, MachineRefusalOut, RefusalIn
from lending.people.tables import Role
from lending.photos.pictures import clean_picture
from lending.requests.ways_back import WayOut
from lending.web.access import bearer, current_actor
from lending.web.i18n import LANGUAGES, name_of
from lending.web.limits import spend
from lending.web.services import now, write

SCHEMA = RefusalIn()
HOUR = 3600
PHOTOS_AN_HOUR = 60  # per machine


@blueprint.post("/refusals")
@blueprint.doc(
    requestBody={"required": True, "content": {"application/json": {"schema": RefusalIn}}},
)
@blueprint.response(200, MachineRefusalOut)
@fails_with(401, 403, 409, 413, 422, 429)
@bearer(Role.MACHINE)
def post_refusal() -> Response:
    """Tell of a piece that the machine did not take.

    The loan's clock stands still for 24 hours, three times in a loan, and the piece's page and
    this answer say where to go; `screen` has the words in both languages. A photo that is none is
    refused (field photo): sent again without it, the refusal is taken. Sent again with its id it
    is noted once.
    """
    request.max_content_length = LONGEST_BASE64 + 10_000
    values = SCHEMA.load(read_object())
    photo = values.pop("photo")
    jpeg = _read_photo(photo) if photo else None
    refused, moment = Refused(**values), now()
    told = write(
        lambda session: tell_refusal(
            session, refused, jpeg=jpeg, site=own_site(session), now=moment
        )
    )
    return answer_json({"now": now(), **refusal_out(told)})


def refusal_out(told: Told) -> dict[str, Any]:
    """The answer: places, and what a screen shows in each language."""
    return {
        "result": "recorded" if told.new else "repeated",
        "places": [
            {
                "code": way.site.code, "kind": way.site.kind, "name": way.site.name,
                "name_en": way.site.name_en, "open": way.open,
                "metres": None if way.metres is None else round(way.metres),
            }
            for way in told.ways
        ],
        "screen": {code: screen_in(code, told) for code in LANGUAGES},
    }  # fmt: skip


def screen_in(language: str, told: Told) -> dict[str, str]:
    """The words of a machine's screen in one language; never whether the piece is lent.

    Nothing of a clock where no piece of ours was read.
    """
    with force_locale(language):
        near = [_place(way, language) for way in told.ways]
        where = _("가까운 곳에 돌려주세요: %(places)s", places=" · ".join(near))
        return {
            "title": _("지금은 여기에 넣을 수 없어요."),
            "where": where if near else _("카페나 다른 반납함에 돌려주세요."),
            "clock": _clock(told.clock),
        }


def _clock(clock: Clock) -> str:
    if clock is Clock.STOPS:
        return str(_("빌린 것이라면 기한을 24시간 동안 멈췄어요."))
    if clock is Clock.NO_MORE:
        return str(
            _("여러 번 받지 못해서, 빌린 것이라도 기한을 더 멈추지 않아요. 카페에 돌려주세요.")
        )
    return ""


def _place(way: WayOut, language: str) -> str:
    name = name_of(way.site, language)
    if way.metres is not None:
        name += f" ({_far(way.metres)})"
    return name if way.open else _("%(place)s, 지금은 닫음", place=name)


def _far(metres: float) -> str:
    return f"{round(metres / 10) * 10} m" if metres < 1000 else f"{metres / 1000:.1f} km"


def _read_photo(text: str) -> bytes:
    """The picture, decoded and encoded anew; its decoding is paid for by the machine's budget."""
    spend("machine_photo", f"token {current_actor().id}", limit=PHOTOS_AN_HOUR, seconds=HOUR)
    try:
        return clean_picture(base64.b64decode(text, validate=True))
    except binascii.Error as error:
        raise LendingError(Code.INVALID, field="photo") from error
    except ValueError as error:  # letters that are no ASCII
        raise LendingError(Code.INVALID, field="photo") from error
