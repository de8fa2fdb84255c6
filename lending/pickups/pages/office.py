"""/office/pickups: the officer's list of pick-up requests, each with what can be done, and settings."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.people.tables import Role
from lending.pickups.desk import list_ended, load_desk, load_story, look_where
from lending.pickups.pages import words
from lending.pickups.schemas import EndedQuery, HoursForm, ReasonForm
from lending.requests.pickups.decide import (
    call_missing,
    forgive_pickup,
    refuse_pickup,
    send_again,
)
from lending.requests.pickups.hours import PickupHours, load_pickup_hours, set_pickup_hours
from lending.requests.pickups.sheet import PickupSheet
from lending.web.access import current_actor, staff
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.limits import client_address, limited
from lending.web.schemas import encode_cursor
from lending.web.services import now, reading, services, write

blueprint = Blueprint("office", __name__)


@blueprint.get("/office/pickups")
@staff(Role.OFFICER)
def show_list() -> str:
    """What is to be decided, late, waiting and on its way."""
    with reading() as session:
        desk = load_desk(session, district_id=current_actor().district_id)
    return render_template("pickups/office_list.html", desk=desk, words=words)


@blueprint.get("/office/pickups/ended")
@staff(Role.OFFICER)
def show_ended() -> str:
    """What is over, the latest first."""
    query = read_form(EndedQuery(), source=request.args)
    with reading() as session:
        page = list_ended(
            session, district_id=current_actor().district_id, after=query.values.get("after")
        )
    after = encode_cursor(page.next) if page.next else None
    return render_template(
        "pickups/office_ended.html", pickups=page.items, words=words, after=after
    )


@blueprint.get("/office/pickups/<uuid:pickup_id>")
@staff(Role.OFFICER)
def show_one(pickup_id: uuid.UUID) -> str:
    """One request and its visits; where to go is shown only when asked for."""
    return _one(pickup_id)


@blueprint.post("/office/pickups/<uuid:pickup_id>/where")
@staff(Role.OFFICER)
@limited("pickup_where", per_minute=60)
def post_where(pickup_id: uuid.UUID) -> str:
    """The same with the address, the note and the photo; the look stands in the access log."""
    actor, address, keys, moment = current_actor(), client_address(), services().keys, now()
    look = partial(
        look_where, pickup_id=pickup_id, actor=actor, address=address, keys=keys, now=moment
    )
    return _one(pickup_id, sheet=write(look))


@blueprint.post("/office/pickups/<uuid:pickup_id>/again")
@staff(Role.OFFICER)
def post_again(pickup_id: uuid.UUID) -> Response:
    """Onto the next rounds once more."""
    actor = current_actor()
    done = _("다음 수거 차례에 다시 넣었어요.")
    return _done(pickup_id, lambda s: send_again(s, pickup_id=pickup_id, actor=actor), done)


@blueprint.post("/office/pickups/<uuid:pickup_id>/missing")
@staff(Role.OFFICER)
def post_missing(pickup_id: uuid.UUID) -> Response:
    """What is still out was not in the bag."""
    work = partial(call_missing, pickup_id=pickup_id, **_by())
    return _done(pickup_id, work, _("못 찾은 용기의 기한을 새로 주고 알렸어요."))


@blueprint.post("/office/pickups/<uuid:pickup_id>/refuse")
@staff(Role.OFFICER)
def post_refuse(pickup_id: uuid.UUID) -> Response | tuple[str, int]:
    """Nobody will come."""
    return _with_reason(pickup_id, refuse_pickup, _("요청을 닫았어요."))


@blueprint.post("/office/pickups/<uuid:pickup_id>/forgive")
@staff(Role.OFFICER)
def post_forgive(pickup_id: uuid.UUID) -> Response | tuple[str, int]:
    """Lost on our way."""
    return _with_reason(pickup_id, forgive_pickup, _("빌린 사람의 책임 없이 끝냈어요."))


@blueprint.get("/office/pickups/settings")
@staff(Role.OFFICER)
def show_settings() -> str:
    """After how many hours something is late, missing or unseen."""
    return _settings(None)


@blueprint.post("/office/pickups/settings")
@staff(Role.OFFICER)
def post_settings() -> Response | tuple[str, int]:
    """Sets these hours."""
    form, actor, moment = read_form(HoursForm()), current_actor(), now()

    def work(session: Session) -> bool:
        set_pickup_hours(session, PickupHours(**form.values), actor=actor, now=moment)
        return True

    if attempt(form, work):
        tell(_("수거 설정을 저장했어요."))
        return redirect(url_for("pickups.office.show_settings"))
    return _settings(form), 422


def _by() -> dict[str, Any]:
    return {"actor": current_actor(), "keys": services().keys, "now": now()}


def _with_reason(
    pickup_id: uuid.UUID, service: Callable[..., None], done: str
) -> Response | tuple[str, int]:
    form = read_form(ReasonForm())
    if form.errors:
        return _one(pickup_id, form=form), 422
    work = partial(service, pickup_id=pickup_id, reason=form.values["reason"], **_by())
    return _done(pickup_id, work, done)


def _done(pickup_id: uuid.UUID, work: Callable[[Session], None], words_done: str) -> Response:
    """Back to the request; what somebody else did meanwhile is said calmly."""
    try:
        write(work)
    except LendingError as error:
        if error.code is not Code.CONFLICT:
            raise
        tell(_("그 사이에 요청이 바뀌어서 그대로 두었어요."), "info")
    else:
        tell(words_done)
    return redirect(url_for("pickups.office.show_one", pickup_id=pickup_id))


def _one(
    pickup_id: uuid.UUID, *, sheet: PickupSheet | None = None, form: Form | None = None
) -> str:
    with reading() as session:
        story = load_story(session, pickup_id=pickup_id, district_id=current_actor().district_id)
    return render_template(
        "pickups/office_one.html", story=story, pickup=story.pickup, sheet=sheet, form=form,
        words=words,
    )  # fmt: skip


def _settings(form: Form | None) -> str:
    with reading() as session:
        hours = load_pickup_hours(session, district_id=current_actor().district_id)
    return render_template("pickups/office_settings.html", hours=hours, form=form)
