"""Staff sign in and out."""

from flask import Blueprint, make_response, redirect, render_template
from marshmallow import Schema
from werkzeug.wrappers import Response

from lending.errors import LendingError
from lending.people.sign_in import check_staff, spend_sign_in
from lending.people.tables import Role
from lending.web.access import public
from lending.web.answers import with_status
from lending.web.forms import local_target, read_form
from lending.web.identity import sign_in_staff, sign_out_staff
from lending.web.limits import client_address
from lending.web.schemas import Text
from lending.web.services import glancing, now, services, write

blueprint = Blueprint("people", __name__)

HOME = {Role.CAFE: "/scan", Role.WASH: "/wash", Role.OFFICER: "/office"}


class SignInForm(Schema):
    """Name and password of staff."""

    login = Text(required=True, max_length=100)
    password = Text(required=True, max_length=500, strip=False)


@blueprint.get("/staff/sign-in")
@public
def sign_in() -> str:
    """The form for name and password."""
    return render_template("people/sign_in.html", form=None)


@blueprint.post("/staff/sign-in")
@public
def post_sign_in() -> Response | tuple[str, int]:
    """Begin a session and go to the page of the role, or show why not."""
    form = read_form(SignInForm())
    if form.errors:
        return render_template("people/sign_in.html", form=form), 422
    login, password = form.values["login"], form.values["password"]
    keys, address = services().keys, client_address()
    try:
        write(lambda s: spend_sign_in(s, keys=keys, login=login, address=address, now=now()))
        with glancing() as session:
            signed = check_staff(session, login=login, password=password)
    except LendingError as error:
        form.refuse(error, field_name="")
        answer = make_response(render_template("people/sign_in.html", form=form))
        return with_status(answer, error)
    sign_in_staff(signed.actor, epoch=signed.epoch, language=signed.language)
    return redirect(local_target(default=HOME.get(signed.actor.role, "/")))


@blueprint.post("/staff/sign-out")
@public
def post_sign_out() -> Response:
    """End the session of this browser."""
    sign_out_staff()
    return redirect("/")
