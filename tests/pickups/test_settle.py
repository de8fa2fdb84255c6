"""What becomes of a request: closed when all came, fresh days for what is missing, late, erased."""

import uuid
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.clock_stops import sweep_stops
from lending.loop.standing_still import StopWhy
from lending.loop.steps import Outcome, State
from lending.notices.tables import Alert, Erasure, Notice, NoticeKind
from lending.photos.keep import Snapshot, keep_photo, photos_about
from lending.requests.pickups.decide import (
    call_missing,
    forgive_pickup,
    refuse_pickup,
    send_again,
)
from lending.requests.pickups.hours import PickupHours, load_pickup_hours, set_pickup_hours
from lending.requests.pickups.own import cancel_pickup
from lending.requests.pickups.places import OrderSpot, keep_place, places_of
from lending.requests.pickups.settle import settle_pickups
from lending.requests.pickups.tables import Ending, Where, Why
from lending.requests.pickups.views import PickupState
from lending.requests.pickups.windows import windows_from
from lending.requests.pickups.worker import sweep_all_pickups
from tests.personas import DAY, MINJI
from tests.pickups.conftest import HOME, SHOP, Deliveries
from tests.pickups.test_ask import SEOUL
from tests.pickups.test_take import whys
from tests.races import at_once


def alerts(shop: Deliveries) -> dict[str, int]:
    query = sa.select(Alert.kind, Alert.count).where(
        Alert.closed_at.is_(None), Alert.kind.startswith("pickup_")
    )
    with Session(shop.loop.engine) as session:
        return {row.kind: row[1] for row in session.execute(query)}


def notices(shop: Deliveries, code: str) -> list[NoticeKind]:
    lends = [loan.id for loan in shop.loop.loans(code)]
    with Session(shop.loop.engine) as session:
        return list(session.scalars(sa.select(Notice.kind).where(Notice.lend_id.in_(lends))))


def receive(shop: Deliveries, code: str, bag: str | None = None) -> None:
    """Jun finds a piece in the bag."""
    shop.loop.receive(code, **({"crate": bag} if bag else {}))


def test_what_the_centre_receives_closes_it(shop: Deliveries) -> None:
    order, lids = shop.order(2)
    bag = shop.loop.new_crate()
    shop.pack(order, bag)
    asked = shop.ask(lids[0]).pickup.id
    took = shop.take(asked, bag)
    shop.later(hours=5)
    receive(shop, bag)
    receive(shop, lids[0], bag)
    shop.settle()
    assert shop.view(asked).state is PickupState.TAKEN
    receive(shop, lids[1], bag)
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
    receive(shop, came)
    shop.settle()
    shop.later(hours=23)
    assert shop.settle().missing == 0
    assert whys(shop, lost) == [StopWhy.PICKED_UP]
    shop.later(hours=1)
    assert shop.settle().missing == 1
    assert shop.settle().missing == 0
    view = shop.view(asked)
    assert (view.ending, view.missing) == (Ending.MISSING, 1)
    assert whys(shop, lost) == []
    assert notices(shop, lost) == [NoticeKind.NOT_IN_BAG]
    due = shop.loop.due(shop.loop.loans(lost)[0].id)
    assert 3 * DAY <= due - shop.now < 4 * DAY + DAY
    assert not any(notices(shop, code) for code in (came,))
    # It can be asked for again, and is found.
    anew = shop.ask(lost).pickup.id
    shop.take(anew)
    assert whys(shop, lost) == [StopWhy.PICKED_UP]
    receive(shop, lost)
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
    receive(shop, came)
    shop.settle()
    shop.later(hours=24)
    assert shop.settle().missing == 1
    assert notices(shop, lost) == [NoticeKind.NOT_IN_BAG]
    assert shop.loop.loans(lost)[0].resumed_at is not None
    assert whys(shop, lost) == []
    shop.loop.check()


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
    assert alerts(shop) == {"pickup_decide": 1}
    assert whys(shop, lids[0]) == [StopWhy.PICKED_UP]  # nobody is blamed for our bag
    with pytest.raises(LendingError) as refused:
        shop.write(forgive_pickup_as_officer(shop), pickup_id=asked, reason=" ")
    assert refused.value.field == "reason"
    shop.write(forgive_pickup_as_officer(shop), pickup_id=asked, reason="차량에서 분실")
    assert shop.view(asked).ending is Ending.FORGIVEN
    for lid in lids:
        assert shop.loop.loans(lid)[0].outcome is Outcome.CLAIMED
        assert shop.loop.item(lid).state is State.LOST
        assert notices(shop, lid) == []
    shop.settle()
    assert alerts(shop) == {}
    shop.loop.check()


def forgive_pickup_as_officer(shop: Deliveries):
    return partial(forgive_pickup, actor=shop.town.officer, keys=shop.loop.keys)


def test_what_comes_late_answers_the_officers_question(shop: Deliveries) -> None:
    _, lids = shop.order(2)
    asked = shop.ask(lids[0]).pickup.id
    shop.take(asked)
    shop.later(hours=50)
    shop.settle()
    receive(shop, lids[0])
    shop.settle()
    view = shop.view(asked)
    assert (view.state, view.to_officer_at) == (PickupState.TAKEN, None)
    assert alerts(shop) == {}


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
    assert notices(shop, lids[1]) == [NoticeKind.NOT_IN_BAG]


@pytest.mark.parametrize("windowed", [False, True])
def test_late_it_alerts_the_officer_and_stops_the_clock(shop: Deliveries, windowed: bool) -> None:

    window = windows_from(shop.now, SEOUL)[1] if windowed else None
    _, lids = shop.order(2)
    asked = shop.ask(lids[0], window=window)
    due = window.to_at if window else asked.pickup.asked_at
    shop.loop.now = due + 0.99 * DAY
    assert shop.settle().late == 0
    assert whys(shop, lids[1]) == []
    shop.loop.now = due + DAY
    assert shop.settle().late == 1
    assert shop.settle().late == 0
    assert alerts(shop) == {"pickup_late": 1}
    assert [whys(shop, lid) for lid in lids] == [[StopWhy.PICKUP_LATE]] * 2
    shop.take(asked.pickup.id)
    shop.settle()
    assert alerts(shop) == {}


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
    assert alerts(shop) == {}


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
    assert whys(shop, late) == [StopWhy.PICKED_UP]
    [later] = shop.loop.clean_cups(1, SHOP)  # and one told after the taking
    shop.pack(order, later)
    assert shop.settle().came == 0
    assert whys(shop, later) == [StopWhy.PICKED_UP]


def photo(shop: Deliveries, about: uuid.UUID) -> None:
    snapshot = Snapshot(b"jpeg", shop.town.id, shop.town.sites[SHOP], about)
    shop.write(keep_photo, snapshot=snapshot)


def photos(shop: Deliveries, *about: uuid.UUID) -> int:
    given = {"district_id": shop.town.id, "about": about, "now": shop.now}
    return len(shop.read(photos_about, **given))


@pytest.mark.parametrize("how", ["came", "missing", "cancelled", "refused", "forgiven"])
def test_nothing_of_the_asker_is_kept(shop: Deliveries, how: str) -> None:
    """Note, address, photos (the asker's and the courier's) and the browser go with the request."""
    order, (lid, other) = shop.order(2)
    typed = OrderSpot("서곶로 3, 203호", "010-1234-5678로 전화 주세요")
    asked = shop.ask(lid, place=Where.ELSEWHERE, spot=typed)
    id, visit = asked.pickup.id, uuid.uuid4()
    photo(shop, id)
    photo(shop, visit)
    shop.miss(id, id=visit)
    assert typed.address.encode() not in (shop.row(id).sealed or b"")
    given = {"pickup_id": id, "actor": shop.town.officer, "keys": shop.loop.keys}
    if how in ("missing", "forgiven"):
        shop.take(id)
    match how:
        case "came":
            shop.loop.give_back(lid)
            shop.loop.give_back(other)
            shop.settle()
        case "missing":
            shop.write(call_missing, **given)
        case "cancelled":
            shop.write(cancel_pickup, secret=asked.code, keys=shop.loop.keys)
        case "refused":
            shop.write(refuse_pickup, reason="장난", **given)
        case "forgiven":
            shop.write(forgive_pickup, reason="분실", **given)
    row = shop.row(id)
    assert row.ending is Ending(how)
    assert (row.sealed, row.device_digest) == (None, None)
    assert photos(shop, id, visit) == 0
    with Session(shop.loop.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Erasure)) >= 1
    kept = shop.read(places_of, occasion_ids=[order], keys=shop.loop.keys)
    shop.settle()
    left = shop.read(places_of, occasion_ids=[order], keys=shop.loop.keys)
    still_out = how in ("missing", "cancelled", "refused")
    assert (order in left) == still_out
    assert kept.get(order, HOME) == HOME


def test_an_orders_address_goes_with_its_last_loan(shop: Deliveries) -> None:
    order, lids = shop.order(2)
    never = uuid.uuid4()

    shop.write(
        keep_place, occasion_id=never, district_id=shop.town.id, spot=HOME, keys=shop.loop.keys
    )

    def known() -> set[uuid.UUID]:
        return set(shop.read(places_of, occasion_ids=[order, never], keys=shop.loop.keys))

    shop.loop.give_back(lids[0])
    shop.settle()
    assert known() == {order, never}
    shop.loop.give_back(lids[1])
    assert shop.settle().erased == 1
    assert known() == {never}
    shop.later(days=2)
    assert shop.settle().erased == 1


def test_sent_out_again_by_the_officer(shop: Deliveries) -> None:
    _, (lid, _) = shop.order()
    asked = shop.ask(lid).pickup.id
    for _ in range(3):
        shop.miss(asked)
    shop.settle()
    assert alerts(shop) == {"pickup_decide": 1}
    shop.loop.write(lambda session: send_again(session, pickup_id=asked, actor=shop.town.officer))
    view = shop.view(asked)
    assert (view.state, view.tries) == (PickupState.WAITING, 0)
    assert not shop.miss(asked).to_officer
    shop.settle()
    assert alerts(shop) == {}


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
    assert alerts(shop) == {"pickup_late": 3}


def test_the_worker_goes_through_every_district(shop: Deliveries) -> None:

    _, (lid, _) = shop.order()
    shop.ask(lid)
    shop.later(days=2)
    given = {"keys": shop.loop.keys, "clock": lambda: shop.now}
    assert sweep_all_pickups(shop.loop.engine, **given) == {"late": 1}
    assert sweep_all_pickups(shop.loop.engine, **given, stop=lambda: True) == {}
    assert alerts(shop) == {"pickup_late": 1}
