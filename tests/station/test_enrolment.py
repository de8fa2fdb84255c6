"""A browser becomes a station: enrolled by who may, installed from its manifest."""

import sqlalchemy as sa
from flask import Flask

from lending.db import transaction
from lending.loop.codes import make_code
from lending.people.devices import list_devices
from lending.people.tables import Role
from tests.callers import Caller
from tests.personas import BOX, HARU, Loop
from tests.station.conftest import Till, sign_in


def test_a_browser_is_enrolled_by_who_works_there(
    app: Flask, loop: Loop, engine: sa.Engine, crew: dict[str, int]
) -> None:
    till = Till(Caller("browser", app.test_client()))
    assert till.post("/station/enrol", {}, 401)
    sign_in(till, crew["mina"])
    made = till.post("/station/enrol", {"name": "창가 태블릿"})
    assert (made["site"]["code"], made["next"]) == (loop.site(HARU), "/scan")
    assert till.post("/station/enrol", {})["device"] == made["device"]  # it is one already
    with transaction(engine) as session:
        [device] = list_devices(session, district_id=loop.town.id)
    assert (device.id, device.name, device.role) == (made["device"], "창가 태블릿", Role.CAFE)
    # Without any session it goes on as the station, and no other place takes it over.
    with till.caller.client.session_transaction() as cookies:
        cookies.clear()
    assert till.send(till.entry("return", make_code()))[0]["result"] == "recorded"
    sign_in(till, crew["yuna"])
    assert till.post("/station/enrol", {}, 409)["error"]["code"] == "conflict"
    assert till.post("/station/snapshot", {})["device"] == made["device"]


def test_an_officer_enrols_for_the_place_named(
    app: Flask, loop: Loop, crew: dict[str, int]
) -> None:
    till = Till(Caller("browser", app.test_client()))
    sign_in(till, crew["boss"])
    assert till.post("/station/enrol", {}, 422)["error"]["field"] == "site"
    made = till.post("/station/enrol", {"site": loop.site(BOX)})
    assert made["next"] == "/return"
    assert till.post("/station/enrol", {"name": "a\0b"}, 422)


def test_the_worker_and_the_manifest(app: Flask) -> None:
    browser = app.test_client()
    worker = browser.get("/station/worker.js")
    assert worker.status_code == 200
    assert worker.mimetype == "text/javascript"
    assert worker.headers["Service-Worker-Allowed"] == "/"
    assert worker.headers["Cache-Control"] == "no-cache"
    etag = {"If-None-Match": worker.headers["ETag"]}
    assert browser.get("/station/worker.js", headers=etag).status_code == 304
    till, box = (browser.get("/station/manifest.webmanifest" + end) for end in ("", "?for=return"))
    assert till.mimetype == "application/manifest+json"
    assert (till.json["start_url"], box.json["start_url"]) == ("/scan", "/return")
    for icon in till.json["icons"]:
        with browser.get(icon["src"]) as picture:
            assert (picture.status_code, picture.mimetype) == (200, "image/png")
    assert {icon["purpose"] for icon in till.json["icons"]} == {"any", "maskable"}
    browser.set_cookie("lang", "en")
    english = browser.get("/station/manifest.webmanifest").json
    assert (english["lang"], english["name"].isascii()) == ("en", True)
