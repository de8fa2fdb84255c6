"""Who may drive which round, and what a hostile phone sends."""

import base64
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lending.db import transaction
from lending.errors import Code, LendingError
from lending.loop.steps import State
from lending.moving.rounds.drivers import Driver, assign_driver
from lending.people.devices import make_pairing, pair_device
from lending.people.keys import Keys
from lending.people.tables import Role
from lending.requests.round_tables import StopOutcome
from lending.web.identity import DEVICE_COOKIE
from tests.callers import Caller, staff_caller
from tests.moving.drivers_day import add_courier, picture
from tests.moving.kai import Kai, caller_for
from tests.personas import HARU, NABI, WASH, Loop, found_town


def test_one_bad_record_spoils_no_other(kai: Kai, now_loop: Loop) -> None:
    day = kai.day
    good = kai.record("deliver", HARU, code=day.clean[1])
    told = kai.told(
        good,
        kai.record("deliver", HARU, code="123"),
        kai.record("deliver", HARU),
        kai.record("take", NABI, code="\x00"),
        kai.record("fly", NABI),
        kai.record("move", NABI, position=-1),
        kai.record("done"),
        kai.record("done") | {"stop": str(uuid.uuid4())},
        kai.record("begin") | {"round": str(uuid.uuid4())},
        kai.record("begin") | {"at": "noon"},
        "nothing",
        kai.record("done", HARU) | {"clock_error": "much"},
        kai.record("load", code=now_loop.new_crate()),  # no list filled it
        kai.record("done", NABI),
    )
    assert told == [
        "recorded", "invalid", "invalid", "invalid", "invalid", "invalid", "invalid", "not_found",
        "not_found", "invalid", "invalid", "invalid", "conflict", "recorded",
    ]  # fmt: skip
    assert day.stop(HARU).outcome is None
    assert day.stop(NABI).outcome is StopOutcome.DONE
    now_loop.check()


@pytest.mark.parametrize(
    "body",
    [[], None, {}, {"records": []}, {"records": "x"}, {"sent_at": "x"}, {"records": [{}] * 101}],
)
def test_bad_calls_are_refused_as_a_whole(kai: Kai, body: Any) -> None:
    call = {"sent_at": datetime.now(UTC).isoformat(), "owner": kai.owner, "records": [{}]}
    sent = call | body if isinstance(body, dict) and body else body
    assert kai.caller.open("/drive/records", "POST", json=sent).status_code == 422


@pytest.mark.parametrize("photo", ["", "%%%", base64.b64encode(b"no picture").decode(), "x" * 99])
def test_bad_photos_are_refused(kai: Kai, photo: str) -> None:
    body = {
        "about": str(uuid.uuid4()), "stop": str(kai.day.stop(NABI).id), "owner": kai.owner,
        "photo": photo,
    }  # fmt: skip
    assert kai.caller.open("/drive/photos", "POST", json=body).status_code == 422
    strange = body | {"photo": base64.b64encode(picture()).decode(), "stop": str(uuid.uuid4())}
    assert kai.caller.open("/drive/photos", "POST", json=strange).status_code == 404


def test_a_courier_sees_and_tells_only_of_the_own_rounds(
    app: Flask, kai: Kai, now_loop: Loop, engine: sa.Engine
) -> None:
    add_courier(now_loop, engine, "lea")
    caller, owner = caller_for(app, now_loop, "lea")
    lea = Kai(caller, kai.day, owner)
    assert lea.sheet() == []
    assert lea.told(lea.record("done", HARU), lea.record("end")) == ["not_found"] * 2
    # What kai's phone kept is not sent under another name.
    answer = lea.send(lea.record("begin"), owner=kai.owner)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "not_allowed_here")
    photo = {
        "about": str(uuid.uuid4()), "stop": str(kai.day.stop(HARU).id), "owner": owner,
        "photo": base64.b64encode(picture()).decode(),
    }  # fmt: skip
    assert lea.caller.open("/drive/photos", "POST", json=photo).status_code == 404
    assert kai.day.stop(HARU).outcome is None


def test_a_round_given_to_another_is_still_told_by_who_drove_it(
    app: Flask, kai: Kai, now_loop: Loop, engine: sa.Engine
) -> None:
    lea_id = add_courier(now_loop, engine, "lea")
    give = {"round_id": kai.day.round.id, "actor": now_loop.town.officer}
    now_loop.write(lambda s: assign_driver(s, staff_id=lea_id, now=datetime.now(UTC), **give))
    assert kai.sheet() == []
    assert kai.told(kai.record("done", HARU)) == ["recorded"]
    caller, owner = caller_for(app, now_loop, "lea")
    assert len(Kai(caller, kai.day, owner).sheet()) == 1
    now_loop.write(lambda s: assign_driver(s, staff_id=None, now=datetime.now(UTC), **give))
    assert Kai(caller, kai.day, owner).sheet() == []


def test_who_begins_a_round_of_nobodys_is_its_driver_and_is_shown(
    app: Flask, kai: Kai, now_loop: Loop, engine: sa.Engine
) -> None:
    give = {"round_id": kai.day.round.id, "actor": now_loop.town.officer}
    now_loop.write(lambda s: assign_driver(s, staff_id=None, now=datetime.now(UTC), **give))
    assert kai.sheet() == []
    with transaction(engine) as session:
        olga = staff_caller(app, session, now_loop.town, Role.OFFICER)
    path = f"/moving/rounds/{kai.day.round.id}"
    shown = "기사: <strong>kai</strong>"
    assert shown not in olga.open(path).text
    begin = kai.record("begin")  # kept by the phone since it was kai's
    assert kai.told(begin, begin, kai.record("done", HARU)) == ["recorded"] * 3
    assert shown in olga.open(path).text
    assert shown in olga.open(f"/moving/rounds?day={kai.day.day}").text
    assert len(kai.sheet()) == 1
    # Given to another afterwards, the same telling again takes it from nobody.
    lea_id = add_courier(now_loop, engine, "lea")
    now_loop.write(lambda s: assign_driver(s, staff_id=lea_id, now=datetime.now(UTC), **give))
    assert kai.told(begin) == ["recorded"]
    assert kai.day.stored().driver == Driver(lea_id, "lea")


def test_another_district_sees_nothing(
    app: Flask, kai: Kai, now_loop: Loop, engine: sa.Engine, keys: Keys
) -> None:
    with transaction(engine) as session:
        other = found_town(session, keys, now=datetime.now(UTC), prefix="X")
        stranger = staff_caller(app, session, other, Role.COURIER)
        officer = staff_caller(app, session, other, Role.OFFICER)
    owner = stranger.client.get("/drive/sheet").get_json()["owner"]
    far = Kai(stranger, kai.day, owner)
    assert far.sheet() == []
    assert far.told(far.record("done", HARU), far.record("take", NABI, code=kai.day.crate)) == [
        "not_found", "not_found",
    ]  # fmt: skip
    assert officer.open(f"/moving/rounds/{kai.day.round.id}").status_code == 404
    assert officer.client.get("/drive/sheet").get_json()["rounds"] == []
    assert now_loop.item(kai.day.crate).site == now_loop.town.sites[NABI]
    assert now_loop.site(WASH) == WASH


def test_a_phone_of_the_van_drives_what_leaves_from_its_centre(
    app: Flask, kai: Kai, now_loop: Loop, engine: sa.Engine
) -> None:
    town, moment = now_loop.town, datetime.now(UTC)
    with transaction(engine) as session:
        where = {"district_id": town.id, "name": "van 1", "by": None, "now": moment}
        with pytest.raises(LendingError) as caught:
            make_pairing(session, site_id=town.sites[HARU], drives=True, **where)
        assert (caught.value.code, caught.value.field) == (Code.INVALID, "drives")
        pairing = make_pairing(session, site_id=town.sites[WASH], drives=True, **where)
        paired = pair_device(session, secret=pairing.secret, now=moment)
    before = kai.day.stored().driver
    assert before is not None
    kai_id = before.id
    client = app.test_client()
    client.set_cookie(DEVICE_COOKIE, paired.credential)
    phone = Kai(Caller("van", client), kai.day, f"device:{paired.actor.id}")
    assert len(phone.sheet()) == 1
    assert phone.told(phone.record("begin"), phone.record("take", NABI, code=kai.day.crate)) == [
        "recorded", "recorded",
    ]  # fmt: skip
    assert now_loop.item(kai.day.crate).state is State.COLLECTED
    assert kai.day.stored().driver == Driver(kai_id, "kai")  # to whom it was given
    give = {"round_id": kai.day.round.id, "actor": town.officer, "now": moment}
    now_loop.write(lambda s: assign_driver(s, staff_id=None, **give))
    assert kai.day.stored().driver == Driver(None, "van 1")
    assert client.get("/wash").status_code == 403
    assert client.get("/drive").status_code == 200
