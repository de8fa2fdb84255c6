"""Many writers at once, each with a connection of its own: exactly one wins, nothing is lost."""

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import run_transaction
from lending.errors import Code
from lending.loop.codes import make_code
from lending.loop.record import record_scans
from lending.loop.scans import Receipt, Result, ScanIn
from lending.loop.steps import Action, State
from lending.loop.tables import Loan, Scan
from lending.people.actors import Actor
from lending.people.tables import Resident
from tests.personas import DANA, HARU, MINJI, SORA, Loop
from tests.races import at_once

T = TypeVar("T")


def writer(loop: Loop, scans: Sequence[ScanIn], by: Actor) -> Callable[[], list[Receipt]]:
    """One call of the writer, as a request would make it."""
    now = loop.now
    return lambda: run_transaction(
        loop.engine,
        lambda session: record_scans(session, scans, actor=by, keys=loop.keys, now=now),
    )


def count(loop: Loop, what: sa.Select[tuple[int]]) -> int:
    with Session(loop.engine) as session:
        return session.scalars(what).one()


def scans_of(scan_id: uuid.UUID) -> sa.Select[tuple[int]]:
    return sa.select(sa.func.count()).select_from(Scan).where(Scan.id == scan_id)


def test_eight_threads_lend_one_cup_and_one_wins(loop: Loop) -> None:
    cup = loop.clean_cup()
    asks = [loop.scan(Action.LEND, cup, ask=True, borrower=MINJI) for _ in range(4)]
    asks += [loop.scan(Action.LEND, cup, ask=True, borrower=DANA) for _ in range(4)]
    receipts = at_once([writer(loop, [ask], loop.town.mina) for ask in asks])
    errors = Counter(receipt[0].error for receipt in receipts)
    assert errors == {None: 1, Code.ALREADY_LENT: 7}
    assert len(loop.loans(cup)) == 1 and loop.item(cup).uses == 1
    loop.check()


def test_two_tills_one_person_the_sixth_cup_is_refused(loop: Loop) -> None:
    cups = loop.clean_cups(10)
    tills = (loop.town.mina, loop.town.yuna)
    works = [
        writer(loop, [loop.scan(Action.LEND, cup, ask=True, borrower=MINJI)], tills[i % 2])
        for i, cup in enumerate(cups)
    ]
    errors = Counter(receipt[0].error for receipt in at_once(works))
    assert errors == {None: 5, Code.TOO_MANY_OPEN: 5}
    loop.check()


def test_the_limit_holds_over_calls_of_many_cups(loop: Loop) -> None:
    cups = loop.clean_cups(8)
    calls = [
        [loop.scan(Action.LEND, cup, ask=True, borrower=MINJI) for cup in half]
        for half in (cups[:4], cups[4:])
    ]
    tills = (loop.town.mina, loop.town.yuna)
    receipts = at_once([writer(loop, call, by) for call, by in zip(calls, tills, strict=True)])
    errors = Counter(receipt.error for call in receipts for receipt in call)
    assert errors == {None: 5, Code.TOO_MANY_OPEN: 3}


def test_a_new_contact_at_two_tills_is_one_person_with_two_cups(loop: Loop) -> None:
    cups = loop.clean_cups(6)
    works = [
        writer(loop, [loop.scan(Action.LEND, cup, ask=True, borrower=written)], till)
        for cup, written, till in zip(
            cups,
            [SORA, "+82 10-8765-4321", "01087654321"] * 2,
            [loop.town.mina, loop.town.yuna] * 3,
            strict=True,
        )
    ]
    errors = Counter(receipt[0].error for receipt in at_once(works))
    assert errors == {None: 2, Code.TOO_MANY_OPEN: 4}
    unconfirmed = sa.select(sa.func.count()).select_from(Resident)
    unconfirmed = unconfirmed.where(Resident.confirmed_at.is_(None))
    assert count(loop, unconfirmed) == 1


def test_one_id_twenty_times_by_eight_threads_is_one_scan(loop: Loop) -> None:
    cup = loop.clean_cup()
    ask = loop.scan(Action.LEND, cup, ask=True, borrower=MINJI)
    sends = [writer(loop, [ask], loop.town.mina) for _ in range(20)]
    shares = [sends[thread::8] for thread in range(8)]
    works = [lambda share=share: [send()[0] for send in share] for share in shares]
    results = Counter(receipt.result for share in at_once(works) for receipt in share)
    assert results == {Result.RECORDED: 1, Result.REPEATED: 19}
    assert count(loop, scans_of(ask.id)) == 1
    assert loop.item(cup).uses == 1


def test_one_id_on_two_cups_belongs_to_one_of_them(loop: Loop) -> None:
    cups = loop.clean_cups(2)
    one_id = uuid.uuid4()
    scans = [
        loop.scan(Action.LEND, cups[i % 2], id=one_id, ask=True, borrower=MINJI) for i in range(8)
    ]
    receipts = [
        call[0] for call in at_once([writer(loop, [scan], loop.town.mina) for scan in scans])
    ]
    results = Counter(receipt.result for receipt in receipts)
    assert results == {Result.RECORDED: 1, Result.REPEATED: 3, Result.REFUSED: 4}
    refused = [receipt for receipt in receipts if receipt.result is Result.REFUSED]
    assert {(receipt.error, receipt.item, receipt.loan) for receipt in refused} == {
        (Code.ID_REUSED, None, None)
    }
    assert sorted(loop.item(cup).uses for cup in cups) == [0, 1]


def test_one_id_with_other_content_is_reused(loop: Loop) -> None:
    cup = loop.lent_cup()
    back = loop.scan(Action.RETURN, cup)
    away = loop.scan(Action.COLLECT, cup, id=back.id, at=back.at, site=HARU)
    by = (loop.town.mina, loop.town.courier)
    works = [writer(loop, [[back, away][i % 2]], by[i % 2]) for i in range(8)]
    receipts = [call[0] for call in at_once(works)]
    results = Counter((receipt.result, receipt.error) for receipt in receipts)
    assert results == {
        (Result.RECORDED, None): 1,
        (Result.REPEATED, None): 3,
        (Result.REFUSED, Code.ID_REUSED): 4,
    }
    assert count(loop, scans_of(back.id)) == 1


def test_a_refused_questions_id_sent_as_a_fact_is_recorded_once(loop: Loop) -> None:
    cup = loop.lent_cup(to=MINJI)
    ask = loop.scan(Action.LEND, cup, ask=True, borrower=DANA)
    fact = loop.scan(Action.LEND, cup, id=ask.id, at=ask.at, borrower=DANA)
    assert writer(loop, [ask], loop.town.mina)()[0].error is Code.ALREADY_LENT
    receipts = at_once([writer(loop, [fact], loop.town.mina) for _ in range(8)])
    results = Counter(receipt[0].result for receipt in receipts)
    assert results == {Result.RECORDED: 1, Result.REPEATED: 7}
    assert count(loop, scans_of(ask.id)) == 1
    loop.check()


def test_calls_over_the_same_cups_in_opposite_orders_end_well(loop: Loop) -> None:
    cups = loop.clean_cups(60)
    contacts = [f"guest{i}@example.org" for i in range(60)]
    pairs = list(zip(cups, contacts, strict=True))
    calls = [
        [loop.scan(Action.LEND, cup, borrower=contact) for cup, contact in order]
        for order in (pairs, pairs[::-1], pairs[30:] + pairs[:30], pairs[::-2] + pairs[::2])
    ]
    receipts = at_once([writer(loop, call, loop.town.mina) for call in calls])
    assert {receipt.result for call in receipts for receipt in call} == {Result.RECORDED}
    still_open = sa.select(sa.func.count()).select_from(Loan).where(Loan.closed_at.is_(None))
    assert count(loop, still_open) == 60
    loop.check()


def test_a_late_fact_beside_a_question_leaves_a_state_that_replays(loop: Loop) -> None:
    cup = loop.clean_cup()
    late = loop.scan(Action.RETURN, cup, at=loop.now.replace(hour=0))
    ask = loop.scan(Action.LEND, cup, ask=True, borrower=MINJI)
    works = [writer(loop, [late], loop.town.mina), writer(loop, [ask], loop.town.mina)] * 2
    results = Counter(receipt[0].result for receipt in at_once(works))
    assert results == {Result.RECORDED: 2, Result.REPEATED: 2}
    assert loop.item(cup).state is State.LENT
    loop.check()


def test_two_cups_cannot_take_one_new_label(loop: Loop) -> None:
    cups, label = loop.new_cups(8), make_code()
    works = [
        writer(loop, [loop.scan(Action.RELABEL, cup, to=label)], loop.town.jun) for cup in cups
    ]
    errors = Counter(receipt[0].error for receipt in at_once(works))
    assert errors == {None: 1, Code.INVALID: 7}
    loop.check()
