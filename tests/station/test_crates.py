"""A crate under a till's reader: it comes with all that is in it, or is only looked at."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.steps import Action, State
from lending.loop.tables import Scan
from lending.requests.round_tables import Consignment, Way
from tests.personas import BOX, HARU, MINJI, NABI, Loop
from tests.station.conftest import Till
from tests.station.test_snapshot import snapshot


@pytest.fixture
def filled(loop: Loop) -> Callable[..., tuple[str, list[str]]]:
    """A crate with clean cups, shipped to Mina's café unless told otherwise."""

    def fill(count: int = 3, to: str | None = HARU) -> tuple[str, list[str]]:
        crate, cups = loop.new_crate(), loop.passed_cups(count)
        loop.pack(crate, *cups)
        if to is not None:
            loop.ship(crate, loop.site(to))
        return crate, cups

    return fill


def states(loop: Loop, cups: list[str]) -> set[tuple[State, int | None]]:
    return {(loop.item(cup).state, loop.item(cup).site) for cup in cups}


def test_a_crate_comes_with_all_in_it(till: Till, loop: Loop, filled) -> None:
    crate, cups = filled(3)
    answer = till.beep(crate)
    assert (answer["result"], answer["action"], answer["crate"]) == ("recorded", "stock", True)
    assert (answer["word"], answer["tone"], answer["line"]) == (
        "상자 도착",
        "good",
        "컵 355 mL 3개",
    )
    assert states(loop, [crate, *cups]) == {(State.READY, loop.town.sites[HARU])}
    assert not any(loop.gaps(cup) for cup in cups)
    assert till.beep(cups[0], MINJI)["action"] == "lend"


def test_one_that_stands_there_is_looked_at(till: Till, loop: Loop, filled) -> None:
    """Whoever is shown: nobody borrows a crate, and nothing comes back by its beep."""
    crate, cups = filled(2)
    till.beep(crate)
    till.beep(cups[0], MINJI)
    before = scans(loop)
    for person in (None, MINJI):
        answer = till.beep(crate, person)
        assert (answer["result"], answer["recorded"]) == ("looked", [])
        assert (answer["word"], answer["line"]) == ("여기 있는 상자", "컵 355 mL 1개")
    assert scans(loop) == before


def scans(loop: Loop) -> int:
    with Session(loop.engine) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Scan)) or 0


def test_undo_takes_all_of_it_back(till: Till, loop: Loop, filled) -> None:
    crate, cups = filled(3)
    answer = till.beep(crate)
    assert till.undo(answer) == ["recorded"]
    assert {loop.item(one).state for one in [crate, *cups]} == {State.SHIPPED}
    assert till.beep(crate)["word"] == "상자 도착"
    loop.check()


def test_what_must_not_be_lent_is_said(till: Till, loop: Loop, filled) -> None:
    crate, cups = filled(3)
    loop.hold(cups[1], by=loop.town.jun)
    answer = till.beep(crate)
    assert (answer["tone"], answer["icon"]) == ("care", "warning")
    assert answer["next_step"].startswith("이 가운데 1개는 빌려줄 수 없어요")
    assert till.beep(cups[1], MINJI)["error"] == "held"


def test_an_empty_crate_and_many_kinds(till: Till, loop: Loop, filled) -> None:
    empty = loop.new_crate()
    loop.ship(empty, loop.site(HARU))
    assert till.beep(empty)["line"] == "비어 있어요"
    crate, _ = filled(1)
    assert till.beep(crate, site=None)["line"] == "컵 355 mL 1개"


def test_a_crate_of_which_nobody_scanned_that_it_left(till: Till, loop: Loop, filled) -> None:
    crate, cups = filled(2, to=None)
    assert till.beep(crate)["action"] == "stock"
    assert states(loop, cups) == {(State.READY, loop.town.sites[HARU])}


def test_a_crate_meant_for_another_place_stands_here_now(
    till: Till, other_till: Till, loop: Loop, filled
) -> None:
    crate, cups = filled(2, to=NABI)
    assert till.beep(crate)["action"] == "stock"
    assert states(loop, cups) == {(State.READY, loop.town.sites[HARU])}
    assert other_till.beep(crate)["action"] == "stock"  # and then it was carried on


@pytest.mark.parametrize(
    ("act", "word"),
    [("collect", "수거된 상자"), ("retire", "폐기된 상자"), ("stay", "여기 있는 상자")],
)
def test_calm_words_for_what_is_no_arrival(
    till: Till, loop: Loop, filled, act: str, word: str
) -> None:
    crate, _ = filled(1)
    till.beep(crate)
    if act == "collect":
        loop.now = datetime.now(UTC)
        loop.collect(crate, loop.site(HARU))
    if act == "retire":
        loop.retire(crate, by=loop.town.mina)
    answer = till.beep(crate)
    assert (answer["result"], answer["word"]) == ("looked", word)


# -- facts --------------------------------------------------------------------------------------


def test_what_was_scanned_offline(till: Till, loop: Loop, filled) -> None:
    crate, cups = filled(2)
    entry = till.entry("stock", crate, ago=5)
    assert [one["result"] for one in till.send(entry)] == ["recorded"]
    assert [one["result"] for one in till.send(entry)] == ["repeated"]
    assert states(loop, cups) == {(State.READY, loop.town.sites[HARU])}
    void = till.entry("void", crate, of=entry["id"])
    assert [one["result"] for one in till.send(void)] == ["recorded"]
    assert {loop.item(one).state for one in cups} == {State.SHIPPED}
    loop.check()


@pytest.mark.parametrize("action", ["return", "lend", None])
def test_a_tablet_that_took_a_crate_for_a_cup(
    till: Till, loop: Loop, filled, action: str | None
) -> None:
    """A return of the crate would have soiled all that is in it."""
    crate, cups = filled(2)
    entry = till.entry(action, crate, ago=5, borrower=MINJI if action == "lend" else None)
    for _ in range(2):
        [receipt] = till.send(entry)
        assert (receipt["action"], receipt["error"]) == ("stock", None)
    assert states(loop, cups) == {(State.READY, loop.town.sites[HARU])}
    assert all(loop.item(cup).clean for cup in cups)
    # It stands there by now: another such beep tells nothing, and is done with.
    before = scans(loop)
    [receipt] = till.send(till.entry(action, crate))
    assert (receipt["result"], receipt["error"]) == ("repeated", None)
    assert scans(loop) == before


def test_a_beep_asked_and_never_answered(till: Till, loop: Loop, filled) -> None:
    """The server recorded it, the tablet decided by itself: told again, it is the same fact."""
    crate, _cups = filled(2)
    at = till.entry("stock", crate)
    till.beep(crate, id=at["id"], at=at["at"])
    assert [one["result"] for one in till.send(at)] == ["repeated"]
    with Session(loop.engine) as session:
        query = sa.select(Scan.action).where(Scan.item_id == loop.item_id(crate))
        actions = list(session.scalars(query.order_by(Scan.occurred_at)))
    assert actions[-1] is Action.STOCK
    assert actions.count(Action.STOCK) == 1


def test_a_box_takes_no_crate(tills: Callable[[str], Till], loop: Loop, filled) -> None:
    """Anybody may hold one above the box: nothing is recorded, and nothing stays in its queue."""
    crate, cups = filled(2, to=BOX)
    box = tills(BOX)
    [receipt] = box.send(box.entry("return", crate))
    assert (receipt["result"], receipt["action"], receipt["error"]) == ("repeated", None, None)
    assert {loop.item(one).state for one in (crate, *cups)} == {State.SHIPPED}


# -- its way ------------------------------------------------------------------------------------


def test_its_way_ends_here_and_goes_on_with_an_undo(till: Till, loop: Loop, filled) -> None:
    crate, _ = filled(1)

    def underway() -> bool:
        with Session(loop.engine) as session:
            return session.scalars(sa.select(Consignment.received_at)).one() is None

    with Session(loop.engine) as session:
        session.add(
            Consignment(
                id=uuid.uuid4(), district_id=loop.town.id, crate_id=loop.item_id(crate),
                way=Way.OUT, from_site_id=loop.town.sites["WASH"],
                to_site_id=loop.town.sites[HARU], opened_at=loop.now, opened_by="staff:1",
                loaded_at=loop.now, loaded_by="staff:1",
            )
        )  # fmt: skip
        session.commit()
    answer = till.beep(crate)
    assert not underway()
    till.undo(answer)
    assert underway()
    till.send(till.entry("stock", crate))
    assert not underway()


# -- what a tablet is told ----------------------------------------------------------------------


def entries(told) -> dict[str, str]:
    texts = [entry for _, text in told["buckets"].values() for entry in text.split()]
    return {entry[:12]: entry[12:] for entry in texts}


def test_the_snapshot_knows_crates(till: Till, loop: Loop, filled) -> None:
    crate, cups = filled(3)
    coming = snapshot(till)
    numbers = {kind: number for number, kind in enumerate(coming["kinds"])}
    box, cup = numbers["crate"], numbers["cup-355"]
    assert entries(coming)[crate] == f"a{box}:{cup}*3"
    till.beep(crate)
    till.beep(cups[0], MINJI)
    assert entries(snapshot(till))[crate] == f"c{box}:{cup}*2"
    known = {bucket: sum_ for bucket, (sum_, _) in coming["buckets"].items()}
    assert crate[-2:] in snapshot(till, known)["buckets"]


def test_the_tills_counts_leave_crates_out(till: Till, loop: Loop, filled) -> None:
    crate, cups = filled(3)
    till.beep(crate)
    board = till.board()
    assert board["clean_here"] == 3
    assert [one["code"] for one in board["scans"]] == [crate]  # not one line for each cup in it
    till.send(till.entry("return", crate), till.entry("return", cups[0]))
    assert till.board()["returned"] == 1
