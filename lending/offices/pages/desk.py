"""/offices/desk: ware goes out to a booking or a staff card and comes back, by scan."""

from datetime import datetime, timedelta
from typing import Any

from flask import Response, render_template, request
from flask_babel import gettext as _
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from lending.loop.clock import moment_sent
from lending.loop.read.pieces import list_kinds
from lending.offices.handing import bring_back, hand_out
from lending.offices.pages import words
from lending.offices.pages.frame import (
    asked_of,
    blueprint,
    choice_at,
    kind_names,
    office_of_page,
    office_page,
)
from lending.offices.reading import open_bookings
from lending.offices.values import HandIn
from lending.people.tables import Role
from lending.places.sites import SiteView
from lending.web.access import current_actor, station
from lending.web.context import district
from lending.web.i18n import name_of, write_day
from lending.web.schemas import FromTablet, Text
from lending.web.services import now, reading, services
from lending.web.stations import Words, answer_beep, choose_site, read_body

STILL_ASKED = timedelta(seconds=60)  # what was scanned longer ago has happened


class BeepBody(FromTablet):
    """A scan at the desk: what is done, with which piece, crate or bag, for which booking or card."""

    id = fields.UUID(required=True)
    seq = fields.Integer(load_default=None, allow_none=True)
    act = fields.String(required=True, validate=validate.OneOf([act[0] for act in words.ACTS]))
    code = Text(required=True, max_length=300)
    booking = fields.UUID(load_default=None, allow_none=True)
    card = Text(max_length=300, load_default=None, allow_none=True)


@blueprint.get("/offices/desk")
@station(Role.CAFE)
def show_desk() -> str:
    """The desk of the actor's office, or of `?site=`; `?part=1`: only what can be handed out to."""
    with reading() as session:
        site = office_of_page(session)
        if site is None:
            return choose_site(session, choice_at("/offices/desk"))
        values = _load(session, site)
    if request.args.get("part"):
        return render_template(
            "offices/desk_part.html", words=words, asked=asked_of(site),
            zone=district().timezone, **values,
        )  # fmt: skip
    return office_page(
        "offices/desk.html", "/offices/desk", site, acts=words.ACTS,
        chosen=request.args.get("booking", "")[:36], **values,
    )  # fmt: skip


@blueprint.post("/offices/desk/beep")
@station(Role.CAFE)
def post_beep() -> Response:
    """BeepBody → what it came to in words; 200 for what is refused at the piece too."""
    values, moment = read_body(BeepBody()), now()
    at = moment_sent(values, now=moment)
    return answer_beep(
        values["id"],
        lambda session: _beep(session, values, at, moment),
        refused=words.words_of_refusal,
        now=moment,
    )


def _beep(session: Session, values: dict[str, Any], at: datetime, moment: datetime) -> Words:
    actor, keys = current_actor(), services().keys
    kinds = list_kinds(session, district_id=actor.district_id)
    names = {kind.code: name_of(kind) for kind in kinds}
    if values["act"] == "back":
        back = bring_back(
            session, id=values["id"], code=values["code"], at=at, site=values["site"],
            actor=actor, keys=keys, now=moment,
        )  # fmt: skip
        return words.words_of_back(back, names)
    hand = HandIn(
        values["id"], values["code"], at, ask=moment - at <= STILL_ASKED,
        booking_id=values["booking"] if values["act"] == "hand" else None,
        card=values["card"] if values["act"] == "card" else None, site=values["site"],
    )  # fmt: skip
    handed = hand_out(session, hand, actor=actor, keys=keys, now=moment)
    due = (
        write_day(handed.due_at.astimezone(district().zone).date()) if handed.due_at else _("오늘")
    )
    return words.words_of_hand_out(handed, names, due)


def _load(session: Session, site: SiteView) -> dict[str, Any]:
    found = open_bookings(session, site_id=site.id, actor=current_actor(), now=now())
    return {"bookings": found, "names": kind_names(session)}
