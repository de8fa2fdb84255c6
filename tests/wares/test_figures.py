"""Counting: a figure stays true whatever is told later, and its difference says who and when."""

import uuid
from dataclasses import replace

import pytest
import sqlalchemy as sa

from lending.errors import Code
from lending.loop.scans import Result
from lending.wares.tables import CountedMove
from lending.wares.ways import Outside, Why, beyond, in_crate
from tests.personas import HARU, MINUTE, WASH
from tests.wares.conftest import CLEAN, DIRTY, HELD, Wares


def test_a_difference_is_a_move_of_its_own(wares: Wares) -> None:
    wares.buy(100, wares.at(HARU))
    figure = wares.figure(97, wares.at(HARU))
    [receipt] = wares.count(figure, by=wares.loop.town.mina)
    assert (receipt.result, receipt.expected, receipt.difference) == (Result.RECORDED, 100, -3)
    assert wares.held(wares.at(HARU)) == 97
    said = sa.select(
        CountedMove.quantity, CountedMove.figure_id, CountedMove.at, CountedMove.sender_kind,
        CountedMove.sender_role,
    ).where(CountedMove.why == Why.COUNTED)  # fmt: skip
    assert wares.read(lambda s: list(s.execute(said))) == [
        (3, figure.id, wares.now, "device", "cafe")
    ]
    wares.check()


def test_a_figure_that_is_right_writes_no_move(wares: Wares) -> None:
    wares.buy(5, wares.at(HARU))
    [receipt] = wares.count(wares.figure(5, wares.at(HARU)))
    assert (receipt.expected, receipt.difference) == (5, 0)
    counted = sa.select(sa.func.count(CountedMove.id)).where(CountedMove.why == Why.COUNTED)
    assert wares.read(lambda s: s.scalar(counted)) == 0


def test_what_is_told_late_changes_the_difference_not_the_balance(wares: Wares) -> None:
    at = wares.at
    wares.buy(100, at(HARU), at=wares.now)
    early = wares.now + MINUTE
    wares.loop.now += 10 * MINUTE
    figure = wares.figure(90, at(HARU))
    assert wares.count(figure)[0].difference == -10
    wares.loop.now += MINUTE
    late = wares.move(8, at(HARU), at(HARU, DIRTY), Why.USED, at=early)
    assert wares.record(late)[0].result is Result.RECORDED
    assert wares.held(at(HARU)) == 90  # that is what was counted after it happened
    assert wares.held(at(HARU, DIRTY)) == 8
    again = wares.count(figure)[0]
    assert (again.result, again.expected, again.difference) == (Result.REPEATED, 92, -2)
    wares.check()


def test_a_late_figure_leaves_a_later_one_as_it_is(wares: Wares) -> None:
    at = wares.at(HARU)
    wares.buy(100, at)
    early = wares.now + MINUTE
    wares.loop.now += 10 * MINUTE
    later = wares.figure(90, at)
    wares.count(later)
    wares.loop.now += MINUTE
    [receipt] = wares.count(wares.figure(95, at, at=early))
    assert (receipt.expected, receipt.difference) == (100, -5)
    assert wares.held(at) == 90
    assert wares.count(later)[0].difference == -5
    wares.check()


@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize("together", [False, True])
def test_of_two_figures_of_one_moment_the_one_told_last_holds(
    wares: Wares, falling: bool, together: bool
) -> None:
    """Whoever typed 32 for nine o'clock puts it right with 4 for nine o'clock, whatever the ids."""
    at = wares.at(WASH, HELD)
    ids = sorted((uuid.uuid4() for _ in range(3)), reverse=falling)
    wrong, wrong_too, right = (
        wares.figure(quantity, at, id=id) for quantity, id in zip((32, 7, 4), ids, strict=True)
    )
    for call in ([wrong, wrong_too, right],) if together else ([wrong], [wrong_too], [right]):
        receipts = wares.count(*call)
    assert (receipts[-1].expected, receipts[-1].difference) == (7, -3)
    assert wares.held(at) == 4
    wares.check()
    assert {one.result for one in wares.count(wrong, wrong_too, right)} == {Result.REPEATED}
    wares.record(wares.move(1, at, wares.at(WASH, DIRTY), Why.RELEASED))  # at that very moment
    assert wares.held(at) == 4
    wares.check()


def test_what_is_in_a_crate_is_counted_alike(wares: Wares) -> None:
    crate = in_crate(wares.crate(), CLEAN)
    wares.buy(20, wares.at(WASH))
    wares.record(wares.move(20, wares.at(WASH), crate, Why.PACKED))
    assert wares.count(wares.figure(19, crate), by=wares.loop.town.jun)[0].difference == -1
    wares.check()


def test_wrong_figures_are_named_and_ids_count_once(wares: Wares) -> None:
    at = wares.at(HARU)
    good = wares.figure(3, at)
    receipts = wares.count(
        replace(good, id=uuid.uuid4(), quantity=-1),
        replace(good, id=uuid.uuid4(), kind_id=wares.loop.town.kinds["cup-355"]),
        replace(good, id=uuid.uuid4(), account=beyond(Outside.BROKEN)),
        good,
        good,
        replace(good, quantity=4),
    )
    assert [one.field for one in receipts] == ["quantity", "kind", "account", None, None, "id"]
    assert [one.result for one in receipts[3:]] == [
        Result.RECORDED, Result.REPEATED, Result.REFUSED,
    ]  # fmt: skip
    assert receipts[5].error is Code.ID_REUSED
    assert wares.held(at) == 3
    wares.check()
