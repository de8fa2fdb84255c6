"""Staff sign in and out, and one's own account."""

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields, validate
from werkzeug.wrappers import Response

from lending.errors import LendingError
from lending.people.sign_in import check_staff, spend_sign_in
from lending.people.staff import LANGUAGES, change_password, change_staff_language
from lending.web.access import current_actor, public, staff
from lending.web.answers import with_status
from lending.web.forms import Form, local_target, read_form, tell
from lending.web.homes import home_of
from lending.web.identity import sign_in_staff, sign_out_staff
from lending.web.limits import client_address, limited
from lending.web.schemas import Text
from lending.web.services import glancing, now, services, write

blueprint = Blueprint("people", __name__)


class SignInForm(Schema):
    """Name and password of staff."""

    login = Text(required=True, max_length=100)
    password = Text(required=True, max_length=500, strip=False)


class PasswordForm(Schema):
    """The present and the new password."""

    old = Text(required=True, max_length=500, strip=False)
    password = Text(required=True, max_length=500, strip=False)


class LanguageForm(Schema):
    """The language of one's pages."""

    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES))


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
            home = home_of(session, actor=signed.actor)
    except LendingError as error:
        form.refuse(error, field_name="")
        answer = make_response(render_template("people/sign_in.html", form=form))
        return with_status(answer, error)
    sign_in_staff(signed.actor, epoch=signed.epoch, language=signed.language)
    return redirect(local_target(default=home))


@blueprint.post("/staff/sign-out")
@public
def post_sign_out() -> Response:
    """End the session of this browser."""
    sign_out_staff()
    return redirect("/")


@blueprint.get("/staff/account")
@staff()
def account() -> str:
    """One's own password and language."""
    return _account_page(None)


@blueprint.post("/staff/account/password")
@staff()
@limited("password", per_minute=10)
def post_password() -> Response | tuple[str, int]:
    """Change the password: every other session ends, this one goes on."""
    form, actor = read_form(PasswordForm()), current_actor()
    if not form.errors:
        try:
            epoch = write(
                lambda s: change_password(
                    s, staff_id=actor.id or 0, old=form.values["old"], new=form.values["password"]
                )
            )
        except LendingError as error:
            form.refuse(error)
    if form.errors:
        return _account_page(form), 422
    sign_in_staff(actor, epoch=epoch)
    tell(_("비밀번호를 바꿨어요. 다른 기기에서는 로그아웃됐어요."))
    return redirect(url_for("people.account"))


@blueprint.post("/staff/account/language")
@staff()
def post_language() -> Response | tuple[str, int]:
    """Keep the language of one's pages on every device."""
    form, actor = read_form(LanguageForm()), current_actor()
    if form.errors:
        return _account_page(form), 422
    language = form.values["language"]
    write(lambda s: change_staff_language(s, staff_id=actor.id or 0, language=language))
    return redirect(url_for("web.choose_language", code=language, next=url_for("people.account")))


def _account_page(form: Form | None) -> str:
    return render_template("people/account.html", form=form)
