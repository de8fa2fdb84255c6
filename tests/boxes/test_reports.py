"""What cannot be read is told to the review queue, with a photo or without."""

import base64
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from lending.boxes.api import PHOTOS_AN_HOUR
from lending.loop.tables import Review
from lending.photos.tables import Photo
from tests.boxes.conftest import all_of, report, times
from tests.callers import Caller
from tests.personas import BOX, DAY, Loop
from tests.photos.pictures import jpeg_with_metadata, picture, sent_as


def test_a_report_comes_to_the_review_queue_once_with_its_photo(
    loop: Loop, box: Caller, officer: Caller
) -> None:
    photo = base64.b64encode(jpeg_with_metadata(90, 60, orientation=1)).decode()
    told = times(id=str(uuid.uuid4()), code="4821 09xx 55")
    told |= {"photo": photo}
    first = box.open("/return/report", "POST", json=told)
    assert (first.status_code, first.get_json()["new"]) == (200, True)
    # The answer was lost: the same again, three times.
    for _ in range(3):
        again = box.open(
            "/return/report", "POST", json=told | {"sent_at": datetime.now(UTC).isoformat()}
        )
        assert (again.status_code, again.get_json()["new"]) == (200, False)
    [entry], [kept] = all_of(loop, Review), all_of(loop, Photo)
    assert (entry.subject, entry.site_id) == ("unreadable_return", loop.town.sites[BOX])
    assert entry.note == "4821 09XX 55"
    assert b"Mina's phone" not in kept.jpeg
    page = officer.open("/office/review").text
    assert "코드를 읽을 수 없는 컵이 반납됐어요" in page
    assert "4821 09XX 55" in page
    assert f"/office/photos/{kept.id}" in page
    assert officer.open(f"/office/photos/{kept.id}").data == kept.jpeg
    # Looked at: it can be settled, and taken back.
    decided = officer.open(f"/office/review/{entry.id}", "POST", data={"decision": "noted"})
    assert decided.status_code == 302
    assert "4821 09XX 55" not in officer.open("/office/review").text
    assert officer.open(f"/office/review/{entry.id}/reopen", "POST").status_code == 302
    assert "4821 09XX 55" in officer.open("/office/review").text


def test_a_report_needs_neither_photo_nor_code(loop: Loop, box: Caller) -> None:
    assert report(box, id=str(uuid.uuid4())).status_code == 200
    [entry] = all_of(loop, Review)
    assert (entry.note, entry.settled_at) == (None, None)
    assert not all_of(loop, Photo)


def test_a_telephone_number_typed_there_is_not_kept(loop: Loop, box: Caller) -> None:
    assert report(box, id=str(uuid.uuid4()), code="010-2345-6789").status_code == 200
    [entry] = all_of(loop, Review)
    assert entry.note is None


@pytest.mark.parametrize(
    ("photo", "status"),
    [
        ("not base64!", 422),
        (base64.b64encode(b"GIF89a").decode(), 422),
        (base64.b64encode(sent_as(picture(9, 9), "JPEG").ljust(5 * 1024 * 1024 + 1)).decode(), 413),
        ("A" * (7 * 1024 * 1024 + 8), 413),
    ],
)
def test_a_photo_that_is_none_stores_nothing(
    loop: Loop, box: Caller, photo: str, status: int
) -> None:
    told = str(uuid.uuid4())
    refused = report(box, id=told, photo=photo)
    assert refused.status_code in {status, 422}
    assert not all_of(loop, Review) and not all_of(loop, Photo)
    assert report(box, id=told).status_code == 200  # without it, it is taken


def test_a_tablet_may_send_so_many_photos_an_hour(loop: Loop, box: Caller) -> None:
    """Counted by the hour of each answer: the clock may strike while they are sent."""
    photo = base64.b64encode(sent_as(picture(9, 9), "JPEG")).decode()
    taken: Counter[str] = Counter()
    for number in range(2 * PHOTOS_AN_HOUR + 1):
        # The tablet has a new address now and then: those have a budget of their own.
        far = {"REMOTE_ADDR": f"203.0.113.{number // 30}"}
        told = times(id=str(uuid.uuid4()), photo=photo)
        answer = box.open("/return/report", "POST", json=told, environ_base=far)
        if answer.status_code != 200:
            break
        hour = answer.get_json()["now"][:13]
        taken[hour] += 1
    assert (answer.status_code, taken[hour]) == (429, PHOTOS_AN_HOUR)
    assert int(answer.headers["Retry-After"]) > 0
    assert report(box, id=str(uuid.uuid4())).status_code == 200  # words alone cost nothing


def test_when_it_was_put_in_goes_by_the_corrected_clock(loop: Loop, box: Caller) -> None:
    fast = datetime.now(UTC) + timedelta(hours=3)
    told = {"id": str(uuid.uuid4()), "at": (fast - timedelta(hours=1)).isoformat()}
    told |= {"sent_at": fast.isoformat(), "clock_error": 10_800.0}
    assert box.open("/return/report", "POST", json=told).status_code == 200
    [entry] = all_of(loop, Review)
    assert abs(entry.opened_at - (datetime.now(UTC) - timedelta(hours=1))) < timedelta(minutes=1)
    assert entry.settle_by - datetime.now(UTC) > 13 * DAY
