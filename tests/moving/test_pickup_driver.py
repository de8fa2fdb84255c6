"""The driver's phone at pick-ups over HTTP: bag, lids, nothing at all, nothing there, a mistake."""

import base64
from datetime import UTC, datetime
from functools import partial

import sqlalchemy as sa

from lending.loop.loans.standing_still import StopWhy
from lending.loop.steps import Action, State
from lending.moving.rounds.drivers import assign_driver
from lending.moving.rounds.lifecycle import begin_round, end_round
from lending.requests.pickups.tables import Ending, Why
from lending.requests.pickups.views import PickupState
from lending.requests.round_tables import StopOutcome
from tests.moving.conftest import Moving
from tests.moving.drivers_day import picture
from tests.moving.kai import Kai
from tests.moving.pickup_day import PickupDay
from tests.moving.pickup_phone import at, shown, tell
from tests.moving.pickup_phone import kai as kai
from tests.moving.pickup_phone import lea as lea
from tests.moving.pickup_phone import town as town
from tests.personas import MINUTE, NABI, Loop
from tests.races import at_once


def test_a_bag_is_taken_brought_and_counted(kai: Kai, town: PickupDay, now_loop: Loop) -> None:
    """From the door to the centre: the scan stops the clocks, the count closes no later than it."""
    records = [
        kai.record("begin"),
        at(kai, town, town.first, "take", code=town.bag),
        at(kai, town, town.first, "done"),
        kai.record("bring", code=town.bag),
        kai.record("end"),
    ]
    for _ in range(2):
        assert kai.told(*records) == ["recorded"] * 5
    view = town.shop.view(town.first)
    assert (view.state, view.taken_by) == (PickupState.TAKEN, kai.owner)
    assert now_loop.item(town.bag).state is State.DIRTY
    for lid in town.lids:
        assert [stop.why for stop in town.shop.stops(lid)] == [StopWhy.PICKED_UP]
        assert town.shop.is_open(lid)
    now_loop.now = datetime.now(UTC)
    for lid in town.lids:
        now_loop.one(Action.RECEIVE, lid, by=now_loop.town.jun, crate=town.bag)
    assert town.shop.settle().came == 1
    for lid in town.lids:
        [loan] = now_loop.loans(lid)
        assert loan.closed_at is not None and view.taken_at is not None
        assert loan.closed_at <= view.taken_at
    assert town.shop.view(town.first).ending is Ending.CAME
    assert town.shop.view(town.second).state is PickupState.WAITING  # the round is over
    now_loop.check()


def test_lids_or_nothing_at_all_is_scanned(kai: Kai, town: PickupDay, now_loop: Loop) -> None:
    one, other = town.loose
    records = [
        at(kai, town, town.second, "take", code=f"https://cups.example.kr/i/{one}"),
        at(kai, town, town.second, "done"),
        at(kai, town, town.first, "picked"),
        at(kai, town, town.first, "done"),
    ]
    assert kai.told(*records) == ["recorded"] * 4
    assert now_loop.item(one).state is State.COLLECTED
    assert kai.told(kai.record("bring", code=one)) == ["recorded"]  # a lid by itself
    assert now_loop.item(one).state is State.DIRTY
    assert [stop.why for stop in town.shop.stops(other)] == [StopWhy.PICKED_UP]
    assert {town.shop.view(id).state for id in (town.first, town.second)} == {PickupState.TAKEN}
    assert now_loop.item(town.bag).state is State.LENT  # nobody scanned it
    wrong = kai.record("picked", NABI), kai.record("take") | {"stop": str(town.stop(town.first).id)}
    assert kai.told(*wrong) == ["invalid", "invalid"]
    box = at(kai, town, town.first, "emptied")
    assert kai.told(box) == ["invalid"]  # a door is no box


def test_of_two_couriers_the_second_is_told_who_and_when(
    kai: Kai, lea: Kai, town: PickupDay, now_loop: Loop
) -> None:
    assert kai.told(at(kai, town, town.first, "take", code=town.bag)) == ["recorded"]
    lea.at = kai.at + MINUTE
    records = [
        at(lea, town, town.first, "take", code=town.lids[0]),
        at(lea, town, town.first, "picked"),
        at(lea, town, town.first, "nobody"),
    ]
    receipts = lea.send(*records).get_json()["receipts"]
    assert [one["result"] for one in receipts] == ["recorded"] * 3
    view = town.shop.view(town.first)
    for one in receipts:
        assert one["first"]["by"] == "kai"
        assert datetime.fromisoformat(one["first"]["at"]) == view.taken_at
    assert (view.taken_by, view.tries) == (kai.owner, 0)
    assert now_loop.item(town.lids[0]).state is State.COLLECTED  # it was in her hand
    stop = shown(lea, town.first)["pickup"]
    assert (stop["over"], stop["mine"], stop["door"]) == (True, False, None)


def test_two_couriers_at_once(kai: Kai, lea: Kai, town: PickupDay) -> None:
    picked = [at(who, town, town.first, "picked") for who in (kai, lea)]
    answers = at_once([partial(tell, *pair) for pair in zip((kai, lea), picked, strict=True)])
    assert [one["receipts"][0]["result"] for one in answers] == ["recorded"] * 2
    firsts = [one["receipts"][0]["first"] for one in answers]
    winner = next(n for n, first in enumerate(firsts) if first is None)
    assert firsts[1 - winner]["by"] == ("kai", "lea")[winner]
    assert town.shop.view(town.first).taken_by == (kai, lea)[winner].owner


def test_nothing_there_on_three_rounds_and_then_the_officer(
    kai: Kai, town: PickupDay, now_loop: Loop, engine: sa.Engine
) -> None:
    record = at(kai, town, town.first, "nobody", note="벨을 눌러도 없음")
    body = {
        "about": record["id"], "stop": record["stop"], "owner": kai.owner,
        "photo": base64.b64encode(picture()).decode(),
    }  # fmt: skip
    assert kai.caller.open("/drive/photos", "POST", json=body).status_code == 200
    for _ in range(2):
        assert kai.told(record) == ["recorded"]
    assert town.stop(town.first).outcome is StopOutcome.NOBODY
    moving = Moving(now_loop)
    for tries in (1, 2):
        view = town.shop.view(town.first)
        assert (view.tries, view.state) == (tries, PickupState.WAITING)
        [drive] = moving.drive(town.plan())
        wanted = [stop for stop in drive.stops if stop.pickup]
        assert [stop.pickup.request.id for stop in wanted if stop.pickup] == [town.first]
        staff = int(kai.owner.partition(":")[2])
        moving.write(assign_driver, round_id=drive.id, staff_id=staff, actor=now_loop.town.officer)
        again = kai.record("nobody") | {"round": str(drive.id), "stop": str(wanted[0].id)}
        assert kai.told(again) == ["recorded"]
    view = town.shop.view(town.first)
    assert (view.tries, view.state, view.to_officer_why) == (3, PickupState.OFFICER, Why.TRIES)
    assert town.plan().rounds == ()


def test_a_wrong_taking_is_taken_back(kai: Kai, town: PickupDay, now_loop: Loop) -> None:
    take = at(kai, town, town.first, "take", code=town.bag)
    done, undo = at(kai, town, town.first, "done"), at(kai, town, town.first, "undo", of=take["id"])
    for _ in range(2):
        assert kai.told(take, done, undo) == ["recorded"] * 3
    assert town.shop.view(town.first).state is PickupState.PLANNED
    assert now_loop.item(town.bag).state is State.LENT
    assert all(town.shop.stops(lid) == [] for lid in town.lids)
    stop = town.stop(town.first)
    assert stop.pickup is not None and stop.pickup.bag is None
    assert kai.told(at(kai, town, town.first, "take", code=town.bag)) == ["recorded"]
    assert town.shop.view(town.first).state is PickupState.TAKEN
    now_loop.check()


def test_after_the_round_what_was_not_fetched_waits(
    kai: Kai, town: PickupDay, now_loop: Loop
) -> None:
    given = {"round_id": town.day.round.id, "actor": now_loop.town.courier, "at": now_loop.now}
    now_loop.write(lambda s: begin_round(s, **given))
    now_loop.write(lambda s: end_round(s, **given))
    found = [
        stop.wish.pickup for one in town.plan().rounds for stop in one.stops if stop.wish.pickup
    ]
    assert {one.request.id for one in found} == {town.first, town.second}
