"""What a platform says of an order counts once, the latest revision first of all."""

import random
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.orders.book import give_number
from lending.delivery.platforms.signed import Caller
from lending.delivery.platforms.tables import PlatformWord, Webhook, Word
from lending.delivery.platforms.words import OrderWord, Result, load_story, take_word
from lending.delivery.tables import ContactKind, Order, OrderStatus
from lending.errors import Code, LendingError
from lending.loop.tables import ScanBorrower
from lending.requests.pickups.places import OrderSpot
from lending.requests.pickups.tables import OrderPlace
from tests.delivery.platforms.world import SHOP, PlatformWorld
from tests.personas import MINJI, NABI

HOME = OrderSpot("한빛아파트 101동 2003호", "문 앞", 37.5, 126.7)


def test_an_order_is_taken_once(world: PlatformWorld) -> None:
    first, again = world.say("A-1"), world.say("A-1")
    assert (first.result, again.result) == (Result.RECORDED, Result.REPEATED)
    assert first.order.id == again.order.id
    assert (first.order.status, first.order.status_seq) == (OrderStatus.WAITING, 1)
    assert [world.count(table) for table in (Order, PlatformWord, Webhook)] == [1, 1, 1]


def test_a_later_revision_counts_and_an_older_one_changes_nothing(world: PlatformWorld) -> None:
    world.say("A-1", 2, number="17", reusable=True)
    assert world.say("A-1", 1, number="16", reusable=False).result is Result.OUTDATED
    order = world.say("A-1", 3, number="18", reusable=False).order
    assert (order.revision, order.number, order.reusable) == (3, "18", False)
    assert order.status is OrderStatus.SINGLE_USE
    back = world.say("A-1", 4, reusable=True).order
    assert (back.number, back.status) == ("18", OrderStatus.WAITING)
    assert world.say("A-1", 3, number="18", reusable=False).result is Result.REPEATED


def test_a_revision_that_said_something_else_is_refused(world: PlatformWorld) -> None:
    world.say("A-1", 1, number="17")
    for other in ({"number": "18"}, {"number": "17", "word": Word.CANCEL}):
        with pytest.raises(LendingError) as caught:
            world.say("A-1", 1, **other)
        assert (caught.value.code, caught.value.field) == (Code.ID_REUSED, "revision")
    assert world.say("A-1", 1, number="17").order.number == "17"


def test_a_cancellation_that_overtakes_its_order_is_kept_for_it(world: PlatformWorld) -> None:
    gone = world.say("A-1", 2, word=Word.CANCEL)
    assert (gone.result, gone.order.status) == (Result.RECORDED, OrderStatus.CANCELLED)
    late = world.say("A-1", 1, contact=MINJI, spot=HOME)
    assert (late.result, late.order.status) == (Result.OUTDATED, OrderStatus.CANCELLED)
    again = world.say("A-1", 3)
    assert again.order.status is OrderStatus.CANCELLED
    assert world.count(OrderPlace) == 0


def test_a_shop_that_nobody_named_is_refused_and_nothing_kept(world: PlatformWorld) -> None:
    with pytest.raises(LendingError) as caught:
        world.say("A-1", shop="shop-18")
    assert (caught.value.code, caught.value.field) == (Code.INVALID, "shop")
    assert world.count(Order) == 0


def test_each_platform_has_orders_of_its_own(world: PlatformWorld) -> None:
    other = Caller(world.add("배달나비", world.receiver.url).platform_id, world.loop.town.id)
    mine, theirs = world.say("A-1").order, world.say("A-1", caller=other).order
    assert mine.id != theirs.id
    with Session(world.loop.engine) as session:
        assert load_story(session, caller=other, ref="A-1")[0].id == theirs.id
        world.say("A-2")
        with pytest.raises(LendingError) as caught:
            load_story(session, caller=other, ref="A-2")
    assert caught.value.code is Code.NOT_FOUND


def test_the_same_order_from_eight_sides_at_once_is_one(world: PlatformWorld) -> None:
    def say(number: int) -> Result:
        word = OrderWord("A-1", 1 + number % 2, SHOP, number=f"{number % 2}", spot=HOME)
        taken = world.loop.write(
            lambda session: take_word(
                session, word, caller=world.caller, keys=world.loop.keys, now=world.loop.now
            )
        )
        result: Result = taken.result
        return result

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(say, range(8)))
    assert world.count(Order) == 1
    with Session(world.loop.engine) as session:
        assert session.scalars(sa.select(Order)).one().number == "1"
    assert results[1::2].count(Result.RECORDED) == 1  # revision 2, by whoever was first
    assert results[0::2].count(Result.RECORDED) <= 1  # revision 1: recorded before, or outdated
    assert set(results[0::2]) <= {Result.RECORDED, Result.REPEATED, Result.OUTDATED}


def test_whatever_the_order_of_arrival_the_end_is_the_same(world: PlatformWorld) -> None:
    words = [
        {"revision": 1, "number": "1", "reusable": True},
        {"revision": 2, "number": "2", "reusable": False},
        {"revision": 3, "number": "3", "reusable": True, "contact": "050-7123-4567"},
        {"revision": 4, "number": "4", "reusable": True},
    ]
    rng = random.Random(5)
    for turn in range(12):
        for word in rng.sample([*words, *words], 8):
            world.say(f"R-{turn}", **word)
        with Session(world.loop.engine) as session:
            order, _ = load_story(session, caller=world.caller, ref=f"R-{turn}")
        assert (order.revision, order.number, order.status) == (4, "4", OrderStatus.WAITING)


# -- what is kept of an orderer ---------------------------------------------------------------


def kept(world: PlatformWorld, ref: str = "A-1") -> tuple[ContactKind, bool, int]:
    with Session(world.loop.engine) as session:
        row = session.scalars(sa.select(Order).where(Order.platform_ref == ref)).one()
        return row.contact_kind, row.contact_sealed is not None, world.count(OrderPlace)


@pytest.mark.parametrize(
    ("contact", "kind"),
    [
        (MINJI, ContactKind.PHONE),
        ("0507-1234-5678", ContactKind.SAFE),
        ("+82 50 7123 45678", ContactKind.SAFE),
        ("010-12", ContactKind.NONE),  # no number: the order is taken all the same
        ("1588-1588", ContactKind.NONE),
    ],
)
def test_a_contact_is_known_by_its_kind(
    world: PlatformWorld, contact: str, kind: ContactKind
) -> None:
    order = world.say("A-1", contact=contact, spot=HOME).order
    assert order.contact is kind
    assert kept(world) == (kind, kind is not ContactKind.NONE, 1)


def test_of_an_order_without_reusable_ware_nothing_personal_is_kept(world: PlatformWorld) -> None:
    world.say("A-1", reusable=False, contact=MINJI, spot=HOME)
    assert kept(world) == (ContactKind.NONE, False, 0)
    world.say("A-2", contact=MINJI, spot=HOME)
    world.say("A-2", 2, reusable=False)
    assert kept(world, "A-2")[1:] == (False, 0)


def test_a_cancellation_forgets_the_orderer(world: PlatformWorld) -> None:
    world.say("A-1", contact="050-7123-4567", spot=HOME)
    world.say("A-1", 2, word=Word.CANCEL)
    assert kept(world)[1:] == (False, 0)


def test_a_contact_in_the_place_of_a_number_is_left_out(world: PlatformWorld) -> None:
    assert world.say("A-1", number="050-7123-4567").order.number is None
    assert world.say("A-1", 2, number="17").order.number == "17"
    assert world.say("A-1", 3, number="010-2345-6789").order.number == "17"


# -- before and after it is packed ------------------------------------------------------------


def test_packed_before_the_platform_told_of_it_is_the_same_order(world: PlatformWorld) -> None:
    occasion, cup = uuid.uuid4(), world.loop.clean_cup()
    world.beep(occasion, cup)
    here = world.here()
    world.loop.write(lambda s: give_number(s, occasion_id=occasion, number="17", here=here))
    taken = world.say("A-1", number="17", contact=MINJI, spot=HOME)
    assert (taken.order.occasion_id, taken.order.status) == (occasion, OrderStatus.PACKED)
    assert world.count(Order) == 1
    assert kept(world) == (ContactKind.PHONE, False, 1)  # her loan now, and no number here
    with Session(world.loop.engine) as session:
        borrower = session.scalars(sa.select(ScanBorrower.resident_id)).one()
    assert borrower == world.loop.town.residents[MINJI]
    world.tell()
    assert world.receiver.told("A-1") == [(1, "packed")]


def test_packed_under_a_number_that_two_orders_have_is_nobodys(world: PlatformWorld) -> None:
    for _ in range(2):
        occasion = uuid.uuid4()
        world.beep(occasion, world.loop.clean_cup())
        here = world.here()
        world.loop.write(
            lambda s, occasion=occasion, here=here: give_number(
                s, occasion_id=occasion, number="17", here=here
            )
        )
    assert world.say("A-1", number="17").order.status is OrderStatus.WAITING


def test_once_packed_neither_shop_nor_ware_is_the_platforms_to_change(
    world: PlatformWorld,
) -> None:
    occasion = uuid.uuid4()
    world.beep(occasion, world.loop.clean_cup())
    here = world.here()
    world.loop.write(lambda s: give_number(s, occasion_id=occasion, number="17", here=here))
    world.name_shop("shop-18", NABI)
    order = world.say("A-1", number="17").order
    moved = world.say("A-1", 2, number="17", shop="shop-18", reusable=False).order
    assert (moved.site_id, moved.reusable) == (order.site_id, True)
    assert moved.status is OrderStatus.PACKED
    assert world.say("A-2", shop="shop-18").order.site_id == world.loop.town.sites[NABI]
