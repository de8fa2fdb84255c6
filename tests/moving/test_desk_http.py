"""The officer's pages of moving over HTTP: the morning, settings, crates; bad input changes nothing."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from lending.db import transaction
from lending.moving.rounds.bag_room import load_bags_per_crate
from lending.moving.rounds.vehicles import list_vehicles
from lending.moving.supply.crate_sizes import load_crate_sizes
from lending.moving.supply.orders import NewOrder, ask_supply, local_today
from lending.moving.supply.proposals import propose_supply
from lending.people.tables import Role
from lending.requests.watch import CRATE_MISSING, load_watch_hours
from tests.callers import Caller, device_caller, staff_caller
from tests.moving.conftest import Moving
from tests.personas import HARU, NABI, WASH, Loop

CUP = "cup-355"


@pytest.fixture
def officer(app: Flask, moving: Moving) -> Caller:
    moving.loop.now = datetime.now(UTC) - timedelta(hours=1)
    with transaction(moving.loop.engine) as session:
        return staff_caller(app, session, moving.town, Role.OFFICER)


@pytest.fixture
def day(moving: Moving, officer: Caller):
    """Tomorrow, for which Mina asked for 30 and Yuna for 20."""
    today = moving.read(local_today, district_id=moving.town.id, now=datetime.now(UTC))
    tomorrow = today + timedelta(days=1)
    for by, count in ((moving.town.mina, 30), (moving.town.yuna, 20)):
        new = NewOrder(uuid.uuid4(), CUP, count, day=tomorrow)
        moving.write(ask_supply, new=new, actor=by)
    return tomorrow


def rows(moving: Moving, day) -> list[tuple[str, int, int | None]]:
    found = moving.read(propose_supply, district_id=moving.town.id, day=day, now=datetime.now(UTC))
    return [(row.site, row.pieces, row.decided) for row in found]


def decide(officer: Caller, day, do: str, *pieces: str, **more: Any):
    form = {
        "day": day.isoformat(), "do": do, "site": [HARU, NABI], "kind": [CUP, CUP],
        "pieces": list(pieces),
    }  # fmt: skip
    return officer.open("/moving", "POST", data=form | more)


def test_the_morning_is_accepted_with_one_tap_and_changed_by_row(
    moving: Moving, officer: Caller, day
) -> None:
    page = officer.open("/moving").text
    assert "카페 하루" in page and 'value="30"' in page and "아직 안 정한 2건" in page
    assert decide(officer, day, "all", "30", "20").status_code == 302
    assert rows(moving, day) == [(HARU, 30, 30), (NABI, 20, 20)]
    assert decide(officer, day, "1", "99", "25").status_code == 302  # only the second row
    assert rows(moving, day) == [(HARU, 30, 30), (NABI, 20, 25)]
    page = officer.open(f"/moving?day={day.isoformat()}").text
    assert "제안대로" in page and "바꿈" in page and "staff-officer" in page


@pytest.mark.parametrize("wrong", ["", "-1", "x", "1.5", "20001", "٣", "99999999999"])
def test_a_wrong_number_is_named_at_its_row_and_nothing_is_decided(
    moving: Moving, officer: Caller, day, wrong: str
) -> None:
    answer = decide(officer, day, "all", "31", wrong)
    assert answer.status_code == 422
    assert [decided for _, _, decided in rows(moving, day)] == [None, None]
    if wrong and len(wrong) <= 6:
        assert "0부터 20,000까지" in answer.text and 'value="31"' in answer.text


def test_forms_that_do_not_fit_are_refused(moving: Moving, officer: Caller, day) -> None:
    past = datetime.now(UTC).date() - timedelta(days=3)
    assert decide(officer, past, "all", "1", "2").status_code == 422
    assert decide(officer, day, "7", "1", "2").status_code == 422
    assert decide(officer, day, "all", "1").status_code == 422
    assert decide(officer, day, "all", "1", "2", site=[HARU, "NO"]).status_code == 422
    assert [decided for _, _, decided in rows(moving, day)] == [None, None]


def test_something_nobody_proposed_is_added(moving: Moving, officer: Caller, day) -> None:
    form = {"day": day.isoformat(), "to": HARU, "kind": "cup-473", "count": "15"}
    assert officer.open("/moving/more", "POST", data=form).status_code == 302
    assert (HARU, 0, 15) in rows(moving, day)
    for wrong in ({"count": "0"}, {"to": "NO"}, {"kind": "crate"}, {"day": "x"}):
        assert officer.open("/moving/more", "POST", data=form | wrong).status_code == 422


def test_the_forecasts_error_is_shown_beside_last_weeks(officer: Caller, day) -> None:
    assert "아직 비교할 기록이 없어요" in officer.open("/moving/forecast").text
    assert "<html" not in officer.open("/moving/forecast?part=1").text


def test_settings_are_kept_and_wrong_ones_named(moving: Moving, officer: Caller, day) -> None:
    town = moving.town

    def send(page: str, **form: str) -> Any:
        return officer.open(f"/moving/settings/{page}", "POST", data=form)

    assert send("crates", kind=CUP, pieces="60").status_code == 302
    assert moving.read(load_crate_sizes, district_id=town.id) == {town.kinds[CUP]: 60}
    van = {"name": "봉고", "crates": "24", "leaves": "08:30", "back": "17:00", "active": "1"}
    assert send("vans", **van).status_code == 302
    assert send("vans", **van | {"crates": "30", "active": ""}).status_code == 302
    [kept] = [one for one in moving.read(list_vehicles, district_id=town.id) if one.name == "봉고"]
    assert (kept.crates, kept.active, kept.leaves.hour) == (30, False, 8)
    assert send("bags", bags="7").status_code == 302
    assert moving.read(load_bags_per_crate, district_id=town.id) == 7
    assert send("hours", what=CRATE_MISSING, hours="6").status_code == 302
    assert moving.read(load_watch_hours, district_id=town.id)[CRATE_MISSING] == 6
    assert "60" in officer.open("/moving/settings").text
    late = send("vans", **van | {"back": "08:00"})
    assert late.status_code == 422 and "떠나는 시각보다 늦어야 해요" in late.text
    for what, form in (
        ("crates", {"kind": CUP, "pieces": "0"}),
        ("crates", {"kind": "no", "pieces": "5"}),
        ("vans", van | {"crates": "-3"}),
        ("vans", van | {"leaves": "25:00"}),
        ("vans", van | {"name": "a\x00b"}),
        ("bags", {"bags": "0"}),
        ("bags", {"bags": "101"}),
        ("hours", {"what": "no", "hours": "3"}),
        ("hours", {"what": CRATE_MISSING, "hours": "9999"}),
    ):
        assert send(what, **form).status_code == 422


def test_crates_are_seen_and_moved_by_scan(
    app: Flask, loop: Loop, moving: Moving, officer: Caller
) -> None:
    crate = moving.sealed_crate(HARU)
    with transaction(loop.engine) as session:
        tablet = device_caller(app, session, moving.town, WASH)

    def tell(caller: Caller, move: str, code: str = crate, **more: Any) -> Any:
        now = datetime.now(UTC).isoformat()
        body = {"id": str(uuid.uuid4()), "at": now, "sent_at": now, "move": move, "crate": code}
        answer = caller.open("/moving/crates/beep", "POST", json=body | more)
        return answer.get_json() | {"status": answer.status_code}

    assert "봉인함" in tablet.open("/moving/crates").text
    id = str(uuid.uuid4())
    assert tell(tablet, "load", id=id)["word"] == "실었어요"
    assert tell(tablet, "load", id=id)["word"] == "이미 실은 상자예요"
    assert tell(tablet, "load")["word"] == "이미 실은 상자예요"  # scanned a second time
    elsewhere = tell(tablet, "load", to=NABI)
    assert (elsewhere["word"], elsewhere["line"]) == ("이미 실은 상자예요", "카페 하루")
    assert (elsewhere["outcome"], elsewhere["tone"]) == ("refused", "care")
    assert tell(tablet, "load", loop.passed_cups(1)[0])["word"] == "상자의 코드가 아니에요"
    assert tell(tablet, "load", loop.new_crate())["word"] == "어디로 갈 상자인지 몰라요"
    free = loop.new_crate()
    assert tell(tablet, "load", free, to=NABI)["word"] == "빈 상자예요"
    loop.pack(free, *loop.passed_cups(1))
    assert tell(tablet, "load", free, to=NABI)["word"] == "실었어요"
    assert tell(tablet, "receive", site=HARU)["status"] == 403  # not the centre's to say
    assert tell(officer, "deliver", site=HARU)["word"] == "내려놓았어요"
    assert tell(officer, "receive", site=HARU)["word"] == "장소에서 받았어요"
    assert tell(officer, "take", site=HARU, to=WASH)["word"] == "가져가요"
    assert tell(tablet, "bring")["word"] == "들어왔어요"
    for stage in ("", "?stage=loaded", "?stage=no", "?after=no", "?part=1&stage=standing"):
        assert tablet.open(f"/moving/crates{stage}").status_code == 200
    assert tell(tablet, "throw")["status"] == 422


def test_an_order_after_the_decision_is_not_overlooked(
    moving: Moving, officer: Caller, day
) -> None:
    decide(officer, day, "all", "30", "20")
    assert "요청보다 적어요" not in officer.open("/moving").text
    new = NewOrder(uuid.uuid4(), CUP, 10, day=day)
    moving.write(ask_supply, new=new, actor=moving.town.mina)
    assert "요청보다 적어요" in officer.open("/moving").text
