"""/events/<id>/count: the centre counts what came back, by number and by scan."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Response, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, ValidationError, fields
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from lending.errors import Code, LendingError
from lending.events.counting.count import MOST_PHOTOS, count_event, counting_sheet
from lending.events.pages import words
from lending.events.pages.desk import Whole, blueprint, event_page
from lending.events.pages.refusals import words_of_refusal
from lending.events.reading import load_event
from lending.events.values import CountedLine, CountIn, ForeignLine, ToCount
from lending.loop.clock import moment_sent
from lending.loop.read.pieces import find_item
from lending.loop.record import record_scans
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action
from lending.people.tables import Role
from lending.photos.pictures import clean_picture
from lending.places.sites import list_sites
from lending.places.tables import SiteKind
from lending.web.access import current_actor, station
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.schemas import FromTablet, Text
from lending.web.services import now, reading, services, write
from lending.web.stations import Words, acting_site, read_body

FOREIGN_ROWS = 4  # of ware that is not ours; more may be sent


class CountForm(Schema):
    """What is typed beside the numbers by kind."""

    id = fields.UUID(required=True)
    site = Text(max_length=40, load_default=None)
    note = Text(max_length=500, load_default="", lines=True)
    anyway = fields.Boolean(load_default=False)


class PieceBody(FromTablet):
    """A piece or a crate that came back; `broken`: it goes out of use."""

    id = fields.UUID(required=True)
    seq = fields.Integer(load_default=None, allow_none=True)
    code = Text(required=True, max_length=300)
    broken = fields.Boolean(load_default=False)


@blueprint.get("/events/<uuid:event_id>/count")
@station(Role.WASH)
def show_count(event_id: uuid.UUID) -> str:
    """The sheet: a line by kind, what was sent, what was found and broken."""
    with reading() as session:
        return _page(session, event_id, None)


@blueprint.post("/events/<uuid:event_id>/count")
@station(Role.WASH)
def post_count(event_id: uuid.UUID) -> str | tuple[str, int] | Answer:
    """Takes the count under the form's id and shows the statement it makes."""
    form = read_form(CountForm())
    with reading() as session:
        sheet = counting_sheet(session, event_id=event_id, actor=current_actor())
    count = _read_count(form, event_id, sheet)
    made = attempt(
        form,
        lambda s: count_event(s, count(), actor=current_actor(), keys=services().keys, now=now()),
    )
    if made is None:
        with reading() as session:
            return _page(session, event_id, form), 422
    tell(_("다 세었어요. 아래 확인서가 맞는지 보고 장례식장에 보내 주세요."))
    return redirect(url_for("events.show_statement", event_id=event_id))


@blueprint.post("/events/<uuid:event_id>/count/beep")
@station(Role.WASH)
def post_count_beep(event_id: uuid.UUID) -> Response:
    """PieceBody → what it is, and how many of its kind are found now."""
    values, moment = read_body(PieceBody()), now()
    at = moment_sent(values, now=moment)
    try:
        told = write(lambda session: _take(session, event_id, values, at, moment))
        error = None
    except LendingError as caught:
        if caught.code in (Code.SIGN_IN_NEEDED, Code.NOT_ALLOWED, Code.ID_REUSED):
            raise
        told, error = {"words": words_of_refusal(caught)}, caught.code
    said = asdict(told.pop("words"))
    return jsonify({"id": values["id"], "error": error, "now": moment} | said | told)


def _take(
    session: Session, event_id: uuid.UUID, values: dict[str, Any], at: datetime, moment: datetime
) -> dict[str, Any]:
    actor, id = current_actor(), values["id"]
    site = acting_site(session, values["site"])
    scans = [ScanIn(id, Action.RECEIVE, values["code"], at, site=site.code)]
    if values["broken"]:
        broken = uuid.uuid5(id, "broken")
        scans.append(
            ScanIn(broken, Action.RETIRE, values["code"], at, site=site.code, reason="break")
        )
    for receipt in record_scans(session, scans, actor=actor, keys=services().keys, now=moment):
        if receipt.result is Result.REFUSED:
            raise LendingError(receipt.error or Code.INVALID, field=receipt.field or "crate")
    piece = find_item(session, code=values["code"], actor=actor).view
    sheet = counting_sheet(session, event_id=event_id, actor=actor)
    line = next((one for one in sheet if one.kind == piece.kind), None)
    return _said(piece.code, line, broken=values["broken"])


def _said(code: str, line: ToCount | None, *, broken: bool) -> dict[str, Any]:
    if line is None:
        told = Words(
            _("이 행사에 보낸 그릇이 아니에요"), "care", "info", "",
            _("받아 두었어요. 확인서에는 섞여 온 것으로 나와요."),
        )  # fmt: skip
        return {"words": told}
    word = _("깨진 것으로 적었어요") if broken else _("받았어요")
    tone = "care" if broken else "good"
    told = Words(word, tone, "check", f"{words.kind_name(line)} {line.found} / {line.sent}")
    return {"words": told, "kind": line.kind, "found": line.found, "broken": line.broken}


def _read_count(form: Form, event_id: uuid.UUID, sheet: Sequence[ToCount]) -> Any:
    """How to make the count of a form; what is wrong with its numbers stands in the form."""
    lines = tuple(
        CountedLine(one.kind, _number(form, f"found-{one.kind}"), _number(form, f"broken-{one.kind}", 0))
        for one in sheet
        if one.counted
    )  # fmt: skip
    foreign = tuple(_foreign(form))
    photos = tuple(_photos(form))

    def make() -> CountIn:
        values = form.values
        return CountIn(
            values["id"], event_id, lines, now(), foreign=foreign, note=values["note"],
            site=values["site"], anyway=values["anyway"], photos=photos,
        )  # fmt: skip

    return make


def _number(form: Form, name: str, default: int | None = None) -> int:
    text = form.raw.get(name, "").strip()
    if not text and default is not None:
        return default
    try:
        return int(Whole(most=100_000).deserialize(text)) if text else _wrong(form, name)
    except ValidationError:
        return _wrong(form, name)


def _wrong(form: Form, name: str) -> int:
    form.errors[name] = _("몇 개인지 숫자로 적어 주세요.")
    return 0


def _foreign(form: Form) -> list[ForeignLine]:
    raw = form.raw if isinstance(form.raw, MultiDict) else MultiDict()
    found = []
    for what, pieces in zip(raw.getlist("what"), raw.getlist("pieces"), strict=False):
        if what.strip() and pieces.strip().isdecimal() and len(pieces) < 7 and int(pieces) > 0:
            found.append(ForeignLine(what.strip()[:60], int(pieces)))
        elif what.strip() or pieces.strip().strip("0"):
            form.errors["foreign"] = _("섞여 온 것은 무엇이 몇 개인지 함께 적어 주세요.")
    return found


def _photos(form: Form) -> list[bytes]:
    found = []
    for file in request.files.getlist("photos")[:MOST_PHOTOS]:
        if not file.filename:
            continue
        try:
            found.append(clean_picture(file.read()))
        except LendingError as error:
            form.refuse(error, field_name="photos")
    return found


def _page(session: Session, event_id: uuid.UUID, form: Form | None) -> str:
    actor = current_actor()
    event = load_event(session, event_id=event_id, actor=actor, now=now())
    sheet = counting_sheet(session, event_id=event_id, actor=actor)
    centres = list_sites(
        session, district_id=actor.district_id, kinds=[SiteKind.WASH_CENTRE], limit=50
    )
    raw = form.raw if form and isinstance(form.raw, MultiDict) else MultiDict()
    typed = list(zip(raw.getlist("what"), raw.getlist("pieces"), strict=False))
    return event_page(
        "events/count.html", "/events", event=event, sheet=sheet, form=_worded(form),
        centres=centres if actor.site_id is None else [],
        id=raw.get("id") or uuid.uuid4(),
        foreign=(typed + [("", "")] * FOREIGN_ROWS)[: max(FOREIGN_ROWS, len(typed))],
    )  # fmt: skip


def _worded(form: Form | None) -> Form | None:
    if form is not None and "event" in form.errors:
        form.errors[""] = _(
            "아직 나가 있는 상자가 있거나 이미 마친 행사예요. 나가 있는 채로 세려면 아래에 표시해 주세요."
        )
    return form
