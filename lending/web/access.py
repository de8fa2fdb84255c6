"""Who may call a route: every view declares one rule, and the application refuses to start without.

Put exactly one of the decorators below nearest to the view function (on a MethodView: on the
class or on each method):

    @blueprint.get("/office/sites")
    @staff(Role.OFFICER)
    def list_sites() -> str: ...

The kinds of a rule are tried in its order, and the first credential that is present and fits
is the actor: `current_actor()`. On a station's route a device in force is the actor or nobody is:
whoever signs in at a tablet, it stays the tablet of its place (`current_staff_or_none()` tells
who). A form sent by anything but a bearer token must carry the CSRF
token, checked here as well.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, g, request

from lending.errors import Code, LendingError
from lending.people.actors import Actor, ActorKind
from lending.people.tables import Role
from lending.web import identity
from lending.web.security import check_form_token

View = TypeVar("View", bound=Callable[..., Any])

SAFE = {"GET", "HEAD", "OPTIONS"}
_OUR_OWN = frozenset(Role) - {Role.PLATFORM}


@dataclass(frozen=True, slots=True)
class Rule:
    """Who is let in: the kinds of actor in the order they are looked for, and their roles.

    No kinds: everybody. No roles: any role of these kinds. `loopback`: also a caller on this
    machine itself, unless a proxy stands in between.
    """

    kinds: tuple[ActorKind, ...] = ()
    roles: frozenset[Role] = frozenset()
    loopback: bool = False

    def admits(self, actor: Actor) -> bool:
        """Whether this actor may pass."""
        return actor.kind in self.kinds and (not self.roles or actor.role in self.roles)

    @property
    def is_public(self) -> bool:
        return not self.kinds


def declare(rule: Rule) -> Callable[[View], View]:
    """A decorator that puts this rule on a view; the named ones below are made with it."""

    def mark(view: View) -> View:
        view.access_rule = rule  # type: ignore[attr-defined]
        return view

    return mark


public = declare(Rule())
"""Everybody, signed in or not."""

resident = declare(Rule((ActorKind.RESIDENT,)))
"""A signed-in resident."""


def staff(*roles: Role) -> Callable[[View], View]:
    """Signed-in staff with one of these roles (none named: any staff)."""
    return declare(Rule((ActorKind.STAFF,), frozenset(roles)))


def station(*roles: Role) -> Callable[[View], View]:
    """A paired device or, at a browser that is none, signed-in staff, with one of these roles
    (none named: any).

    Officers pass everywhere: they act for a site they name.
    """
    wanted = frozenset({*roles, Role.OFFICER}) if roles else frozenset()
    return declare(Rule((ActorKind.DEVICE, ActorKind.STAFF), wanted))


def bearer(*roles: Role) -> Callable[[View], View]:
    """An API token in `Authorization: Bearer …` with one of these roles (none named: any but a
    delivery platform's, which sees its own orders only)."""
    return declare(Rule((ActorKind.TOKEN,), frozenset(roles) or _OUR_OWN))


def current_actor() -> Actor:
    """Who calls. On a public route it raises SIGN_IN_NEEDED when nobody is signed in."""
    actor = current_actor_or_none()
    if actor is None:
        raise LendingError(Code.SIGN_IN_NEEDED)
    return actor


def current_actor_or_none() -> Actor | None:
    """Who calls, or None on a public route where nobody is signed in.

    On a public route staff count before a resident and a resident before a device.
    """
    if "actor" not in g:
        kinds = (ActorKind.STAFF, ActorKind.RESIDENT, ActorKind.DEVICE)
        g.actor = identity.find_first(kinds, lambda _: True)[0]
    found: Actor | None = g.actor
    return found


def current_staff_or_none() -> Actor | None:
    """The staff signed in at this browser, also where a device is the actor."""
    return identity.find_first((ActorKind.STAFF,), lambda _: True)[0]


def current_device_or_none() -> Actor | None:
    """The station that this browser is, also where staff are the actor."""
    return identity.find_first((ActorKind.DEVICE,), lambda _: True)[0]


def current_resident_or_none() -> Actor | None:
    """The resident signed in at this browser, also when staff are signed in beside."""
    if "resident_actor" not in g:
        g.resident_actor = identity.find_first((ActorKind.RESIDENT,), lambda _: True)[0]
    found: Actor | None = g.resident_actor
    return found


def guard() -> None:
    """Before each request: apply the route's rule, then the CSRF check."""
    if request.url_rule is None or request.method == "OPTIONS":
        return  # 404, 405 and the automatic OPTIONS need no actor
    rule = rule_of(current_app.view_functions[request.url_rule.endpoint], request.method)
    if rule is None:
        raise LendingError(Code.NOT_ALLOWED, detail="route without a rule")
    if not rule.is_public and not (rule.loopback and _from_this_machine()):
        _let_in(rule)
    if request.method not in SAFE and not _is_token(g.get("actor")):
        check_form_token()


def rule_of(view: Callable[..., Any], method: str) -> Rule | None:
    """The rule a view declares for a method, from the method, its class or the function."""
    handler = view
    view_class = getattr(view, "view_class", None)
    if view_class is not None:
        name = "get" if method == "HEAD" else method.lower()
        handler = getattr(view_class, name, None) or view_class
        if not hasattr(handler, "access_rule"):
            handler = view_class
    return getattr(handler, "access_rule", None)


def refuse_undeclared(app: Flask) -> None:
    """Raise RuntimeError naming every route of the application that declares no rule."""
    missing = sorted(
        f"{method} {route.rule}"
        for route in app.url_map.iter_rules()
        for method in (route.methods or set()) - {"OPTIONS", "HEAD"}
        if rule_of(app.view_functions[route.endpoint], method) is None
    )
    if missing:
        raise RuntimeError(f"routes without an access rule: {', '.join(missing)}")


def _let_in(rule: Rule) -> None:
    actor, somebody = identity.find_first(rule.kinds, rule.admits)
    if rule.kinds[:1] == (ActorKind.DEVICE,) and actor and actor.kind is not ActorKind.DEVICE:
        actor = None if current_device_or_none() else actor
    if actor is None:
        raise LendingError(Code.NOT_ALLOWED if somebody else Code.SIGN_IN_NEEDED)
    g.actor = actor


def _is_token(actor: Actor | None) -> bool:
    return actor is not None and actor.kind is ActorKind.TOKEN


def _from_this_machine() -> bool:
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return not forwarded and request.remote_addr in {"127.0.0.1", "::1"}
