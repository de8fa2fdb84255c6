"""What waited in a tablet is recorded once, however often, in what order and by how many it is sent."""

import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from lending.loop.steps import Gap, Outcome, State
from tests.personas import DANA, HARU, MINJI, NABI, SORA, Loop
from tests.station.conftest import Answer, Till


def results(receipts: list[Answer]) -> list[str]:
    return [one["result"] for one in receipts]


def question() -> Answer:
    """What a question and its fact have in common. The ids derived from this one sort against the
    order in which things happened: a story must not hang on them."""
    while True:
        id = uuid.uuid4()
        if uuid.uuid5(id, "meant") < id < uuid.uuid5(id, "taken in"):
            return {"id": str(id), "at": datetime.now(UTC).isoformat(), "seq": 7}


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


def test_a_lend_that_the_people_were_told_was_a_return(till: Till, loop: Loop) -> None:
    """Its lend had not been synced from elsewhere, so the server took the beep for a new one."""
    cup = loop.clean_cup()
    asked = question()
    assert till.beep(cup, MINJI, **asked)["action"] == "lend"
    fact = till.entry("return", cup) | asked
    receipts = [till.send(fact)[0] for _ in range(3)]
    assert results(receipts) == ["recorded", "repeated", "repeated"]
    assert {one["action"] for one in receipts} == {"return"}
    assert {one["id"] for one in receipts} == {asked["id"]}
    assert (loop.item(cup).state, loop.loans(cup)) == (State.RETURNED, [])
    assert till.person(MINJI)["open_cups"] == 0
    loop.check()


def test_a_return_that_the_people_were_told_was_a_lend(till: Till, loop: Loop) -> None:
    cup = loop.lent_cup(DANA)
    asked = question()
    assert till.beep(cup, MINJI, **asked)["action"] == "return"
    fact = till.entry("lend", cup, borrower=MINJI) | asked
    receipts = [till.send(fact)[0] for _ in range(3)]
    assert results(receipts) == ["recorded", "repeated", "repeated"]
    # The cup was at the counter, so it has come back; then it went out again, as they were told.
    first, second = loop.loans(cup)
    assert (first.outcome, first.closed_by) == (Outcome.RETURNED, uuid.UUID(asked["id"]))
    assert second.closed_at is None
    assert loop.item(cup).state is State.LENT
    assert (till.person(DANA)["open_cups"], till.person(MINJI)["open_cups"]) == (0, 1)
    loop.check()


def test_noted_as_returned_beside_a_refusal_and_lent_all_the_same(till: Till, loop: Loop) -> None:
    """The server refused the dirty cup and noted it as here; the answer was lost, the station knew
    no better and it was lent. However the derived ids sort, the cup is out."""
    cup = loop.new_cups()[0]
    asked = question()
    assert till.beep(cup, MINJI, **asked)["error"] == "not_clean"
    [told] = till.send(till.entry("lend", cup, borrower=MINJI) | asked)
    assert (told["result"], told["gap"]) == ("recorded", "unclean_lend")
    assert loop.item(cup).state is State.LENT
    loop.check()


def test_taken_back_after_the_station_had_decided(till: Till, loop: Loop) -> None:
    """An undo takes back what the people were told, under whichever id it stands."""
    cup = loop.lent_cup(DANA)
    asked = question()
    till.beep(cup, MINJI, **asked)  # a return
    lend = till.entry("lend", cup, borrower=MINJI) | asked
    undo = till.entry("void", cup, of=asked["id"])
    for expected in ("recorded", "repeated", "repeated"):
        assert results(till.send(lend, undo)) == [expected] * 2
    assert results(till.send(undo)) == ["repeated"]
    assert loop.item(cup).state is State.RETURNED
    assert [loan.closed_at is None for loan in loop.loans(cup)] == [False]
    loop.check()


def test_taken_back_before_word_of_it_came(till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    asked = question()
    undo = till.entry("void", cup, of=asked["id"])
    assert results(till.send(undo)) == ["recorded"]  # the station said no after a second and a half
    till.beep(cup, MINJI, **asked)
    assert (loop.item(cup).state, loop.loans(cup)) == (State.READY, [])
    fact = till.entry("return", cup) | asked
    assert results(till.send(fact, undo)) == ["recorded", "repeated"]
    assert results(till.send(undo, fact)) == ["repeated", "repeated"]
    assert loop.item(cup).state is State.READY
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


def test_beeps_of_unknown_meaning(till: Till, loop: Loop) -> None:
    """Entries of an old queue: each means what it meant then, on what came before it in the call."""
    out, ready, dirty = loop.lent_cup(), loop.clean_cup(), loop.new_cups()[0]
    queue = [
        till.entry(None, out, 50),  # came back
        till.entry(None, ready, 40, borrower=MINJI),  # went out
        till.entry(None, ready, 30),  # and came back
        till.entry(None, dirty, 20, borrower=DANA),  # went out though dirty: it has happened
        till.entry(None, loop.clean_cup(), 10),  # a fit cup and nobody shown
        till.entry(None, "hello", 5),
    ]
    told = till.send(*queue)
    assert [one["action"] for one in told] == ["return", "lend", "return", "lend", None, None]
    assert results(told) == ["recorded"] * 4 + ["refused"] * 2
    assert [one["final"] for one in told[4:]] == [True, True]
    assert results(till.send(*queue)) == ["repeated"] * 4 + ["refused"] * 2
    assert loop.item(ready).state is State.RETURNED
    assert Gap.UNCLEAN_LEND in loop.gaps(dirty)
    loop.check()


def test_a_beep_of_unknown_meaning_is_judged_on_its_own_time(till: Till, loop: Loop) -> None:
    cup = loop.lent_cup(DANA)
    till.beep(cup)  # it has come back by now
    [told] = till.send(till.entry(None, cup, 20, borrower=MINJI))
    assert told["action"] == "return"  # but then it was out


def test_an_old_beep_means_what_the_server_made_of_it(till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    asked = question()
    till.beep(cup, MINJI, **asked)
    [told] = till.send(till.entry(None, cup, borrower=MINJI) | asked)
    assert (told["result"], told["action"]) == ("repeated", "lend")


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


def test_a_void_that_waited_for_days(till: Till, other_till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    lent = till.beep(cup, MINJI)
    days_ago(loop, lent["id"], 3)
    late = till.entry("void", cup, of=lent["id"])
    assert till.send(late)[0]["error"]["code"] == "not_allowed_here"  # tapped only today
    [told] = other_till.send(other_till.entry("void", cup, 2.5 * 1440, of=lent["id"]))
    assert told["error"]["code"] == "not_allowed_here"  # another place's
    doubt = till.entry("void", cup, 2.5 * 1440, of=lent["id"], clock_error=None, clock_lost=True)
    assert till.send(doubt)[0]["error"]["code"] == "not_allowed_here"
    # Tapped within the day; the tablet was offline since.
    assert results(till.send(till.entry("void", cup, 2.5 * 1440, of=lent["id"]))) == ["recorded"]
    assert loop.loans(cup) == []


def test_a_void_dated_back_reaches_two_weeks(till: Till, loop: Loop) -> None:
    lent = till.beep(loop.clean_cup(), MINJI)
    days_ago(loop, lent["id"], 15)
    [told] = till.send(till.entry("void", lent["code"], 14.9 * 1440, of=lent["id"]))
    assert (told["error"]["code"], told["final"]) == ("not_allowed_here", False)


def days_ago(loop: Loop, scan: str, days: int) -> None:
    """As if the server had recorded this so long ago."""
    with loop.engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE scan SET recorded_at = :at WHERE id = :id").bindparams(
                sa.bindparam("at", datetime.now(UTC) - timedelta(days=days), sa.DateTime(True)),
                sa.bindparam("id", uuid.UUID(scan), sa.Uuid()),
            )
        )


def test_a_queue_is_of_its_place(till: Till, loop: Loop) -> None:
    cup = loop.lent_cup()
    count = len(scans(loop))
    error = till.send(till.entry("return", cup), site=loop.site(NABI), status=403)["error"]
    assert (error["code"], error["field"]) == ("not_allowed_here", "site")
    assert len(scans(loop)) == count
    assert results(till.send(till.entry("return", cup), site=loop.site(HARU))) == ["recorded"]
