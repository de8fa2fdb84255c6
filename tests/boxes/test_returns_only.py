"""A tablet above a box takes returns and nothing else, at its own place only."""

import uuid
from datetime import UTC, datetime

from flask import Flask

from lending.db import transaction
from lending.loop.steps import State
from lending.loop.tables import Review
from lending.people.devices import list_devices, revoke_device
from lending.people.tables import Role
from tests.boxes.conftest import all_of, scan, send_scans, times
from tests.callers import Caller, device_caller
from tests.personas import BOX, HARU, Loop, found_town


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
    for path in ("/scan/beep", "/scan/person", "/scan/claim"):
        assert box.open(path, "POST", json=beep).status_code in {401, 403}, path
    assert box.open("/return").status_code == 200
    assert box.open("/return/state").status_code == 200


def test_it_is_bound_to_its_site(loop: Loop, app: Flask, box: Caller) -> None:
    elsewhere = {
        "sent_at": datetime.now(UTC).isoformat(),
        "site": HARU,
        "scans": [scan(loop.lent_cup())],
    }
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
        revoke_device(session, district_id=loop.town.id, device_id=device.id, now=datetime.now(UTC))
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
