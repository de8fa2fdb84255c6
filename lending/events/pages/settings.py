"""/events/settings: pieces for 100 guests, prices, times; the rooms of a hall."""

from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import Schema, ValidationError, fields
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import LendingError
from lending.events.board import list_halls
from lending.events.pages.desk import Whole, blueprint, event_page
from lending.events.rights import HALLS, hall_of
from lending.events.rooms import add_room, change_room, list_rooms
from lending.events.settings import list_kind_settings, load_times, set_kind, set_times
from lending.events.values import EventKind, KindSetting
from lending.people.tables import Role
from lending.web.access import current_actor, staff, station
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.schemas import Text
from lending.web.services import now, reading, write
from lending.web.stations import Choice, choose_site

Page = str | tuple[str, int] | Response
HALL_CHOICE = Choice(
    "/events/halls",
    HALLS,
    lazy_gettext("어느 장례식장의 방인가요?"),
    lazy_gettext("고른 곳의 방을 더하고 이름을 바꿔요."),
    lazy_gettext("아직 등록된 장례식장이나 행사장이 없어요"),
    lazy_gettext("설정의 장소에서 종류를 장례식장으로 더해 주세요."),
)


class TimesForm(Schema):
    """Hours to count, days to answer."""

    count_hours = Whole(least=1, most=336, required=True)
    answer_days = Whole(least=1, most=60, required=True)


class RoomForm(Schema):
    """A room's name; `do`: what becomes of a room there is."""

    site = Text(max_length=40, required=True)
    name = Text(max_length=40, required=True)
    do = fields.String(load_default="name")


@blueprint.get("/events/settings")
@staff(Role.OFFICER)
def show_settings() -> str:
    """The settings for one sort of event (`?event=`), and the district's times."""
    return _page(_kind(request.args.get("event", "")))


@blueprint.post("/events/settings/kinds")
@staff(Role.OFFICER)
def post_kinds() -> Page:
    """All kinds of one sort of event at once; only those that changed are written."""
    form, event, actor = (
        Form(raw=request.form),
        _kind(request.form.get("event", "")),
        current_actor(),
    )
    with reading() as session:
        known = list_kind_settings(session, district_id=actor.district_id, event=event)
    changed = [new for one in known if (new := _read(form, one)) is not None]
    if not form.errors:
        try:
            write(lambda session: _write(session, changed, event))
        except LendingError as error:
            form.refuse(error, field_name="")
    if form.errors:
        return _page(event, form=form), 422
    tell(_("저장했어요."))
    return redirect(url_for("events.show_settings", event=event.value))


@blueprint.post("/events/settings/times")
@staff(Role.OFFICER)
def post_times() -> Page:
    """The times; statements already sent keep theirs."""
    form = read_form(TimesForm())
    actor = current_actor()
    if attempt(form, lambda s: set_times(s, actor=actor, now=now(), **form.values)) is None:
        return _page(EventKind.FUNERAL, times_form=form), 422
    tell(_("저장했어요."))
    return redirect(url_for("events.show_settings"))


@blueprint.get("/events/halls")
@station(Role.CAFE, Role.WASH)
def show_hall_rooms() -> str:
    """The rooms of the own hall, or of `?site=`."""
    if current_actor().site_id is None and "site" not in request.args:
        with reading() as session:
            return choose_site(session, HALL_CHOICE)
    return _rooms_page(request.args.get("site", "")[:40], None)


@blueprint.post("/events/halls")
@station(Role.CAFE, Role.WASH)
def post_room() -> Page:
    """A new room."""
    form, actor = read_form(RoomForm()), current_actor()
    values = form.values
    made = attempt(
        form, lambda s: add_room(s, site=values["site"], name=values["name"], actor=actor, now=now())
    )  # fmt: skip
    if made is None:
        return _rooms_page(request.form.get("site", "")[:40], form), 422
    tell(_("방을 더했어요."))
    return redirect(url_for("events.show_hall_rooms", site=values["site"]))


@blueprint.post("/events/halls/rooms/<int:room_id>")
@station(Role.CAFE, Role.WASH)
def post_room_change(room_id: int) -> Page:
    """Another name, or out of use and in use again."""
    form, actor = read_form(RoomForm()), current_actor()
    values = form.values
    active = {"stop": False, "use": True}.get(values.get("do", ""))
    attempt(
        form,
        lambda s: change_room(
            s, room_id=room_id, actor=actor, name=values["name"], active=active
        ),
    )  # fmt: skip
    if form.errors:
        tell(next(iter(form.errors.values())), "danger")
    else:
        tell(_("저장했어요."))
    return redirect(url_for("events.show_hall_rooms", site=request.form.get("site", "")[:40]))


def _kind(text: str) -> EventKind:
    return next((kind for kind in EventKind if kind == text), EventKind.FUNERAL)


def _read(form: Form, one: KindSetting) -> tuple[str, int, int | None, int | None] | None:
    """(kind, pieces for 100, in a crate, price) as typed; None where nothing changed."""
    per_100, crate, price = (
        _number(form, f"{part}-{one.kind}") for part in ("per_100", "crate", "price")
    )
    if (per_100 or 0, crate, price) == (one.per_100, one.crate_pieces, one.price):
        return None
    return one.kind, per_100 or 0, crate, price


def _number(form: Form, name: str) -> int | None:
    text = form.raw.get(name, "").strip()
    try:
        return int(Whole(most=10_000_000).deserialize(text)) if text else None
    except ValidationError as error:
        form.errors[name] = str(error.messages[0])
        return None


def _write(
    session: Session, changed: list[tuple[str, int, int | None, int | None]], event: EventKind
) -> None:
    for kind, per_100, crate, price in changed:
        set_kind(
            session, kind=kind, event=event, per_100=per_100, price=price, crate_pieces=crate,
            actor=current_actor(), now=now(),
        )  # fmt: skip


def _page(event: EventKind, *, form: Form | None = None, times_form: Form | None = None) -> str:
    actor = current_actor()
    with reading() as session:
        kinds = list_kind_settings(session, district_id=actor.district_id, event=event)
        times = load_times(session, district_id=actor.district_id)
        halls = list_halls(session, actor=actor)
    return event_page(
        "events/settings.html", "/events/settings", event=event, kinds=kinds, times=times,
        halls=halls, form=form, times_form=times_form,
    )  # fmt: skip


def _rooms_page(site: str, form: Form | None) -> str:
    actor = current_actor()
    with reading() as session:
        hall = hall_of(session, actor=actor, code=site or None)
        rooms = list_rooms(session, site_id=hall.id, all_of_them=True)
    office = actor.role is Role.OFFICER
    return event_page(
        "events/hall_rooms.html", "/events/settings" if office else "/events/halls", site=hall,
        rooms=rooms, form=form, back="/events/settings" if office else "/events/rooms",
    )  # fmt: skip
