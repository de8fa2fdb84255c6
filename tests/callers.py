"""Callers at the door: every kind of actor as a test client with its credentials."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lending.people.actors import ActorKind
from lending.people.devices import make_pairing, pair_device
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import Role
from lending.people.tokens import create_platform_token, create_token
from lending.web.identity import DEVICE_COOKIE, RESIDENT_COOKIE, resident_cookie
from tests.personas import BOX, HARU, MINJI, WASH, Town

PASSWORD = "sotto-voce-1926"


@dataclass
class Caller:
    """Somebody with credentials; without kind and role nobody is signed in."""

    name: str
    client: FlaskClient
    kind: ActorKind | None = None
    role: Role | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def open(self, path: str, method: str = "GET", **options: Any) -> Any:
        """A request with the credentials and, outside the API, with the CSRF token of a form."""
        headers = dict(self.headers) | options.pop("headers", {})
        if method not in {"GET", "HEAD"} and not path.startswith("/api/"):
            headers["X-CSRFToken"] = form_token(self.client)
        return self.client.open(path, method=method, headers=headers, **options)


def form_token(client: FlaskClient) -> str:
    """The CSRF token of this browser; a stranger gets one from a page with a form."""
    token = client.get("/form-token").get_json()["token"]
    if token is None:
        client.get("/staff/sign-in")
        token = client.get("/form-token").get_json()["token"]
    assert token
    return str(token)


def staff_caller(app: Flask, session: Session, town: Town, role: Role) -> Caller:
    """Staff of a role, in a session as the sign-in page begins it."""
    site = {Role.CAFE: town.sites[HARU], Role.WASH: town.sites[WASH]}.get(role)
    new = NewStaff(f"staff-{role}", PASSWORD, role, site)
    staff_id = add_staff(session, district_id=town.id, new=new, now=datetime.now(UTC))
    client = app.test_client()
    with client.session_transaction() as cookies:
        cookies["_user_id"] = f"{staff_id}.0"
    return Caller(f"staff {role}", client, ActorKind.STAFF, role)


def device_caller(app: Flask, session: Session, town: Town, site: str = HARU) -> Caller:
    """A tablet paired to a site (a café by default)."""
    now = datetime.now(UTC)
    pairing = make_pairing(
        session, district_id=town.id, site_id=town.sites[site], name="tablet", by=None, now=now
    )
    paired = pair_device(session, secret=pairing.secret, now=now)
    client = app.test_client()
    client.set_cookie(DEVICE_COOKIE, paired.credential)
    return Caller(f"tablet {paired.actor.role}", client, ActorKind.DEVICE, paired.actor.role)


def token_caller(app: Flask, session: Session, role: Role, site: str = HARU) -> Caller:
    """A program with an API token."""
    made = create_token(session, site=site, role=role, now=datetime.now(UTC))
    headers = {"Authorization": f"Bearer {made.token}"}
    return Caller(f"token {role}", app.test_client(), ActorKind.TOKEN, role, headers)


def platform_caller(app: Flask, session: Session, town: Town) -> Caller:
    """A delivery platform's program."""
    now = datetime.now(UTC)
    made = create_platform_token(session, district_id=town.id, name="platform", now=now)
    headers = {"Authorization": f"Bearer {made.token}"}
    return Caller("token platform", app.test_client(), ActorKind.TOKEN, Role.PLATFORM, headers)


def resident_caller(app: Flask, town: Town, contact: str = MINJI) -> Caller:
    """A resident signed in at a phone."""
    client = app.test_client()
    with app.app_context():
        client.set_cookie(RESIDENT_COOKIE, resident_cookie(town.residents[contact], epoch=0))
    return Caller("resident", client, ActorKind.RESIDENT, Role.RESIDENT)


def all_callers(app: Flask, session: Session, town: Town) -> list[Caller]:
    """One caller of every kind and role, and a stranger. The session is to be committed after."""
    staff_roles = (Role.CAFE, Role.WASH, Role.COURIER, Role.OFFICER)
    token_roles = (*staff_roles, Role.MACHINE)
    made: list[Callable[[], Caller]] = [
        *[lambda role=role: staff_caller(app, session, town, role) for role in staff_roles],
        *[lambda site=site: device_caller(app, session, town, site) for site in (HARU, WASH, BOX)],
        *[lambda role=role: token_caller(app, session, role) for role in token_roles],
        lambda: platform_caller(app, session, town),
        lambda: resident_caller(app, town),
        lambda: Caller("stranger", app.test_client()),
    ]
    return [make() for make in made]
