"""Places ask for clean ware and for collection; the officer accepts the proposal or changes it."""

import uuid
from datetime import timedelta

import pytest

from lending.errors import Code
from lending.moving.supply.crate_sizes import set_crate_size
from lending.moving.supply.orders import NewOrder, ask_supply, list_orders, withdraw_order
from lending.moving.supply.proposals import Decision, decide_supply, propose_supply
from lending.moving.supply.standing import (
    NewStanding,
    end_standing,
    list_levels,
    list_standing,
    make_due_orders,
    set_level,
    set_standing,
)
from lending.moving.tables import OrderWhy
from lending.moving.worker import make_all_due_orders
from lending.requests.collections import (
    CollectWhy,
    NewCollect,
    ask_collection,
    open_collections,
    withdraw_collection,
)
from tests.moving.conftest import TODAY, TOMORROW, Moving, code_of
from tests.personas import DANA, DAY, HARU, MINJI, NABI, Loop

CUP = "cup-355"


def tap(moving: Moving, quantity: int = 20, **more):
    given = {"id": uuid.uuid4(), "kind": CUP, "quantity": quantity} | more
    by = given.pop("by", moving.town.mina)
    return moving.write(ask_supply, new=NewOrder(**given), actor=by)


def orders(moving: Moving, day=TOMORROW):
    found = moving.read(list_orders, district_id=moving.town.id, first=day, last=day)
    return [(one.site, one.quantity, one.why) for one in found if one.withdrawn_at is None]


def due(moving: Moving, day=TOMORROW) -> int:
    return moving.write(make_due_orders, district_id=moving.town.id, day=day)


def proposals(moving: Moving, day=TOMORROW):
    return moving.read(propose_supply, district_id=moving.town.id, day=day, now=moving.loop.now)


def test_one_tap_asks_for_tomorrow_and_twice_the_same_tap_is_one_order(moving: Moving) -> None:
    id = uuid.uuid4()
    order = tap(moving, id=id)
    assert (order.site, order.day, order.quantity) == (HARU, TOMORROW, 20)
    assert tap(moving, id=id) == order
    assert orders(moving) == [(HARU, 20, OrderWhy.TAP)]
    assert code_of(tap, moving, 21, id=id) == (Code.ID_REUSED, "id")


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"quantity": 0}, Code.INVALID, "quantity"),
        ({"quantity": -5}, Code.INVALID, "quantity"),
        ({"quantity": 10**9}, Code.INVALID, "quantity"),
        ({"kind": "crate"}, Code.NOT_FOUND, "kind"),
        ({"kind": "no"}, Code.NOT_FOUND, "kind"),
        ({"day": TODAY - timedelta(days=1)}, Code.INVALID, "day"),
        ({"day": TODAY + timedelta(days=90)}, Code.INVALID, "day"),
        ({"site": NABI}, Code.NOT_ALLOWED_HERE, "site"),
        ({"site": "NOWHERE"}, Code.NOT_FOUND, "site"),
    ],
)
def test_a_wrong_order_is_refused_and_named(moving: Moving, wrong, code, field) -> None:
    assert code_of(tap, moving, **({"quantity": 1} | wrong)) == (code, field)
    assert orders(moving) == []


def test_a_standing_order_makes_its_orders_once(moving: Moving) -> None:
    tuesdays = NewStanding(uuid.uuid4(), CUP, 30, 0b0000010)
    moving.write(set_standing, new=tuesdays, actor=moving.town.mina)
    moving.write(set_standing, new=tuesdays, actor=moving.town.mina)
    assert (due(moving, TODAY), due(moving), due(moving)) == (0, 1, 0)
    assert orders(moving) == [(HARU, 30, OrderWhy.STANDING)]
    [order] = moving.read(list_orders, district_id=moving.town.id, first=TOMORROW, last=TOMORROW)
    moving.write(withdraw_order, order_id=order.id, actor=moving.town.mina)
    assert due(moving) == 0 and orders(moving) == []
    other = NewStanding(uuid.uuid4(), CUP, 40)
    moving.write(set_standing, new=other, actor=moving.town.mina)
    [standing] = moving.read(list_standing, district_id=moving.town.id)
    assert (standing.id, standing.quantity) == (other.id, 40)
    moving.write(end_standing, kind=CUP, site=None, actor=moving.town.mina)
    assert moving.read(list_standing, district_id=moving.town.id) == []


def test_a_level_asks_by_itself_when_stock_falls_under_it(loop: Loop, moving: Moving) -> None:
    loop.clean_cups(3, HARU)

    def level(least: int, fill_to: int = 0, **more) -> None:
        given = {"kind": CUP, "site": None, "actor": moving.town.mina} | more
        moving.write(set_level, least=least, fill_to=fill_to, **given)

    level(3, 10)
    assert due(moving) == 0  # three are there
    level(4, 10)
    assert due(moving) == 1
    assert orders(moving) == [(HARU, 7, OrderWhy.LEVEL)]
    assert [one.fill_to for one in moving.read(list_levels, district_id=moving.town.id)] == [10]
    assert code_of(level, 5, 4) == (Code.INVALID, "fill_to")
    level(0)
    assert moving.read(list_levels, district_id=moving.town.id) == []


def test_the_proposal_shows_forecast_stock_and_what_is_on_the_way(
    loop: Loop, moving: Moving
) -> None:
    for cup in loop.clean_cups(4, HARU):
        loop.lend(cup, MINJI if loop.now.minute % 2 else DANA)
    loop.now += DAY
    loop.clean_cups(1, HARU)
    [sent] = loop.passed_cups(1)
    loop.ship(sent)
    [one] = proposals(moving, TOMORROW)
    assert (one.site, one.kind, one.forecast) == (HARU, CUP, 4.0)
    assert (one.stock, one.on_the_way, one.asked) == (1, 1, 0)
    assert (one.pieces, one.crates, one.decided) == (3, 1, None)  # ⌈4 × 1.25⌉ − 2
    tap(moving, 250, day=TOMORROW)
    loop.write(lambda s: set_crate_size(s, district_id=loop.town.id, kind=CUP, pieces=60))
    [one] = proposals(moving, TOMORROW)
    assert (one.asked, one.pieces, one.crates) == (250, 250, 5)


def test_the_officer_accepts_or_changes_and_it_is_kept_beside_the_proposal(
    moving: Moving,
) -> None:
    tap(moving, 50)
    tap(moving, 20, by=moving.town.yuna)

    def decide(*decisions: Decision, day=TOMORROW):
        return moving.write(decide_supply, decisions=decisions, day=day, actor=moving.town.officer)

    first = decide(Decision(HARU, CUP), Decision(NABI, CUP, 10))
    assert [(one.site, one.pieces, one.decided) for one in first] == [
        (HARU, 50, 50), (NABI, 20, 10),
    ]  # fmt: skip
    assert all(one.decided_by == "staff:0" for one in first)
    again = decide(Decision(NABI, CUP, 0), Decision(HARU, "cup-414", 5))
    assert [(one.site, one.kind, one.decided) for one in again] == [
        (HARU, CUP, 50), (HARU, "cup-414", 5), (NABI, CUP, 0),
    ]  # fmt: skip
    assert code_of(decide, Decision(HARU, CUP, -1)) == (Code.INVALID, "pieces")
    assert code_of(decide, Decision("NO", CUP, 1)) == (Code.NOT_FOUND, "site")
    assert code_of(decide, Decision(HARU, "crate", 1)) == (Code.NOT_FOUND, "kind")
    past = TODAY - timedelta(days=1)
    assert code_of(decide, Decision(HARU, CUP, 1), day=past) == (Code.INVALID, "day")
    assert proposals(moving) == again


def test_collection_is_asked_once_and_withdrawn(loop: Loop, moving: Moving) -> None:
    def ask(why=CollectWhy.FULL, **more):
        given = {"id": uuid.uuid4(), "why": why} | more
        by = given.pop("by", moving.town.mina)
        return moving.write(ask_collection, new=NewCollect(**given), actor=by)

    def waiting():
        return [
            (one.site, one.why, one.crates)
            for one in moving.read(open_collections, district_id=loop.town.id)
        ]

    first = ask(note="뒷문으로")
    second = ask(crates=3)
    assert second.id == first.id and second.note == "뒷문으로"
    ask(CollectWhy.SURPLUS)
    assert waiting() == [(HARU, CollectWhy.FULL, 3), (HARU, CollectWhy.SURPLUS, 0)]
    assert code_of(ask, id=first.id, by=moving.town.yuna) == (Code.ID_REUSED, "id")
    assert code_of(ask, crates=-1) == (Code.INVALID, "crates")
    for _ in range(2):
        moving.write(withdraw_collection, request_id=first.id, actor=moving.town.mina)
    assert waiting() == [(HARU, CollectWhy.SURPLUS, 0)]
    assert ask().id != first.id


def test_the_worker_makes_tomorrows_orders_once(loop: Loop, moving: Moving) -> None:
    moving.write(set_standing, new=NewStanding(uuid.uuid4(), CUP, 30), actor=moving.town.mina)
    made = [make_all_due_orders(loop.engine, clock=lambda: loop.now) for _ in range(2)]
    assert made == [{"ordered": 1}, {}]
    assert orders(moving) == [(HARU, 30, OrderWhy.STANDING)]
