"""What a place is asked to set aside, and its word that it has: for every station's page."""

from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from flask_babel import ngettext
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from lending.loop.codes import is_readable
from lending.loop.read.pieces import list_kinds
from lending.washing.hygiene.aside import AsideLine, list_to_set_aside, tick_set_aside
from lending.web.access import current_actor, station
from lending.web.context import district
from lending.web.i18n import name_of, write_clock
from lending.web.schemas import FromStation, Text
from lending.web.services import now, reading, write
from lending.web.stations import acting_site, read_body

blueprint = Blueprint("washing_aside", __name__)


class AsideBody(FromStation):
    """Pieces that somebody has put away; `id` is the request's."""

    id = fields.UUID(required=True)
    codes = fields.List(
        Text(required=True, max_length=300), required=True, validate=validate.Length(1, 500)
    )


@blueprint.get("/wash/aside")
@station()
def get_aside() -> Response:
    """What is asked of the actor's place (who acts for a district names it: `?site=`)."""
    with reading() as session:
        site = acting_site(session, request.args.get("site", "")[:40] or None)
        answer = _asked(session, site.id)
    return jsonify(answer | {"now": now()})


@blueprint.post("/wash/aside")
@station()
def post_aside() -> Response:
    """AsideBody → what is still asked; the same codes again change nothing. A code that cannot be
    read is named in `misread` and keeps no other from being ticked off."""
    values, moment = read_body(AsideBody()), now()
    codes = {code: is_readable(code) for code in values["codes"]}

    def tick(session: Session) -> dict[str, Any]:
        site = acting_site(session, values["site"])
        good = [code for code, readable in codes.items() if readable]
        ticked = tick_set_aside(session, site=site, codes=good, actor=current_actor(), now=moment)
        session.flush()
        return _asked(session, site.id) | {"ticked": ticked}

    misread = [code for code, readable in codes.items() if not readable]
    return jsonify(write(tick) | {"misread": misread, "now": moment})


def _asked(session: Session, site_id: int) -> dict[str, Any]:
    lines = list_to_set_aside(session, site_id=site_id)
    kinds = {kind.code: name_of(kind) for kind in list_kinds(session, district_id=district().id)}
    count = len(lines)
    return {
        "count": count,
        "title": ngettext(
            "컵 %(num)s개를 따로 두어 주세요", "컵 %(num)s개를 따로 두어 주세요", count
        ) if count else _("따로 둘 컵이 없어요"),
        "lead": _("위생 검사를 다시 하고 있어요. 빌려주지 말고 한곳에 모아 주세요.") if count else "",
        "lines": [_line(line, kinds) for line in lines],
    }  # fmt: skip


def _line(line: AsideLine, kinds: dict[str, str]) -> dict[str, Any]:
    return {
        "recall": str(line.recall_id),
        "code": line.code,
        "kind": line.kind,
        "kind_name": kinds.get(line.kind, line.kind),
        "state": line.state,
        "since": line.since,
        "since_words": write_clock(line.since, district().timezone),
    }
