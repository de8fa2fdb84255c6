"""What becomes of a request: closed when all came, fresh days for what is missing, late, erased."""

from functools import partial

from lending.loop.loans.clock_stops import sweep_stops
from lending.loop.loans.standing_still import StopWhy
from lending.loop.steps import Outcome
from lending.notices.tables import NoticeKind
from lending.requests.pickups.tables import Ending
from lending.requests.pickups.views import PickupState
from tests.personas import DAY, MINJI
from tests.pickups.conftest import SHOP, Deliveries


def test_what_the_centre_receives_closes_it(shop: Deliveries) -> None:
    order, lids = shop.order(2)
    bag = shop.loop.new_crate()
    shop.pack(order, bag)
    asked = shop.ask(lids[0]).pickup.id
    took = shop.take(asked, bag)
    shop.later(hours=5)
    shop.receive(bag)
    shop.receive(lids[0], bag)
    shop.settle()
    assert shop.view(asked).state is PickupState.TAKEN
    shop.receive(lids[1], bag)
    assert shop.settle().came == 1
    view = shop.view(asked)
    assert (view.ending, view.missing) == (Ending.CAME, 0)
    for lid in lids:
        [loan] = shop.loop.loans(lid)
        assert loan.outcome in (Outcome.RETURNED, Outcome.IMPLIED)
        assert loan.closed_at is not None
        assert loan.closed_at <= took.taken_at  # no later than the pick-up
    shop.loop.check()


def test_missing_in_the_bag_gets_fresh_days_and_one_message(shop: Deliveries) -> None:
    _, (came, lost) = shop.order(2, to=MINJI)
    asked = shop.ask(came).pickup.id
    shop.take(asked)
    shop.later(hours=40)
    shop.receive(came)
    shop.settle()
    shop.later(hours=23)
    assert shop.settle().missing == 0
    assert shop.whys(lost) == [StopWhy.PICKED_UP]
    shop.later(hours=1)
    assert shop.settle().missing == 1
    assert shop.settle().missing == 0
    view = shop.view(asked)
    assert (view.ending, view.missing) == (Ending.MISSING, 1)
    assert shop.whys(lost) == []
    assert shop.notices(lost) == [NoticeKind.NOT_IN_BAG]
    due = shop.loop.due(shop.loop.loans(lost)[0].id)
    assert 3 * DAY <= due - shop.now < 4 * DAY + DAY
    assert not any(shop.notices(code) for code in (came,))
    # It can be asked for again, and is found.
    anew = shop.ask(lost).pickup.id
    shop.take(anew)
    assert shop.whys(lost) == [StopWhy.PICKED_UP]
    shop.receive(lost)
    assert shop.settle().came == 1
    shop.loop.check()


def test_missing_in_the_bag_although_taken_for_returned_meanwhile(shop: Deliveries) -> None:
    """A slip of the finger closed its loan for a while, and the worker ended its stop."""
    _, (came, lost) = shop.order(2, to=MINJI)
    asked = shop.ask(came).pickup.id
    shop.take(asked)
    shop.later(hours=1)
    slip = shop.loop.give_back(lost).id
    sweep = partial(sweep_stops, district_id=shop.town.id, keys=shop.loop.keys, now=shop.now)
    assert shop.loop.write(sweep) == 1
    shop.loop.void(lost, slip)
    shop.later(hours=40)
    shop.receive(came)
    shop.settle()
    shop.later(hours=24)
    assert shop.settle().missing == 1
    assert shop.notices(lost) == [NoticeKind.NOT_IN_BAG]
    assert shop.loop.loans(lost)[0].resumed_at is not None
    assert shop.whys(lost) == []
    shop.loop.check()


def test_a_return_to_any_box_closes_it(shop: Deliveries) -> None:
    _, lids = shop.order(2)
    asked = shop.ask(lids[0]).pickup.id
    shop.loop.give_back(lids[0])
    assert shop.settle().came == 0
    assert shop.view(asked).pieces == 1
    shop.loop.give_back(lids[1], by=shop.town.yuna)
    assert shop.settle().came == 1
    assert shop.view(asked).ending is Ending.CAME
    assert shop.take(asked).mine is False  # there was nothing left to take
    assert shop.view(asked).ending is Ending.CAME


def test_a_lend_told_late_belongs_to_the_request(shop: Deliveries) -> None:
    order, (lid,) = shop.order(1)
    asked = shop.ask(lid).pickup.id
    [late] = shop.loop.clean_cups(1, SHOP)
    shop.pack(order, late)
    shop.loop.give_back(lid)
    assert shop.settle().came == 0
    assert shop.view(asked).pieces == 1
    shop.take(asked)
    assert shop.whys(late) == [StopWhy.PICKED_UP]
    [later] = shop.loop.clean_cups(1, SHOP)  # and one told after the taking
    shop.pack(order, later)
    assert shop.settle().came == 0
    assert shop.whys(later) == [StopWhy.PICKED_UP]
