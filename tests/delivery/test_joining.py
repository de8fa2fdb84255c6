"""What the shop packs under a platform's number is the platform's order, and of two only one."""

import uuid
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.orders.book import give_number, list_announced
from lending.delivery.orders.page import give_contact
from lending.delivery.tables import ContactKind, Order, OrderStatus
from lending.loop.loans.occasions import loans_of
from lending.requests.pickups.places import OrderSpot, places_of
from tests.delivery.platforms.receiver import Receiver
from tests.delivery.platforms.world import PlatformWorld
from tests.personas import HARU, MINJI, Loop
from tests.races import at_once

HOME = OrderSpot("심곡로 12, 101동 1203호", "문 앞")


@pytest.fixture
def world(loop: Loop) -> PlatformWorld:
    return PlatformWorld(loop, Receiver())


def orders(world: PlatformWorld) -> list[Order]:
    with Session(world.loop.engine) as session:
        return list(session.scalars(sa.select(Order).order_by(Order.made_at)))


def number(
    world: PlatformWorld, occasion: uuid.UUID, text: str, announced: uuid.UUID | None = None
):
    here = world.here()
    return world.loop.write(
        lambda s: give_number(
            s, occasion_id=occasion, number=text, here=here, announced_id=announced
        )
    )


def test_the_number_joins_what_was_announced(world: PlatformWorld) -> None:
    announced = world.say("R-1", number="17", contact=MINJI, spot=HOME).order
    cup, occasion = world.loop.clean_cup(), uuid.uuid4()
    world.beep(occasion, cup)
    joined = number(world, occasion, "17")
    assert (joined.id, joined.occasion_id, joined.platform_ref) == (announced.id, occasion, "R-1")
    [row] = orders(world)
    assert row.status is OrderStatus.PACKED and row.packed_by is not None
    with Session(world.loop.engine) as session:
        assert [one.borrower for one in loans_of(session, [occasion])[occasion]] == [True]
        keys = world.loop.keys
        places = places_of(session, occasion_ids=[occasion, announced.id], keys=keys)
    assert places == {occasion: HOME}
    assert (row.contact_kind, row.contact_sealed) == (ContactKind.PHONE, None)


def test_a_beep_after_that_is_the_platforms_order_too(world: PlatformWorld) -> None:
    world.say("R-1", number="17")
    first, second = world.loop.clean_cups(2)
    occasion = uuid.uuid4()
    world.beep(occasion, first)
    number(world, occasion, "17")
    more = world.beep(occasion, second)
    assert more is not None and more.platform_ref == "R-1" and len(orders(world)) == 1


def test_of_two_platforms_with_one_number_the_packer_chooses(world: PlatformWorld) -> None:
    one, two = world.say("R-1", number="17").order, world.say("R-2", number="17").order
    cup, occasion = world.loop.clean_cup(), uuid.uuid4()
    world.beep(occasion, cup)
    assert number(world, occasion, "17").platform_ref is None
    assert number(world, occasion, "17", two.id).id == two.id
    with Session(world.loop.engine) as session:
        site = world.loop.town.sites[HARU]
        waiting = list_announced(session, site_id=site, now=world.loop.now)
    assert [order.id for order in waiting] == [one.id]


def test_a_contact_told_at_the_pass_goes_along(world: PlatformWorld) -> None:
    world.say("R-1", number="17")
    cup, occasion, here = world.loop.clean_cup(), uuid.uuid4(), world.here()
    world.beep(occasion, cup)
    world.loop.write(partial(give_contact, occasion_id=occasion, text="0507-1111-2222", here=here))
    number(world, occasion, "17")
    [row] = orders(world)
    assert row.contact_kind is ContactKind.SAFE and row.contact_sealed is not None


def test_two_bags_under_one_number_at_once_one_is_the_platforms(world: PlatformWorld) -> None:
    world.say("R-1", number="17")
    occasions = [uuid.uuid4() for _ in range(4)]
    for occasion, cup in zip(occasions, world.loop.clean_cups(4), strict=True):
        world.beep(occasion, cup)
    at_once([partial(number, world, occasion, "17") for occasion in occasions])
    rows = orders(world)
    assert len(rows) == 4 and {row.number for row in rows} == {"17"}
    assert [row.platform_ref for row in rows].count("R-1") == 1
