"""A tablet above a box: takes returns and nothing else, is told what cannot be read, knows no person."""

import base64
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.boxes.credits import drop_old_credits
from lending.boxes.schemas import MOST_SCANS
from lending.boxes.tables import ReturnCredit
from lending.cli.worker import drop_old_rows
from lending.db import transaction
from lending.loop.codes import make_code
from lending.loop.erase import erase_person
from lending.loop.steps import State
from lending.loop.tables import Review, Scan
from lending.people.devices import list_devices, revoke_device
from lending.people.envelopes import public_key
from lending.people.members import member_code, member_digits
from lending.people.residents import unseal_secret
from lending.people.tables import Resident, Role
from lending.photos.tables import Photo
from lending.places.spots import Spot, place_site
from tests.callers import Caller, device_caller, staff_caller
from tests.personas import BOX, DANA, DAY, HARU, MINJI, NABI, Loop, found_town
from tests.photos.pictures import jpeg_with_metadata, picture, sent_as
from tests.sealed import seal_borrower

NOW = datetime.now(UTC)


@pytest.fixture
def loop(loop: Loop) -> Loop:
    """The district of today."""
    loop.now = datetime.now(UTC) - timedelta(hours=5)
    return loop


@pytest.fixture
def box(app: Flask, loop: Loop) -> Caller:
    """A tablet paired to the box."""
    with transaction(loop.engine) as session:
        return device_caller(app, session, loop.town, BOX)


@pytest.fixture
def officer(app: Flask, loop: Loop) -> Caller:
    with transaction(loop.engine) as session:
        return staff_caller(app, session, loop.town, Role.OFFICER)


def times(**more: Any) -> dict[str, Any]:
    moment = datetime.now(UTC).isoformat()
    return {"at": moment, "sent_at": moment} | more


def scan(code: str, action: str | None = "return", **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "action": action, "code": code, "at": datetime.now(UTC).isoformat(), "seq": 1} | more  # fmt: skip


def send_scans(caller: Caller, *scans: dict[str, Any]) -> Any:
    body = {"sent_at": datetime.now(UTC).isoformat(), "site": None, "scans": list(scans)}
    return caller.open("/station/scans", "POST", json=body)


def returned_here(loop: Loop, box: Caller) -> str:
    """A cup put into the box; the id of its return."""
    one = scan(loop.lent_cup(None))
    [receipt] = send_scans(box, one).get_json()["receipts"]
    assert receipt["result"] == "recorded"
    found: str = one["id"]
    return found


def all_of(loop: Loop, table: type[Any]) -> list[Any]:
    with Session(loop.engine) as session:
        return list(session.scalars(sa.select(table)))


# -- returns only ---------------------------------------------------------------------------------


def test_the_tablet_of_a_box_takes_returns_and_nothing_else(loop: Loop, box: Caller) -> None:
    assert box.role is Role.MACHINE
    out, fit = loop.lent_cup(), loop.clean_cup()
    scans = [scan(out), *[scan(fit, action) for action in ("lend", "stock", "collect", "hold", "retire", "lose", "wash")]]  # fmt: skip
    scans.append(scan(out, "void", of=scans[0]["id"]))
    receipts = send_scans(box, *scans).get_json()["receipts"]
    assert [one["result"] for one in receipts] == ["recorded", *["refused"] * 8]
    assert {one["error"]["code"] for one in receipts[1:]} == {"not_allowed_here"}
    assert loop.item(out).state is State.RETURNED
    assert loop.item(out).site == loop.town.sites[BOX]
    assert loop.item(fit).state is State.READY
    # A beep of no stated meaning is a return as well.
    again = loop.lent_cup()
    [receipt] = send_scans(box, scan(again, None)).get_json()["receipts"]
    assert (receipt["result"], receipt["action"]) == ("recorded", "return")


def test_no_other_door_opens_to_it(loop: Loop, box: Caller) -> None:
    json = {"headers": {"Accept": "application/json"}}
    for path in ("/scan", "/wash", "/office", "/office/review", "/my", "/api/v1/items"):
        assert box.open(path, **json).status_code in {401, 403}, path
    beep = {"id": str(uuid.uuid4()), "code": loop.clean_cup(), **times()}
    for path in ("/scan/beep", "/scan/person", "/scan/undo"):
        assert box.open(path, "POST", json=beep).status_code in {401, 403}, path
    assert box.open("/return").status_code == 200
    assert box.open("/return/state").status_code == 200


def test_it_is_bound_to_its_site(loop: Loop, app: Flask, box: Caller) -> None:
    elsewhere = {"sent_at": NOW.isoformat(), "site": HARU, "scans": [scan(loop.lent_cup())]}
    assert box.open("/station/scans", "POST", json=elsewhere).status_code == 403
    with transaction(loop.engine) as session:
        cafe = device_caller(app, session, loop.town, HARU)
    for path in ("/return", "/return/state"):
        assert cafe.open(path, headers={"Accept": "application/json"}).status_code == 403
    assert cafe.open("/return/report", "POST", json=times(id=str(uuid.uuid4()))).status_code == 403
    # A site named by the tablet itself changes nothing: the report stands at its own.
    box.open("/return/report", "POST", json=times(id=str(uuid.uuid4()), site=HARU))
    [entry] = all_of(loop, Review)
    assert entry.site_id == loop.town.sites[BOX]


def test_a_revoked_tablet_is_out_at_once(loop: Loop, box: Caller) -> None:
    one = scan(loop.lent_cup())
    with transaction(loop.engine) as session:
        [device] = list_devices(session, district_id=loop.town.id)
        revoke_device(session, district_id=loop.town.id, device_id=device.id, now=NOW)
    assert send_scans(box, one).status_code == 401
    json = {"headers": {"Accept": "application/json"}}
    assert box.open("/return", **json).status_code == 401
    assert box.open("/return/report", "POST", json=times(id=one["id"])).status_code == 401
    assert not all_of(loop, Review)


def test_an_officer_tries_a_box_out(loop: Loop, officer: Caller) -> None:
    assert "?site=BOX" in officer.open("/return").text
    assert "반납함" in officer.open("/return?site=BOX").text
    assert officer.open("/return?site=NONE").status_code == 404
    with transaction(loop.engine) as session:
        found_town(session, loop.keys, prefix="B-")
    assert officer.open("/return?site=B-BOX").status_code == 404


# -- what cannot be read --------------------------------------------------------------------------


def report(caller: Caller, **more: Any) -> Any:
    return caller.open("/return/report", "POST", json=times(**more))


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
        again = box.open("/return/report", "POST", json=told | {"sent_at": NOW.isoformat()})
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


def test_a_tablet_may_send_so_many_photos_an_hour(loop: Loop, box: Caller, monkeypatch) -> None:
    monkeypatch.setattr("lending.boxes.api.PHOTOS_AN_HOUR", 2)
    photo = base64.b64encode(sent_as(picture(9, 9), "JPEG")).decode()
    answers = [report(box, id=str(uuid.uuid4()), photo=photo) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) > 0
    assert report(box, id=str(uuid.uuid4())).status_code == 200  # words alone cost nothing


def test_when_it_was_put_in_goes_by_the_corrected_clock(loop: Loop, box: Caller) -> None:
    fast = datetime.now(UTC) + timedelta(hours=3)
    told = {"id": str(uuid.uuid4()), "at": (fast - timedelta(hours=1)).isoformat()}
    told |= {"sent_at": fast.isoformat(), "clock_error": 10_800.0}
    assert box.open("/return/report", "POST", json=told).status_code == 200
    [entry] = all_of(loop, Review)
    assert abs(entry.opened_at - (datetime.now(UTC) - timedelta(hours=1))) < timedelta(minutes=1)
    assert entry.settle_by - datetime.now(UTC) > 13 * DAY


# -- whose points ---------------------------------------------------------------------------------


def member_of(loop: Loop, who: str = MINJI, *, at: datetime | None = None, typed: bool = False) -> str:  # fmt: skip
    with Session(loop.engine) as session:
        row = session.get(Resident, loop.town.residents[who])
        assert row is not None and row.member_secret is not None
        secret = unseal_secret(loop.keys, row.id, row.member_secret)
        form = member_digits if typed else member_code
        return form(secret, row.member_number, at or datetime.now(UTC))


def show(caller: Caller, member: str, *scans: str, **more: Any) -> Any:
    return caller.open("/return/member", "POST", json=times(member=member, scans=list(scans), **more))  # fmt: skip


def credits(loop: Loop) -> dict[str, uuid.UUID]:
    return {str(one.scan_id): one.resident_id for one in all_of(loop, ReturnCredit)}


def test_a_member_qr_beside_returns_is_noted_and_no_person_is_in_the_log(
    loop: Loop, box: Caller
) -> None:
    cups = [returned_here(loop, box) for _ in range(2)]
    for _ in range(2):  # the answer was lost once
        answer = show(box, member_of(loop), *cups)
        assert answer.status_code == 200
        assert set(answer.get_json()) == {"now"}  # nothing of a person comes back
    assert credits(loop) == dict.fromkeys(cups, loop.town.residents[MINJI])
    # Who comes later with the same cups gets nothing.
    show(box, member_of(loop, DANA), *cups)
    assert set(credits(loop).values()) == {loop.town.residents[MINJI]}
    for one in all_of(loop, Scan):
        assert one.note is None or str(loop.town.residents[MINJI]) not in one.note


def test_it_may_come_sealed_and_hours_late(loop: Loop, box: Caller) -> None:
    cup = returned_here(loop, box)
    at = datetime.now(UTC) - timedelta(hours=4)
    sealed = seal_borrower(public_key(loop.keys), member_of(loop, at=at), at)
    body = {"at": at.isoformat(), "sent_at": datetime.now(UTC).isoformat(), "clock_error": 0.0}
    answer = box.open("/return/member", "POST", json=body | {"member": sealed, "scans": [cup]})
    assert answer.status_code == 200
    assert credits(loop) == {cup: loop.town.residents[MINJI]}


def test_only_returns_of_this_box_count(loop: Loop, box: Caller) -> None:
    cup = loop.lent_cup()
    lend = loop.loans(cup)[0].id
    elsewhere = loop.give_back(cup).id
    show(box, member_of(loop), str(lend), str(elsewhere), str(uuid.uuid4()))
    assert credits(loop) == {}


@pytest.mark.parametrize("who", ["contact", "stale", "forged", "card", "noise"])
def test_what_is_no_member_of_now_counts_for_nobody(loop: Loop, box: Caller, who: str) -> None:
    cup = returned_here(loop, box)
    shown = {
        "contact": MINJI,
        "stale": member_of(loop, at=datetime.now(UTC) - timedelta(minutes=10)),
        "forged": member_of(loop)[:-1] + "0",
        "card": "https://cups.example/c/K7R4-M2WQ-PX8A",
        "noise": "S1.AAAA",
    }[who]
    before = len(all_of(loop, Resident))
    assert show(box, shown, cup).status_code == 200
    assert credits(loop) == {}
    assert len(all_of(loop, Resident)) == before  # nobody comes to be at a box


def test_erasure_cuts_the_credit_and_leaves_the_return(loop: Loop, box: Caller) -> None:
    mine, hers = returned_here(loop, box), returned_here(loop, box)
    show(box, member_of(loop), mine)
    show(box, member_of(loop, DANA), hers)
    person = loop.town.residents[MINJI]
    assert loop.write(lambda s: erase_person(s, resident_id=person, now=datetime.now(UTC)))
    assert credits(loop) == {hers: loop.town.residents[DANA]}
    assert {mine, hers} <= {str(one.id) for one in all_of(loop, Scan)}
    loop.check()


def test_a_credit_is_cut_after_ninety_days(loop: Loop, box: Caller) -> None:
    cup = returned_here(loop, box)
    show(box, member_of(loop), cup)
    now = datetime.now(UTC)
    assert drop_old_rows(loop.engine)["credits"] == 0
    assert loop.write(lambda s: drop_old_credits(s, now=now + 89 * DAY)) == 0
    assert loop.write(lambda s: drop_old_credits(s, now=now + 91 * DAY)) == 1
    assert credits(loop) == {}


def test_bodies_of_another_shape_are_refused(loop: Loop, box: Caller) -> None:
    good = times(member=member_of(loop), scans=[str(uuid.uuid4())])
    for wrong in (
        {"member": ""}, {"scans": []}, {"scans": ["x"]}, {"at": "now"}, {"sent_at": None},
        {"clock_error": "NaN"}, {"scans": [str(uuid.uuid4())] * (MOST_SCANS + 1)}, {"member": "\x00"},
    ):  # fmt: skip
        assert box.open("/return/member", "POST", json=good | wrong).status_code == 422, wrong
    for wrong in ({"id": "x"}, {"id": None}, {"at": 5}, {"code": "x" * 301}, {"code": "a\x00"}):
        told = times(id=str(uuid.uuid4())) | wrong
        assert box.open("/return/report", "POST", json=told).status_code == 422, wrong
    assert not all_of(loop, Review)


# -- how full -------------------------------------------------------------------------------------


def test_the_tablet_knows_how_full_its_box_is_and_where_there_is_room(
    loop: Loop, box: Caller
) -> None:
    state = box.open("/return/state").get_json()
    assert (state["capacity"], state["fill"]) == (0, 0)

    def place(site: str, *spot: float) -> None:
        where = {"district_id": loop.town.id, "site_id": loop.town.sites[site]}
        loop.write(lambda s: place_site(s, **where, spot=Spot(*spot)))

    place(BOX, 2, 37.5, 126.6)
    place(NABI, 0, 37.51, 126.6)
    for _ in range(2):
        returned_here(loop, box)
    state = box.open("/return/state").get_json()
    assert (state["capacity"], state["fill"]) == (2, 2)
    assert state["elsewhere"] == {"ko": "카페 나비", "en": "Café Nabi", "metres": 1112}
    assert "now" in state
    # A full box takes returns all the same.
    returned_here(loop, box)
    assert box.open("/return/state").get_json()["fill"] == 3
    # And what is unknown and told of counts once.
    stranger = scan(make_code())
    [receipt] = send_scans(box, stranger).get_json()["receipts"]
    assert receipt["gap"] == "unknown_code"
    report(box, id=stranger["id"])
    assert box.open("/return/state").get_json()["fill"] == 4
