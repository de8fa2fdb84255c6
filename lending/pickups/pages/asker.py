"""/i/<code>/pickup: anybody with a lid or a bag asks for it to be picked up; no account, no phone."""

import uuid
from functools import partial
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from lending.errors import Code, LendingError
from lending.loop.codes import read_code
from lending.photos.keep import Snapshot, keep_photo
from lending.photos.pictures import MOST_BYTES, clean_picture
from lending.pickups.pages.browser import browser_id, with_browser_id
from lending.pickups.pages.words import window_words
from lending.pickups.schemas import AskForm
from lending.requests.pickups.ask import (
    Askable,
    Asked,
    NewPickup,
    ask_pickup,
    look_askable,
    spend_ask,
)
from lending.requests.pickups.places import OrderSpot
from lending.requests.pickups.tables import Where
from lending.requests.pickups.windows import ANY, chosen_window, windows_from
from lending.web.access import public
from lending.web.answers import with_status
from lending.web.context import district, show_district
from lending.web.forms import Form, read_form
from lending.web.limits import client_address, count_visit, limited, spend
from lending.web.services import now, reading, services, write

blueprint = Blueprint("asker", __name__)

HOUR = 3600
PHOTOS_AN_HOUR = 20  # of one network address
# This page alone may ask for the position, when somebody taps for it.
MAY_LOCATE = "camera=(self), microphone=(), geolocation=(self), payment=()"


@blueprint.get("/i/<code>/pickup")
@public
@limited("pickup_page", per_minute=60)
def ask(code: str) -> AnyResponse:
    """The form; or that there is nothing to pick up, or that somebody has asked already."""
    return _page(code, None)


@blueprint.post("/i/<code>/pickup")
@public
@limited("pickup_ask", per_minute=20)
def post_ask(code: str) -> AnyResponse:
    """Asks, and leads to the request by its own code."""
    request.max_content_length = MOST_BYTES + 20_000
    form = read_form(AskForm())
    if form.errors:
        return _page(code, form)
    try:
        asked = _ask(code, form)
    except LendingError as error:
        if error.code is Code.CONFLICT:
            return redirect(url_for("pickups.asker.ask", code=read_code(code)))
        if error.code is Code.TOO_MANY_TRIES:
            form.errors[""] = _(
                "오늘은 수거를 더 요청할 수 없어요. 내일 다시 하거나 도움 전화로 알려 주세요."
            )
            return with_status(_page(code, form), error)
        if error.field not in {"window", "address", "note", "photo", "latitude", "longitude"}:
            raise
        _refuse(form, error)
        return _page(code, form)
    if asked.code is None:
        return redirect(url_for("pickups.asker.ask", code=read_code(code)))
    return redirect(url_for("pickups.own.show", code=asked.code))


def _ask(code: str, form: Form) -> Asked:
    """Reads the photo, pays for the asking, then asks."""
    values, moment, keys = form.values, now(), services().keys
    jpeg = _read_photo()
    askable = _look(code)
    new = NewPickup(
        values["id"],
        code,
        values["place"],
        browser_id() or client_address(),
        chosen_window(values["window"], now=moment, zone=district().zone, closed=askable.closed),
        _spot(values),
    )
    address = client_address()
    write(partial(spend_ask, new=new, address=address, keys=keys, now=moment))

    def work(session: Session) -> Asked:
        asked = ask_pickup(session, new, keys=keys, now=moment)
        if jpeg is not None and asked.code is not None:
            about = asked.pickup
            shown = Snapshot(jpeg, about.district_id, about.site_id, about.id)
            keep_photo(session, shown, now=moment)
        return asked

    return write(work)


def _spot(values: dict[str, Any]) -> OrderSpot:
    """What was typed of another place counts only while that is what is chosen."""
    if values["place"] is not Where.ELSEWHERE:
        return OrderSpot(note=values["note"])
    return OrderSpot(values["address"], values["note"], values["latitude"], values["longitude"])


def _read_photo() -> bytes | None:
    """The photo, decoded and encoded anew; None without one."""
    sent = request.files.get("photo")
    content = sent.read(MOST_BYTES + 1) if sent is not None else b""
    if not content:
        return None
    spend("pickup_photo", client_address(), limit=PHOTOS_AN_HOUR, seconds=HOUR)
    return clean_picture(content)


def _refuse(form: Form, error: LendingError) -> None:
    """A refusal in words at its field."""
    words = {
        "window": _("그 시간은 이제 고를 수 없어요. 다시 골라 주세요."),
        "photo": _(
            "읽을 수 없는 사진이에요. 5 MB보다 작은 다른 사진을 고르거나 사진 없이 보내 주세요."
        ),
        "latitude": _("위치를 알 수 없어요. 주소를 써 주세요."),
    }
    name = "latitude" if error.field == "longitude" else str(error.field)
    if name in words:
        form.errors["address" if name == "latitude" else name] = words[name]
    else:
        form.refuse(error)


def _look(code: str) -> Askable:
    """What the label can be asked for; from here on all is in the time of where it was lent."""
    with reading() as session:
        found = look_askable(
            session, code=code, browser=browser_id(), keys=services().keys, now=now()
        )
    if found.district_id is not None:
        show_district(found.district_id)
    return found


def _page(code: str, form: Form | None) -> Response:
    """The form's page, answered with 422 where something in it is wrong."""
    moment = now()
    try:
        askable = _look(code)
    except LendingError as error:
        count_visit("item_probe", per_minute=20)
        return with_status(make_response(render_template("pickups/no_piece.html")), error)
    shown: dict[str, Any] = {"code": read_code(code), "askable": askable, "form": form}
    if not askable.out:
        return make_response(render_template("pickups/nothing.html", **shown))
    if askable.open is not None:
        return make_response(render_template("pickups/asked_already.html", **shown))
    windows = [(ANY, _("언제든 괜찮아요"))]
    choices = windows_from(moment, district().zone, closed=askable.closed)
    windows += [(one.key, window_words(one)) for one in choices]
    page = make_response(
        render_template("pickups/ask.html", windows=windows, form_id=uuid.uuid4(), **shown),
        422 if form is not None else 200,
    )
    page.headers["Permissions-Policy"] = MAY_LOCATE
    return with_browser_id(page)
