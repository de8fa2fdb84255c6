"""Several people at the same ware at once, each with a connection of their own: nothing is lost."""

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from lending.db import run_transaction
from lending.errors import Code, LendingError
from lending.loop.scans import Result
from lending.loop.tables import Review
from lending.wares.crates import CrateCall, Packing, pack_counted, soil_crates
from lending.wares.figures import count_wares
from lending.wares.ledger import record_moves
from lending.wares.stocktaking.end import end_session
from lending.wares.stocktaking.notes import LineIn, note_quantity
from lending.wares.stocktaking.sessions import begin_session
from lending.wares.tables import CountedFigure, CountedMove, StockSession
from lending.wares.ways import Condition, Outside, Why, beyond, in_crate
from tests.personas import HARU, NABI, WASH
from tests.races import at_once
from tests.wares.conftest import CLEAN, DIRTY, WASHED, Wares

T = TypeVar("T")


def working(wares: Wares, work: Callable[..., T]) -> Callable[[], T]:
    return lambda: run_transaction(wares.loop.engine, work)


def test_eight_pack_one_kind_into_one_crate(wares: Wares) -> None:
    crate, town, now = wares.crate(), wares.loop.town, wares.now

    def pack(number: int) -> Callable[[], Any]:
        call = CrateCall(uuid.uuid4(), crate, town.sites[WASH], now)
        packing = [Packing(wares.bowl, number + 1), Packing(wares.plate, 2)]
        return working(wares, lambda s: pack_counted(s, call, packing, actor=town.jun, now=now))

    at_once([pack(number) for number in range(8)])
    assert wares.held(in_crate(crate, CLEAN)) == 36
    assert wares.held(in_crate(crate, CLEAN), wares.plate) == 16
    assert wares.held(wares.at(WASH)) == -36
    wares.check()


def test_two_count_while_two_move_and_every_figure_holds(wares: Wares) -> None:
    shelf, officer, now = wares.at(HARU), wares.loop.town.officer, wares.now
    wares.buy(100, shelf)

    def count(quantity: int) -> Callable[[], Any]:
        figure = wares.figure(quantity, shelf)
        return working(wares, lambda s: count_wares(s, [figure], actor=officer, now=now))

    def move(quantity: int) -> Callable[[], Any]:
        one = wares.move(quantity, shelf, wares.at(HARU, DIRTY), Why.USED)
        return working(wares, lambda s: record_moves(s, [one], actor=officer, now=now))

    at_once([count(90), count(80), move(5), move(6), count(70), move(7)])
    figures = wares.read(
        lambda s: s.scalars(sa.select(CountedFigure.quantity).order_by(CountedFigure.at)).all()
    )
    assert wares.held(shelf) == figures[-1]  # all of one moment: the one told last stands
    assert wares.held(wares.at(HARU, DIRTY)) == 18
    wares.check()


def test_one_move_sent_by_eight_at_once_counts_once(wares: Wares) -> None:
    one = wares.move(3, wares.at(HARU), beyond(Outside.BROKEN), Why.BROKEN)
    officer, now = wares.loop.town.officer, wares.now
    send = working(wares, lambda s: record_moves(s, [one], actor=officer, now=now)[0].result)
    assert Counter(at_once([send] * 8)) == {Result.RECORDED: 1, Result.REPEATED: 7}
    assert wares.held(wares.at(HARU)) == -3
    wares.check()


def test_one_id_for_two_moves_belongs_to_one(wares: Wares) -> None:
    one_id, officer, now = uuid.uuid4(), wares.loop.town.officer, wares.now

    def send(number: int) -> Callable[[], Any]:
        site = (HARU, NABI)[number % 2]
        one = wares.move(1, wares.at(site), beyond(Outside.BROKEN), Why.BROKEN, id=one_id)
        return working(wares, lambda s: record_moves(s, [one], actor=officer, now=now)[0])

    receipts = at_once([send(number) for number in range(8)])
    results = Counter((receipt.result, receipt.error) for receipt in receipts)
    assert results == {
        (Result.RECORDED, None): 1,
        (Result.REPEATED, None): 3,
        (Result.REFUSED, Code.ID_REUSED): 4,
    }
    assert wares.read(lambda s: s.scalar(sa.select(sa.func.count(CountedMove.id)))) == 1
    wares.check()


def test_calls_over_the_same_accounts_in_opposite_orders_end_well(wares: Wares) -> None:
    at, officer, now = wares.at, wares.loop.town.officer, wares.now
    ways = [(at(site, DIRTY), at(site, WASHED), Why.WASHED) for site in (HARU, NABI, WASH)] + [
        (at(site, WASHED), at(site), Why.PASSED) for site in (HARU, NABI, WASH)
    ]

    def send(order: Sequence[Any]) -> Callable[[], Any]:
        moves = [
            wares.move(1, *way, kind_id=kind) for way in order for kind in (wares.bowl, wares.plate)
        ]
        return working(wares, lambda s: record_moves(s, moves, actor=officer, now=now))

    at_once([send(ways), send(ways[::-1]), send(ways[3:] + ways[:3]), send(ways[::-2])])
    assert (
        wares.held(at(NABI)) + wares.held(at(HARU)) + wares.held(at(WASH)) == 12 - 3 + 3 - 3 + 1 + 1
    )
    wares.check()


def test_a_crate_is_soiled_once_while_it_is_unpacked(wares: Wares) -> None:
    crate, town, now = wares.crate(), wares.loop.town, wares.now
    wares.buy(30, in_crate(crate, CLEAN))
    scan = uuid.uuid4()
    soil = working(
        wares, lambda s: soil_crates(s, {crate: scan}, at=now, actor=town.officer, now=now)
    )
    out = wares.move(10, in_crate(crate, CLEAN), wares.at(WASH), Why.UNPACKED)
    unpack = working(wares, lambda s: record_moves(s, [out], actor=town.officer, now=now))
    soiled = [one for one in at_once([soil, unpack, soil, soil]) if isinstance(one, int)]
    assert sorted(soiled) in ([0, 0, 20], [0, 0, 30])
    assert wares.held(in_crate(crate, DIRTY)) == sum(soiled)
    assert wares.held(in_crate(crate, CLEAN)) == 20 - sum(soiled)
    wares.check()


def test_two_tablets_begin_one_session_and_both_counts_are_in_it(wares: Wares) -> None:
    town, now = wares.loop.town, wares.now
    wares.buy(100, wares.at(HARU))

    def begin() -> Callable[[], uuid.UUID]:
        id, site = uuid.uuid4(), town.sites[HARU]
        return working(
            wares, lambda s: begin_session(s, id=id, site_id=site, actor=town.mina, now=now).id
        )

    ids = set(at_once([begin() for _ in range(4)]))
    assert len(ids) == 1
    [session_id] = ids

    def note(quantity: int) -> Callable[[], str]:
        line = LineIn(uuid.uuid4(), wares.bowl, Condition.CLEAN, quantity, now)

        def work() -> str:
            try:
                return run_transaction(
                    wares.loop.engine,
                    lambda s: note_quantity(
                        s, session_id=session_id, line=line, actor=town.mina, now=now
                    ),
                ).value
            except LendingError as error:
                return error.code.value

        return work

    assert at_once([note(40), note(55)]) == ["recorded", "recorded"]
    end = working(
        wares, lambda s: end_session(s, session_id=session_id, actor=town.mina, now=now).is_right
    )
    answers = at_once([end, end, note(5), end])
    in_time = answers[2] == "recorded"
    assert in_time or answers[2] == "conflict"  # never in between: counted, or told
    assert answers[:2] + answers[3:] == [in_time] * 3
    assert wares.held(wares.at(HARU)) == (100 if in_time else 95)
    reviews = wares.read(lambda s: s.scalar(sa.select(sa.func.count(Review.id))))
    assert reviews == (0 if in_time else 1)
    assert wares.read(lambda s: s.scalar(sa.select(sa.func.count(StockSession.id)))) == 1
    wares.check()
