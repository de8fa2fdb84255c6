"""Centre, hall and office agree on a statement on its pages."""

import io
import re
import uuid
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from lending.events.values import Stage
from tests.callers import Caller
from tests.events.halls import Halls
from tests.events.pages import (
    confirmed,
    counted,
    photo,
    text_of,
)
from tests.personas import DAY

pytestmark = pytest.mark.usefixtures("today")


def test_by_its_link_the_hall_sees_no_number_before_the_centre_confirms(
    halls: Halls, people: dict[str, Caller], client: FlaskClient
) -> None:
    event = counted(halls, people)
    secret = halls.link(event)
    waits = client.get(f"/events/s/{secret}")
    assert waits.status_code == 200 and "세고 확인하는 중" in waits.text
    for hidden in ("부족 1개", ">97<", "이 수량이 맞나요?"):
        assert hidden not in waits.text
    for path in (f"/events/s/{secret}/statement.pdf", "/events/s/none"):
        assert client.get(path).status_code == 404
    early = {"word": "right", "version": "1", "name": "실장"}
    assert Caller("hall", client).open(f"/events/s/{secret}", "POST", data=early).status_code == 404
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
    assert "상자째" in listed and "서해 장례식장 · 1호실" in listed
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
