"""What a driver's phone asks and tells over HTTP: each record once, hours later, in any state."""

import base64
import uuid
from datetime import UTC, datetime, timedelta

from lending.loop.steps import State
from lending.photos.keep import photos_about
from lending.requests.round_tables import StopOutcome
from tests.moving.drivers_day import picture
from tests.moving.kai import Kai
from tests.personas import BOX, HARU, MINUTE, NABI, Loop


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
