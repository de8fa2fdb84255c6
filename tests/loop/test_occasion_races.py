"""Several at one occasion at the same moment: one borrower, one end, everything due by it."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import run_transaction, transaction
from lending.errors import ChangedMeanwhile
from lending.loop.codes import make_code
from lending.loop.loans.clock_stops import stop_clocks
from lending.loop.loans.lent_for import OccasionKind
from lending.loop.loans.occasions import attach_occasion, move_end, open_occasion
from lending.loop.loans.standing_still import StopWhy
from lending.loop.pieces.registering import register_pieces
from lending.loop.steps import Action
from lending.loop.verify import verify
from lending.people.residents import new_resident
from lending.people.tables import Resident
from tests.loop.occasions import lend_to, new_occasion, out_of, packed_crate
from tests.loop.test_races import at_once, writer
from tests.personas import HARU, WASH, Loop

SEOUL = ZoneInfo("Asia/Seoul")


def patient(loop: Loop, work: Callable[[Session], object]) -> Callable[[], object]:
    """The work, run again as often as another writer comes in between."""

    def run() -> object:
        while True:
            try:
                return run_transaction(loop.engine, work)
            except ChangedMeanwhile:
                continue

    return run


def check(loop: Loop) -> None:
    loop.check()
    assert list(verify(loop.engine)) == []


def test_of_several_who_say_it_is_theirs_one_has_all_of_it(loop: Loop) -> None:
    crate, _ = packed_crate(loop, 4)
    occasion = new_occasion(loop, OccasionKind.ORDER)
    lend_to(loop, crate, occasion)

    def stranger(session: Session) -> uuid.UUID:
        row = new_resident(loop.keys, district_id=loop.town.id, contact=None, now=loop.now)
        session.execute(Resident.__table__.insert(), [row])
        id: uuid.UUID = row["id"]
        return id

    people = [loop.write(stranger) for _ in range(6)]
    attach = partial(attach_occasion, occasion_id=occasion, keys=loop.keys)
    works = [
        partial(run_transaction, loop.engine, partial(attach, resident_id=who)) for who in people
    ]
    assert sorted(at_once(works)) == [0, 0, 0, 0, 0, 4]
    check(loop)


def test_an_end_that_moves_while_pieces_go_out_holds_for_all_of_them(loop: Loop) -> None:
    occasion = new_occasion(loop, ends_on=date(2026, 3, 3))
    cups = loop.clean_cups(8)
    lends = [
        writer(
            loop,
            [loop.scan(Action.LEND, cup, ask=True, site=loop.site(HARU), occasion=occasion)],
            loop.town.officer,
        )
        for cup in cups
    ]
    moves = [
        patient(loop, partial(move_end, id=occasion, ends_on=date(2026, 3, day)))
        for day in (5, 9, 20)
    ]
    at_once([lends[0], moves[0], *lends[1:4], moves[1], *lends[4:], moves[2]])
    loans = out_of(loop, occasion)
    assert len(loans) == 8
    assert len({one.due_at for one in loans}) == 1
    check(loop)


def test_one_crate_is_lent_to_one_of_two_occasions(loop: Loop) -> None:
    crate, cups = packed_crate(loop, 3)
    occasions = [new_occasion(loop) for _ in range(4)]
    works = [
        writer(
            loop,
            [loop.scan(Action.LEND, crate, ask=True, site=loop.site(HARU), occasion=one)],
            loop.town.officer,
        )
        for one in occasions
    ]
    at_once(works)
    out = sorted(len(out_of(loop, one)) for one in occasions)
    assert out == [0, 0, 0, len(cups) + 1]
    check(loop)


def test_one_occasion_is_opened_once_and_one_stop_is_one(loop: Loop) -> None:
    id, ref = uuid.uuid4(), uuid.uuid4()
    opening = partial(
        open_occasion, id=id, kind=OccasionKind.EVENT, site_id=loop.town.sites[HARU],
        district_id=loop.town.id, now=loop.now,
    )  # fmt: skip
    views = at_once([partial(run_transaction, loop.engine, opening)] * 6)
    assert {view.id for view in views} == {id}
    lend = lend_to(loop, loop.clean_cup(), id).id
    stop = partial(stop_clocks, lend_ids=[lend], ref=ref, why=StopWhy.PICKED_UP, now=loop.now)
    assert sum(at_once([partial(run_transaction, loop.engine, stop)] * 6)) == 1


def test_a_piece_registered_while_the_end_moves_is_due_by_the_new_end(loop: Loop) -> None:
    """It was lent under its code before anybody knew the code."""
    occasion, code = new_occasion(loop, ends_on=date(2026, 3, 3)), make_code()
    lend_to(loop, code, occasion, ask=False)
    row = {"code": code, "kind": "cup-355", "site": loop.site(WASH)}
    move = patient(loop, partial(move_end, id=occasion, ends_on=date(2026, 3, 20)))
    with ThreadPoolExecutor(1) as pool:
        with transaction(loop.engine) as session:
            register_pieces(
                session, table=[(1, row)], request_id=uuid.uuid4(), actor=loop.town.officer,
                now=loop.now,
            )  # fmt: skip
            moving = pool.submit(move)
            wait([moving], timeout=0.3)
        moving.result()
    (loan,) = out_of(loop, occasion)
    assert loan.due_at.astimezone(SEOUL).date() == date(2026, 3, 21)
    check(loop)


def test_pieces_registered_after_they_were_lent_cost_no_statement_each(loop: Loop) -> None:
    occasion = new_occasion(loop, ends_on=date(2026, 3, 3))
    counts = []
    for many in (2, 12):
        codes = [make_code() for _ in range(many)]
        for code in codes:
            lend_to(loop, code, occasion, ask=False)
        table = [
            (line, {"code": code, "kind": "cup-355", "site": loop.site(WASH)})
            for line, code in enumerate(codes, 1)
        ]
        asked: list[str] = []
        count = partial(_note, asked)
        sa.event.listen(loop.engine, "before_cursor_execute", count)
        register = partial(
            register_pieces, table=table, request_id=uuid.uuid4(), actor=loop.town.officer,
            now=loop.now,
        )  # fmt: skip
        loop.write(register)
        sa.event.remove(loop.engine, "before_cursor_execute", count)
        counts.append(len(asked))
    assert counts[1] <= counts[0]  # the first reads the terms as well
    assert len(out_of(loop, occasion)) == 14
    check(loop)


def _note(asked: list[str], *given: Any) -> None:
    asked.append(str(given[2]))
