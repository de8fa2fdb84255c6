"""The centre's count: counted ware by number, tracked ware by scan, foreign ware by itself."""

import uuid

import pytest
import sqlalchemy as sa

from lending.errors import Code
from lending.events.counting.count import counting_sheet
from lending.events.settings import set_kind
from lending.events.statements.reading import list_versions, load_statement
from lending.events.values import (
    EventKind,
    EventView,
    ForeignLine,
    PackIn,
    Stage,
    StatementView,
    StatementWhy,
)
from lending.loop.steps import Outcome, State
from lending.photos.tables import Photo
from lending.wares.balances import outside_totals
from lending.wares.ways import Condition, Outside
from tests.events.halls import Halls
from tests.events.test_handing import lent, refused
from tests.personas import DAY, WASH


def lines(statement: StatementView) -> dict[str, tuple[int, ...]]:
    """(sent, returned, broken, missing, surplus, foreign) by kind or words."""
    return {
        line.kind or line.what: (
            line.sent, line.returned, line.broken, line.missing, line.surplus, line.foreign,
        )
        for line in statement.lines
    }  # fmt: skip


def outside(halls: Halls, kind: int) -> dict[Outside, int]:
    district = halls.loop.town.id
    totals = halls.read(lambda s: outside_totals(s, district_id=district))
    return {where: pieces for (of, where), pieces in totals.items() if of == kind and pieces}


Brought = tuple[Halls, EventView, PackIn]


@pytest.fixture
def brought(halls: Halls) -> Brought:
    """An event's crate is back, opened, and in at the centre: 50 bowls, 30 plates, 3 cups."""
    event = halls.plan()
    packed = halls.out(event, cups=3, bowl=50, plate=30)
    halls.back(packed)
    halls.fetch(packed.crate)
    halls.sweep()
    return halls, event, packed


def test_counted_ware_is_counted_and_tracked_ware_is_scanned(brought: Brought) -> None:
    halls, event, packed = brought
    first, second, _ = packed.codes
    sheet = halls.read(lambda s: counting_sheet(s, event_id=event.id, actor=halls.loop.town.jun))
    assert {(one.kind, one.sent, one.found) for one in sheet} == {
        ("bowl", 50, 0), ("plate", 30, 0), ("cup-355", 3, 0), ("crate", 1, 1),
    }  # fmt: skip
    statement = halls.count(
        event, lines={"bowl": (45, 2), "plate": (30, 0)}, received=(first,), broken=(second,),
        crate=packed.crate, foreign=(ForeignLine("다른 회사 접시", 4),), note="젓가락 없음",
        photos=(b"jpeg",),
    )  # fmt: skip
    assert lines(statement) == {
        "bowl": (50, 45, 2, 3, 0, 0), "plate": (30, 30, 0, 0, 0, 0), "cup-355": (3, 1, 1, 1, 0, 0),
        "crate": (1, 1, 0, 0, 0, 0), "다른 회사 접시": (0, 0, 0, 0, 0, 4),
    }  # fmt: skip
    assert (statement.version, statement.why, statement.answer) == (1, StatementWhy.COUNT, None)
    assert len(statement.photos) == 1 and statement.counted_at <= halls.now
    assert lent(halls) == 0
    assert outside(halls, halls.wares.bowl) == {
        Outside.BOUGHT: -50, Outside.SHORT: 3, Outside.BROKEN: 2,
    }  # fmt: skip
    assert halls.wares.held(halls.wares.at(WASH, Condition.DIRTY)) == 45
    assert halls.loop.item(first).state is State.DIRTY
    assert halls.loop.loans(second)[0].outcome is Outcome.RETIRED
    assert halls.stage(event) is Stage.COUNTED
    halls.check()


def test_the_same_count_again_is_one(brought: Brought) -> None:
    halls, event, packed = brought
    more = {
        "id": uuid.uuid4(), "at": halls.now, "lines": {"bowl": (48, 0), "plate": (30, 0)},
        "received": packed.codes,
    }  # fmt: skip
    first = halls.count(event, **dict(more))
    again = halls.count(event, **dict(more))
    assert (again.id, again.version, again.lines) == (first.id, 1, first.lines)
    assert outside(halls, halls.wares.bowl)[Outside.SHORT] == 2
    halls.check()


def test_a_recount_is_the_next_version_and_the_ledger_follows(brought: Brought) -> None:
    halls, event, packed = brought
    halls.count(event, lines={"bowl": (40, 5), "plate": (30, 0)}, received=packed.codes)
    second = halls.count(event, lines={"bowl": (52, 1), "plate": (28, 0)})
    assert (second.version, second.why) == (2, StatementWhy.RECOUNT)
    assert lines(second)["bowl"] == (50, 52, 1, 0, 3, 0)  # more came back than went
    assert lines(second)["plate"] == (30, 28, 0, 2, 0, 0)
    assert outside(halls, halls.wares.bowl) == {
        Outside.BOUGHT: -50, Outside.SHORT: -3, Outside.BROKEN: 1,
    }  # fmt: skip
    assert halls.wares.held(halls.wares.at(WASH, Condition.DIRTY)) == 52
    versions = halls.read(
        lambda s: list_versions(s, event_id=event.id, actor=halls.loop.town.officer)
    )
    assert [one.version for one in versions] == [2, 1]
    halls.check()


def test_what_a_count_is_refused_for(halls: Halls) -> None:
    event = halls.plan()
    assert refused(lambda: halls.count(event))[2] == Stage.PLANNED
    packed = halls.out(event, bowl=5)
    assert refused(lambda: halls.count(event, lines={"bowl": (5, 0)}))[2] == "out"
    halls.back(packed)
    assert refused(lambda: halls.count(event))[1:] == ("lines", "bowl")
    wrong = refused(lambda: halls.count(event, lines={"bowl": (5, 0), "spoon": (1, 0)}))
    assert wrong == (Code.NOT_FOUND, "kind", "spoon")
    assert refused(lambda: halls.count(event, lines={"bowl": (-1, 0)}))[1] == "found"
    assert refused(lambda: halls.count(event, lines={"bowl": (5, 0)}, by=halls.haein))[0] is (
        Code.NOT_ALLOWED
    )
    assert lent(halls) == 5 and halls.stage(event) is Stage.BACK
    halls.check()


def test_a_crate_that_never_comes_back_is_missing(halls: Halls) -> None:
    event = halls.plan()
    first, gone = halls.out(event, bowl=5), halls.out(event, bowl=5)
    halls.back(first)
    statement = halls.count(event, lines={"bowl": (5, 0)}, anyway=True)
    assert lines(statement)["bowl"] == (10, 5, 0, 5, 0, 0)
    assert lines(statement)["crate"] == (2, 1, 0, 1, 0, 0)
    assert halls.stage(event) is Stage.COUNTED
    halls.check()
    halls.back(gone)  # it turns up: the recount has it
    again = halls.count(event, lines={"bowl": (9, 0)})
    assert lines(again)["bowl"] == (10, 9, 0, 1, 0, 0)
    assert lines(again)["crate"] == (2, 2, 0, 0, 0, 0)
    halls.check()


def test_a_sealed_crate_is_no_part_of_the_statement(halls: Halls) -> None:
    event = halls.plan()
    used, spare = halls.out(event, bowl=5), halls.out(event, cups=1, bowl=100)
    halls.back(used)
    halls.back(spare, sealed=True)
    statement = halls.count(event, lines={"bowl": (5, 0)})
    assert lines(statement) == {"bowl": (5, 5, 0, 0, 0, 0), "crate": (1, 1, 0, 0, 0, 0)}
    halls.check()


def test_a_cafe_cup_in_a_funeral_crate_is_told_apart(brought: Brought) -> None:
    """Loops mix: the cup's own loan ends, and the statement says that it was not sent there."""
    halls, event, packed = brought
    cup = halls.loop.lent_cup()
    statement = halls.count(
        event, lines={"bowl": (50, 0), "plate": (30, 0)}, received=(*packed.codes, cup),
        crate=packed.crate,
    )  # fmt: skip
    assert lines(statement)["cup-355"] == (3, 3, 0, 0, 0, 1)
    assert halls.loop.item(cup).state is State.DIRTY
    assert halls.loop.loans(cup)[0].outcome is Outcome.IMPLIED  # never held against the borrower
    halls.check()


def test_an_event_cup_left_at_a_cafe_is_found(brought: Brought) -> None:
    halls, event, packed = brought
    halls.loop.give_back(packed.codes[0])
    statement = halls.count(event, lines={"bowl": (50, 0), "plate": (30, 0)})
    assert lines(statement)["cup-355"] == (3, 1, 0, 2, 0, 0)
    halls.check()


def test_prices_are_those_of_the_day_of_the_count(brought: Brought) -> None:
    halls, event, packed = brought

    def price(won: int | None) -> None:
        halls.write(
            lambda s: set_kind(
                s, kind="bowl", event=EventKind.FUNERAL, per_100=200, price=won, crate_pieces=None,
                actor=halls.loop.town.officer, now=halls.now,
            )
        )  # fmt: skip

    price(1500)
    first = halls.count(event, lines={"bowl": (45, 2), "plate": (29, 0)}, received=packed.codes)
    price(9000)
    assert first.charge == 5 * 1500
    again = halls.count(event, lines={"bowl": (45, 2), "plate": (29, 0)})
    assert again.charge == 5 * 9000
    price(None)
    assert halls.count(event, lines={"bowl": (45, 2), "plate": (29, 0)}).charge is None


def test_photos_of_a_count_go_after_their_time(brought: Brought) -> None:
    halls, event, packed = brought
    statement = halls.count(
        event,
        lines={"bowl": (50, 0), "plate": (30, 0)},
        received=packed.codes,
        photos=(b"one", b"two"),
    )
    assert len(statement.photos) == 2
    assert halls.read(lambda s: s.scalar(sa.select(sa.func.count()).select_from(Photo))) == 2
    halls.loop.now += 31 * DAY
    again = halls.read(
        lambda s: load_statement(s, event_id=event.id, actor=halls.loop.town.officer, now=halls.now)
    )
    assert again.photos == ()
