"""Events are planned, changed and packed on their pages."""

import uuid

import pytest

from lending.events.settings import set_kind
from lending.events.values import EventKind, Stage
from tests.callers import Caller
from tests.events.halls import Halls
from tests.events.pages import (
    came_back,
    plan_form,
    told,
)
from tests.personas import DAY, WASH

pytestmark = pytest.mark.usefixtures("today")


def test_a_new_event_shows_what_to_pack(halls: Halls, people: dict[str, Caller]) -> None:
    officer = people["officer"]
    halls.write(
        lambda s: set_kind(
            s, kind="bowl", event=EventKind.FUNERAL, per_100=120, price=1500, crate_pieces=50,
            actor=halls.loop.town.officer, now=halls.now,
        )
    )  # fmt: skip
    form = plan_form(halls)
    page = officer.open("/events/new", "POST", data=form, follow_redirects=True)
    assert page.status_code == 200
    for words in ("서해 장례식장 · 1호실", "1층 사무실", "250명", "300", "6개예요", "300 모자라요"):
        assert words in page.text, words
    again = officer.open("/events/new", "POST", data=form)  # the button pressed twice
    assert again.status_code == 302
    assert officer.open("/events").text.count("event-card") == 2  # the list and its one card
    assert officer.open("/events/new").status_code == 200  # asks for the hall first


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"until_at": "2031-05-01T08:00"}, "시작보다 뒤이고"),
        ({"until_at": "2031-07-01T08:00"}, "31일 안"),
        ({"room": ""}, "방을 고르거나"),
        ({"guests": "많이"}, "숫자만"),
        ({"from_at": "0001-01-01T00:00"}, "쓸 수 없는 날짜"),
        ({"contact": "x\x00y"}, "쓸 수 없는 글자"),
    ],
)
def test_what_is_wrong_with_a_plan_stands_at_its_field(
    halls: Halls, people: dict[str, Caller], wrong: dict[str, str], words: str
) -> None:
    answer = people["officer"].open("/events/new", "POST", data=plan_form(halls, **wrong))
    assert answer.status_code == 422
    assert words in answer.text
    assert 'event-card"' not in people["officer"].open("/events").text


def test_an_event_is_changed_and_called_off(halls: Halls, people: dict[str, Caller]) -> None:
    event = halls.plan(from_at=halls.now + DAY)
    path = f"/events/{event.id}"
    hall = people["hall"]
    form = plan_form(halls, room=str(halls.rooms[1].id), guests="300")
    assert hall.open(f"{path}/change", "POST", data=form).status_code == 302
    shown = hall.open(path).text
    assert "2호실" in shown and "300명" in shown
    assert "300" in hall.open(f"{path}/change").text
    assert "취소했어요" in hall.open(f"{path}/cancel", "POST", follow_redirects=True).text
    assert halls.stage(event) is Stage.CANCELLED


def test_a_hall_sees_its_own_events_alone(halls: Halls, people: dict[str, Caller]) -> None:
    event = came_back(halls)
    for path in (f"/events/{event.id}", f"/events/{event.id}/change"):
        assert people["hall"].open(path).status_code == 200
        assert people["café"].open(path).status_code == 404
    assert people["hall"].open(f"/events/{event.id}/count").status_code == 403
    assert people["hall"].open("/events/settings").status_code == 302  # to sign in
    page = (
        people["café"].open(f"/events/rooms?site={halls.code}").text
    )  # its own place's, as anywhere
    assert "서해 장례식장" not in page and str(event.id) not in page


def test_the_centre_packs_a_crate_for_an_event(halls: Halls, people: dict[str, Caller]) -> None:
    event = halls.plan()
    halls.wares.buy(80, halls.wares.at(WASH))
    crate, cups = halls.loop.new_crate(), halls.loop.passed_cups(2)
    assert people["centre"].open(f"/events/{event.id}/pack").status_code == 200
    body = told(crate=crate, seal="A-1", codes=cups, counted={"bowl": 80}, event=str(event.id))
    answer = people["centre"].open("/events/pack", "POST", json=body).get_json()
    assert (answer["word"], answer["error"]) == ("봉인해 담았어요", None)
    assert "bowl 80" in answer["line"] and "컵 355 mL 2" in answer["line"]
    again = people["centre"].open("/events/pack", "POST", json=body).get_json()
    assert again["word"] == "봉인해 담았어요"
    assert people["centre"].open(f"/events/{event.id}/pack").text.count("봉인 A-1") == 1
    other = told(crate=crate, seal="A-2", codes=[], counted={"bowl": 1}, event=str(event.id))
    refused = people["centre"].open("/events/pack", "POST", json=other).get_json()
    assert refused["word"] == "지금 담을 수 없는 상자예요"
    dirty = told(
        crate=halls.loop.new_crate(), seal="A-3", codes=halls.loop.new_cups(1), event=str(event.id)
    )
    refused = people["centre"].open("/events/pack", "POST", json=dirty).get_json()
    assert refused["tone"] == "bad" and refused["error"]


@pytest.mark.parametrize("how", ["reopen", "broken"])
def test_the_centre_opens_what_it_packed(halls: Halls, people: dict[str, Caller], how: str) -> None:
    event, centre = halls.plan(), people["centre"]
    packed, store = halls.pack(event, bowl=10), halls.pack(None, bowl=5)
    pages = (
        (centre, f"/events/{event.id}/pack", packed),
        (people["officer"], f"/events/store?to={halls.code}", store),
    )
    for caller, path, one in pages:
        page = caller.open(path).text
        assert "봉인 열기" in page and f'value="{one.crate}"' in page, path
    form = {"id": str(uuid.uuid4()), "crate": packed.crate, "how": how, "event": str(event.id)}
    page = centre.open("/events/crates/opened", "POST", data=form, follow_redirects=True).text
    assert ("봉인을 뗐어요" in page) is (how == "reopen")
    assert f"봉인 {packed.seal}" not in page
    form = {"id": str(uuid.uuid4()), "crate": store.crate, "how": how, "to": halls.code}
    halls.bring(store.crate)
    page = centre.open("/events/crates/opened", "POST", data=form, follow_redirects=True).text
    assert "열 수 없어요" in page
    wrong = centre.open("/events/crates/opened", "POST", data=form | {"how": "eat"})
    assert wrong.status_code == 422
    halls.check()


def test_an_event_that_nothing_was_used_at_leads_to_no_statement(
    halls: Halls, people: dict[str, Caller]
) -> None:
    event = halls.plan(from_at=halls.now - 10 * DAY, until_at=halls.now - 8 * DAY)
    halls.sweep()
    assert halls.stage(event) is Stage.SETTLED
    for who in ("centre", "officer"):
        for page in ("/events?stage=settled", f"/events/{event.id}"):
            told = people[who].open(page)
            assert told.status_code == 200 and "서해 장례식장" in told.text
            assert f"/events/{event.id}/statement" not in told.text
