"""Bottles: each deposit once, thirty a person and day over all machines, nobody's number kept."""

import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code
from lending.loop.erase import erase_person
from lending.machines.bottle_people import drop_old_people
from lending.machines.bottles import DepositReceipt, drop_old_days
from lending.machines.rules import Rules, set_rules
from lending.machines.tables import BottleDay, BottleDeposit, BottlePerson
from lending.people.members import member_code, member_digits
from lending.people.residents import unseal_secret
from lending.people.tables import Resident
from tests.machines.conftest import GLAS, ROBO, Machines
from tests.personas import DANA, DAY, MINJI, MINUTE, SORA
from tests.races import at_once

LIMIT = 30


def granted(receipts: list[DepositReceipt]) -> list[int]:
    return [one.granted for one in receipts]


def code_of(machines: Machines, contact: str, *, digits: bool = False) -> str:
    """What this resident's phone shows now."""
    loop = machines.loop
    with Session(loop.engine) as session:
        row = session.get_one(Resident, loop.town.residents[contact])
        assert row.member_secret
        secret = unseal_secret(loop.keys, row.id, row.member_secret)
        number = row.member_number
    return (member_digits if digits else member_code)(secret, number, loop.now)


def test_thirty_a_day_whatever_the_machine_and_the_calls(machines: Machines) -> None:
    first = machines.take(machines.deposit(12, MINJI), machines.deposit(12, MINJI))
    second = machines.take(machines.deposit(12, MINJI), machines.deposit(1, MINJI), at=ROBO)
    assert granted(first + second) == [12, 12, 6, 0]
    assert all(one.named for one in first + second)
    assert granted(machines.take(machines.deposit(30, DANA))) == [30]
    machines.loop.now += DAY
    assert granted(machines.take(machines.deposit(31, MINJI))) == [30]
    assert sorted((one.offered, one.granted) for one in machines.all(BottleDeposit)) == [
        (1, 0), (12, 6), (12, 12), (12, 12), (30, 30), (31, 30),
    ]  # fmt: skip


def test_the_31st_bottle_from_two_machines_at_once(machines: Machines) -> None:
    """Six calls at once and every one of them sent twice: thirty count, each deposit once."""
    deposits = [machines.deposit(7, MINJI) for _ in range(6)]
    calls = [
        machines.taking(one, at=(ROBO, GLAS)[number % 2])
        for number, one in enumerate(deposits) for _ in range(2)
    ]  # fmt: skip
    receipts = [receipt for call in at_once(calls) for receipt in call]
    assert not [one for one in receipts if one.error]
    answers = {one.id: {r.granted for r in receipts if r.id == one.id} for one in deposits}
    assert all(len(told) == 1 for told in answers.values())
    assert sum(told.pop() for told in answers.values()) == LIMIT
    assert sum(one.granted for one in machines.all(BottleDeposit)) == LIMIT
    assert len(machines.all(BottleDeposit)) == 6
    [day] = machines.all(BottleDay)
    assert day.granted == LIMIT


def test_whoever_is_new_at_two_machines_at_once_is_one_person(machines: Machines) -> None:
    written = [SORA, "+82 10-8765-4321", "01087654321", SORA]
    calls = [
        machines.taking(machines.deposit(20, who), at=(ROBO, GLAS)[number % 2])
        for number, who in enumerate(written)
    ]
    receipts = [receipt for call in at_once(calls) for receipt in call]
    assert sorted(granted(receipts)) == [0, 0, 10, 20]
    assert len(machines.all(BottlePerson)) == 1


def test_many_persons_told_by_two_machines_in_other_orders(machines: Machines) -> None:
    """Calls of many persons lock their days in one order: none waits for the other for ever."""
    people = [f"010-3333-{number:04}" for number in range(12)]
    calls = [
        machines.taking(*(machines.deposit(20, who) for who in order), at=at)
        for order, at in ((people, ROBO), (people[::-1], GLAS), (people[6:] + people[:6], ROBO))
    ]
    receipts = [receipt for call in at_once(calls) for receipt in call]
    assert sum(granted(receipts)) == LIMIT * len(people)


def test_a_deposit_told_again_gets_its_first_answer(machines: Machines) -> None:
    one = machines.deposit(25, MINJI)
    other = machines.deposit(25, MINJI)
    machines.take(one, other)
    machines.loop.now += 3 * MINUTE
    again = machines.take(other, one, one)
    assert granted(again) == [5, 25, 25]
    assert all(receipt.repeated and receipt.named for receipt in again)
    for changed in (
        machines.deposit(24, MINJI, id=one.id, at=one.at),
        machines.deposit(25, MINJI, id=one.id, at=one.at - MINUTE),
    ):
        [receipt] = machines.take(changed)
        assert receipt == DepositReceipt(one.id, error=Code.ID_REUSED)
    [elsewhere] = machines.take(one, at=ROBO)
    assert elsewhere.error is Code.ID_REUSED
    assert len(machines.all(BottleDeposit)) == 2


def test_a_phone_a_member_code_and_its_digits_are_one_person(machines: Machines) -> None:
    shown = [MINJI, code_of(machines, MINJI), code_of(machines, MINJI, digits=True)]
    receipts = machines.take(*(machines.deposit(12, who) for who in shown))
    assert granted(receipts) == [12, 12, 6]
    [person] = machines.all(BottlePerson)
    assert person.resident_id == machines.loop.town.residents[MINJI]


def test_who_cannot_be_told_counts_for_nobody(machines: Machines) -> None:
    stale = code_of(machines, MINJI)
    machines.loop.now += 10 * MINUTE
    shown = [None, stale, "050-1234-5678", "nobody at all", "482109375518"]
    receipts = machines.take(*(machines.deposit(40, who) for who in shown))
    assert granted(receipts) == [LIMIT] * 5 and not any(one.named for one in receipts)
    assert {one.person_id for one in machines.all(BottleDeposit)} == {None}
    assert not machines.all(BottlePerson)
    with Session(machines.loop.engine) as session:
        count = session.scalar(sa.select(sa.func.count()).select_from(Resident))
    assert count == len(machines.loop.town.residents)  # nobody became one


@pytest.mark.parametrize("offered", [0, -1, 501])
def test_a_machine_that_counts_wrong_spoils_no_other_deposit(
    machines: Machines, offered: int
) -> None:
    wrong, right = machines.take(machines.deposit(offered, MINJI), machines.deposit(3, MINJI))
    assert wrong.error is Code.INVALID and right.granted == 3


def test_the_day_is_the_districts_and_that_of_the_deposit(machines: Machines) -> None:
    loop = machines.loop
    loop.now = loop.now.replace(hour=14, minute=59)  # 23:59 in Seoul
    assert granted(machines.take(machines.deposit(30, MINJI))) == [30]
    loop.now += 2 * MINUTE
    late = machines.deposit(5, MINJI, at=loop.now - 2 * MINUTE, clock_error=0.0)
    fresh = machines.deposit(30, MINJI)
    assert granted(machines.take(late, fresh)) == [0, 30]


def test_the_limit_is_the_districts_setting(machines: Machines) -> None:
    loop = machines.loop
    rules = Rules(bottles_a_day=50)
    machines.write(lambda s: set_rules(s, rules, actor=loop.town.officer, now=loop.now))
    assert granted(machines.take(machines.deposit(60, MINJI))) == [50]
    machines.write(
        lambda s: set_rules(s, Rules(bottles_a_day=20), actor=loop.town.officer, now=loop.now)
    )
    assert granted(machines.take(machines.deposit(60, MINJI), machines.deposit(9))) == [0, 9]


@pytest.mark.parametrize("how", ["phone", "member code"])
def test_an_erased_resident_leaves_bottles_of_nobody(machines: Machines, how: str) -> None:
    shown = MINJI if how == "phone" else code_of(machines, MINJI)
    one = machines.deposit(10, shown)
    machines.take(one, machines.deposit(5, DANA))
    resident = machines.loop.town.residents[MINJI]
    machines.write(lambda s: erase_person(s, resident_id=resident, now=machines.loop.now))
    assert len(machines.all(BottlePerson)) == 1 and len(machines.all(BottleDay)) == 1
    kept = {row.id: row.person_id for row in machines.all(BottleDeposit)}
    assert len(kept) == 2 and kept[one.id] is None
    assert granted(machines.take(one)) == [10]  # told again by the machine
    assert len(machines.all(BottlePerson)) == 1


def test_a_number_that_came_no_more_is_cut_after_ninety_days(machines: Machines) -> None:
    loop = machines.loop
    machines.take(machines.deposit(10, SORA), machines.deposit(10, MINJI))
    loop.now += 60 * DAY
    machines.take(machines.deposit(10, SORA))
    loop.now += 60 * DAY
    assert machines.write(lambda s: drop_old_people(s, now=loop.now)) == 0
    assert machines.write(lambda s: drop_old_days(s, now=loop.now)) == 2
    loop.now += 31 * DAY
    assert machines.write(lambda s: drop_old_people(s, now=loop.now)) == 1
    [left] = machines.all(BottlePerson)
    assert left.resident_id == loop.town.residents[MINJI]
    assert len(machines.all(BottleDeposit)) == 3


def test_what_is_stored_names_nobody(machines: Machines) -> None:
    machines.take(machines.deposit(3, SORA), machines.deposit(3, "sora@example.org"))
    with machines.loop.engine.connect() as connection:
        for table in ("bottle_person", "bottle_deposit", "bottle_day"):
            text = str(connection.execute(sa.text(f"SELECT * FROM {table}")).all())
            assert "8765" not in text and "sora" not in text


def test_a_batch_is_a_handful_of_statements(machines: Machines) -> None:
    asked: list[str] = []
    sa.event.listen(
        machines.loop.engine, "before_cursor_execute", lambda *told: asked.append(told[2])
    )
    few = [machines.deposit(1, f"010-4444-{n:04}", id=uuid.uuid4()) for n in range(2)]
    many = [machines.deposit(1, f"010-5555-{n:04}", id=uuid.uuid4()) for n in range(200)]
    machines.take(*few)
    first = len(asked)
    machines.take(*many)
    assert len(asked) - first == first
