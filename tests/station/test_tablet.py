"""The tablet itself: whose place counts, who was signed in, what a lost or forged one may do."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lending.db import transaction
from lending.loop.codes import make_code
from lending.people.devices import list_devices, revoke_device
from lending.people.staff import NewStaff, add_staff, set_active
from lending.people.tables import Role
from lending.web.identity import DEVICE_COOKIE
from tests.callers import PASSWORD, Caller, device_caller, staff_caller
from tests.personas import BOX, HARU, MINJI, NABI, Loop
from tests.station.conftest import Till


def count(loop: Loop) -> int:
    with loop.engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM scan")).scalar_one())


def signed_by(loop: Loop, scan: str) -> int | None:
    with loop.engine.connect() as connection:
        query = sa.text("SELECT staff_id FROM scan WHERE id = :id").bindparams(
            sa.bindparam("id", uuid.UUID(scan), sa.Uuid())
        )
        found: int | None = connection.execute(query).scalar_one()
        return found


def sign_in(till: Till, staff_id: int) -> None:
    """Staff sign in at the tablet, which stays the tablet it is."""
    with till.caller.client.session_transaction() as cookies:
        cookies["_user_id"] = f"{staff_id}.0"


@pytest.fixture
def crew(loop: Loop, engine: sa.Engine) -> dict[str, int]:
    """Staff of two cafés, an officer, and one who has left."""
    with transaction(engine) as session:

        def add(login: str, role: Role, site: str | None) -> int:
            place = loop.town.sites[site] if site else None
            new = NewStaff(login, PASSWORD, role, place)
            return add_staff(session, district_id=loop.town.id, new=new, now=datetime.now(UTC))

        crew = {
            "mina": add("mina", Role.CAFE, HARU), "yuna": add("yuna", Role.CAFE, NABI),
            "boss": add("boss", Role.OFFICER, None), "gone": add("gone", Role.CAFE, HARU),
        }  # fmt: skip
        set_active(session, district_id=loop.town.id, staff_id=crew["gone"], active=False)
    return crew


def test_a_paired_tablet_stays_its_place_whoever_signs_in(
    till: Till, loop: Loop, crew: dict[str, int]
) -> None:
    for who in ("yuna", "boss"):
        sign_in(till, crew[who])
        cup = loop.lent_cup()
        till.send(till.entry("return", cup))
        assert loop.item(cup).site == loop.town.sites[HARU]
        cup = loop.lent_cup()
        till.beep(cup, site=loop.site(NABI))
        assert loop.item(cup).site == loop.town.sites[HARU]
        assert till.post("/station/snapshot", {})["site"]["code"] == loop.site(HARU)


def test_staff_do_not_widen_what_a_tablet_may(
    app: Flask, loop: Loop, engine: sa.Engine, crew: dict[str, int]
) -> None:
    """A tablet above a box takes returns; a barista who signs in there does not make it a till."""
    with transaction(engine) as session:
        box = Till(device_caller(app, session, loop.town, BOX))
    sign_in(box, crew["mina"])
    assert box.post("/scan/beep", {"id": str(uuid.uuid4()), "code": make_code()}, 403)
    assert box.caller.open("/scan", headers={"Accept": "text/html"}).status_code == 403
    cup, ready = loop.lent_cup(), loop.clean_cup()
    told = box.send(
        box.entry("return", cup), box.entry("lend", ready, borrower=MINJI), box.entry(None, ready)
    )
    assert [(one["action"], one["result"]) for one in told] == [
        ("return", "recorded"), ("lend", "refused"), ("return", "recorded"),
    ]  # fmt: skip
    assert (told[1]["error"]["code"], told[1]["final"]) == ("not_allowed_here", False)
    assert loop.item(cup).site == loop.town.sites[BOX]


def test_who_was_signed_in(till: Till, loop: Loop, crew: dict[str, int]) -> None:
    said = ["mina", "boss", "yuna", "gone"]
    queue = [till.entry("return", make_code(), by=crew[who]) for who in said]
    queue += [till.entry("return", make_code(), by=by) for by in (10**9, None)]
    assert {one["result"] for one in till.send(*queue)} == {"recorded"}
    told = [signed_by(loop, one["id"]) for one in queue]
    assert told == [crew["mina"], crew["boss"], None, None, None, None]
    # A beep is of whoever is signed in at the tablet, if they work here.
    assert signed_by(loop, till.beep(make_code())["id"]) is None
    sign_in(till, crew["mina"])
    assert signed_by(loop, till.beep(make_code())["id"]) == crew["mina"]
    assert signed_by(loop, till.beep(make_code(), by=crew["boss"])["id"]) == crew["boss"]
    assert till.post("/station/snapshot", {})["by"] == crew["mina"]
    earlier = {"id": str(uuid.uuid4()), "code": make_code()}
    till.post("/scan/earlier", earlier)
    assert signed_by(loop, earlier["id"]) == crew["mina"]
    undone = till.beep(make_code())
    till.undo(undone)
    with loop.engine.connect() as connection:
        query = sa.text("SELECT staff_id FROM scan WHERE action = 'void'")
        assert connection.execute(query).scalars().all() == [crew["mina"]]
    sign_in(till, crew["yuna"])
    assert signed_by(loop, till.beep(make_code())["id"]) is None
    assert till.post("/station/snapshot", {})["by"] is None


def test_staff_at_a_browser_of_their_own(app: Flask, loop: Loop, engine: sa.Engine) -> None:
    with transaction(engine) as session:
        till = Till(staff_caller(app, session, loop.town, Role.CAFE))
    back = till.entry("return", loop.lent_cup())
    assert till.send(back)[0]["result"] == "recorded"
    assert signed_by(loop, back["id"]) is not None
    snapshot = till.post("/station/snapshot", {})
    assert (snapshot["device"], snapshot["by"]) == (None, signed_by(loop, back["id"]))


def test_a_revoked_tablet_records_nothing(
    till: Till, loop: Loop, engine: sa.Engine, crew: dict[str, int]
) -> None:
    queue = [till.entry("return", loop.lent_cup())]
    with transaction(engine) as session:
        [device] = list_devices(session, district_id=loop.town.id)
        revoke_device(session, district_id=loop.town.id, device_id=device.id, now=datetime.now(UTC))
    before = count(loop)
    error = till.send(*queue, status=401)["error"]
    assert (error["code"], bool(error["next_step"])) == ("sign_in_needed", True)
    assert till.post("/station/snapshot", {}, 401)["error"]["code"] == "sign_in_needed"
    # Somebody of another place signs in there: the queue is not theirs to send.
    sign_in(till, crew["yuna"])
    error = till.send(*queue, site=loop.site(HARU), status=403)["error"]
    assert error["code"] == "not_allowed_here"
    assert count(loop) == before
    # Enrolled again, it sends what it kept.
    sign_in(till, crew["mina"])
    till.post("/station/enrol", {})
    assert till.send(*queue, site=loop.site(HARU))[0]["result"] == "recorded"


def test_the_cookie_lasts_from_the_last_contact(till: Till) -> None:
    """The page comes out of the browser's own store, so that the snapshot must renew it."""
    answer = till.caller.open("/station/snapshot", "POST", json={})
    [cookie] = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("device=")]
    assert "Max-Age=7776000" in cookie
    assert "HttpOnly" in cookie


def test_a_made_up_credential(app: Flask, till: Till, loop: Loop) -> None:
    forged = Till(Caller("forged", app.test_client()))
    forged.caller.client.set_cookie(DEVICE_COOKIE, "x" * 43)
    assert forged.send(till.entry("return", make_code()), status=401)["error"]["code"]
    answer = till.caller.client.post("/station/scans", json={"scans": []})  # no token of the page
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "form_expired")


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


HOSTILE: list[Any] = [
    None, [], "x", 1, {}, {"scans": []}, {"scans": {}}, {"scans": [None] * 501},
    {"scans": [None], "sent_at": 5}, {"scans": [None], "site": "NOWHERE"},
    {"scans": [None], "site": "a\0b"}, {"scans": [None], "site": ["x"]},
    {"scans": [None], "sent_at": "9999-12-31T23:59:59Z"},
]  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE)
def test_a_call_of_a_wrong_shape(till: Till, body: Any) -> None:
    if isinstance(body, dict):
        body = {"sent_at": datetime.now(UTC).isoformat()} | body
    answer = till.caller.open(
        "/station/scans", "POST", data=json.dumps(body), content_type="application/json"
    )
    assert answer.status_code in {403, 404, 422}
    assert answer.get_json()["error"]["next_step"]


GARBAGE: list[Any] = [
    None, True, -1, 10**400, 1e308, "", "\0", "a\0b", "\ud800", "😀" * 200, [], {}, [[]], "9" * 4000,
]  # fmt: skip
FIELDS = (
    "id", "action", "code", "at", "seq", "clock_error", "clock_lost", "borrower", "of", "override",
    "reason", "note", "by",
)  # fmt: skip


def test_garbage_in_every_field_is_never_a_crash(till: Till, loop: Loop) -> None:
    cups = loop.clean_cups(2)
    base = till.entry("lend", cups[0], borrower=MINJI)
    queue = [base | {"id": str(uuid.uuid4()), name: bad} for name in FIELDS for bad in GARBAGE]
    queue += [bad for bad in GARBAGE if bad != ""]
    queue += [{"id": str(uuid.uuid4())}, {name: {name: []} for name in FIELDS}]
    good = till.entry("lend", cups[1], borrower=MINJI)
    body = {"sent_at": datetime.now(UTC).isoformat(), "scans": [*queue, good]}
    answer = till.caller.open(
        "/station/scans", "POST", data=json.dumps(body), content_type="application/json"
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    told = answer.get_json()["receipts"]
    assert len(told) == len(queue) + 1
    assert told[-1]["result"] == "recorded"
    assert all(one["final"] for one in told if one["error"] and one["error"]["code"] == "invalid")
    loop.check()


def test_a_body_beyond_all_measure(till: Till) -> None:
    huge = till.entry("return", make_code(), note="x" * 5_000_000)
    assert till.send(huge, status=413)["error"]["code"] == "too_large"
    most = [till.entry("return", make_code(), note="메모" * 900) for _ in range(300)]
    assert {one["result"] for one in till.send(*most)} == {"recorded"}


def test_five_hundred_go_at_once(till: Till, loop: Loop) -> None:
    cups = loop.clean_cups(100)
    queue = []
    for turn in range(5):
        ago = 300 - turn * 50
        action = ("lend", "return")[turn % 2]
        queue += [till.entry(action, cup, ago, borrower=MINJI) for cup in cups]
    assert {one["result"] for one in till.send(*queue)} == {"recorded"}
    assert {one["result"] for one in till.send(*queue)} == {"repeated"}
    loop.check()


def test_times_at_the_edges_of_the_calendar(till: Till, loop: Loop) -> None:
    for at in ("1900-01-01T00:00:00Z", "2199-12-31T23:59:59Z"):
        for error in (None, 1e10, -1e10):
            cup = loop.clean_cup()
            entry = till.entry("lend", cup, at=at, clock_error=error, borrower=till.sealed(MINJI))
            for sent_at in ("1900-01-01T00:00:00Z", "2199-12-31T23:59:59Z"):
                [told] = till.send(entry, sent_at=sent_at)
                assert told["result"] in {"recorded", "repeated"}
    loop.check()


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


def test_every_answer_tells_the_time(tills: Callable[[str], Till], loop: Loop) -> None:
    till = tills(HARU)
    cup = loop.clean_cup()
    sold = till.beep(cup, MINJI)
    answers = [
        sold, till.beep("hello"), till.person(MINJI), till.board(), till.undo(sold),
        till.post("/station/snapshot", {}),
        till.post("/scan/earlier", {"id": str(uuid.uuid4()), "code": cup}),
    ]  # fmt: skip
    for answer in answers:
        moment = datetime.fromisoformat(answer["now"])
        assert abs(datetime.now(UTC) - moment) < timedelta(seconds=10)
