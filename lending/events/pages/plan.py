"""/events: the list, a new event, one event's page; an event is changed and called off."""

import uuid
from datetime import datetime, time, timedelta
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import Schema, fields
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.events.pages import words
from lending.events.pages.desk import (
    PlannedMoment,
    Whole,
    blueprint,
    cursor,
    event_page,
    kind_names,
    write_local,
)
from lending.events.pages.timeline import moments_of
from lending.events.planning import cancel_event, change_event, plan_event
from lending.events.proposing import propose_packing
from lending.events.reading import event_crates, list_events, load_event, packed_for
from lending.events.rights import HALLS
from lending.events.rooms import list_rooms
from lending.events.statements.reading import list_versions
from lending.events.values import EventIn, EventKind, EventView, Stage
from lending.people.tables import Role
from lending.places.sites import SiteView, find_site
from lending.web.access import current_actor, station
from lending.web.context import district
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.i18n import name_of
from lending.web.schemas import Text, encode_cursor
from lending.web.services import now, reading, services, write
from lending.web.stations import Choice, choose_site, site_of_page

Page = str | tuple[str, int] | Response

CHOICE = Choice(
    "/events/new",
    HALLS,
    lazy_gettext("어디의 행사인가요?"),
    lazy_gettext("고른 곳에서 그릇을 받고 돌려줘요."),
    lazy_gettext("아직 등록된 장례식장이나 행사장이 없어요"),
    lazy_gettext("설정의 장소에서 종류를 장례식장으로 더해 주세요."),
)
SHOWN = (Stage.SETTLED, Stage.CANCELLED)  # stages that are over have a list of their own


class EventForm(Schema):
    """An event as it is typed; `room` empty: it is at `place`."""

    id = fields.UUID(required=True)
    room = Whole(load_default=None)
    place = Text(max_length=60, load_default="")
    kind = fields.Enum(EventKind, by_value=True, required=True)
    from_at = PlannedMoment(required=True)
    until_at = PlannedMoment(required=True)
    guests = Whole(least=1, most=20_000, load_default=None)
    contact = Text(max_length=100, load_default="")


@blueprint.get("/events")
@station(Role.CAFE, Role.WASH)
def show_list() -> str:
    """Events that are not over, or those of `?stage=`, with what each waits for."""
    stage = next((one for one in Stage if one == request.args.get("stage")), None)
    with reading() as session:
        page = list_events(
            session, actor=current_actor(), now=now(), stage=stage, after=cursor(), limit=30
        )
    return event_page(
        "events/list.html", "/events", rows=page.items, stage=stage, stages=list(Stage)[:-1],
        next_cursor=encode_cursor(page.next) if page.next else None,
    )  # fmt: skip


@blueprint.get("/events/new")
@station(Role.CAFE, Role.WASH)
def show_new() -> str:
    """The form of a new event at a hall: the own one, or `?site=`."""
    with reading() as session:
        site = site_of_page(session)
        if site is None:
            return choose_site(session, CHOICE)
        return _form_page(session, site, None)


@blueprint.post("/events/new")
@station(Role.CAFE, Role.WASH)
def post_new() -> Page:
    """Plans it; the page that follows shows what to pack."""
    form = read_form(EventForm())
    code = _site_code()
    made = attempt(
        form, lambda s: plan_event(s, _event_of(form, code), actor=current_actor(),
                                   keys=services().keys, now=now()),
    )  # fmt: skip
    if made is None:
        with reading() as session:
            return _form_page(session, _hall(session, code), form), 422
    tell(_("행사를 적었어요. 아래는 인원에 맞춘 보낼 양이에요."))
    return redirect(url_for("events.show_event", event_id=made.id))


@blueprint.get("/events/<uuid:event_id>")
@station(Role.CAFE, Role.WASH)
def show_event(event_id: uuid.UUID) -> str:
    """What is proposed for it, its crates, and what happened."""
    actor = current_actor()
    with reading() as session:
        event = load_event(
            session, event_id=event_id, actor=actor, now=now(), keys=services().keys
        )  # fmt: skip
        crates = event_crates(session, event_ids=[event_id])
        packed = packed_for(session, event_id=event_id)
        versions = list_versions(session, event_id=event_id, actor=actor)
        proposed = propose_packing(
            session, district_id=actor.district_id, kind=event.kind, guests=event.guests
        )
        names = kind_names(session)
    return event_page(
        "events/event.html", "/events", event=event, crates=crates, packed=packed, names=names,
        proposed=proposed, moments=moments_of(event, crates, versions), versions=versions,
        works=actor.role in (Role.WASH, Role.OFFICER),
    )  # fmt: skip


@blueprint.get("/events/<uuid:event_id>/change")
@station(Role.CAFE, Role.WASH)
def show_change(event_id: uuid.UUID) -> str:
    """The form with what is known, to be changed."""
    with reading() as session:
        event = _load(session, event_id)
        return _form_page(session, _hall(session, event.site), None, event)


@blueprint.post("/events/<uuid:event_id>/change")
@station(Role.CAFE, Role.WASH)
def post_change(event_id: uuid.UUID) -> Page:
    """Another room, other times, other guests; what is out is due by the new end."""
    form = read_form(EventForm())
    with reading() as session:
        event = _load(session, event_id)
    form.values["id"] = event_id
    done = attempt(
        form, lambda s: change_event(s, _event_of(form, event.site), actor=current_actor(),
                                     keys=services().keys, now=now()),
    )  # fmt: skip
    if done is None:
        with reading() as session:
            return _form_page(session, _hall(session, event.site), form, event), 422
    tell(_("행사를 고쳤어요."))
    return redirect(url_for("events.show_event", event_id=event_id))


@blueprint.post("/events/<uuid:event_id>/cancel")
@station(Role.CAFE, Role.WASH)
def post_cancel(event_id: uuid.UUID) -> Response:
    """Calls it off; what was packed for it stays in the hall's store."""
    try:
        write(lambda s: cancel_event(s, event_id=event_id, actor=current_actor(), now=now()))
        tell(_("행사를 취소했어요. 담아 둔 상자는 창고에 남아요."))
    except LendingError as error:
        if error.code is not Code.CONFLICT:
            raise
        tell(_("나가 있거나 셀 그릇이 있어 취소할 수 없어요."), "warning")
    return redirect(url_for("events.show_event", event_id=event_id))


def _load(session: Session, event_id: uuid.UUID) -> EventView:
    return load_event(
        session, event_id=event_id, actor=current_actor(), now=now(), keys=services().keys
    )


def _site_code() -> str:
    """The hall a new event is at: the actor's own, or the one named in the address."""
    actor = current_actor()
    if actor.site_id is None or actor.role is not Role.CAFE:
        return request.values.get("site", "")[:40]
    with reading() as session:
        site = site_of_page(session)
    return site.code if site else ""


def _hall(session: Session, code: str) -> SiteView:
    return find_site(session, code=code, district_id=current_actor().district_id)


def _event_of(form: Form, site: str) -> EventIn:
    values = form.values
    return EventIn(
        values["id"], site, values["kind"], values["from_at"], values["until_at"],
        room_id=values["room"], place=values["place"], guests=values["guests"],
        contact=values["contact"],
    )  # fmt: skip


def _form_page(
    session: Session, site: SiteView, form: Form | None, event: EventView | None = None
) -> str:
    rooms = list_rooms(session, site_id=site.id)
    if form:
        _move_errors(form)
    return event_page(
        "events/new.html", "/events", site=site, form=form,
        rooms=[(room.id, room.name) for room in rooms], event=event,
        id=form.raw.get("id", uuid.uuid4()) if form else uuid.uuid4(),
        kinds=[(kind.value, words.KINDS[kind]) for kind in EventKind],
        title=_("행사 고치기") if event else _("새 행사 · %(hall)s", hall=name_of(site)),
        go=_("고친 대로 두기") if event else _("행사 적기"),
        back=url_for("events.show_event", event_id=event.id) if event else "/events",
        values=_values(event, now()),
    )  # fmt: skip


def _move_errors(form: Form) -> None:
    """Refusals at the service's names stand at the fields of the form."""
    if error := form.errors.pop("until", None):
        form.errors["until_at"] = _("시작보다 뒤이고 31일 안이어야 해요.") or error
    if form.errors.pop("event", None):
        form.errors[""] = _("이미 끝난 행사라 고칠 수 없어요.")
    if "room" in form.errors:
        form.errors["room"] = _("방을 고르거나, 방이 아닌 자리를 아래에 적어 주세요.")


def _values(event: EventView | None, moment: datetime) -> dict[str, Any]:
    if event is not None:
        return {
            "room": event.room_id, "place": event.place, "kind": event.kind.value,
            "from_at": write_local(event.from_at), "until_at": write_local(event.until_at),
            "guests": event.guests, "contact": event.contact,
        }  # fmt: skip
    today = moment.astimezone(district().zone).date()
    begins = datetime.combine(today + timedelta(days=1), time(9), district().zone)
    return {
        "kind": EventKind.FUNERAL.value, "from_at": write_local(begins),
        "until_at": write_local(begins + timedelta(days=2)), "guests": 250,
    }  # fmt: skip
