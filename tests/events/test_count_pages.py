"""The centre counts on its page, by number and by scan."""

import io
import re
from typing import Any

import pytest

from lending.events.values import Stage
from tests.callers import Caller
from tests.events.halls import Halls
from tests.events.pages import (
    came_back,
    count_form,
    photo,
    told,
)

pytestmark = pytest.mark.usefixtures("today")


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
        ({"photos": b"no picture"}, "읽을 수 없어요"),
    ],
)
def test_a_count_of_no_sense_keeps_what_was_typed(
    halls: Halls, people: dict[str, Caller], form: dict[str, Any], words: str
) -> None:
    event = came_back(halls)
    typed = count_form(**form) | {"note": "젖은 상자"}
    if "photos" in typed:
        typed["photos"] = (io.BytesIO(typed["photos"]), "a.jpg")
    answer = people["centre"].open(f"/events/{event.id}/count", "POST", data=typed)
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
