"""The hall's board: crates go out to rooms and come back by scan."""

import pytest

from lending.web.i18n import group_code
from tests.callers import Caller
from tests.events.halls import Halls
from tests.events.pages import (
    beep,
    told,
)
from tests.personas import DAY

pytestmark = pytest.mark.usefixtures("today")


def test_the_board_shows_each_room_and_what_must_go_back(
    halls: Halls, people: dict[str, Caller]
) -> None:
    ends = halls.plan(from_at=halls.now - 2 * DAY)  # ends today
    later = halls.plan(room_id=halls.rooms[1].id)
    first, second, spare = (halls.crate(bowl=n) for n in (40, 50, 60))
    hall = people["hall"]
    for event, packed, room in ((ends, first, "1호실"), (later, second, "2호실")):
        said = beep(hall, "hand", packed.crate, event=str(event.id))
        assert said["word"] == "방에 주었어요" and room in said["line"]
    page = hall.open("/events/rooms").text
    assert "오늘 돌아가야 할 상자 1개" in page
    assert page.index("1호실") < page.index(group_code(first.crate)) < page.index("2호실")
    assert (
        page.index("2호실") < page.index(group_code(second.crate)) < page.index("창고에 있는 상자")
    )
    assert page.index("창고에 있는 상자") < page.index(group_code(spare.crate))
    part = hall.open("/events/rooms?part=1").text
    assert "<html" not in part and group_code(first.crate) in part
    assert people["officer"].open(f"/events/rooms?site={halls.code}").status_code == 200


def test_a_sealed_crate_is_in_the_store_again_an_opened_one_is_not(
    halls: Halls, people: dict[str, Caller]
) -> None:
    event = halls.plan()
    whole, used = halls.crate(bowl=40), halls.crate(bowl=50)
    hall = people["hall"]
    for packed in (whole, used):
        beep(hall, "hand", packed.crate, event=str(event.id))
    wrong = beep(hall, "sealed", whole.crate, seal="other")
    assert wrong["word"] == "봉인 번호가 달라요"
    assert beep(hall, "sealed", whole.crate)["word"] == "창고로 돌아왔어요"
    assert beep(hall, "opened", used.crate)["word"] == "쓴 상자로 돌아왔어요"
    store = hall.open("/events/rooms?part=1").text.partition('class="card store"')[2]
    assert group_code(whole.crate) in store and group_code(used.crate) not in store
    assert beep(hall, "opened", used.crate)["word"] == "나가 있지 않은 상자예요"
    other = halls.plan(room_id=halls.rooms[1].id)
    assert beep(hall, "hand", whole.crate, event=str(other.id))["word"] == "방에 주었어요"
    halls.check()


def test_a_scan_sent_again_is_the_same_and_a_mistake_is_taken_back(
    halls: Halls, people: dict[str, Caller]
) -> None:
    event, packed = halls.plan(), halls.crate(bowl=40)
    body = told(act="hand", crate=packed.crate, signed="실장", event=str(event.id))
    for _ in range(2):
        answer = people["hall"].open("/events/rooms/beep", "POST", json=body)
        assert answer.get_json()["word"] == "방에 주었어요"
    assert halls.event(event).crates == 1
    assert beep(people["hall"], "hand", packed.crate, event=str(event.id))["error"]
    page = people["hall"].open(f"/events/crates/{body['id']}/undo", "POST", follow_redirects=True)
    assert "되돌렸어요" in page.text
    assert halls.event(event).out == 0
    halls.check()


@pytest.mark.parametrize(
    "wrong", [{"signed": ""}, {"signed": "a\x00"}, {"act": "steal"}, {"id": "1"}, {"at": "never"}]
)
def test_a_scan_of_no_shape_is_refused(
    halls: Halls, people: dict[str, Caller], wrong: dict[str, str]
) -> None:
    body = told(act="hand", crate=halls.loop.new_crate(), signed="실장") | wrong
    assert people["hall"].open("/events/rooms/beep", "POST", json=body).status_code == 422


def test_a_crate_with_a_broken_seal_leaves_the_store(
    halls: Halls, people: dict[str, Caller]
) -> None:
    packed, hall = halls.crate(bowl=40), people["hall"]
    said = beep(hall, "broken", packed.crate)
    assert (said["word"], said["line"]) == ("다시 씻을 상자로 적었어요", "bowl 40")
    assert group_code(packed.crate) not in hall.open("/events/rooms?part=1").text
    event = halls.plan()
    assert beep(hall, "hand", packed.crate, event=str(event.id))["error"] == "not_clean"
    out = halls.crate(bowl=40)
    beep(hall, "hand", out.crate, event=str(event.id))
    assert beep(hall, "broken", out.crate)["word"] == "이미 나가 있는 상자예요"
    halls.check()


def test_a_refused_crate_is_told_of_as_a_crate(halls: Halls, people: dict[str, Caller]) -> None:
    first, other = halls.plan(), halls.plan(room_id=halls.rooms[1].id)
    packed, opened = halls.crate(bowl=40), halls.crate(bowl=30)
    hall = people["hall"]
    beep(hall, "hand", packed.crate, event=str(first.id))
    beep(hall, "broken", opened.crate)
    for crate, error in ((packed.crate, "already_lent"), (opened.crate, "not_clean")):
        said = beep(hall, "hand", crate, event=str(other.id))
        assert said["error"] == error and "상자" in said["word"]
        assert "컵" not in str(said)


def test_crates_back_unopened_are_not_called_sent(halls: Halls, people: dict[str, Caller]) -> None:
    event = halls.plan()
    used, whole = (halls.out(event, bowl=50) for _ in range(2))
    halls.back(used)
    halls.back(whole, sealed=True)
    for path in ("/events", f"/events/{event.id}"):
        page = people["officer"].open(path).text
        assert "1개 보냄 · 0개 나가 있음 · 안 뜯고 돌아온 상자 1개" in page
