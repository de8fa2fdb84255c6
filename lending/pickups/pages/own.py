"""/pickup/<code>: a request by its own code: how far it is, and taking it back."""

from functools import partial

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.pickups.pages import words
from lending.pickups.schemas import RequestCodeForm
from lending.requests.pickups.codes import read_request_code
from lending.requests.pickups.own import cancel_pickup, load_pickup
from lending.requests.pickups.views import PickupState
from lending.web.access import public
from lending.web.answers import with_status
from lending.web.context import show_district
from lending.web.forms import Form, read_form, tell
from lending.web.limits import count_visit, limited
from lending.web.services import now, reading, services, write

blueprint = Blueprint("own", __name__)

CANCELLABLE = (PickupState.WAITING, PickupState.PLANNED, PickupState.OFFICER)


@blueprint.get("/pickup")
@public
@limited("pickup_page", per_minute=60)
def find() -> str | Response | tuple[str, int]:
    """A field for the code of a request."""
    if "code" not in request.args:
        return render_template("pickups/find.html", form=None)
    form = read_form(RequestCodeForm(), source=request.args)
    if not form.errors:
        try:
            return redirect(
                url_for("pickups.own.show", code=read_request_code(form.values["code"]))
            )
        except LendingError:
            form.errors["code"] = _no_such_code()
    return render_template("pickups/find.html", form=form), 422


@blueprint.get("/pickup/<code>")
@public
@limited("pickup_page", per_minute=60)
def show(code: str) -> str | Response:
    """How far the request is."""
    try:
        with reading() as session:
            pickup = load_pickup(session, secret=code, keys=services().keys)
    except LendingError as error:
        return _no_request(error)
    show_district(pickup.district_id)
    return render_template(
        "pickups/own.html",
        pickup=pickup,
        code=read_request_code(code),
        words=words,
        cancellable=pickup.state in CANCELLABLE and pickup.taken_at is None,
    )


@blueprint.post("/pickup/<code>/cancel")
@public
@limited("pickup_ask", per_minute=20)
def post_cancel(code: str) -> Response:
    """Takes the request back."""
    try:
        write(partial(cancel_pickup, secret=code, keys=services().keys, now=now()))
    except LendingError as error:
        if error.code is Code.NOT_FOUND:
            return _no_request(error)
        tell(_("이미 가져갔어요. 세척장에서 확인하고 있어요."), "info")
    return redirect(url_for("pickups.own.show", code=read_request_code(code)))


def _no_request(error: LendingError) -> Response:
    """The field to type the code again; guessing is slowed."""
    count_visit("pickup_probe", per_minute=10)
    form = Form(errors={"code": _no_such_code()}, raw={"code": ""})
    return with_status(make_response(render_template("pickups/find.html", form=form)), error)


def _no_such_code() -> str:
    return str(_("그런 요청이 없어요. 요청했을 때 받은 열 글자를 다시 확인해 주세요."))
