"""Events through their pages: planned, packed, handed out and back by scan, counted, settled, printed."""

import io
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from lending.db import transaction
from lending.events.settings import set_kind
from lending.events.values import EventKind, EventView, Stage
from lending.people.tables import Role
from tests.callers import Caller, device_caller, staff_caller
from tests.events.halls import HALL, Halls, open_hall
from tests.events.papers import make_paper, write_pdf
from tests.personas import DAY, HARU, WASH
from tests.wares.conftest import Wares


@pytest.fixture
def halls(wares: Wares) -> Halls:
    """The hall as of today: what pages do happens now."""
    wares.loop.now = datetime.now(UTC) - timedelta(hours=5)
    return open_hall(wares)


@pytest.fixture
def people(app: Flask, halls: Halls) -> dict[str, Caller]:
    """The hall's tablet, the centre's, a café's, and the officer."""
    town = halls.loop.town
    with transaction(halls.loop.engine) as session:
        return {
            "hall": device_caller(app, session, town, HALL),
            "centre": device_caller(app, session, town, WASH),
            "café": device_caller(app, session, town, HARU),
            "officer": staff_caller(app, session, town, Role.OFFICER),
        }


def photo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (320, 240), "#8ab").save(file, "JPEG")
    return file.getvalue()


def told(**more: Any) -> dict[str, Any]:
    """A tablet's record of this moment."""
    now = datetime.now(UTC).isoformat()
    return {"id": str(uuid.uuid4()), "at": now, "sent_at": now, "site": None} | more


def beep(caller: Caller, act: str, crate: str, **more: Any) -> dict[str, Any]:
    body = told(act=act, crate=crate, signed="야간 담당") | more
    answer = caller.open("/events/rooms/beep", "POST", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def count_form(bowls: object = 97, broken: object = 2, **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "found-bowl": bowls, "broken-bowl": broken} | more


def text_of(pdf: bytes) -> list[str]:
    """The text of each page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


def came_back(halls: Halls, bowls: int = 100) -> EventView:
    """An event whose one crate of bowls is back at the centre."""
    event = halls.plan()
    packed = halls.out(event, bowl=bowls)
    halls.back(packed)
    halls.fetch(packed.crate)
    return event


def counted(halls: Halls, people: dict[str, Caller], **form: Any) -> EventView:
    event = came_back(halls)
    answer = people["centre"].open(
        f"/events/{event.id}/count", "POST", data=count_form(**form)
    )  # fmt: skip
    assert answer.status_code == 302, answer.text
    return event


def confirmed(halls: Halls, people: dict[str, Caller], **form: Any) -> tuple[EventView, str]:
    """A counted event that the centre sent to the hall; the hall's address."""
    event = counted(halls, people, **form)
    page = people["centre"].open(
        f"/events/{event.id}/statement/confirm", "POST", follow_redirects=True
    )
    (address,) = re.findall(r'value="[^"]*(/events/s/[a-z0-9]+)"', page.text)
    return event, address


def plan_form(halls: Halls, **more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()), "site": halls.code, "room": str(halls.rooms[0].id),
        "kind": "funeral", "from_at": "2031-05-01T09:00", "until_at": "2031-05-03T09:00",
        "guests": "250", "contact": "1층 사무실 032-000-0000",
    } | more  # fmt: skip


# -- planning ---------------------------------------------------------------------------------------


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


# -- packing ------------------------------------------------------------------------------------------


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


# -- the hall's board -----------------------------------------------------------------------------------


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
    assert page.index("1호실") < page.index(first.crate[-4:]) < page.index("2호실")
    assert page.index("2호실") < page.index(second.crate[-4:]) < page.index("창고에 있는 상자")
    assert page.index("창고에 있는 상자") < page.index(spare.crate[-4:])
    part = hall.open("/events/rooms?part=1").text
    assert "<html" not in part and first.crate[-4:] in part
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
    assert whole.crate[-4:] in store and used.crate[-4:] not in store
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


# -- the count ------------------------------------------------------------------------------------------


def test_the_centre_counts_by_number_and_by_scan(halls: Halls, people: dict[str, Caller]) -> None:
    event = halls.plan()
    packed = halls.out(event, cups=3, bowl=100)
    halls.back(packed)
    halls.fetch(packed.crate)
    centre, path = people["centre"], f"/events/{event.id}/count"
    sheet = centre.open(path).text
    assert "found-bowl" in sheet and "보낸 것 100" in sheet and "컵 355 mL" in sheet
    whole, broken = packed.codes[:2]
    said = centre.open(f"{path}/beep", "POST", json=told(code=whole)).get_json()
    assert (said["word"], said["found"]) == ("받았어요", 1)
    said = centre.open(f"{path}/beep", "POST", json=told(code=broken, broken=True)).get_json()
    assert (said["word"], said["broken"]) == ("깨진 것으로 적었어요", 1)
    stray = halls.loop.lent_cup()
    assert (
        centre.open(f"{path}/beep", "POST", json=told(code=stray)).get_json()["kind"] == "cup-355"
    )
    form = count_form(98, 1, what=["유리컵", ""], pieces=["3", ""])
    form["photos"] = [(io.BytesIO(photo()), "a.jpg"), (io.BytesIO(photo()), "b.jpg")]
    page = centre.open(path, "POST", data=form, follow_redirects=True)
    assert page.status_code == 200
    assert "부족 2개 · 파손 2개" in page.text  # a bowl and a cup of each
    assert "유리컵 3" in page.text and page.text.count("/events/photos/") == 4
    image = re.search(r"/events/photos/[0-9a-f-]+", page.text)
    assert image and centre.open(image[0]).data[:3] == b"\xff\xd8\xff"
    assert people["café"].open(image[0]).status_code == 404
    halls.check()


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"bowls": ""}, "숫자로 적어"),
        ({"bowls": "-1"}, "숫자로 적어"),
        ({"bowls": "9" * 9}, "숫자로 적어"),
        ({"what": ["유리컵"], "pieces": [""]}, "무엇이 몇 개인지"),
        ({"photos": (io.BytesIO(b"no picture"), "a.jpg")}, "읽을 수 없어요"),
    ],
)
def test_a_count_of_no_sense_keeps_what_was_typed(
    halls: Halls, people: dict[str, Caller], form: dict[str, Any], words: str
) -> None:
    event = came_back(halls)
    answer = people["centre"].open(
        f"/events/{event.id}/count", "POST", data=count_form(**form) | {"note": "젖은 상자"}
    )
    assert answer.status_code == 422
    assert words in answer.text and "젖은 상자" in answer.text
    assert halls.stage(event) is Stage.BACK


def test_crates_that_are_still_out_are_asked_about(halls: Halls, people: dict[str, Caller]) -> None:
    event = halls.plan()
    halls.out(event, bowl=100)
    path = f"/events/{event.id}/count"
    answer = people["centre"].open(path, "POST", data=count_form())
    assert answer.status_code == 422 and "나가 있는" in answer.text
    answer = people["centre"].open(path, "POST", data=count_form(anyway="1"))
    assert answer.status_code == 302
    assert halls.stage(event) is Stage.COUNTED


# -- the statement ----------------------------------------------------------------------------------------


def test_the_hall_sees_nothing_before_the_centre_confirms(
    halls: Halls, people: dict[str, Caller], client: FlaskClient
) -> None:
    event = counted(halls, people)
    secret = halls.link(event)
    for path in (f"/events/s/{secret}", f"/events/s/{secret}/statement.pdf", "/events/s/none"):
        assert client.get(path).status_code == 404
    assert client.get(f"/events/{event.id}/statement").status_code in (302, 303)  # to sign in
    people["officer"].open(f"/events/{event.id}/statement/confirm", "POST")
    page = client.get(f"/events/s/{secret}").text
    assert "부족 1개 · 파손 2개" in page and "이 수량이 맞나요?" in page
    renewed = people["officer"].open(f"/events/{event.id}/statement/link", "POST")
    assert renewed.status_code == 302
    assert client.get(f"/events/s/{secret}").status_code == 404


def test_the_hall_confirms_by_its_link(
    halls: Halls, people: dict[str, Caller], client: FlaskClient
) -> None:
    event, address = confirmed(halls, people)
    hall = Caller("hall", client)
    for _ in range(2):  # a second tap is the same word
        page = hall.open(
            address, "POST", data={"word": "right", "version": "1", "name": "실장"},
            follow_redirects=True,
        )  # fmt: skip
        assert "맞다고 했어요" in page.text and "실장" in page.text
    assert halls.stage(event) is Stage.SETTLED
    assert "말씀이 없으면" not in client.get(address).text


def test_a_disputed_line_is_decided_and_written_anew(
    halls: Halls, people: dict[str, Caller], client: FlaskClient
) -> None:
    event, address = confirmed(halls, people)
    hall = Caller("hall", client)
    empty = hall.open(address, "POST", data={"word": "wrong", "version": "1", "name": "실장"})
    assert empty.status_code == 422 and "무엇이 다른지" in empty.text
    form = {
        "word": "wrong", "version": "1", "name": "실장", "id-1": str(uuid.uuid4()),
        "reason-1": "상자째 <b>돌려</b> 드렸어요", "said-1": "0",
        "photo-1": (io.BytesIO(photo()), "a.jpg"),
    }  # fmt: skip
    page = hall.open(address, "POST", data=form, follow_redirects=True).text
    assert "살펴보고 있어요" in page and "<b>돌려</b>" not in page
    officer = people["officer"]
    listed = officer.open("/events/disputes").text
    assert "상자째" in listed
    shown = re.search(r"/office/photos/[0-9a-f-]+", listed)
    assert shown and officer.open(shown[0]).data[:3] == b"\xff\xd8\xff"
    found = re.search(r'action="(/events/disputes/[0-9a-f-]+)"', listed)
    assert found and officer.open(found[1]).status_code == 200
    too_many = {"decision": "corrected", "missing": "999999", "dispute": found[1][-36:]}
    assert officer.open(found[1], "POST", data=too_many).status_code == 422
    decided = {"decision": "corrected", "missing": "0", "note": "영상에서 확인했어요"}
    page = officer.open(found[1], "POST", data=decided, follow_redirects=True).text
    assert "2번째 판" in page and "부족 0개 · 파손 2개" in page
    assert "정할 것이 없어요" in officer.open("/events/disputes").text
    seen = client.get(address).text  # the same address shows the new version
    assert "부족 0개 · 파손 2개" in seen and "이 수량이 맞나요?" in seen
    old = hall.open(address, "POST", data={"word": "right", "version": "1", "name": "실장"})
    assert old.status_code == 422 and "바뀌었어요" in old.text
    hall.open(address, "POST", data={"word": "right", "version": "2", "name": "실장"})
    assert halls.stage(event) is Stage.SETTLED
    halls.check()


def test_the_halls_staff_answer_signed_in(halls: Halls, people: dict[str, Caller]) -> None:
    event, _ = confirmed(halls, people)
    path = f"/events/{event.id}/statement"
    assert "이 수량이 맞나요?" in people["hall"].open(path).text
    assert "/events/s/" not in people["hall"].open(path).text
    data = {"word": "right", "version": "1", "name": "실장"}
    assert people["hall"].open(f"{path}/answer", "POST", data=data).status_code == 302
    assert halls.stage(event) is Stage.SETTLED


def test_time_that_runs_out_counts_as_accepted_and_is_marked(
    halls: Halls, people: dict[str, Caller], client: FlaskClient
) -> None:
    event, address = confirmed(halls, people)
    halls.loop.now = datetime.now(UTC) + 8 * DAY
    halls.sweep()
    assert halls.stage(event) is Stage.SETTLED
    assert "기한이 지나 인정됨" in client.get(address).text
    [text] = text_of(client.get(f"{address}/statement.pdf").data)
    assert "기한이 지나 인정됨(자동)" in text


# -- the paper ----------------------------------------------------------------------------------------------


def test_the_paper_is_one_page_that_says_all(
    halls: Halls, people: dict[str, Caller], client: FlaskClient
) -> None:
    halls.write(
        lambda s: set_kind(
            s, kind="bowl", event=EventKind.FUNERAL, per_100=100, price=1500, crate_pieces=None,
            actor=halls.loop.town.officer, now=halls.now,
        )
    )  # fmt: skip
    event, address = confirmed(
        halls, people, what=["유리컵"], pieces=["3"], photos=(io.BytesIO(photo()), "a.jpg")
    )
    paths = (f"{address}/statement.pdf", f"/events/{event.id}/statement.pdf")
    for caller, path in ((Caller("hall", client), paths[0]), (people["centre"], paths[1])):
        answer = caller.open(path)
        assert answer.mimetype == "application/pdf"
        [text] = text_of(answer.data)
        for words in (
            "회수·부족 확인서", "부족 1개 · 파손 2개", "서해 장례식장", "1호실", "200명", "bowl", "100",
            "97", "1,500", "4,500", "유리컵 3개", "tablet", "확인을 기다려요", event.id.hex[:8].upper(),
            "보냄 1 · 돌아옴 1",
        ):  # fmt: skip
            assert words in text, words
        [english] = text_of(caller.open(f"{path}?lang=en").data)
        for words in ("Shortfall statement", "1 missing · 2 broken", "Seohae funeral hall"):
            assert words in english, words


def test_a_paper_of_very_many_kinds_stays_one_page_and_adds_up() -> None:
    for kinds in (1, 9, 14, 25, 80):
        [text] = text_of(write_pdf(make_paper(kinds)))
        assert f"{kinds * 100:,}" in text, kinds
        assert ("그 밖의" in text) == (kinds > 19), kinds


# -- settings -----------------------------------------------------------------------------------------------


def test_the_officer_sets_pieces_prices_and_times(halls: Halls, people: dict[str, Caller]) -> None:
    officer = people["officer"]
    data = {"event": "funeral", "per_100-bowl": "1,200", "crate-bowl": "60", "price-bowl": "900"}
    assert officer.open("/events/settings/kinds", "POST", data=data).status_code == 302
    page = officer.open("/events/settings?event=funeral").text
    assert 'value="1200"' in page and 'value="60"' in page and 'value="900"' in page
    assert 'value="1200"' not in officer.open("/events/settings?event=event").text
    wrong = officer.open("/events/settings/kinds", "POST", data=data | {"price-bowl": "비쌈"})
    assert wrong.status_code == 422 and "비쌈" in wrong.text
    times = {"count_hours": "12", "answer_days": "10"}
    assert officer.open("/events/settings/times", "POST", data=times).status_code == 302
    assert 'value="12"' in officer.open("/events/settings").text
    none = {"count_hours": "0", "answer_days": "10"}
    assert officer.open("/events/settings/times", "POST", data=none).status_code == 422


def test_a_hall_keeps_its_rooms(halls: Halls, people: dict[str, Caller]) -> None:
    hall = people["hall"]
    added = {"site": halls.code, "name": "3호실"}
    assert hall.open("/events/halls", "POST", data=added).status_code == 302
    assert hall.open("/events/halls", "POST", data=added).status_code == 422  # the same name
    stop = {"site": halls.code, "name": "2호실 (넓은 방)", "do": "stop"}
    hall.open(f"/events/halls/rooms/{halls.rooms[1].id}", "POST", data=stop)
    page = hall.open("/events/halls").text
    assert "3호실" in page and "2호실 (넓은 방)" in page and "멈춤" in page
    assert "2호실" not in hall.open("/events/rooms").text
    assert people["café"].open("/events/halls", "POST", data=added).status_code == 403
