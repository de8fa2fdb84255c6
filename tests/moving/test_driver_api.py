"""What a driver's phone asks and tells over HTTP: only the own rounds, each record once, bad input."""

import base64
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.errors import Code, LendingError
from lending.loop.steps import State
from lending.moving.rounds.drivers import assign_driver
from lending.people.devices import make_pairing, pair_device
from lending.people.keys import Keys
from lending.people.tables import Role
from lending.photos.keep import photos_about
from lending.requests.round_tables import StopOutcome
from lending.web.identity import DEVICE_COOKIE
from tests.callers import Caller, staff_caller
from tests.moving.drivers_day import DriversDay, add_courier, make_day, picture
from tests.personas import BOX, HARU, NABI, WASH, Loop, found_town

MINUTE = timedelta(minutes=1)


@pytest.fixture
def now_loop(engine: sa.Engine, keys: Keys) -> Loop:
    """The town of this very day."""
    with transaction(engine) as session:
        town = found_town(session, keys, now=datetime.now(UTC))
    return Loop(engine, keys, town, now=datetime.now(UTC) - timedelta(hours=2))


@pytest.fixture
def day(now_loop: Loop, engine: sa.Engine) -> DriversDay:
    return make_day(now_loop, engine)


class Kai:
    """The courier of the day, at the phone."""

    def __init__(self, caller: Caller, day: DriversDay, owner: str) -> None:
        self.caller, self.day, self.owner = caller, day, owner
        self.at = datetime.now(UTC) - timedelta(minutes=50)

    def sheet(self) -> list[dict[str, Any]]:
        answer = self.caller.open("/drive/sheet")
        assert answer.status_code == 200
        rounds: list[dict[str, Any]] = answer.get_json()["rounds"]
        return rounds

    def record(self, what: str, site: str | None = None, **more: Any) -> dict[str, Any]:
        self.at += MINUTE
        return {
            "id": str(uuid.uuid4()), "what": what, "round": str(self.day.round.id),
            "stop": str(self.day.stop(site).id) if site else None, "at": self.at.isoformat(),
        } | more  # fmt: skip

    def send(self, *records: Any, **more: Any) -> Any:
        body = {
            "sent_at": datetime.now(UTC).isoformat(), "owner": self.owner, "records": list(records)
        } | more  # fmt: skip
        return self.caller.open("/drive/records", "POST", json=body)

    def told(self, *records: Any) -> list[str]:
        """What became of each: "recorded" or the code of its refusal."""
        answer = self.send(*records)
        assert answer.status_code == 200, answer.get_json()
        return [
            (one["error"] or {}).get("code", one["result"]) for one in answer.get_json()["receipts"]
        ]


def caller_for(app: Flask, loop: Loop, name: str) -> tuple[Caller, str]:
    """A courier's session, made apart from the password."""
    from lending.people.tables import Staff

    with Session(loop.engine) as session:
        staff_id = session.scalar(sa.select(Staff.id).where(Staff.login == name))
    client = app.test_client()
    with client.session_transaction() as cookies:
        cookies["_user_id"] = f"{staff_id}.0"
    return Caller(name, client), f"staff:{staff_id}"


@pytest.fixture
def kai(app: Flask, now_loop: Loop, day: DriversDay) -> Kai:
    caller, owner = caller_for(app, now_loop, "kai")
    return Kai(caller, day, owner)


def test_the_sheet_tells_all_that_is_to_be_known_offline(kai: Kai) -> None:
    [one] = kai.sheet()
    assert (one["van"], one["begun"], one["ended"]) == ("1호차", None, None)
    haru, nabi, box = one["stops"]
    assert [haru["site"]["code"], nabi["site"]["code"], box["site"]["code"]] == [HARU, NABI, BOX]
    assert sorted(crate["code"] for crate in haru["crates"]) == sorted(kai.day.clean)
    assert haru["crates"][0]["pieces"] == {"cup-355": 2}
    assert nabi["asked"] == [{"why": "other", "crates": 1, "note": "뒷문으로 오세요"}]
    assert nabi["hours"] == ["00:00", "23:30"]
    assert haru["hours"] is None
    assert (box["lying"], box["take"], box["site"]["latitude"]) == (3, 1, 37.55)


def test_a_round_told_hours_later_in_one_call_and_again(kai: Kai, now_loop: Loop) -> None:
    day = kai.day
    records = [
        kai.record("begin"),
        kai.record("deliver", HARU, code=day.clean[0]),  # nobody scanned that it was loaded
        kai.record("done", HARU),
        kai.record("take", NABI, code=day.crate),
        kai.record("take", NABI, code=f"https://cups.example.kr/i/{day.loose}"),
        kai.record("done", NABI),
        kai.record("take", BOX, code=day.bag),
        kai.record("done", BOX),
        kai.record("bring", code=day.crate),
        kai.record("end"),
    ]
    assert kai.told(*records) == ["recorded"] * 10
    first = day.stored()
    assert [stop.outcome for stop in first.stops] == [StopOutcome.DONE] * 3
    [delivered] = [one for one in day.stop(HARU).crates if one.delivered_at]
    assert delivered.code == day.clean[0]
    assert delivered.loaded_at == delivered.delivered_at
    assert {now_loop.item(cup).state for cup in day.lying} == {State.COLLECTED}
    assert now_loop.item(day.loose).state is State.COLLECTED
    assert kai.told(*records) == ["recorded"] * 10
    assert day.stored() == first
    assert kai.sheet()[0]["ended"] is not None
    now_loop.check()


def test_a_wrong_clock_is_put_right(kai: Kai) -> None:
    day_ahead = datetime.now(UTC) + timedelta(days=1, minutes=-30)
    record = kai.record("done", HARU) | {"at": day_ahead.isoformat(), "clock_error": 86400.0}
    assert kai.told(record) == ["recorded"]
    told = kai.day.stop(HARU).told_at
    assert told is not None
    assert abs(told - (day_ahead - timedelta(days=1))) < timedelta(seconds=1)


def test_a_stop_is_put_off_and_a_box_emptied_without_a_bag(kai: Kai, now_loop: Loop) -> None:
    later, emptied = kai.record("move", HARU, position=2), kai.record("emptied", BOX)
    assert kai.told(later, emptied) == ["recorded"] * 2
    assert [stop.site.code for stop in kai.day.stored().stops] == [NABI, HARU, BOX]
    assert {now_loop.item(cup).state for cup in kai.day.lying} == {State.COLLECTED}
    [one] = kai.sheet()
    assert [stop["emptied"] for stop in one["stops"]] == [False, False, False]  # before it began
    kai.at -= 10 * MINUTE
    assert kai.told(kai.record("begin")) == ["recorded"]
    assert [stop["emptied"] for stop in kai.sheet()[0]["stops"]] == [False, False, True]


def test_nobody_there_with_a_photo_before_or_after_the_word(kai: Kai, now_loop: Loop) -> None:
    record = kai.record("nobody", NABI, note="문 닫힘")
    stop = kai.day.stop(NABI)
    body = {
        "about": record["id"], "stop": str(stop.id), "owner": kai.owner,
        "photo": base64.b64encode(picture()).decode(),
    }  # fmt: skip
    for _ in range(2):
        assert kai.caller.open("/drive/photos", "POST", json=body).status_code == 200
    assert kai.told(record) == ["recorded"]
    assert (kai.day.stop(NABI).outcome, kai.day.stop(NABI).note) == (StopOutcome.NOBODY, "문 닫힘")
    photos = kai.day.moving.read(
        photos_about, district_id=now_loop.town.id, about=[uuid.UUID(record["id"])],
        now=datetime.now(UTC),
    )  # fmt: skip
    assert len(photos) == 1


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
    client = app.test_client()
    client.set_cookie(DEVICE_COOKIE, paired.credential)
    phone = Kai(Caller("van", client), kai.day, f"device:{paired.actor.id}")
    assert len(phone.sheet()) == 1
    assert phone.told(phone.record("begin"), phone.record("take", NABI, code=kai.day.crate)) == [
        "recorded", "recorded",
    ]  # fmt: skip
    assert now_loop.item(kai.day.crate).state is State.COLLECTED
    assert client.get("/wash").status_code == 403
    assert client.get("/drive").status_code == 200
