"""Who opens which page: every page of the URL map, those with an argument at an address of the full district."""

from flask import Flask

from lending.people.actors import ActorKind
from lending.people.tables import Role
from lending.web.access import Rule, rule_of
from tests.browser.full_district import Made
from tests.delivery.shop import SHOP
from tests.personas import BOX, HARU, WASH, Loop

# What answers a GET and is no page: parts, files, answers for programs.
NO_PAGES = {
    "/static/<path:filename>", "/form-token", "/healthz", "/metrics", "/language/<code>",
    "/api/v1/openapi.json", "/my/code", "/my/worker.js", "/scan/board", "/wash/table", "/wash/aside",
    "/wash/batches/now", "/wash/batches/<uuid:batch_id>/now", "/wash/board/now",
    "/wash/wall.pdf", "/wash/hygiene/book.<form>",
    "/wash/hygiene/certificates/<uuid:batch_id>.pdf", "/wash/hygiene/recalls/<uuid:recall_id>/live", "/office/labels/sample.pdf", "/office/labels/<int:job_id>/labels.pdf",
    "/office/labels/<int:job_id>/codes.csv", "/office/sites/<int:site_id>/poster.pdf",
    "/office/sites.csv", "/office/photos/<uuid:photo_id>", "/return/state", "/station/worker.js",
    "/station/manifest.webmanifest", "/drive/sheet", "/drive/doors/<uuid:pickup_id>", "/delivery/state",
    "/events/<uuid:event_id>/statement.pdf", "/events/photos/<uuid:photo_id>",
    "/events/s/<secret>/statement.pdf", "/events/s/<secret>/photos/<uuid:photo_id>",
    "/moving/packing/<uuid:list_id>/state",
    "/wares/stocktaking/<uuid:session_id>/progress",
    "/wares/stocktaking/<uuid:session_id>/result.csv",
    "/wares/stocktaking/<uuid:session_id>/result.xlsx",
}  # fmt: skip

Visit = tuple[str, str]  # who opens which path


def visits(app: Flask, district: Loop, made: Made) -> list[Visit]:
    """Every page of the URL map with who opens it. A new page with an argument is named here."""
    site, kind = district.town.sites[HARU], district.town.kinds["cup-355"]
    named = {
        "/delivery": [
            ("café", "/delivery"), ("officer", "/delivery"),
            ("officer", f"/delivery?site={district.site(SHOP)}"),
        ],
        "/delivery/orders/<uuid:order_id>": [("officer", f"/delivery/orders/{made.order}")],
        "/delivery/pack": [
            ("café", "/delivery/pack"), ("officer", f"/delivery/pack?site={district.site(SHOP)}"),
        ],
        "/delivery/shelf": [("officer", f"/delivery/shelf?site={district.site(SHOP)}")],
        "/drive": [("officer", "/drive")],
        "/events": [(who, "/events") for who in ("officer", "centre")],
        "/events/<uuid:event_id>": [
            ("officer", f"/events/{event}")
            for event in (made.events.planned, made.events.out, made.events.disputed)
        ],
        "/events/<uuid:event_id>/change": [("officer", f"/events/{made.events.planned}/change")],
        "/events/<uuid:event_id>/count": [("centre", f"/events/{made.events.back}/count")],
        "/events/<uuid:event_id>/pack": [("centre", f"/events/{made.events.planned}/pack")],
        "/events/<uuid:event_id>/statement": [
            (who, f"/events/{made.events.disputed}/statement") for who in ("officer", "centre")
        ] + [("officer", f"/events/{made.events.back}/statement")],
        "/events/disputes/<uuid:dispute_id>": [
            ("officer", f"/events/disputes/{made.events.dispute}")
        ],
        "/events/halls": [("officer", f"/events/halls?site={made.events.site}")],
        "/events/new": [
            ("officer", "/events/new"), ("officer", f"/events/new?site={made.events.site}"),
        ],
        "/events/rooms": [
            ("officer", "/events/rooms"), ("officer", f"/events/rooms?site={made.events.site}"),
        ],
        "/events/s/<secret>": [
            ("stranger", f"/events/s/{secret}") for secret in (made.events.secret, made.events.waiting)
        ],
        "/events/store": [
            ("centre", "/events/store"), ("centre", f"/events/store?to={made.events.site}"),
        ],
        "/first/<secret>": [("stranger", f"/first/{made.first}")],
        "/i/<code>": [
            ("stranger", f"/i/{made.ready}"), ("resident", f"/i/{made.ready}"),
            ("resident", f"/i/{made.cup}"), ("stranger", f"/i/{made.pickups.free}"),
            ("stranger", f"/i/{made.machines.refused}"),
        ],
        "/i/<code>/pickup": [
            ("stranger", f"/i/{code}/pickup")
            for code in (
                made.pickups.free, made.pickups.nowhere, made.pickups.asked, made.pickups.back
            )
        ],
        "/pickup/<code>": [
            ("stranger", f"/pickup/{code}")
            for code in (
                made.pickups.open_code, made.pickups.taken_code, made.pickups.ended_code
            )
        ],
        "/office/pickups/<uuid:pickup_id>": [
            ("officer", f"/office/pickups/{id}")
            for id in (made.pickups.decide, made.pickups.taken, made.pickups.ended)
        ],
        "/machines": [
            ("café", "/machines"), ("officer", "/machines"),
            ("officer", f"/machines?site={district.site(HARU)}"),
        ],
        "/office/machines/<int:site_id>": [("officer", f"/office/machines/{made.machines.site}")],
        "/moving/packing": [
            (who, f"/moving/packing{asked}")
            for who, asked in (("centre", ""), ("officer", ""), ("officer", f"?site={district.site(WASH)}"))
        ],
        "/moving/packing/<uuid:list_id>": [("centre", f"/moving/packing/{made.packing}")],
        "/moving/packing/<uuid:list_id>/slip": [("centre", f"/moving/packing/{made.packing}/slip")],
        "/moving/rounds/<uuid:round_id>": [("officer", f"/moving/rounds/{made.round}")],
        "/my/borrowed/<uuid:loan_id>": [("resident", f"/my/borrowed/{made.borrowed}")],
        "/my/cups/<uuid:loan_id>/dropped": [("resident", f"/my/cups/{made.loan}/dropped")],
        "/my/not-borrowed/<why>": [
            ("resident", "/my/not-borrowed/cup"), ("resident", "/my/not-borrowed/pause"),
        ],
        "/my/welcome": [("newcomer", "/my/welcome")],
        "/n/<token>": [("stranger", f"/n/{made.notice}")],
        "/n/<token>/not-me": [("stranger", f"/n/{made.notice}/not-me")],
        "/office/kinds/<int:kind_id>": [("officer", f"/office/kinds/{kind}")],
        "/office/labels/<int:job_id>": [("officer", f"/office/labels/{made.job}")],
        "/office/loans/<uuid:lend_id>": [("officer", f"/office/loans/{made.loan}")],
        "/office/platforms/<int:platform_id>": [
            ("officer", f"/office/platforms/{made.platform}"),
            ("officer", f"/office/platforms/{made.platform}?all=1"),
        ],
        "/office/sites/<int:site_id>": [("officer", f"/office/sites/{site}")],
        "/offices": [("officer", "/offices"), ("officer", f"/offices?site={made.offices.site}")],
        "/offices/new": [("officer", f"/offices/new?site={made.offices.site}")],
        "/offices/desk": [("officer", f"/offices/desk?site={made.offices.site}")],
        "/offices/month": [("officer", f"/offices/month?site={made.offices.site}")],
        "/offices/departments": [("officer", f"/offices/departments?site={made.offices.site}")],
        "/offices/departments/<int:department_id>": [
            ("officer", f"/offices/departments/{made.offices.department}")
        ],
        "/offices/bookings/<uuid:booking_id>": [
            ("officer", f"/offices/bookings/{id}")
            for id in (made.offices.planned, made.offices.out, made.offices.overdue)
        ],
        "/offices/bookings/<uuid:booking_id>/change": [
            ("officer", f"/offices/bookings/{made.offices.out}/change")
        ],
        "/p/<site>": [(who, f"/p/{district.site(BOX)}") for who in ("stranger", "resident")],
        "/return": [
            ("box", "/return"), ("officer", "/return"),
            ("officer", f"/return?site={district.site(BOX)}"),
        ],
        "/scan": [("café", "/scan"), ("officer", "/scan")],
        "/wares": [("officer", "/wares"), ("café", "/wares")],
        "/wares/crates": [("centre", "/wares/crates")],
        "/wares/crates/<code>": [("officer", f"/wares/crates/{made.wares.crate}")],
        "/wares/lids": [("centre", "/wares/lids"), ("café", "/wares/lids")],
        "/wares/record/<what>": [
            (who, f"/wares/record/{what}")
            for who, what in (("café", "counted"), ("centre", "packed"), ("centre", "moved"))
        ],
        "/wares/stocktaking": [("officer", "/wares/stocktaking"), ("café", "/wares/stocktaking")],
        "/wares/stocktaking/<uuid:session_id>": [
            ("café", f"/wares/stocktaking/{made.wares.counting}"),
            ("officer", f"/wares/stocktaking/{made.wares.counted}"),
        ],
        "/supply": [
            ("café", "/supply"), ("officer", "/supply"),
            ("officer", f"/supply?site={district.site(HARU)}"),
        ],
        "/certificate/<uuid:batch_id>": [("stranger", f"/certificate/{made.hygiene.batch}")],
        "/wash": [("centre", "/wash"), ("officer", "/wash")],
        "/wash/hygiene/new": [
            ("centre", "/wash/hygiene/new"),
            ("centre", f"/wash/hygiene/new?retest={made.hygiene.failed}"),
        ],
        "/wash/hygiene/recalls/<uuid:recall_id>": [
            (who, f"/wash/hygiene/recalls/{made.hygiene.recall}") for who in ("centre", "officer")
        ],
        "/wash/hygiene/settings/kinds/<code>": [("officer", "/wash/hygiene/settings/kinds/atp")],
        "/wash/hygiene/tests/<uuid:test_id>": [
            ("centre", f"/wash/hygiene/tests/{test}")
            for test in (made.hygiene.failed, made.hygiene.awaiting)
        ],
        "/wash/batches/<uuid:batch_id>": [
            ("centre", f"/wash/batches/{batch}")
            for batch in (made.washing.running, made.washing.finished)
        ],
        "/wash/machines": [("officer", f"/wash/machines?site={district.site(WASH)}")],
    }  # fmt: skip
    rules = {
        route.rule: rule
        for route in app.url_map.iter_rules()
        if "GET" in (route.methods or set())
        and (rule := rule_of(app.view_functions[route.endpoint], "GET"))
        and rule.kinds != (ActorKind.TOKEN,)
    }
    gone = (NO_PAGES | set(named)) - set(rules)
    assert not gone, "named here, but not in the URL map"
    found: list[Visit] = []
    for path, rule in sorted(rules.items()):
        if path not in NO_PAGES:
            assert path in named or "<" not in path, f"{path}: name an address for it"
            found += named.get(path, [(opener(rule), path)])
    return found


def opener(rule: Rule) -> str:
    """Whom the rule has in mind."""
    if ActorKind.DEVICE in rule.kinds:
        return "café" if Role.CAFE in rule.roles else "centre"
    kinds = {(): "stranger", (ActorKind.RESIDENT,): "resident", (ActorKind.STAFF,): "officer"}
    return kinds[rule.kinds]
