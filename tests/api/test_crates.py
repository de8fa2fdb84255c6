"""Crates over the API: packed, moved by one scan, looked into; too much for one call said so."""

import uuid

import pytest

from lending.loop.crates import carry
from lending.loop.read.inside import MOST_SHOWN
from tests.api.conftest import Program, moment, scan
from tests.loop.test_registering import counts
from tests.personas import HARU, Loop


@pytest.fixture
def jun(programs: dict[str, Program]) -> Program:
    return programs["jun"]


def test_a_crate_is_packed_and_moved_by_one_scan(
    jun: Program, programs: dict[str, Program], loop: Loop
) -> None:
    crate, cups = loop.new_crate(), loop.passed_cups(3)
    for receipt in jun.scan(*(scan("pack", cup, crate=crate) for cup in cups)):
        assert receipt["result"] == "recorded" and "carried" not in receipt
    ship = scan("ship", crate, to=HARU)
    [receipt] = jun.scan(ship)
    assert receipt["carried"] == 3 and receipt["item"]["state"] == "shipped"
    [again] = jun.scan(ship)
    assert (again["result"], again["carried"]) == ("repeated", 3)
    piece = programs["officer"].get(f"/items/{cups[0]}")
    assert (piece["crate"], piece["contents"], piece["state"]) == (crate, None, "shipped")
    held = jun.get(f"/items/{crate}")
    assert held["crate"] is None
    assert held["contents"] == {"count": 3, "codes": cups}
    [out] = jun.scan(scan("unpack", cups[1], crate=crate))
    assert out["result"] == "recorded"
    assert jun.get(f"/items/{crate}")["contents"] == {"count": 2, "codes": [cups[0], cups[2]]}
    assert jun.get(f"/items/{cups[1]}")["crate"] is None
    empty = loop.new_crate()
    assert jun.get(f"/items/{empty}")["contents"] == {"count": 0, "codes": []}
    [moved] = jun.scan(scan("receive", empty))
    assert "carried" not in moved


def test_a_full_crate_shows_how_many_and_the_first_of_them(jun: Program, loop: Loop) -> None:
    crate, cups = loop.new_crate(), loop.new_cups(MOST_SHOWN + 20)
    loop.pack(crate, *cups)
    contents = jun.get(f"/items/{crate}")["contents"]
    assert contents["count"] == len(cups) and contents["codes"] == cups[:MOST_SHOWN]


def test_a_crate_cannot_go_into_itself_nor_into_another(jun: Program, loop: Loop) -> None:
    crate, other, cup = loop.new_crate(), loop.new_crate(), loop.new_cups()[0]
    refused = jun.scan(
        scan("pack", crate, crate=crate),
        scan("pack", crate, crate=other),
        scan("pack", cup, crate=cup),
        scan("pack", cup, crate=loop.new_cups()[0]),
        scan("pack", cup),
        scan("pack", cup, crate="482109375510"),
    )
    for receipt in refused:
        assert receipt["result"] == "refused" and receipt["error"]["field"] == "crate"


def test_more_than_one_call_may_record_is_answered_clearly_and_records_nothing(
    jun: Program, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a lower limit; tests/loop/test_crates_at_size.py goes to the true one."""
    monkeypatch.setattr(carry, "MOST_AT_ONCE", 10)
    crates = [loop.new_crate() for _ in range(3)]
    for crate in crates:
        loop.pack(crate, *loop.passed_cups(4))
    before = counts(loop)
    body = {"sent_at": moment(), "scans": [scan("ship", one, to=HARU) for one in crates]}
    answer = jun.post("/scans", body, 413)
    assert answer["error"]["code"] == "too_large" and answer["error"]["field"] == "scans"
    assert "나누어" in answer["error"]["next_step"]
    assert counts(loop) == before
    assert {loop.item(crate).state for crate in crates} == {"dirty"}
    for half in (body["scans"][:2], body["scans"][2:]):  # what a tablet then does
        assert all(one["carried"] == 4 for one in jun.scan(*half))


def test_a_wash_names_a_finished_batch_or_is_refused(jun: Program, loop: Loop) -> None:
    [cup] = loop.new_cups()
    [refused] = jun.scan(scan("wash", cup, batch=str(uuid.uuid4())))
    assert refused["error"]["field"] == "batch"
    [wrong] = jun.scan(scan("wash", cup, batch="yesterday"))
    assert (wrong["error"]["code"], wrong["error"]["field"]) == ("invalid", "batch")
