"""Whom a sealed text names when it arrives at last: as read then, and nobody it does not open for."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from lending.loop.steps import Gap, State
from lending.people.envelopes import open_borrower, public_key
from lending.people.keys import Keys, make_keys
from lending.people.members import member_code, member_digits
from lending.people.residents import unseal_secret
from lending.people.tables import Resident
from tests.personas import MINJI, Loop
from tests.sealed import seal_borrower, seal_bytes
from tests.station.conftest import Till

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def secret_of(loop: Loop, contact: str) -> tuple[bytes, str]:
    """A resident's member secret and number, as their phone has them."""
    with loop.engine.connect() as connection:
        row = connection.execute(
            sa.select(Resident.id, Resident.member_number, Resident.member_secret).where(
                Resident.id == loop.town.residents[contact]
            )
        ).one()
    return unseal_secret(loop.keys, row.id, row.member_secret), row.member_number


@pytest.mark.parametrize("write", [member_code, member_digits])
def test_a_member_qr_of_four_hours_ago_keeps_its_borrower(till: Till, loop: Loop, write) -> None:
    """The network was gone since; the tablet's clock is twenty minutes ahead besides."""
    loop.now -= timedelta(hours=6)
    secret, number = secret_of(loop, MINJI)
    true = datetime.now(UTC) - timedelta(hours=4)
    ahead = timedelta(minutes=20)
    shown = true - timedelta(minutes=40)  # the order was paid, the cup came forty minutes later
    queue = []
    for cup in loop.clean_cups(3):
        sealed = seal_borrower(till.key, write(secret, number, shown), shown + ahead)
        at = (true + ahead).isoformat()
        queue.append(till.entry("lend", cup, at=at, clock_error=1200.0, borrower=sealed))
    assert {one["gap"] for one in till.send(*queue)} == {None}
    assert till.person(MINJI)["open_cups"] == 3
    plain = write(secret, number, true)
    late = till.entry("lend", loop.clean_cup(), 240, borrower=plain)
    assert till.send(late)[0]["gap"] is None
    assert till.person(MINJI)["open_cups"] == 4


def test_a_code_read_more_than_an_hour_before_is_somebody_else_s_guess(
    till: Till, loop: Loop
) -> None:
    loop.now -= timedelta(hours=6)
    secret, number = secret_of(loop, MINJI)
    shown = datetime.now(UTC) - timedelta(hours=4)
    sealed = seal_borrower(till.key, member_code(secret, number, shown), shown)
    [told] = till.send(till.entry("lend", loop.clean_cup(), 178, borrower=sealed))
    assert (told["result"], told["gap"]) == ("recorded", "borrower_unresolved")


def test_given_out_before_the_person_was_read(till: Till, loop: Loop) -> None:
    """Given out earlier, offline: the cup went at noon, the code was read an hour later."""
    loop.now -= timedelta(hours=6)
    secret, number = secret_of(loop, MINJI)
    read = datetime.now(UTC) - timedelta(minutes=60)
    sealed = seal_borrower(till.key, member_code(secret, number, read), read)
    [told] = till.send(till.entry("lend", loop.clean_cup(), 120, borrower=sealed))
    assert (told["result"], told["gap"]) == ("recorded", None)


def test_what_does_not_open_is_recorded_for_nobody(till: Till, loop: Loop) -> None:
    now = datetime.now(UTC)
    foreign = seal_borrower(public_key(make_keys()), MINJI, now)
    hostile = [
        foreign, "S1.", "S1.AAAA", "S1." + "A" * 1990, "S1.=é", till.sealed(MINJI)[:-3],
        seal_bytes(till.key, b"[" * 900), seal_bytes(till.key, b"\xff\xfe"),
        seal_bytes(till.key, b'{"t":1}'), seal_bytes(till.key, b'{"r":["a"],"t":{}}'),
        seal_borrower(till.key, "a\0b", now), seal_borrower(till.key, "x" * 301, now),
    ]  # fmt: skip
    cups = loop.clean_cups(len(hostile))
    queue = [
        till.entry("lend", cup, borrower=sealed) for cup, sealed in zip(cups, hostile, strict=True)
    ]
    told = till.send(*queue)
    assert {(one["result"], one["gap"]) for one in told} == {("recorded", "borrower_unresolved")}
    assert {one["result"] for one in till.send(*queue)} == {"repeated"}
    assert {loop.item(cup).state for cup in cups} == {State.LENT}
    assert Gap.BORROWER_UNRESOLVED in loop.gaps(cups[0])


def test_strange_times_in_an_envelope(keys: Keys) -> None:
    key = public_key(keys)
    for time in ("1e999", "-1", "null", '"x"', "1e300", "true", "99999999999999999999999"):
        sealed = seal_bytes(key, b'{"r":"k@example.org","t":' + time.encode() + b"}")
        opened = open_borrower(keys, sealed, at=NOW, sent_at=NOW)
        assert opened.at is None
        assert opened.raw in ("k@example.org", "")


def test_the_key_is_the_installation_s_own_and_stays(keys: Keys) -> None:
    assert public_key(keys) == public_key(Keys("other", bytes(32), keys.digest))
    assert public_key(keys) != public_key(make_keys())
    assert len(public_key(keys)) == 87  # 65 bytes


def test_two_envelopes_of_one_text_are_one_borrower(till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    fact = till.entry("lend", cup, borrower=till.sealed("010-2345-6789"))
    assert till.send(fact)[0]["result"] == "recorded"
    again = fact | {"borrower": till.sealed(MINJI)}
    assert till.send(again)[0]["result"] == "repeated"
    other = fact | {"borrower": till.sealed("010-9999-8888")}
    assert till.send(other)[0]["error"]["code"] == "id_reused"


def test_nothing_stored_can_be_read(till: Till, loop: Loop) -> None:
    till.send(till.entry("lend", loop.clean_cup(), borrower=till.sealed("010-9999-8888")))
    with loop.engine.connect() as connection:
        kept = connection.execute(sa.text("SELECT * FROM scan_borrower")).all()
        kept += connection.execute(sa.text("SELECT * FROM resident")).all()
        kept += connection.execute(sa.text("SELECT * FROM scan")).all()
    assert "99998888" not in str(kept)
