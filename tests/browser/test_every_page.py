"""Every page there is, found by the URL map: axe finds nothing, scripts do not fail, phones need no scrolling sideways."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page

from lending.people.actors import ActorKind
from lending.people.tables import Role
from lending.web.access import Rule, rule_of
from lending.web.identity import DEVICE_COOKIE, RESIDENT_COOKIE, resident_cookie
from tests.browser.full_district import Made, fill_district
from tests.browser.live import LiveServer, axe_violations
from tests.browser.till import pair_device_at
from tests.callers import PASSWORD
from tests.delivery.shop import SHOP
from tests.personas import BOX, HARU, MINJI, SORA, TOMAS, WASH, Loop

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
SIZES = {"ko": (1180, 820), "en": (390, 844)}
PHONE = (390, 844)

Visit = tuple[str, str]  # who opens which path


@pytest.fixture
def made(district: Loop) -> Made:
    return fill_district(district)


@pytest.fixture
def people(
    browser: Browser,
    live_server: LiveServer,
    app: Flask,
    district: Loop,
    engine: sa.Engine,
    made: Made,
) -> Iterator[Callable[[str], dict[str, Page]]]:
    """Opens a page for everybody who uses the site, in one language, signed in as each does it."""
    contexts = []

    def open_all(lang: str) -> dict[str, Page]:
        with app.app_context():
            resident, newcomer = (
                {RESIDENT_COOKIE: resident_cookie(district.town.residents[who], epoch=0)}
                for who in (MINJI, TOMAS)
            )
        cookies: dict[str, dict[str, str]] = {
            "stranger": {}, "resident": resident, "newcomer": newcomer, "officer": {},
            "café": {DEVICE_COOKIE: pair_device_at(HARU, district, engine)},
            "centre": {DEVICE_COOKIE: pair_device_at(WASH, district, engine)},
            "box": {DEVICE_COOKIE: pair_device_at(BOX, district, engine)},
        }  # fmt: skip
        pages = {}
        for name, own in cookies.items():
            context = browser.new_context()
            contexts.append(context)
            for key, value in (own | {"lang": lang}).items():
                context.add_cookies([{"name": key, "value": value, "url": live_server.url}])
            pages[name] = context.new_page()
        sign_in_officer(pages["officer"], live_server.url)
        ask_for_code(pages["stranger"], live_server.url)
        return pages

    yield open_all
    for context in contexts:
        context.close()


def sign_in_officer(page: Page, url: str) -> None:
    """By password; then a resident is looked up, whose page stays open for the officer."""
    page.goto(f"{url}/staff/sign-in")
    page.fill("[name=login]", "olga")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/office")
    page.goto(f"{url}/office/residents")
    page.fill("[name=contact]", MINJI)
    page.fill("[name=reason]", "test")
    page.click("main form[method=post] button[type=submit]")
    page.wait_for_url("**/office/residents/open")


def ask_for_code(page: Page, url: str) -> None:
    page.goto(f"{url}/my/sign-in")
    page.fill("[name=contact]", SORA)
    page.click("main button[type=submit]")
    page.wait_for_url("**/my/sign-in/code**")


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
        ],
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
        "/events/s/<secret>": [("stranger", f"/events/s/{made.events.secret}")],
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


# What a page holds does not depend on the database.
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_page_is_for_everybody(
    people: Callable[[str], dict[str, Page]], live_server: LiveServer, app: Flask, district: Loop,
    made: Made, lang: str,
) -> None:  # fmt: skip
    pages = people(lang)
    faults: list[str] = []
    for page in pages.values():
        page.on("console", lambda message: faults.extend(errors_in(message)))
        page.on("pageerror", lambda error: faults.append(str(error)))
    wrong: list[str] = []
    for who, path in visits(app, district, made):
        faults.clear()
        found = look_at(pages[who], live_server.url + path, lang)
        wrong += [f"{path} ({who}): {what}" for what in (*found, *faults)]
    lost = pages["stranger"].goto(f"{live_server.url}/nothing-here")
    assert lost
    assert lost.status == 404
    assert axe_violations(pages["stranger"]) == []
    assert not wrong, "\n".join(wrong)


def look_at(page: Page, address: str, lang: str) -> list[str]:
    """What is wrong with a page: for axe on a tablet in Korean, on a phone in English."""
    width, height = SIZES[lang]
    page.set_viewport_size({"width": width, "height": height})
    answer = page.goto(address)
    assert answer is not None
    kind = answer.headers.get("content-type", "")
    if answer.status != 200 or page.url != address or not kind.startswith("text/html"):
        return [f"answers {answer.status} {kind} at {page.url}"]
    found = axe_violations(page)
    begins = "ko" if page.locator("#box").count() else lang  # a box greets everybody in Korean
    if page.locator("html").get_attribute("lang") != begins:
        found.append("is in another language")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    wide: int = page.evaluate("document.documentElement.scrollWidth")
    return found if wide <= PHONE[0] else [*found, f"is {wide} px wide on a phone"]


def errors_in(message: ConsoleMessage) -> list[str]:
    return [message.text] if message.type == "error" else []
