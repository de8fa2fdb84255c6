"""A driver takes back an own take: the crate, the bag or the piece is where it was before."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.loop.steps import State
from lending.loop.tables import Scan
from lending.moving.packing.crates import view_crates
from lending.moving.rounds.beeps import Move
from lending.moving.rounds.drivers import assign_driver
from lending.requests.round_tables import Consignment, Way
from lending.wares.balances import crate_contents
from lending.wares.ledger import record_moves, require_all
from lending.wares.values import MoveIn
from lending.wares.ways import Condition, Outside, Why, at_place, beyond, in_crate
from tests.moving.drivers_day import add_courier
from tests.moving.kai import Kai, caller_for
from tests.personas import BOX, HARU, MINUTE, NABI, Loop
from tests.wares.conftest import add_counted


def undo(kai: Kai, site: str, take: dict[str, Any], **more: Any) -> dict[str, Any]:
    return kai.record("undo", site, of=take["id"], code=take.get("code"), **more)


def test_a_crate_taken_by_mistake_stands_where_it_stood(kai: Kai, now_loop: Loop) -> None:
    crate = kai.day.crate
    take = kai.record("take", NABI, code=crate)
    back = undo(kai, NABI, take)
    for _ in range(2):
        assert kai.told(take, back) == ["recorded"] * 2
    assert now_loop.item(crate).state is State.READY
    assert [one.code for one in kai.day.stored().taken] == []
    assert kai.sheet()[0]["stops"][1]["taken"] == []
    with Session(now_loop.engine) as session:
        void = session.scalars(sa.select(Scan).where(Scan.id == uuid.UUID(back["id"]))).one()
        assert void.sender_kind == "system"
        assert f"staff:{void.staff_id}" == kai.owner  # whose word it was
        [way] = session.scalars(
            sa.select(Consignment).where(Consignment.id == uuid.UUID(take["id"]))
        )
        assert way.dissolved_by == kai.owner
    again = kai.record("take", NABI, code=crate)
    assert kai.told(again) == ["recorded"]
    assert [one.code for one in kai.day.stored().taken] == [crate]
    now_loop.check()


def test_a_delivered_crate_is_on_its_way_out_again(kai: Kai, now_loop: Loop) -> None:
    """Nobody had taken it in: the take said that it stood there, its undo takes that back as well."""
    crate = kai.day.clean[0]
    told = kai.record("load", code=crate), kai.record("deliver", HARU, code=crate)
    take = kai.record("take", HARU, code=crate)
    assert kai.told(*told, take) == ["recorded"] * 3
    assert kai.told(undo(kai, HARU, take)) == ["recorded"]
    with Session(now_loop.engine) as session:
        [view] = view_crates(session, Consignment.crate_id == now_loop.item_id(crate))
    assert (view.way, view.received_at) == (Way.OUT, None)
    assert view.delivered_at is not None
    kai.day.moving.loop.now = datetime.now(UTC)
    kai.day.moving.beep(Move.RECEIVE, crate)
    assert now_loop.item(crate).state is State.READY
    now_loop.check()


def test_a_bag_gives_the_cups_back_to_the_box(kai: Kai, now_loop: Loop) -> None:
    take = kai.record("take", BOX, code=kai.day.bag)
    assert kai.told(take) == ["recorded"]
    assert {now_loop.item(cup).state for cup in kai.day.lying} == {State.COLLECTED}
    assert kai.told(undo(kai, BOX, take)) == ["recorded"]
    assert {now_loop.item(cup).state for cup in kai.day.lying} == {State.RETURNED}
    now_loop.check()


def test_a_piece_lies_there_again(kai: Kai, now_loop: Loop) -> None:
    take = kai.record("take", NABI, code=kai.day.loose)
    assert kai.told(take, undo(kai, NABI, take)) == ["recorded"] * 2
    assert now_loop.item(kai.day.loose).state is State.RETURNED


def fill(loop: Loop, crate: str, bowls: int) -> None:
    """Puts clean bowls into a crate at Nabi."""
    [kind] = loop.write(lambda s: add_counted(s, loop, ["bowl"]))
    here, inside = (
        at_place(loop.town.sites[NABI], Condition.CLEAN),
        in_crate(loop.item_id(crate), Condition.CLEAN),
    )
    moves = [
        MoveIn(uuid.uuid4(), kind, bowls, beyond(Outside.BOUGHT), here, Why.BOUGHT, loop.now),
        MoveIn(uuid.uuid4(), kind, bowls, here, inside, Why.PACKED, loop.now),
    ]
    loop.write(lambda s: require_all(record_moves(s, moves, actor=loop.town.officer, now=loop.now)))


def test_counted_ware_in_it_is_clean_again(kai: Kai, now_loop: Loop) -> None:
    crate = kai.day.crate
    fill(now_loop, crate, 12)
    take = kai.record("take", NABI, code=crate)

    def conditions() -> dict[Condition | None, int]:
        with Session(now_loop.engine) as session:
            lines = crate_contents(session, crate_ids=[now_loop.item_id(crate)])
        return {one.condition: one.quantity for one in lines if one.condition is not None}

    assert conditions() == {Condition.CLEAN: 12}
    assert kai.told(take) == ["recorded"]
    assert conditions() == {Condition.DIRTY: 12}
    assert kai.told(undo(kai, NABI, take)) == ["recorded"]
    assert conditions() == {Condition.CLEAN: 12}


def test_what_was_never_recorded_needs_no_undo(kai: Kai) -> None:
    take = kai.record("take", NABI, code="123456789012")
    assert kai.told(take)[0] != "recorded"
    assert kai.told(undo(kai, NABI, take)) == ["recorded"]
    assert kai.told(kai.record("undo", NABI)) == ["invalid"]


@pytest.mark.parametrize("how", ["brought", "ended", "other stop", "load"])
def test_what_can_be_taken_back_no_more(kai: Kai, now_loop: Loop, how: str) -> None:
    crate, site = kai.day.crate, NABI
    take = kai.record("take", NABI, code=crate)
    if how == "load":
        crate, site = kai.day.clean[0], HARU
        take = kai.record("load", code=crate)
    assert kai.told(take) == ["recorded"]
    before = now_loop.item(crate).state
    if how == "brought":
        assert kai.told(kai.record("bring", code=crate)) == ["recorded"]
        before = State.DIRTY
    if how == "ended":
        assert kai.told(kai.record("end")) == ["recorded"]
    refused = kai.told(undo(kai, BOX if how == "other stop" else site, take))
    assert refused == ["conflict" if how in ("brought", "ended") else "not_allowed_here"]
    assert now_loop.item(crate).state is before
    # What was taken back before the end, and told after it, counts.
    if how == "ended":
        kai.at -= 10 * MINUTE
        assert kai.told(undo(kai, site, take)) == ["recorded"]


def test_another_drivers_take_is_not_ones_own(
    app: Flask, kai: Kai, now_loop: Loop, engine: sa.Engine
) -> None:
    take = kai.record("take", NABI, code=kai.day.crate)
    assert kai.told(take) == ["recorded"]
    staff = add_courier(now_loop, engine, "lea")
    given = {"round_id": kai.day.round.id, "staff_id": staff, "actor": now_loop.town.officer}
    kai.day.moving.write(assign_driver, **given)
    caller, owner = caller_for(app, now_loop, "lea")
    lea = Kai(caller, kai.day, owner)
    assert lea.told(undo(lea, NABI, take)) == ["not_allowed_here"]
    assert now_loop.item(kai.day.crate).state is State.COLLECTED
