"""What a tablet is told for the time without network: small, only what changed, and right."""

import hmac
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import orjson
import pytest
import sqlalchemy as sa

from lending.db import transaction
from lending.notices.tables import Notice, NoticeKind, NoticeState
from lending.people.cards import print_cards
from lending.people.contacts import read_contact
from tests.personas import BOX, DANA, HARU, MINJI, NABI, Loop
from tests.station.conftest import Answer, Till


def snapshot(till: Till, known: dict[str, str] | None = None) -> Answer:
    told: Answer = till.post("/station/snapshot", {"known": known or {}})
    return told


def digests(told: Answer) -> dict[str, str]:
    return {bucket: sum_ for bucket, (sum_, _) in told["buckets"].items()}


def letters(told: Answer) -> dict[str, str]:
    """Code → letter, over all buckets that came."""
    entries = [entry for _, text in told["buckets"].values() for entry in text.split()]
    return {entry[:12]: entry[12] for entry in entries}


def test_a_letter_for_each_state(till: Till, loop: Loop) -> None:
    """Every piece gets there through the loop itself; the letter is what its beep would come to."""
    cups = iter(loop.clean_cups(12))
    ready, out, back, held, out_held, gone, lost, elsewhere, from_here = (
        next(cups) for _ in range(9)
    )
    dirty, wash, passed, shipped, collected, received = loop.new_cups(6)
    loop.lend(out)
    loop.lend(back)
    loop.give_back(back)
    loop.hold(held)
    loop.lend(out_held)
    loop.hold(out_held)
    loop.retire(gone, by=loop.town.mina)
    loop.lend(lost)
    loop.lose(lost)
    loop.lend(elsewhere)
    loop.give_back(elsewhere, by=loop.town.officer, site=loop.site(NABI))
    loop.lend(from_here)
    loop.wash(shipped)
    loop.pass_(shipped)
    loop.ship(shipped, loop.site(HARU))
    loop.collect(collected, loop.site(HARU))
    loop.stock(dirty)  # unpacked here, though nobody washed it
    for cup in (wash, passed):
        loop.wash(cup)
    loop.pass_(passed)
    told = letters(snapshot(till))
    assert told == {
        ready: "r", out: "l", back: "b", held: "h", out_held: "l", gone: "x", lost: "d",
        from_here: "l", shipped: "r", collected: "d", dirty: "d",
    } | dict.fromkeys(cups, "r")  # fmt: skip
    assert not {elsewhere, wash, passed, received} & told.keys()
    # What the letters promise is what the beeps come to, with a person shown.
    expected = {"r": "lend", "l": "return"}
    for code, letter in told.items():
        answer = till.beep(code, MINJI, override="group")
        error = {"b": "not_clean", "d": "not_clean", "h": "held", "x": "retired"}.get(letter)
        assert (answer["error"], answer["action"]) == (error, expected.get(letter, "lend"))
        assert bool(answer["recorded"]) == (letter != "b")  # only this one was expected here


def test_only_what_changed_comes_again(till: Till, loop: Loop) -> None:
    cups = loop.clean_cups(40)
    first = snapshot(till)
    known = digests(first)
    assert snapshot(till, known)["buckets"] == {}
    till.beep(cups[0], MINJI)
    second = snapshot(till, known)
    bucket = cups[0][-2:]
    assert list(second["buckets"]) == [bucket]
    assert letters(second)[cups[0]] == "l"
    assert second["buckets"][bucket][0] != known[bucket]


def test_a_bucket_that_became_empty(till: Till, other_till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    known = digests(snapshot(till))
    other_till.beep(cup, stocking=True)
    told = snapshot(till, known)
    sum_, text = told["buckets"][cup[-2:]]
    assert text == ""
    assert snapshot(till, {cup[-2:]: sum_})["buckets"] == {}
    assert letters(snapshot(other_till)) == {cup: "r"}


def test_kinds_are_numbered(till: Till, loop: Loop) -> None:
    cups = {kind: loop.clean_cup(kind=kind) for kind in ("cup-355", "cup-473")}
    told = snapshot(till)
    entries = [entry for _, text in told["buckets"].values() for entry in text.split()]
    kinds = {entry[:12]: told["kinds"][int(entry[13:], 36)] for entry in entries}
    assert kinds == {cup: kind for kind, cup in cups.items()}


def hashes(told: Answer, names: list[str]) -> list[str]:
    """As the tablet computes them."""
    salt = bytes.fromhex(told["salt"])
    return [hmac.digest(salt, name.encode(), "sha256").hex()[:5] for name in names]


def test_who_is_paused_until_the_cup_is_back(
    till: Till, other_till: Till, loop: Loop, engine: sa.Engine
) -> None:
    loop.now -= timedelta(days=20)
    late, fresh = loop.clean_cups(2)
    with transaction(engine) as session:
        [card] = print_cards(session, district_id=loop.town.id, count=1, now=loop.now)
    lent = loop.lend(late, MINJI)
    loop.lend(fresh, DANA)
    assert lent.loan is not None
    names = ways(loop, MINJI)
    assert snapshot(till)["paused"] == []  # late, but nobody was told in time
    warn(engine, loop, lent.loan.id, loop.now + timedelta(days=8))
    told = snapshot(till)
    assert told["paused"] == sorted(hashes(told, names))
    assert all(len(hash) == 5 for hash in told["paused"])
    assert not set(hashes(told, ways(loop, DANA))) & set(told["paused"])
    assert "23456789" not in str(told)
    other = snapshot(other_till)
    assert (other["salt"], other["paused"]) != (told["salt"], told["paused"])
    assert other["paused"] == sorted(hashes(other, names))
    till.beep(late)
    assert snapshot(till)["paused"] == []
    assert card


def test_a_box_is_told_of_nobody(
    tills: Callable[[str], Till], loop: Loop, engine: sa.Engine
) -> None:
    loop.now -= timedelta(days=20)
    lent = loop.lend(loop.clean_cup(), MINJI)
    assert lent.loan is not None
    warn(engine, loop, lent.loan.id, loop.now + timedelta(days=8))
    assert snapshot(tills(HARU))["paused"]
    assert snapshot(tills(BOX))["paused"] == []


def ways(loop: Loop, contact: str) -> list[str]:
    """What a tablet may read of this resident, in the form both sides hash."""
    read = read_contact(contact)
    with loop.engine.connect() as connection:
        number = connection.execute(
            sa.text("SELECT member_number FROM resident WHERE id = :id").bindparams(
                sa.bindparam("id", loop.town.residents[contact], sa.Uuid())
            )
        ).scalar_one()
    return [f"contact:{read.normal}", f"member:{number}"]


def warn(engine: sa.Engine, loop: Loop, loan: uuid.UUID, at: datetime) -> None:
    with transaction(engine) as session:
        session.add(
            Notice(
                id=uuid.uuid4(), district_id=loop.town.id, lend_id=loan, kind=NoticeKind.DUE_TODAY,
                state=NoticeState.SENT, created_at=at, sent_at=at,
            )
        )  # fmt: skip


def test_five_thousand_cups_are_small_and_quick(till: Till, loop: Loop) -> None:
    loop.clean_cups(5000)
    began = time.perf_counter()
    answer = till.caller.open("/station/snapshot", "POST", json={"known": {}})
    first = time.perf_counter() - began
    size = len(answer.data)
    told = orjson.loads(answer.data)
    assert len(letters(told)) == 5000
    assert size <= 200_000
    began = time.perf_counter()
    again = till.caller.open("/station/snapshot", "POST", json={"known": digests(told)})
    second = time.perf_counter() - began
    assert len(again.data) < 1500
    print(f"snapshot of 5,000: {size} bytes in {first * 1000:.0f} ms, then {second * 1000:.0f} ms")
    assert first < 2


def test_it_costs_the_same_few_statements_whatever_the_count(
    till: Till, loop: Loop, engine: sa.Engine
) -> None:
    def statements() -> int:
        seen: list[str] = []

        def note(_c: object, _k: object, statement: str, *_more: object) -> None:
            seen.append(statement)

        app_engine = till.caller.client.application.extensions["lending"].engine
        sa.event.listen(app_engine, "before_cursor_execute", note)
        try:
            snapshot(till)
        finally:
            sa.event.remove(app_engine, "before_cursor_execute", note)
        return len(seen)

    snapshot(till)  # the first asks who this is once more, for its form token
    few = statements()
    for cup in loop.clean_cups(30):
        loop.lend(cup, MINJI, override="a feast")
    assert statements() == few


@pytest.mark.parametrize(
    "known", [[], "x", {"7": "x"}, {"77": 5}, {"٠٧": "x"}, {"77": "x" * 65}, {"\0\0": "x"}]
)
def test_nonsense_about_what_is_known(till: Till, known: object) -> None:
    answer = till.caller.open("/station/snapshot", "POST", json={"known": known})
    assert answer.status_code == 422
    assert answer.get_json()["error"]["field"] == "known"
