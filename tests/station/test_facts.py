"""What waited in a tablet is recorded once, however often, in what order and by how many it is sent."""

import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from lending.loop.steps import Gap, Outcome, State
from tests.personas import DANA, HARU, MINJI, NABI, SORA, Loop
from tests.station.conftest import Answer, Till, results


def scans(loop: Loop) -> list[Any]:
    with loop.engine.connect() as connection:
        return list(connection.execute(sa.text("SELECT * FROM scan ORDER BY occurred_at, seq")))


def test_a_day_offline_lands_once(till: Till, loop: Loop) -> None:
    cups = loop.clean_cups(3)
    before = len(scans(loop))
    queue = [
        till.entry("lend", cups[0], 30, borrower=MINJI),
        till.entry("lend", cups[1], 20, borrower=DANA),
        till.entry("return", cups[0], 10),
        till.entry("lend", cups[2], 5, borrower=SORA),
    ]
    assert results(till.send(*queue[2:])) == ["recorded"] * 2  # before what went before it
    assert results(till.send(*queue)) == ["recorded", "recorded", "repeated", "repeated"]
    again = till.send(*queue)
    assert results(again) == ["repeated"] * 4
    assert [(one["id"], one["code"]) for one in again] == [
        (one["id"], one["code"]) for one in queue
    ]
    assert results(till.send(*reversed(queue))) == ["repeated"] * 4
    assert len(scans(loop)) == before + 4
    assert [loop.item(cup).state for cup in cups] == [State.RETURNED, State.LENT, State.LENT]
    [loan] = loop.loans(cups[0])
    assert (loan.closed_by, loan.outcome) == (uuid.UUID(queue[2]["id"]), Outcome.RETURNED)
    loop.check()


def test_the_same_batch_by_four_at_once(tills: Any, loop: Loop) -> None:
    """Two tabs, a worker in the background and a repetition: once each, also where the server had
    decided some of it otherwise."""
    ready, out = loop.clean_cups(10), [loop.lent_cup() for _ in range(3)]
    senders = [tills(HARU) for _ in range(4)]
    till = senders[0]
    asked = [till.beep(cup) for cup in out]  # returns, but no answer came in time
    queue = [till.entry("lend", cup, 20, borrower=SORA) for cup in ready[:5]]
    queue += [
        till.entry("lend", one["code"], borrower=DANA)
        | {"id": one["id"], "at": moment_of(loop, one)}
        for one in asked
    ]
    before, told = len(scans(loop)), []
    start = threading.Barrier(4)

    def shoot(one: Till) -> None:
        start.wait()
        told.append(one.send(*queue))

    threads = [threading.Thread(target=shoot, args=(one,)) for one in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 4
    for place in range(len(queue)):
        assert sorted(results([one[place] for one in told])) == ["recorded", *["repeated"] * 3]
    assert len(scans(loop)) == before + len(queue)
    assert {loop.item(cup).state for cup in out} == {State.LENT}
    loop.check()


def moment_of(loop: Loop, beep: Answer) -> str:
    """The device's time of a recorded beep."""
    with loop.engine.connect() as connection:
        at = connection.scalar(
            sa.text("SELECT at FROM scan WHERE id = :id")
            .bindparams(sa.bindparam("id", uuid.UUID(beep["id"]), sa.Uuid()))
            .columns(at=sa.DateTime())
        )
    assert at is not None
    return at.replace(tzinfo=at.tzinfo or UTC).isoformat()


def test_a_lost_answer_and_then_the_fact(till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    fact = till.entry("lend", cup, borrower=till.sealed(MINJI))
    asked = {name: fact[name] for name in ("id", "at", "seq", "clock_error", "clock_lost")}
    assert till.beep(cup, fact["borrower"], **asked)["result"] == "recorded"
    assert results(till.send(fact)) == ["repeated"]
    assert results(till.send(fact | {"borrower": MINJI})) == ["repeated"]  # the same in the open
    assert len(loop.loans(cup)) == 1
    # The other way round: the fact was first, the question came late.
    other = till.entry("lend", loop.clean_cup(), borrower=MINJI)
    assert results(till.send(other)) == ["recorded"]
    late = till.beep(other["code"], MINJI, id=other["id"], at=other["at"])
    assert (late["result"], late["action"]) == ("repeated", "lend")
    loop.check()


def test_another_scan_under_a_known_id_is_refused_for_good(
    till: Till, other_till: Till, loop: Loop
) -> None:
    cups = loop.clean_cups(2)
    first = till.entry("lend", cups[0], borrower=MINJI)
    till.send(first)
    count = len(scans(loop))
    for other in (
        first | {"code": cups[1]},
        first | {"action": "return", "at": datetime.now(UTC).isoformat()},
        first | {"borrower": DANA},
        first | {"action": "hold"},
    ):
        [told] = till.send(other)
        assert (told["result"], told["error"]["code"], told["final"]) == (
            "refused", "id_reused", True,
        )  # fmt: skip
    [told] = other_till.send(first | {"action": "return"})
    assert told["error"]["code"] == "id_reused"
    assert len(scans(loop)) == count


def test_the_clock_was_set_anew_without_any_contact(till: Till, loop: Loop) -> None:
    cups = loop.clean_cups(2)
    sure = till.entry("lend", cups[0], 5, borrower=MINJI)
    unsure = till.entry("lend", cups[1], 5, borrower=MINJI, clock_error=None, clock_lost=True)
    told = till.send(sure, unsure)
    assert [one["gap"] for one in told] == [None, "clock_suspect"]
    assert Gap.CLOCK_SUSPECT in loop.gaps(cups[1])
    assert loop.item(cups[1]).state is State.LENT


def test_a_clock_a_day_wrong_is_put_right(till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    true = datetime.now(UTC) - timedelta(minutes=10)
    at = (true + timedelta(days=1)).isoformat()
    till.send(till.entry("lend", cup, at=at, clock_error=86_400.0, borrower=MINJI))
    [loan] = loop.loans(cup)
    assert abs(loan.opened_at - true) < timedelta(seconds=1)


def test_one_bad_entry_spoils_no_other(till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    wrong = cup[:-1] + str((int(cup[-1]) + 1) % 10)
    good = till.entry("lend", cup, borrower=MINJI)
    told = till.send(
        {"id": "x"},
        till.entry("lend", wrong),
        good,
        till.entry("wash", cup),
        7,
        till.entry("?", cup),
    )
    assert results(told) == ["refused", "refused", "recorded", "refused", "refused", "refused"]
    errors = [one["error"] and one["error"]["code"] for one in told]
    assert errors == [
        "invalid", "bad_check_digit", None, "not_allowed_here", "invalid", "invalid",
    ]  # fmt: skip
    # What no repetition can mend, and what may be allowed another day.
    assert [one["final"] for one in told] == [True, True, False, False, True, True]
    assert told[1]["error"]["next_step"]
    assert [one["id"] for one in told[:5:4]] == ["x", None]
    assert [told[place]["error"]["field"] for place in (0, 5)] == ["id", "action"]


def test_a_queue_is_of_its_place(till: Till, loop: Loop) -> None:
    cup = loop.lent_cup()
    count = len(scans(loop))
    error = till.send(till.entry("return", cup), site=loop.site(NABI), status=403)["error"]
    assert (error["code"], error["field"]) == ("not_allowed_here", "site")
    assert len(scans(loop)) == count
    # An entry names no place of its own: it lands where the tablet stands.
    entry = till.entry("return", cup, site=loop.site(NABI))
    assert results(till.send(entry, site=loop.site(HARU))) == ["recorded"]
    assert loop.item(cup).site == loop.town.sites[HARU]
