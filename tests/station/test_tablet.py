"""The tablet itself: whose place counts, who was signed in, what a lost or forged one may do."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from flask import Flask

from lending.db import transaction
from lending.loop.codes import make_code
from lending.people.devices import list_devices, revoke_device
from lending.people.tables import Role
from lending.web.identity import DEVICE_COOKIE
from tests.callers import Caller, device_caller, staff_caller
from tests.personas import BOX, HARU, MINJI, NABI, Loop
from tests.station.conftest import Till, sign_in


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
    back = till.beep(make_code())
    undo = till.entry("void", back["code"], of=back["id"], by=crew["mina"])
    assert till.send(undo)[0]["result"] == "recorded"
    assert signed_by(loop, undo["id"]) == crew["mina"]
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


def test_every_answer_tells_the_time(tills: Callable[[str], Till], loop: Loop) -> None:
    till = tills(HARU)
    cup = loop.clean_cup()
    sold = till.beep(cup, MINJI)
    answers = [
        sold, till.beep("hello"), till.person(MINJI), till.board(),
        till.post("/station/snapshot", {}),
        till.post("/station/scans", {"scans": [till.entry("void", cup, of=sold["id"])]}),
    ]  # fmt: skip
    for answer in answers:
        moment = datetime.fromisoformat(answer["now"])
        assert abs(datetime.now(UTC) - moment) < timedelta(seconds=10)
