"""Quiet hours and signed links: values in, values out."""

import uuid
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.notices.links import VALID, make_token, read_token
from lending.notices.pauses import LONGEST, pause_after
from lending.notices.quiet import after_quiet
from lending.people.keys import make_keys

SEOUL = ZoneInfo("Asia/Seoul")
KEYS = make_keys()
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("clock", "goes"),
    [
        ("2026-03-02 20:59", "2026-03-02 20:59"),
        ("2026-03-02 21:00", "2026-03-03 08:00"),
        ("2026-03-02 23:59", "2026-03-03 08:00"),
        ("2026-03-03 00:00", "2026-03-03 08:00"),
        ("2026-03-03 07:59", "2026-03-03 08:00"),
        ("2026-03-03 08:00", "2026-03-03 08:00"),
    ],
)
def test_quiet_hours_over_midnight(clock: str, goes: str) -> None:
    at, wanted = (datetime.fromisoformat(text).replace(tzinfo=SEOUL) for text in (clock, goes))
    moment = after_quiet(at.astimezone(UTC), quiet_from=time(21), quiet_to=time(8), zone=SEOUL)
    assert moment == wanted


@given(
    st.integers(0, 365 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    st.times(),
    st.times(),
    st.sampled_from(["Asia/Seoul", "Europe/Berlin", "UTC"]),
)
def test_the_end_of_quiet_is_never_quiet_and_less_than_a_day_away(
    now: datetime, start: time, end: time, zone: str
) -> None:
    terms = {"quiet_from": start, "quiet_to": end, "zone": ZoneInfo(zone)}
    moment = after_quiet(now, **terms)
    assert now <= moment <= now + timedelta(hours=25)
    local = [at.astimezone(ZoneInfo(zone)).utcoffset() for at in (now, moment)]
    if local[0] == local[1]:
        assert after_quiet(moment, **terms) == moment


def test_a_link_names_its_message_until_it_expires() -> None:
    message = uuid.uuid4()
    token = make_token(KEYS, message, now=NOW)
    assert len(token) == 43
    assert read_token(KEYS, token, now=NOW + VALID) == message
    assert read_token(KEYS, token, now=NOW + VALID + timedelta(seconds=1)) is None
    assert read_token(make_keys(), token, now=NOW) is None


@given(st.text(max_size=60))
def test_no_text_is_taken_for_a_link(text: str) -> None:
    assert read_token(KEYS, text, now=NOW) is None


def test_a_link_in_another_alphabet_is_refused() -> None:
    tokens = [make_token(KEYS, uuid.UUID(int=number), now=NOW) for number in range(64)]
    other = [(token, token.replace("-", "+").replace("_", "/")) for token in tokens]
    changed = [there for token, there in other if token != there]
    assert changed
    assert {read_token(KEYS, token, now=NOW) for token in changed} == {None}


@given(st.integers(0, 42), st.characters(codec="ascii"))
def test_a_changed_link_is_refused(at: int, sign: str) -> None:
    message = uuid.uuid4()
    token = make_token(KEYS, message, now=NOW)
    changed = token[:at] + sign + token[at + 1 :]
    # The last sign carries two bits that mean nothing: it may name the same message, no other.
    assert read_token(KEYS, changed, now=NOW) in (
        {message} if changed == token else {message, None} if at == 42 else {None}
    )


def test_pauses_grow_to_half_an_hour() -> None:
    pauses = [pause_after(failures).total_seconds() for failures in range(1, 9)]
    assert pauses == [30, 60, 120, 240, 480, 960, 1800, 1800]
    assert pause_after(10_000) == LONGEST
