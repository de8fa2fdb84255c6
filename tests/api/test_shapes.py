"""The fast pass over a call's scans and the published schema accept and refuse the same."""

import json
import uuid
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from lending.loop.scan_parts import ACTIONS, BadPart
from lending.loop.scans import ScanIn
from lending.loop.schemas.sent import ScanInSchema, read_scan

SCHEMA = ScanInSchema()

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=40)
    | st.sampled_from(["\x00", "\ud800", "🥤", "x" * 3000, "2026-03-02T10:15:30", "ask", "fact"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip
moments = st.datetimes(
    min_value=datetime(1890, 1, 1),  # noqa: DTZ001
    max_value=datetime(2210, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-3, minutes=-30))]),
).map(datetime.isoformat)  # fmt: skip
uuids = st.uuids().map(str) | st.uuids().map(lambda u: str(u).upper())
texts = st.text(min_size=1, max_size=30)
RIGHT: dict[str, st.SearchStrategy[Any]] = {
    "id": uuids,
    "action": st.sampled_from(sorted(ACTIONS)),
    "code": st.from_regex("[1-9][0-9]{11}", fullmatch=True) | texts,
    "at": moments,
    "intent": st.sampled_from(["ask", "fact"]),
}
OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    "site": texts | st.none(),
    "borrower": texts,
    "of": uuids | st.none(),
    "to": texts,
    "from": texts,
    "seq": st.integers(min_value=-1, max_value=2**63),
    "clock_error": st.floats() | st.integers(),
    "override": st.fixed_dictionaries({"reason": texts}) | st.none(),
    "reason": texts,
    "note": texts | st.none(),
}


@st.composite
def scans(draw: st.DrawFn) -> Any:
    """A scan as programs send it: mostly right, at times with some parts wrong, gone or foreign."""
    scan = draw(st.fixed_dictionaries(RIGHT, optional=OPTIONAL))
    for name in draw(st.lists(st.sampled_from([*RIGHT, *OPTIONAL]), max_size=2)):
        scan[name] = draw(anything)
    for name in draw(st.lists(st.sampled_from([*RIGHT, *OPTIONAL]), max_size=1)):
        scan.pop(name, None)
    return scan | draw(st.dictionaries(st.text(max_size=8), anything, max_size=1))


def by_schema(raw: Any) -> ScanIn | None:
    try:
        return SCHEMA.load_scan(raw)
    except ValidationError:
        return None


def by_fast_pass(raw: Any) -> ScanIn | None:
    try:
        return read_scan(raw)
    except BadPart:
        return None


@given(scans() | anything)
def test_both_read_the_same(raw: Any) -> None:
    assert by_fast_pass(raw) == by_schema(raw)


@given(st.fixed_dictionaries(RIGHT))
def test_a_plain_scan_is_mostly_taken(raw: dict[str, Any]) -> None:
    """The generator above is worth something: what it calls right is right, odd texts apart."""
    year = int(raw["at"][:4])
    if raw["code"].isprintable() and raw["code"].strip() and year in range(1900, 2200):
        assert by_fast_pass(raw) is not None


@given(st.fixed_dictionaries(RIGHT, optional=OPTIONAL))
def test_every_part_arrives(raw: dict[str, Any]) -> None:
    read = by_fast_pass(raw)
    if read is None:
        return
    assert read.id == uuid.UUID(raw["id"]) and read.action == raw["action"]
    assert read.ask is (raw["intent"] == "ask")
    assert read.at == datetime.fromisoformat(raw["at"]) and read.at.utcoffset() == timedelta(0)
    assert read.seq == raw.get("seq") and read.clock_error == raw.get("clock_error")
    assert (
        read.override == ((raw.get("override") or {}).get("reason") or "").strip()
        or not read.override
    )
    assert (read.from_ is None) == (raw.get("from") is None)


def test_a_scan_may_be_written_twice_alike() -> None:
    raw = {
        "id": "0192d3a4-0000-7000-8000-000000000001", "action": "lend", "code": "4821-0937-5518",
        "at": "2026-03-02T10:15:30.123456+09:00", "intent": "ask", "override": {"reason": "group"},
    }  # fmt: skip
    assert read_scan(raw) == read_scan(json.loads(json.dumps(raw))) == SCHEMA.load_scan(raw)
