"""Credentials of a request (token, staff session, device and resident cookie) → the actor."""

import uuid
from collections.abc import Callable

from flask import Response, current_app, g, request
from flask import session as cookie_session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from itsdangerous import BadSignature, URLSafeTimedSerializer

from lending.people.actors import Actor, ActorKind
from lending.people.devices import find_device
from lending.people.sessions import find_resident, find_staff
from lending.people.tokens import find_token
from lending.web.i18n import LANGUAGE_COOKIE, LANGUAGES
from lending.web.services import glancing, now

DEVICE_COOKIE = "device"
RESIDENT_COOKIE = "resident"
NINETY_DAYS = 90 * 24 * 3600
RENEWING = 10 * 60
"""Seconds between two renewals of a staff session that is in use: not with each answer, or one
that was under way while somebody signed out would bring the ended session back."""


class StaffUser(UserMixin):
    """What flask-login keeps of signed-in staff: the actor and the session epoch."""

    def __init__(self, actor: Actor, epoch: int) -> None:
        self.actor = actor
        self.epoch = epoch

    def get_id(self) -> str:
        return f"{self.actor.id}.{self.epoch}"


def load_staff_user(session_id: str) -> StaffUser | None:
    """The staff of a session, or None when it ended (epoch raised, deactivated)."""
    staff_id, _, epoch = session_id.partition(".")
    if not (staff_id.isdecimal() and epoch.isdecimal()):
        return None
    with glancing() as session:
        actor = find_staff(session, staff_id=int(staff_id), epoch=int(epoch))
    return StaffUser(actor, int(epoch)) if actor else None


def make_login_manager() -> LoginManager:
    """flask-login for staff sessions.

    Its session protection is off: nothing here asks how fresh a sign-in is, and to note that it
    would write into the session of everybody who is refused.
    """
    manager = LoginManager()
    manager.user_loader(load_staff_user)
    manager.session_protection = None
    return manager


def sign_in_staff(actor: Actor, *, epoch: int, language: str = "ko") -> None:
    """Begin a staff session in a fresh cookie session (nothing of the earlier one is kept).

    Pages come in the person's language unless this browser has chosen one.
    """
    cookie_session.clear()
    _prefer(language)
    cookie_session.permanent = True
    login_user(StaffUser(actor, epoch))
    g.actor = actor


def sign_out_staff() -> None:
    """End the staff session of this browser."""
    logout_user()
    cookie_session.clear()
    g.pop("actor", None)


def sign_in_resident(resident_id: uuid.UUID, *, epoch: int, language: str = "ko") -> None:
    """Remember the resident in a signed cookie for 90 days from the last visit."""
    _prefer(language)
    _cookie_later(RESIDENT_COOKIE, resident_cookie(resident_id, epoch=epoch))


def resident_cookie(resident_id: uuid.UUID, *, epoch: int) -> str:
    """The signed content of a resident's cookie."""
    return str(_resident_signer().dumps([resident_id.hex, epoch]))


def sign_out_resident() -> None:
    """Forget the resident at this browser."""
    _cookie_later(RESIDENT_COOKIE, None)
    g.pop("actor", None)
    g.pop("resident_actor", None)


def remember_device(credential: str) -> None:
    """Keep a paired device's credential in this browser for 90 days from the last use."""
    _cookie_later(DEVICE_COOKIE, credential)


def find_first(
    kinds: tuple[ActorKind, ...], admits: Callable[[Actor], bool]
) -> tuple[Actor | None, bool]:
    """The first actor of these kinds that `admits` takes, and whether anybody was found at all."""
    somebody = False
    for kind in kinds:
        actor = _FINDERS[kind]()
        if actor is not None and admits(actor):
            return actor, True
        somebody = somebody or actor is not None
    return None, somebody


def send_cookies(response: Response) -> Response:
    """After each request: set the cookies asked for, and renew those that count from last use."""
    _renew_session()
    wanted: dict[str, str | None] = g.get("cookies", {})
    actor: Actor | None = g.get("actor")
    # A station's page comes out of its own store; what it asks for at every contact counts too.
    if actor and (response.mimetype == "text/html" or request.path == "/station/snapshot"):
        renewed = {ActorKind.DEVICE: DEVICE_COOKIE, ActorKind.RESIDENT: RESIDENT_COOKIE}
        name = renewed.get(actor.kind)
        if name and name not in wanted and name in request.cookies:
            wanted = {**wanted, name: _renewed(name)}
    for name, value in wanted.items():
        if value is None:
            response.delete_cookie(name)
            continue
        secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        response.set_cookie(
            name, value, max_age=NINETY_DAYS, httponly=True, samesite="Lax", secure=secure
        )
    return response


def _renew_session() -> None:
    if request.endpoint == "static" or not cookie_session.permanent:
        return
    moment = int(now().timestamp())
    is_due = moment - int(cookie_session.get("renewed", 0)) >= RENEWING
    if is_due and current_user.is_authenticated:  # what ended is not kept going
        cookie_session["renewed"] = moment


def _find_by_token() -> Actor | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    with glancing() as session:
        return find_token(session, token=token.strip(), now=now())


def _find_staff() -> Actor | None:
    user = current_user
    return user.actor if user.is_authenticated else None


def _find_device() -> Actor | None:
    credential = request.cookies.get(DEVICE_COOKIE)
    if not credential or len(credential) > 200:
        return None
    with glancing() as session:
        return find_device(session, credential=credential, now=now())


def _find_resident() -> Actor | None:
    signed = _read_resident_cookie()
    if signed is None:
        return None
    resident_id, epoch = signed
    with glancing() as session:
        return find_resident(session, resident_id=resident_id, epoch=epoch)


_FINDERS: dict[ActorKind, Callable[[], Actor | None]] = {
    ActorKind.TOKEN: _find_by_token,
    ActorKind.STAFF: _find_staff,
    ActorKind.DEVICE: _find_device,
    ActorKind.RESIDENT: _find_resident,
}


def _read_resident_cookie() -> tuple[uuid.UUID, int] | None:
    try:
        resident_id, epoch = _resident_signer().loads(
            request.cookies.get(RESIDENT_COOKIE, ""), max_age=NINETY_DAYS
        )
        return uuid.UUID(hex=resident_id), int(epoch)
    except (BadSignature, ValueError, TypeError):
        return None


def _resident_signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="resident")


def _renewed(name: str) -> str | None:
    if name == DEVICE_COOKIE:
        return request.cookies[name]
    signed = _read_resident_cookie()
    return resident_cookie(signed[0], epoch=signed[1]) if signed else None


def _prefer(language: str) -> None:
    if LANGUAGE_COOKIE not in request.cookies and language in LANGUAGES and language != "ko":
        _cookie_later(LANGUAGE_COOKIE, language)


def _cookie_later(name: str, value: str | None) -> None:
    g.cookies = {**g.get("cookies", {}), name: value}
