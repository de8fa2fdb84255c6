"""Every route × every kind of caller gets what the route's rule says, and no route lacks one."""

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule as Route

from lending.people.actors import Actor, ActorKind
from lending.people.tables import Role
from lending.web.access import Rule, bearer, public, refuse_undeclared, rule_of, staff, station
from tests.callers import Caller, form_token

# What may be open to everybody. A new public page is added here, by somebody who thought of it.
PUBLIC = re.compile(
    r"/$|/static/|/language/|/form-token$|/healthz$|/staff/sign-(in|out)$|/first/"
    r"|/api/v1/(openapi\.json|docs)$|/api$|/i/|/my/sign-in|/my/sign-out$|/n/|/pair/|/demo/inbox$"
    r"|/pickup(/|$)|/manifest\.webmanifest$|/sw\.js$|/returns$|/privacy$|/p/|/certificate/|/events/s/"
    r"|/station/(worker\.js|manifest\.webmanifest)$"
)
OWNERS = {
    r"/office(/|$)": {ActorKind.STAFF},
    r"/my": {ActorKind.RESIDENT},
    r"/api/": {ActorKind.TOKEN},
    r"/scan": {ActorKind.STAFF, ActorKind.DEVICE},
    r"/wash": {ActorKind.STAFF, ActorKind.DEVICE},
    r"/wares": {ActorKind.STAFF, ActorKind.DEVICE},
    r"/moving": {ActorKind.STAFF, ActorKind.DEVICE},
    r"/events": {ActorKind.STAFF, ActorKind.DEVICE},
    r"/return(/|$)": {ActorKind.STAFF, ActorKind.DEVICE},
    r"/station/": {ActorKind.STAFF, ActorKind.DEVICE},
}


def routes(app: Flask) -> list[tuple[Route, str, Rule]]:
    """(route, method, rule) of everything the application answers."""
    return [
        (route, method, rule)
        for route in app.url_map.iter_rules()
        for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"})
        if (rule := rule_of(app.view_functions[route.endpoint], method))
    ]


def address(route: Route) -> str:
    """The route with something in the place of each argument."""
    numbers = {"int": "1", "float": "1.0", "uuid": "00000000-0000-0000-0000-000000000001"}

    def fill(match: re.Match[str]) -> str:
        kind, _, _ = match[1].rpartition(":")
        return numbers.get(kind.partition("(")[0], "x")

    return re.sub(r"<([^>]+)>", fill, route.rule)


def expected(rule: Rule, caller: Caller) -> str:
    """in, sign_in_needed or not_allowed, computed apart from the code under test."""
    if not rule.kinds or rule.loopback:
        return "in"  # the test client calls from this machine
    if caller.kind not in rule.kinds:
        return "sign_in_needed"
    return "in" if not rule.roles or caller.role in rule.roles else "not_allowed"


def test_every_route_lets_in_whom_its_rule_says(app: Flask, callers: dict[str, Caller]) -> None:
    for caller in callers.values():
        form_token(caller.client)
    # Behind each door stands a room that says yes: the test is about the doors.
    for endpoint, view in app.view_functions.items():
        if endpoint != "web.fresh_form_token":
            app.view_functions[endpoint] = room_behind(view)
    for route, method, rule in routes(app):
        if route.endpoint == "web.fresh_form_token":
            continue
        for caller in callers.values():
            answer = caller.open(address(route), method, headers={"Accept": "application/json"})
            got = "in" if answer.status_code == 204 else answer.get_json()["error"]["code"]
            assert got == expected(rule, caller), f"{caller.name}: {method} {route.rule}"


def room_behind(view: object):
    def room(**_arguments: object) -> tuple[str, int]:
        return "", 204

    for name in ("access_rule", "view_class"):
        if hasattr(view, name):
            setattr(room, name, getattr(view, name))
    return room


def test_only_known_routes_are_public(app: Flask) -> None:
    surprising = {
        f"{method} {route.rule}"
        for route, method, rule in routes(app)
        if rule.is_public and not PUBLIC.match(route.rule)
    }
    assert not surprising


def test_each_part_of_the_site_belongs_to_its_people(app: Flask) -> None:
    for route, method, rule in routes(app):
        for prefix, kinds in OWNERS.items():
            if re.match(prefix, route.rule) and not rule.is_public:
                assert set(rule.kinds) <= kinds, f"{method} {route.rule}"
        if re.match(r"/office(/|$)", route.rule):
            assert rule.roles == {Role.OFFICER}, route.rule


def test_an_application_with_an_undeclared_route_does_not_start(
    app: Flask,
) -> None:
    fresh = Flask("fresh")
    fresh.add_url_rule("/open", view_func=lambda: "x")
    with pytest.raises(RuntimeError, match="GET /open"):
        refuse_undeclared(fresh)


def test_rules_admit_by_kind_and_role() -> None:
    def actor(kind: ActorKind, role: Role) -> Actor:
        return Actor(kind, role, district_id=1)

    cases = [
        (staff(Role.OFFICER), ActorKind.STAFF, Role.OFFICER, True),
        (staff(Role.OFFICER), ActorKind.STAFF, Role.CAFE, False),
        (staff(), ActorKind.STAFF, Role.COURIER, True),
        (staff(), ActorKind.DEVICE, Role.CAFE, False),
        (station(Role.CAFE), ActorKind.DEVICE, Role.CAFE, True),
        (station(Role.CAFE), ActorKind.STAFF, Role.OFFICER, True),
        (station(Role.CAFE), ActorKind.DEVICE, Role.WASH, False),
        (bearer(), ActorKind.TOKEN, Role.MACHINE, True),
        (bearer(), ActorKind.TOKEN, Role.PLATFORM, False),
        (bearer(Role.PLATFORM), ActorKind.TOKEN, Role.PLATFORM, True),
        (bearer(), ActorKind.STAFF, Role.OFFICER, False),
        (public, ActorKind.STAFF, Role.OFFICER, False),
    ]
    for decorate, kind, role, admitted in cases:
        rule = decorate(lambda: None).access_rule
        assert rule.admits(actor(kind, role)) is admitted, (rule, kind, role)


def test_who_is_not_signed_in_is_led_to_the_right_door(app: Flask, client) -> None:
    app.view_functions["web.metrics"] = staff(Role.OFFICER)(lambda: "numbers")
    answer = client.get("/metrics", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.location) == (302, "/staff/sign-in?next=/metrics")


def test_metrics_are_not_for_strangers_behind_a_proxy(client, callers: dict[str, Caller]) -> None:
    seen = client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"})
    assert seen.status_code in {302, 401}
    far = {"environ_base": {"REMOTE_ADDR": "203.0.113.7"}}
    assert client.get("/metrics", **far).status_code in {302, 401}
    assert callers["token officer"].open("/metrics", **far).status_code == 200
    assert callers["token cafe"].open("/metrics", **far).status_code == 403


def test_a_form_without_its_token_is_refused(callers: dict[str, Caller]) -> None:
    answer = callers["staff cafe"].client.post(
        "/staff/sign-out", headers={"Accept": "application/json"}
    )
    assert answer.status_code == 403
    assert answer.get_json()["error"]["code"] == "form_expired"
    assert callers["staff cafe"].open("/staff/sign-out", "POST").status_code == 302
