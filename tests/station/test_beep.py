"""What a beep means is decided by the cup: lent, taken back, waiting, or refused and noted."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from lending.loop.steps import Action, Gap, State
from tests.personas import DANA, HARU, MINJI, NABI, SORA, Loop
from tests.station.conftest import Till


def test_a_clean_cup_goes_to_the_person_shown(till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    told = till.beep(cup, MINJI)
    assert (told["result"], told["action"], told["label"], told["open"]) == (
        "recorded", "lend", "6789", 1,
    )  # fmt: skip
    assert told["due"]
    assert loop.item(cup).state is State.LENT


def test_a_cup_that_is_out_comes_back_whoever_is_shown(till: Till, loop: Loop) -> None:
    cups = [loop.lent_cup(), loop.lent_cup(DANA)]
    assert till.beep(cups[0], DANA)["action"] == "return"
    assert till.beep(cups[1])["action"] == "return"
    assert [loop.item(cup).state for cup in cups] == [State.RETURNED] * 2
    loop.check()


def test_a_clean_cup_waits_for_its_person_and_nothing_is_stored(till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    before = scans_of(loop)
    first = till.beep(cup)
    assert (first["result"], first["action"], first["recorded"]) == ("waiting", None, [])
    assert scans_of(loop) == before
    assert till.beep(cup, MINJI, id=first["id"])["result"] == "recorded"
    assert loop.item(cup).state is State.LENT


def test_a_clean_cup_whose_shipping_was_not_scanned_is_lent(till: Till, loop: Loop) -> None:
    cup = loop.clean_cup(at=NABI)
    assert till.beep(cup, MINJI)["result"] == "recorded"
    assert Gap.MISSED_SHIP in loop.gaps(cup)


def test_a_dirty_cup_is_refused_and_noted_as_returned_here(till: Till, loop: Loop) -> None:
    cup = loop.new_cups()[0]
    beep = {"id": str(uuid.uuid4()), "at": datetime.now(UTC).isoformat()}
    told = till.beep(cup, MINJI, **beep)
    assert (told["result"], told["error"]) == ("refused", "not_clean")
    assert told["next_step"] == "다른 컵을 집어 주세요. 이 컵은 세척 바구니에 넣어 주세요."
    assert len(told["recorded"]) == 1
    piece = loop.item(cup)
    assert (piece.state, piece.site) == (State.RETURNED, loop.town.sites[HARU])
    # The answer was lost and the beep sent again: the cup is not noted twice.
    count = scans_of(loop)
    again = till.beep(cup, MINJI, **beep)
    assert (again["error"], again["recorded"]) == ("not_clean", told["recorded"])
    # Another cup of the same kind, expected here already: refused, and nothing to note.
    assert till.beep(cup, MINJI)["recorded"] == []
    assert scans_of(loop) == count
    loop.check()


def test_a_cup_on_hold_is_never_lent(till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    loop.one(Action.HOLD, cup, by=loop.town.jun, reason="recall", ask=False)
    assert till.beep(cup, MINJI, override="점장이 허락했어요")["error"] == "held"
    assert "따로" in till.beep(cup)["next_step"]
    assert loop.item(cup).loan is None


def test_the_same_cup_returned_twice_is_a_calm_word(till: Till, loop: Loop) -> None:
    cup = loop.lent_cup()
    till.beep(cup)
    again = till.beep(cup)
    assert (again["word"], again["tone"]) == ("이미 반납됨", "calm")
    assert loop.gaps(cup) == []


def test_returned_elsewhere_it_moves_and_is_thanked_for(
    till: Till, other_till: Till, loop: Loop
) -> None:
    cup = loop.lent_cup()
    till.beep(cup)
    told = other_till.beep(cup)
    assert "고맙습니다" in told["line"]
    assert loop.item(cup).site == loop.town.sites[NABI]
    assert loop.gaps(cup) == [Gap.MISSED_LEND]


def test_the_same_id_is_one_scan_whatever_became_of_the_cup(till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    beep = {"id": str(uuid.uuid4()), "at": datetime.now(UTC).isoformat()}
    first = till.beep(cup, MINJI, **beep)
    again = till.beep(cup, MINJI, **beep)
    assert (first["result"], again["result"]) == ("recorded", "repeated")
    assert again["action"] == "lend"  # not a return, though the cup is out by now
    assert loop.item(cup).state is State.LENT


def test_two_tills_one_cup(till: Till, other_till: Till, loop: Loop) -> None:
    """Both ask for the same clean cup at once: one lends it, and to the other it is out already
    (so its beep takes the cup back). Never two loans."""
    cup = loop.clean_cup()
    told = []
    both = threading.Barrier(2)

    def shoot(one: Till, person: str) -> None:
        both.wait()
        told.append(one.beep(cup, person)["action"])

    threads = [
        threading.Thread(target=shoot, args=pair) for pair in ((till, MINJI), (other_till, DANA))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["lend", "return"]
    assert len(loop.loans(cup)) == 1
    loop.check()


def test_limits_a_group_and_a_reason(till: Till, loop: Loop) -> None:
    cups = loop.clean_cups(8)
    for cup in cups[:5]:
        assert till.beep(cup, MINJI)["result"] == "recorded"
    refused = till.beep(cups[5], MINJI)
    assert (refused["error"], refused["tone"]) == ("too_many_open", "soft")
    assert till.beep(cups[5], MINJI, override="group")["open"] == 6
    assert till.beep(cups[6], MINJI, override="행사라서 필요해요")["result"] == "recorded"
    with loop.engine.connect() as connection:
        kept = connection.execute(sa.text("SELECT override FROM scan WHERE override IS NOT NULL"))
        assert {row[0] for row in kept} == {"group", "행사라서 필요해요"}


def test_a_wrong_digit_is_told_and_nothing_happens(till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    before = scans_of(loop)
    wrong = till.beep(cup[:-1] + str((int(cup[-1]) + 1) % 10), MINJI)
    assert (wrong["result"], wrong["error"]) == ("refused", "bad_check_digit")
    assert till.beep("hello", MINJI)["error"] == "invalid"
    assert scans_of(loop) == before


def test_an_unknown_cup_is_kept_when_it_comes_back(till: Till, loop: Loop) -> None:
    from lending.loop.codes import make_code

    told = till.beep(make_code())
    assert (told["result"], told["tone"]) == ("recorded", "care")
    assert till.beep(make_code(), MINJI)["error"] == "unknown_code"


def test_what_was_sent_late_is_recorded_as_it_happened(till: Till, loop: Loop) -> None:
    """The connection was gone for a while: person and cup have left, nobody can be refused."""
    dirty, out = loop.new_cups()[0], loop.lent_cup()
    at = (datetime.now(UTC) - timedelta(minutes=20)).isoformat()
    assert till.beep(dirty, MINJI, at=at)["result"] == "recorded"
    assert Gap.UNCLEAN_LEND in loop.gaps(dirty)
    # The cup has come back by now, but it was out when it was scanned.
    loop.now = datetime.now(UTC) - timedelta(minutes=5)
    loop.give_back(out)
    assert till.beep(out, at=at)["action"] == "return"
    loop.check()


def test_unpacking_clean_cups(till: Till, loop: Loop) -> None:
    cup = loop.clean_cup(at=NABI)
    told = till.beep(cup, stocking=True)
    assert (told["action"], told["tone"]) == ("stock", "good")
    assert loop.item(cup).site == loop.town.sites[HARU]
    assert till.beep(loop.new_cups()[0], stocking=True)["tone"] == "care"


@pytest.mark.parametrize("person", [SORA, "sora@example.org"])
def test_a_stranger_gets_two_cups(till: Till, loop: Loop, person: str) -> None:
    cups = loop.clean_cups(3)
    assert [till.beep(cup, person)["result"] for cup in cups] == ["recorded", "recorded", "refused"]


def scans_of(loop: Loop) -> int:
    with loop.engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM scan")).scalar_one())
