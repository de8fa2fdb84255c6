"""Anybody who has a lid or a bag asks: once for each order, without being the orderer, within bounds."""

import uuid
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.requests.pickups.ask import (
    OF_ADDRESS,
    OF_BROWSER,
    OF_SUBJECT,
    Askable,
    NewPickup,
    ask_pickup,
    look_askable,
    spend_ask,
)
from lending.requests.pickups.own import cancel_pickup, load_pickup
from lending.requests.pickups.places import OrderSpot
from lending.requests.pickups.tables import Ending, Pickup, PickupLoan, Where
from lending.requests.pickups.views import PickupState
from lending.requests.pickups.windows import ANY, chosen_window, windows_from
from tests.pickups.conftest import HOME, SHOP, Deliveries
from tests.races import at_once

SEOUL = ZoneInfo("Asia/Seoul")
TYPED = OrderSpot("서곶로 3, 2층", "경비실 앞")


def refused(error: pytest.ExceptionInfo[LendingError]) -> tuple[Code, str | None]:
    return error.value.code, error.value.field


def count(shop: Deliveries, table: type = Pickup) -> int:
    with Session(shop.loop.engine) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def look(shop: Deliveries, code: str, browser: str = "phone-1") -> Askable:
    found: Askable = shop.read(
        look_askable, code=code, browser=browser, keys=shop.loop.keys, now=shop.now
    )
    return found


def test_one_request_for_all_lids_of_an_order(shop: Deliveries) -> None:
    order, (first, second, third) = shop.order(3)
    asked = shop.ask(first)
    assert asked.code is not None
    assert (asked.pickup.state, asked.pickup.pieces) == (PickupState.WAITING, 3)
    assert (asked.pickup.occasion_id, asked.pickup.site) == (order, SHOP)
    for code, browser in ((second, "phone-1"), (third, "phone-2")):
        again = shop.ask(code, browser=browser)
        assert (again.pickup.id, again.code) == (asked.pickup.id, None)
    assert (count(shop), count(shop, PickupLoan)) == (1, 3)
    assert look(shop, second).own_code == asked.code  # whose phone it was sees it again
    assert look(shop, second, "phone-2").own_code is None
    _, (other, _) = shop.order()
    assert look(shop, other).open is None
    assert shop.ask(other).pickup.id != asked.pickup.id


def test_two_requests_for_one_bag_at_once(shop: Deliveries) -> None:
    """The same order by its bag and its lid, at the same moment, from two phones."""
    order, (lid,) = shop.order(1)
    bag = shop.loop.new_crate()
    shop.pack(order, bag)
    for codes in ((bag, lid), (lid, lid, bag, bag)):
        news = [
            NewPickup(uuid.uuid4(), code, Where.DOOR, f"phone-{number}")
            for number, code in enumerate(codes)
        ]
        ask = {"keys": shop.loop.keys, "now": shop.now}
        works = [partial(ask_pickup, new=new, **ask) for new in news]
        done = at_once([partial(shop.loop.write, work) for work in works])
        assert len({one.pickup.id for one in done}) == 1
        [own] = [one.code for one in done if one.code]
        shop.write(cancel_pickup, secret=own, keys=shop.loop.keys)
    assert count(shop) == 2


def test_sent_again_it_is_one_and_shows_its_code_again(shop: Deliveries) -> None:
    _, (lid, _) = shop.order()
    id = uuid.uuid4()
    first, again = shop.ask(lid, id=id), shop.ask(lid, id=id)
    assert (first.code, first.pickup.id) == (again.code, id)
    assert shop.ask(lid, id=id, browser="phone-2").code is None
    _, (other, _) = shop.order()
    with pytest.raises(LendingError) as error:
        shop.ask(other, id=id)
    assert refused(error) == (Code.ID_REUSED, "id")


def test_a_piece_lent_at_a_shop_without_an_order_is_asked_for_alone(shop: Deliveries) -> None:
    one, other = shop.loop.clean_cups(2, SHOP)
    for code in (one, other):
        shop.loop.lend(code, None, by=shop.duri)
    with pytest.raises(LendingError) as error:
        shop.ask(one)  # nobody knows where it was brought to
    assert refused(error) == (Code.INVALID, "address")
    asked = shop.ask(one, spot=TYPED)
    assert asked.pickup.pieces == 1
    assert shop.ask(other, spot=TYPED).pickup.id != asked.pickup.id


def test_there_must_be_something_to_pick_up(shop: Deliveries) -> None:
    cup = shop.loop.lent_cup()  # a resident's, from a café
    _, (lid, _) = shop.order()
    shop.loop.give_back(lid)
    for code in (cup, lid, shop.loop.clean_cup()):
        with pytest.raises(LendingError) as error:
            shop.ask(code, spot=TYPED)
        assert refused(error) == (Code.CONFLICT, "code")
        assert not look(shop, code).out
    assert count(shop) == 0


@pytest.mark.parametrize(
    ("place", "spot", "home", "field"),
    [
        (Where.ELSEWHERE, OrderSpot(), HOME, "address"),
        (Where.DOOR, OrderSpot(), None, "address"),
        (Where.NOTE, OrderSpot(), HOME, "note"),
        (Where.ELSEWHERE, OrderSpot("가\x00나"), HOME, "address"),
        (Where.NOTE, OrderSpot(note="가" * 201), HOME, "note"),
        (Where.ELSEWHERE, OrderSpot("심곡로 1", latitude=37.0), HOME, "longitude"),
        (Where.ELSEWHERE, OrderSpot("심곡로 1", latitude=float("nan"), longitude=1.0), HOME, "latitude"),
    ],
)  # fmt: skip
def test_where_to_go_must_be_known(
    shop: Deliveries, place: Where, spot: OrderSpot, home: OrderSpot | None, field: str
) -> None:
    _, (lid, _) = shop.order(home=home)
    with pytest.raises(LendingError) as error:
        shop.ask(lid, place=place, spot=spot)
    assert refused(error) == (Code.INVALID, field)
    assert count(shop) == 0


def test_its_own_code_opens_and_cancels_it(shop: Deliveries) -> None:
    _, (lid, _) = shop.order()
    asked = shop.ask(lid)
    keys, code = shop.loop.keys, asked.code
    assert code is not None
    typed = f" {code[:5].lower()}-{code[5:]} "
    assert shop.read(load_pickup, secret=typed, keys=keys).id == asked.pickup.id
    for wrong in ("", "KKKKK-KKKKK", code[:-1], code + "\x00", asked.pickup.id.hex):
        for work in (load_pickup, partial(cancel_pickup, now=shop.now)):
            with pytest.raises(LendingError) as error:
                shop.loop.write(lambda s, work=work, it=wrong: work(s, secret=it, keys=keys))
            assert refused(error) == (Code.NOT_FOUND, "pickup")
    for _ in range(2):
        gone = shop.write(cancel_pickup, secret=code, keys=keys)
        assert (gone.state, gone.ending) == (PickupState.ENDED, Ending.CANCELLED)
    anew = shop.ask(lid)
    assert anew.pickup.id != asked.pickup.id
    assert anew.code not in (None, code)


def test_what_is_taken_cannot_be_cancelled(shop: Deliveries) -> None:
    _, (lid, _) = shop.order()
    asked = shop.ask(lid)
    shop.take(asked.pickup.id)
    with pytest.raises(LendingError) as error:
        shop.write(cancel_pickup, secret=asked.code, keys=shop.loop.keys)
    assert refused(error) == (Code.CONFLICT, "pickup")
    assert shop.ask(lid, browser="phone-3").pickup.state is PickupState.TAKEN


def spend(shop: Deliveries, code: str, *, browser: str = "phone-1", address: str = "10.0.0.1",
          id: uuid.UUID | None = None) -> None:  # fmt: skip
    new = NewPickup(id or uuid.uuid4(), code, Where.DOOR, browser)
    shop.write(spend_ask, new=new, address=address, keys=shop.loop.keys)


def test_a_browser_an_address_and_a_container_each_ask_so_often(shop: Deliveries) -> None:
    _, (lid, _) = shop.order()
    for number in range(OF_SUBJECT.limit):
        spend(shop, lid, browser=f"phone-{number}", address=f"10.0.0.{number}")
    with pytest.raises(LendingError) as error:
        spend(shop, lid, browser="phone-a", address="10.0.1.1")
    assert (error.value.code, error.value.detail) == (Code.TOO_MANY_TRIES, "pickup_subject")
    lids = [shop.order(1)[1][0] for _ in range(OF_BROWSER.limit + 1)]
    for code in lids[:-1]:
        spend(shop, code, browser="phone-b", address="10.0.2.1")
    with pytest.raises(LendingError) as error:
        spend(shop, lids[-1], browser="phone-b", address="10.0.2.2")
    assert error.value.detail == "pickup_browser"
    shop.later(days=1)
    spend(shop, lids[-1], browser="phone-b", address="10.0.2.2")


def test_an_address_asks_so_often(shop: Deliveries) -> None:
    lids = [shop.order(1)[1][0] for _ in range(OF_ADDRESS.limit // OF_SUBJECT.limit + 1)]
    asks = [(code, number) for code in lids for number in range(OF_SUBJECT.limit)]
    for code, number in asks[: OF_ADDRESS.limit]:
        spend(shop, code, browser=f"phone-{code}-{number}")
    with pytest.raises(LendingError) as error:
        spend(shop, asks[OF_ADDRESS.limit][0], browser="phone-z")
    assert error.value.detail == "pickup_address"


def test_what_is_asked_already_costs_nothing(shop: Deliveries) -> None:
    _, (lid, other) = shop.order()
    id = uuid.uuid4()
    shop.ask(lid, id=id)
    for _ in range(OF_BROWSER.limit + 1):
        spend(shop, lid, id=id)
        spend(shop, other)


def test_hours_to_choose_from(shop: Deliveries) -> None:
    """It is Monday, 10:00 in Seoul: today from nine, tomorrow, the day after."""
    windows = windows_from(shop.now, SEOUL)
    keys = [window.key for window in windows]
    assert keys[:5] == [
        "2026-03-02T09",
        "2026-03-02T12",
        "2026-03-02T15",
        "2026-03-02T18",
        "2026-03-03T09",
    ]
    assert len(keys) == 12
    assert windows[0].to_at - windows[0].from_at == timedelta(hours=3)
    evening = shop.now + timedelta(hours=10, minutes=1)
    assert windows_from(evening, SEOUL)[0].key == "2026-03-03T09"
    assert chosen_window(ANY, now=shop.now, zone=SEOUL) is None
    assert chosen_window(keys[3], now=shop.now, zone=SEOUL) == windows[3]
    for wrong in ("", "2026-03-01T18", "2026-03-09T09", "2026-03-02T10", "x\x00"):
        with pytest.raises(LendingError) as error:
            chosen_window(wrong, now=shop.now, zone=SEOUL)
        assert refused(error) == (Code.INVALID, "window")
    _, (lid, _) = shop.order()
    view = shop.ask(lid, window=windows[3]).pickup
    assert (view.from_at, view.to_at) == (windows[3].from_at, windows[3].to_at)
