"""Requests that wait too long: late, with the officer, sent out again; the hours are settings."""

from functools import partial

import pytest

from lending.errors import Code, LendingError
from lending.loop.loans.standing_still import StopWhy
from lending.loop.steps import Outcome, State
from lending.notices.tables import NoticeKind
from lending.requests.pickups.decide import (
    call_missing,
    forgive_pickup,
    send_again,
)
from lending.requests.pickups.hours import PickupHours, load_pickup_hours, set_pickup_hours
from lending.requests.pickups.own import cancel_pickup
from lending.requests.pickups.settle import settle_pickups
from lending.requests.pickups.tables import Ending, Why
from lending.requests.pickups.views import PickupState
from lending.requests.pickups.windows import windows_from
from lending.requests.pickups.worker import sweep_all_pickups
from tests.personas import DAY, MINJI
from tests.pickups.conftest import Deliveries
from tests.pickups.test_ask import SEOUL
from tests.races import at_once


def test_nothing_ever_came_and_the_officer_decides(shop: Deliveries) -> None:
    _, lids = shop.order(2)
    asked = shop.ask(lids[0]).pickup.id
    shop.take(asked)
    shop.later(hours=47)
    assert shop.settle().to_officer == 0
    shop.later(hours=2)
    assert shop.settle().to_officer == 1
    view = shop.view(asked)
    assert (view.state, view.to_officer_why) == (PickupState.OFFICER, Why.UNSEEN)
    assert shop.alerts() == {"pickup_decide": 1}
    assert shop.whys(lids[0]) == [StopWhy.PICKED_UP]  # nobody is blamed for our bag
    with pytest.raises(LendingError) as refused:
        shop.write(forgive_pickup_as_officer(shop), pickup_id=asked, reason=" ")
    assert refused.value.field == "reason"
    shop.write(forgive_pickup_as_officer(shop), pickup_id=asked, reason="차량에서 분실")
    assert shop.view(asked).ending is Ending.FORGIVEN
    for lid in lids:
        assert shop.loop.loans(lid)[0].outcome is Outcome.CLAIMED
        assert shop.loop.item(lid).state is State.LOST
        assert shop.notices(lid) == []
    shop.settle()
    assert shop.alerts() == {}
    shop.loop.check()


def forgive_pickup_as_officer(shop: Deliveries):
    return partial(forgive_pickup, actor=shop.town.officer, keys=shop.loop.keys)


def test_what_comes_late_answers_the_officers_question(shop: Deliveries) -> None:
    _, lids = shop.order(2)
    asked = shop.ask(lids[0]).pickup.id
    shop.take(asked)
    shop.later(hours=50)
    shop.settle()
    shop.receive(lids[0])
    shop.settle()
    view = shop.view(asked)
    assert (view.state, view.to_officer_at) == (PickupState.TAKEN, None)
    assert shop.alerts() == {}


def test_the_officer_says_it_was_not_in_the_bag(shop: Deliveries) -> None:
    _, lids = shop.order(2, to=MINJI)
    asked = shop.ask(lids[0]).pickup.id
    given = {"pickup_id": asked, "actor": shop.town.officer, "keys": shop.loop.keys}
    with pytest.raises(LendingError) as refused:
        shop.write(call_missing, **given)
    assert refused.value.code is Code.CONFLICT
    shop.take(asked)
    shop.write(call_missing, **given)
    assert (shop.view(asked).ending, shop.view(asked).missing) == (Ending.MISSING, 2)
    assert shop.notices(lids[1]) == [NoticeKind.NOT_IN_BAG]


@pytest.mark.parametrize("windowed", [False, True])
def test_late_it_alerts_the_officer_and_stops_the_clock(shop: Deliveries, windowed: bool) -> None:
    window = windows_from(shop.now, SEOUL)[1] if windowed else None
    _, lids = shop.order(2)
    asked = shop.ask(lids[0], window=window)
    due = window.to_at if window else asked.pickup.asked_at
    shop.loop.now = due + 0.99 * DAY
    assert shop.settle().late == 0
    assert shop.whys(lids[1]) == []
    shop.loop.now = due + DAY
    assert shop.settle().late == 1
    assert shop.settle().late == 0
    assert shop.alerts() == {"pickup_late": 1}
    assert [shop.whys(lid) for lid in lids] == [[StopWhy.PICKUP_LATE]] * 2
    shop.take(asked.pickup.id)
    shop.settle()
    assert shop.alerts() == {}


def test_taken_back_after_we_were_late_there_are_days_of_grace(shop: Deliveries) -> None:
    _, (lid, _) = shop.order()
    asked = shop.ask(lid)
    shop.later(days=5)
    shop.settle()
    shop.write(cancel_pickup, secret=asked.code, keys=shop.loop.keys)
    [stop] = shop.stops(lid)
    assert stop.until is not None
    assert 2.9 * DAY < stop.until - shop.now < 3 * DAY
    shop.settle()
    assert shop.alerts() == {}


def test_sent_out_again_by_the_officer(shop: Deliveries) -> None:
    _, (lid, _) = shop.order()
    asked = shop.ask(lid).pickup.id
    for _ in range(3):
        shop.miss(asked)
    shop.settle()
    assert shop.alerts() == {"pickup_decide": 1}
    shop.loop.write(lambda session: send_again(session, pickup_id=asked, actor=shop.town.officer))
    view = shop.view(asked)
    assert (view.state, view.tries) == (PickupState.WAITING, 0)
    assert not shop.miss(asked).to_officer
    shop.settle()
    assert shop.alerts() == {}


def test_hours_are_the_districts_own(shop: Deliveries) -> None:
    read = partial(shop.read, load_pickup_hours, district_id=shop.town.id)
    assert read() == PickupHours(24, 24, 48)
    for hours in (PickupHours(2, 3, 4), PickupHours(5, 3, 4)):
        shop.write(set_pickup_hours, hours=hours, actor=shop.town.officer)
        assert read() == hours
    for wrong, field in ((PickupHours(late=0), "late"), (PickupHours(unseen=721), "unseen")):
        with pytest.raises(LendingError) as refused:
            shop.write(set_pickup_hours, hours=wrong, actor=shop.town.officer)
        assert (refused.value.code, refused.value.field) == (Code.INVALID, field)
    _, (lid, _) = shop.order()
    shop.ask(lid)
    shop.later(hours=5)
    assert shop.settle().late == 1


def test_two_workers_at_once(shop: Deliveries) -> None:
    for _ in range(3):
        _, (lid, _) = shop.order()
        shop.ask(lid)
    shop.later(days=2)
    work = partial(settle_pickups, district_id=shop.town.id, keys=shop.loop.keys, now=shop.now)
    done = at_once([partial(shop.loop.write, work)] * 4)
    assert sum(one.late for one in done) == 3
    assert shop.alerts() == {"pickup_late": 3}


def test_the_worker_goes_through_every_district(shop: Deliveries) -> None:
    _, (lid, _) = shop.order()
    shop.ask(lid)
    shop.later(days=2)
    given = {"keys": shop.loop.keys, "clock": lambda: shop.now}
    assert sweep_all_pickups(shop.loop.engine, **given) == {"late": 1}
    assert sweep_all_pickups(shop.loop.engine, **given, stop=lambda: True) == {}
    assert shop.alerts() == {"pickup_late": 1}
