"""Refusals at the door of the API: photos, both languages, and nothing that tells who has what."""

import base64
import uuid
from collections import Counter
from typing import Any

import pytest
from flask import Flask

from lending.loop.tables import ClockStop
from lending.machines.api.refusals import PHOTOS_AN_HOUR
from lending.machines.tables import MachineRefusal
from lending.photos.tables import Photo
from lending.web.openapi import published_spec
from tests.api.conftest import moment, response_validator
from tests.machines.conftest import Door, Machines
from tests.photos.pictures import jpeg_with_metadata, picture, sent_as


def refusal(code: str = "", **more: Any) -> dict[str, Any]:
    told = {"id": str(uuid.uuid4()), "why": "full", "code": code}
    return told | {"at": moment(), "sent_at": moment()} | more


def test_a_refusal_is_answered_by_where_to_go_in_both_languages(
    app: Flask, door: Door, today: Machines
) -> None:
    cup = today.loop.lent_cup()
    photo = base64.b64encode(jpeg_with_metadata(90, 60, orientation=1)).decode()
    told = refusal(cup, photo=photo)
    answer = door.post("refusals", told).get_json()
    response_validator(published_spec(app))("post", "/machines/refusals", 200, answer)
    assert answer["result"] == "recorded" and len(answer["places"]) == 3
    ko, en = answer["screen"]["ko"], answer["screen"]["en"]
    assert answer["places"][0]["name"] in ko["where"] and "24시간" in ko["clock"]
    assert answer["places"][0]["name_en"] in en["where"] and "24 hours" in en["clock"]
    assert door.post("refusals", told).get_json()["result"] == "repeated"
    assert len(today.all(ClockStop)) == len(today.all(Photo)) == 1
    assert b"Mina's phone" not in today.all(Photo)[0].jpeg
    page = app.test_client().get(f"/i/{cup}").text
    assert "회수기 로보에서 받지 못했어요." in page


def test_the_fourth_refusal_no_longer_says_that_the_clock_stands(
    app: Flask, door: Door, today: Machines
) -> None:
    lent, free = today.loop.lent_cup(), today.loop.clean_cup()
    for cup in (lent, free):
        clocks = [
            door.post("refusals", refusal(cup)).get_json()["screen"]["en"]["clock"]
            for _ in range(4)
        ]
        assert ["24 hours" in said for said in clocks] == [True, True, True, False]
        assert "no longer" in clocks[3]
        assert "세 번까지" in app.test_client().get(f"/i/{cup}").text


def test_the_answer_and_the_page_never_tell_whether_a_cup_is_lent(
    app: Flask, door: Door, today: Machines
) -> None:
    lent, free = today.loop.lent_cup(), today.loop.clean_cup()
    answers = [door.post("refusals", refusal(cup)).get_json() for cup in (lent, free)]
    assert answers[0]["screen"] == answers[1]["screen"]
    assert answers[0]["places"] == answers[1]["places"]

    unread = door.post("refusals", refusal("smudge")).get_json()["screen"]
    assert [unread[language]["clock"] for language in ("ko", "en")] == ["", ""]

    def said(cup: str) -> str:
        page = app.test_client().get(f"/i/{cup}").text
        return page[page.index("refused-way") : page.index("refused-places")]

    assert said(lent) == said(free)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"why": "tired"}, 422), ({"id": "7"}, 422), ({"at": "now"}, 422), ({"code": "A\x00"}, 422),
        ({"code": "9" * 301}, 422), ({"site": "HARU"}, 422), ({"photo": "no base64!"}, 422),
        ({"photo": base64.b64encode(b"GIF89a").decode()}, 422), ({"photo": "é"}, 422),
        ({"photo": base64.b64encode(sent_as(picture(9, 9), "JPEG").ljust(5 * 1024 * 1024 + 1)).decode()}, 413),
        ({"clock_error": "NaN"}, 422), ({"more": 1}, 422),
    ],
)  # fmt: skip
def test_a_refusal_of_a_wrong_shape_stores_nothing(
    door: Door, today: Machines, wrong: dict[str, Any], status: int
) -> None:
    answer = door.post("refusals", refusal() | wrong)
    assert answer.status_code in {status, 422}
    assert not today.all(MachineRefusal) and not today.all(Photo)


def test_another_refusal_under_a_known_id(door: Door) -> None:
    told = refusal()
    assert door.post("refusals", told).status_code == 200
    answer = door.post("refusals", told | {"why": "closed"})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "id_reused")


def test_photos_of_a_machine_are_bounded(door: Door, today: Machines) -> None:
    photo = base64.b64encode(sent_as(picture(9, 9), "JPEG")).decode()
    taken: Counter[str] = Counter()  # by the hour of each answer: the clock may strike meanwhile
    for _ in range(2 * PHOTOS_AN_HOUR + 1):
        answer = door.post("refusals", refusal(photo=photo))
        if answer.status_code != 200:
            break
        hour = answer.get_json()["now"][:13]
        taken[hour] += 1
    assert (answer.status_code, taken[hour]) == (429, PHOTOS_AN_HOUR)
    assert int(answer.headers["Retry-After"]) > 0
    assert door.post("refusals", refusal()).status_code == 200  # words alone cost nothing
    assert len(today.all(Photo)) == sum(taken.values())
