"""Sign-in by contact and one-time code, the same for everybody, and signing out."""

import secrets
import uuid

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask import session as cookie_session
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.notices.login_codes import queue_login_code
from lending.people.contacts import Contact, SafeNumber, grouped, read_contact
from lending.people.login_codes import Asking, Confirmed, confirm_login_code, make_login_code
from lending.people.profile import change_language
from lending.residents.schemas import CodeForm, ContactForm
from lending.web.access import current_resident_or_none, public
from lending.web.answers import with_status
from lending.web.context import district
from lending.web.forms import Form, local_target, read_form
from lending.web.i18n import language
from lending.web.identity import sign_in_resident, sign_out_resident
from lending.web.limits import client_address, limited
from lending.web.services import now, services, write

blueprint = Blueprint("sign_in", __name__)

BROWSER, ASKED = "browser", "code_asked"  # of the cookie session


@blueprint.get("/my/sign-in")
@public
@limited("my_sign_in", per_minute=60)
def ask_contact() -> str | Response:
    """The form for a phone number or an e-mail address."""
    if current_resident_or_none() is not None:
        return redirect(local_target(default="/my"))
    return _contact_page(None)


@blueprint.post("/my/sign-in")
@public
@limited("my_sign_in", per_minute=60)
def post_contact() -> str | Response | tuple[str, int]:
    """Send a one-time code to the contact, known or not."""
    form = read_form(ContactForm())
    if form.errors:
        return _contact_page(form), 422
    try:
        contact = read_contact(form.values["contact"])
    except LendingError as error:
        form.errors["contact"] = _words_for(error)
        return _contact_page(form), 422
    browser = cookie_session.setdefault(BROWSER, secrets.token_urlsafe(24))
    asking = Asking(district().id, browser, client_address())
    try:
        code_id = write(lambda session: _send_code(session, contact, asking))
    except LendingError as error:
        form.refuse(error, field_name="")
        return with_status(make_response(_contact_page(form)), error)
    cookie_session[ASKED] = [code_id.hex, grouped(contact)]
    return redirect(url_for("residents.sign_in.ask_code", next=local_target(default="/my")))


@blueprint.get("/my/sign-in/code")
@public
@limited("my_sign_in", per_minute=60)
def ask_code() -> str | Response:
    """The form for the six digits."""
    if ASKED not in cookie_session:
        return redirect(url_for("residents.sign_in.ask_contact", next=local_target(default="/my")))
    return _code_page(None)


@blueprint.post("/my/sign-in/code")
@public
@limited("my_code", per_minute=30)
def post_code() -> str | Response | tuple[str, int]:
    """Sign in with the code in the browser that asked for it."""
    form = read_form(CodeForm())
    if ASKED not in cookie_session:
        return ask_code()
    if form.errors:
        return _code_page(form), 422
    signed = _confirm(form.values["code"])
    if signed is None:
        form.errors["code"] = _("번호가 다르거나 시간이 지났어요. 문자를 다시 확인해 주세요.")
        return _code_page(form), 422
    del cookie_session[ASKED]
    sign_in_resident(signed.resident_id, epoch=signed.epoch, language=signed.language)
    target = local_target(default="/my")
    if signed.needs_terms:
        spoken = language()
        write(lambda s: change_language(s, resident_id=signed.resident_id, language=spoken))
        return redirect(url_for("residents.my.welcome", next=target))
    return redirect(target)


@blueprint.post("/my/sign-out")
@public
def sign_out() -> Response:
    """Forget the resident at this browser; the next page wipes the member code from it too."""
    sign_out_resident()
    return redirect(url_for("residents.sign_in.ask_contact"))


def _send_code(session: Session, contact: Contact, asking: Asking) -> uuid.UUID:
    keys, moment = services().keys, now()
    code = make_login_code(session, keys=keys, contact=contact, asking=asking, now=moment)
    queue_login_code(session, keys=keys, code=code, language=language(), now=moment)
    return code.id


def _confirm(code: str) -> Confirmed | None:
    code_id, browser = uuid.UUID(hex=cookie_session[ASKED][0]), str(cookie_session.get(BROWSER))
    keys, moment = services().keys, now()
    return write(
        lambda session: confirm_login_code(
            session, keys=keys, code_id=code_id, browser=browser, code=code, now=moment
        )
    )


def _contact_page(form: Form | None) -> str:
    return render_template("residents/sign_in.html", form=form, next=local_target(default="/my"))


def _code_page(form: Form | None) -> str:
    return render_template(
        "residents/code.html",
        form=form,
        contact=cookie_session[ASKED][1],
        next=local_target(default="/my"),
    )


def _words_for(error: LendingError) -> str:
    if isinstance(error, SafeNumber):
        return str(_("050으로 시작하는 안심번호로는 로그인할 수 없어요. 원래 번호를 적어 주세요."))
    assert error.code is Code.INVALID
    return str(_("휴대폰 번호나 이메일 주소를 다시 확인해 주세요."))
