"""/my: the member QR and the cups that are out, the notice, own data, and leaving."""

import base64

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from lending.errors import LendingError
from lending.people.members import member_code, member_digits
from lending.people.profile import agree_terms, change_language, renew_member_code
from lending.requests.ways_back import list_ways_back
from lending.residents.cups import kept_days, load_standing
from lending.residents.leave import leave
from lending.residents.pages.signed_in import own_profile, resident_id_of, signed_in, with_notice
from lending.residents.schemas import LanguageForm, WelcomeForm
from lending.web.access import resident
from lending.web.assets import Manifest
from lending.web.context import district
from lending.web.forms import Form, local_target, read_form, tell
from lending.web.i18n import LANGUAGE_COOKIE
from lending.web.identity import sign_out_resident
from lending.web.services import glancing, now, reading, services, write

blueprint = Blueprint("my", __name__)

YEAR = 365 * 24 * 3600
WORKER = "residents/worker.js"


@blueprint.get("/my")
@with_notice
def show_my() -> str:
    """The member QR, the cups out, what can be done about each, and a pause if there is one."""
    profile, moment = own_profile(), now()
    with reading() as session:
        standing = load_standing(
            session, resident=signed_in(), profile=profile, district=district(), now=moment
        )
        places = list_ways_back(
            session, district_id=signed_in().district_id,
            kinds={cup.loan.kind for cup in standing.cups}, now=moment,
        )  # fmt: skip
    return render_template("residents/my.html", standing=standing, member=_member(), places=places)


@blueprint.get("/my/code")
@with_notice
def show_code() -> Response:
    """`{"code", "digits"}` of this minute, for a browser that may not derive them itself."""
    profile, moment = own_profile(), now()
    return jsonify(
        code=member_code(profile.secret, profile.number, moment),
        digits=member_digits(profile.secret, profile.number, moment),
    )


@blueprint.get("/my/offline")
@with_notice
def show_offline() -> str:
    """The member QR alone, kept by the browser for when there is no network; holds no person."""
    return render_template("residents/offline.html")


@blueprint.get("/my/worker.js")
@resident
def serve_worker() -> Response:
    """The service worker of /my; it may rule /my itself, which lies above its own folder."""
    build = services().config.build
    name = Manifest(build / "manifest.json").names().get(WORKER)
    if name is None:
        abort(404)
    response = Response((build / name).read_bytes(), mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = "/my"
    return response


@blueprint.get("/my/welcome")
@resident
def welcome() -> str | AnyResponse:
    """What is stored, why, how long, and the rights; who has read it goes on."""
    if own_profile().terms_agreed_at is not None:
        return redirect(local_target(default="/my"))
    return _welcome_page(None)


@blueprint.post("/my/welcome")
@resident
def post_welcome() -> AnyResponse | tuple[str, int]:
    """Keep when and how the notice was given and age 14 or older stated."""
    form = read_form(WelcomeForm())
    if form.errors:
        return _welcome_page(form), 422
    resident_id, moment = resident_id_of(signed_in()), now()
    write(lambda s: agree_terms(s, resident_id=resident_id, how="page /my/welcome", now=moment))
    return redirect(local_target(default="/my"))


@blueprint.get("/my/settings")
@with_notice
def show_settings() -> str:
    """Own data, language, signing out, a lost phone, and leaving."""
    return _settings_page(None)


@blueprint.post("/my/settings/language")
@with_notice
def post_language() -> AnyResponse | tuple[str, int]:
    """The language of pages and messages."""
    form = read_form(LanguageForm())
    if form.errors:
        return _settings_page(form), 422
    resident_id, chosen = resident_id_of(signed_in()), form.values["language"]
    write(lambda session: change_language(session, resident_id=resident_id, language=chosen))
    response = redirect(url_for("residents.my.show_settings"))
    response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=YEAR, samesite="Lax", httponly=True)
    return response


@blueprint.post("/my/settings/new-code")
@with_notice
def post_new_code() -> AnyResponse:
    """A lost phone: its member code counts no more, and every phone is signed out."""
    keys, resident_id = services().keys, resident_id_of(signed_in())
    write(lambda session: renew_member_code(session, keys=keys, resident_id=resident_id))
    sign_out_resident()
    tell(_("모든 기기에서 로그아웃했어요. 회원 QR도 새로 만들었어요."))
    return redirect(url_for("residents.sign_in.ask_contact"))


@blueprint.get("/my/erase")
@resident
def show_erase() -> str:
    """What erasing means, before it is done."""
    return _erase_page(None)


@blueprint.post("/my/erase")
@resident
def post_erase() -> AnyResponse | tuple[str, int]:
    """Erase the resident at once, or say which cups have to come back first."""
    actor, moment = signed_in(), now()
    try:
        write(lambda session: leave(session, resident=actor, now=moment))
    except LendingError as error:
        form = Form(errors={error.field or "": ""})
        return _erase_page(form), 409
    sign_out_resident()
    tell(_("저장된 내용을 모두 지웠어요. 이용해 주셔서 고마워요."))
    return redirect("/")


def _member() -> dict[str, str | int]:
    """What the page's script derives the member QR from; for this phone only."""
    profile = own_profile()
    return {
        "number": profile.number,
        "secret": base64.b64encode(profile.secret).decode(),
        "now": int(now().timestamp() * 1000),
    }


def _welcome_page(form: Form | None) -> str:
    target = local_target(default="/my")
    return render_template("residents/welcome.html", form=form, next=target, kept_days=_kept_days())


def _settings_page(form: Form | None) -> str:
    return render_template(
        "residents/settings.html", profile=own_profile(), form=form, kept_days=_kept_days()
    )


def _kept_days() -> int:
    with glancing() as session:
        return kept_days(session, district_id=signed_in().district_id, now=now())


def _erase_page(form: Form | None) -> str:
    return render_template("residents/erase.html", profile=own_profile(), form=form)
