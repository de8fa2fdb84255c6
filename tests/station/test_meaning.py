"""What the people at the counter were told stands, whatever the server had made of the beep."""

import uuid
from datetime import UTC, datetime

from lending.loop.steps import Gap, Outcome, State
from tests.personas import DANA, MINJI, Loop
from tests.station.conftest import Answer, Till, results


def question() -> Answer:
    """What a question and its fact have in common. The ids derived from this one sort against the
    order in which things happened: a story must not hang on them."""
    while True:
        id = uuid.uuid4()
        if uuid.uuid5(id, "meant") < id < uuid.uuid5(id, "taken in"):
            return {"id": str(id), "at": datetime.now(UTC).isoformat(), "seq": 7}


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
