"""POST /scans: moments are kept to the microsecond, wrong clocks are taken off."""

from datetime import datetime, timedelta

from tests.api.conftest import Program, moment, scan
from tests.personas import Loop


def test_microseconds_and_zones_are_kept(mina: Program, loop: Loop) -> None:
    cup = loop.clean_cup()
    at = datetime.fromisoformat(moment(minutes=5)).replace(microsecond=123457)
    sent = at.astimezone(tz=None).isoformat()
    mina.scan(scan("return", cup) | {"at": at.isoformat().replace("+00:00", "Z")})
    stored = mina.get(f"/items/{cup}/scans")["items"][0]
    assert datetime.fromisoformat(stored["at"]) == datetime.fromisoformat(sent) == at
    assert datetime.fromisoformat(stored["occurred_at"]) == at


def test_a_wrong_clock_is_taken_off(mina: Program, loop: Loop) -> None:
    cup, ahead = loop.clean_cup(), timedelta(hours=3)
    now = datetime.fromisoformat(moment())
    fast = scan("return", cup) | {"at": (now + ahead).isoformat()}
    mina.scan(fast, sent_at=(now + ahead).isoformat())
    stored = mina.get(f"/items/{cup}/scans")["items"][0]
    assert abs(datetime.fromisoformat(stored["occurred_at"]) - now) < timedelta(seconds=20)
    told = scan("return", cup, clock_error=3600.5) | {"at": (now + ahead).isoformat()}
    assert mina.scan(told)[0]["result"] == "recorded"


def test_a_clock_set_anew_unmeasured_marks_the_scan(mina: Program, loop: Loop) -> None:
    scans = [
        scan("lend", cup, clock_lost=lost)
        for cup, lost in zip(loop.clean_cups(3), (True, False, "yes"), strict=True)
    ]
    receipts = mina.scan(*scans)
    assert [receipt.get("gap") for receipt in receipts] == ["clock_suspect", None, None]
    assert receipts[2]["error"]["field"] == "clock_lost"


def test_extreme_clocks_are_no_crash(mina: Program, loop: Loop) -> None:
    cup = loop.clean_cup()
    years = ("1900-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2199-12-31T23:59:59Z")
    scans = [
        scan("return", cup, **more) | {"at": at}
        for at in years
        for more in ({}, {"clock_error": 1e10}, {"clock_error": -1e10})
    ]
    for sent_at in years:
        receipts = mina.scan(*scans, sent_at=sent_at)
        assert {receipt["result"] for receipt in receipts} <= {"recorded", "repeated"}
    loop.check()
