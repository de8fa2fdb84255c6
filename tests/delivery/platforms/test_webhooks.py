"""A platform hears of every status once and in order, however its receiver behaves."""

import threading
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.orders.book import give_number
from lending.delivery.platforms.outbox import (
    claim_webhooks,
    settle_taken,
)
from lending.delivery.platforms.register import load_platform
from lending.delivery.platforms.signatures import HEADER, is_signed
from lending.delivery.platforms.signed import Caller
from lending.delivery.platforms.tables import Webhook, Word
from lending.delivery.platforms.words import OrderWord, take_word
from lending.delivery.tables import Order
from tests.delivery.platforms.world import HOUR, SHOP, PlatformWorld
from tests.personas import MINUTE

SECOND = timedelta(seconds=1)


def pack_and_return(world: PlatformWorld, ref: str, *, number: str) -> None:
    """An order's whole way: told, packed, back."""
    world.say(ref, number=number)
    bring_back(world, ref, pack(world, number))


def pack(world: PlatformWorld, number: str) -> str:
    """The order that was told with this number leaves the shop with a cup: its code."""
    occasion, cup = uuid.uuid4(), world.loop.clean_cup()
    world.beep(occasion, cup)
    here = world.here()
    order = world.loop.write(
        lambda s: give_number(s, occasion_id=occasion, number=number, here=here)
    )
    world.refresh(order.id)
    return cup


def bring_back(world: PlatformWorld, ref: str, cup: str) -> None:
    world.loop.give_back(cup)
    with Session(world.loop.engine) as session:
        id = session.scalars(sa.select(Order.id).where(Order.platform_ref == ref)).one()
    world.refresh(id)


WHOLE_WAY = [(1, "waiting"), (2, "packed"), (3, "returned")]


def test_each_status_once_in_order_and_signed(world: PlatformWorld) -> None:
    pack_and_return(world, "A-1", number="17")
    assert world.tell() == {"told": 3}
    assert world.tell() == {}
    assert world.receiver.told("A-1") == WHOLE_WAY
    for heard in world.receiver.heard:
        header = heard.headers[HEADER]
        assert is_signed(header, heard.body, secrets=[world.made.secret], now=world.loop.now)
        assert heard.told.keys() == {"id", "event", "order", "seq", "status", "at"}
        assert heard.told["event"] == "order.status"
    assert len(set(world.receiver.ids())) == 3


@pytest.mark.parametrize(("orders", "hours"), [(6, 1), (1, 6.5)])
def test_a_receiver_down_for_an_hour_hears_all_of_it_afterwards(
    world: PlatformWorld, orders: int, hours: float
) -> None:
    world.receiver.stop()
    for number in range(orders):
        pack_and_return(world, f"A-{number}", number=f"{number}")
    down = world.let_pass(hours * HOUR, every=hours * 5 * SECOND)
    assert world.receiver.heard == []
    assert down["told"] == 0
    assert down["down"] <= 6 + 6 * hours  # left alone for longer and longer, not run over
    with Session(world.loop.engine) as session:
        view = load_platform(
            session, platform_id=world.caller.platform_id, district_id=world.loop.town.id
        )
    assert view.last_error == "ConnectionRefusedError"
    assert view.failing_since is not None
    world.receiver.start()
    world.let_pass(10 * MINUTE, every=5 * SECOND)
    for number in range(orders):
        assert world.receiver.told(f"A-{number}") == WHOLE_WAY
    assert len(set(world.receiver.ids())) == len(world.receiver.ids()) == 3 * orders
    assert world.waiting() == 0
    with Session(world.loop.engine) as session:
        view = load_platform(
            session, platform_id=world.caller.platform_id, district_id=world.loop.town.id
        )
    assert (view.failing_since, view.rests_until, view.last_error) == (None, None, None)


def test_while_it_is_down_the_day_goes_on(world: PlatformWorld) -> None:
    """Orders go out and come back in the hour; the platform's own words come twice and in disorder."""
    world.receiver.stop()
    cups: dict[str, str] = {}
    for number, ref in enumerate(("A-1", "A-2", "A-3")):
        for revision in (2, 1, 2, 1):  # what overtook the first word counts
            world.say(ref, revision, number=f"{revision}{number}")
        cups[ref] = pack(world, f"2{number}")
        world.let_pass(HOUR / 6, every=MINUTE)
    for ref in ("A-3", "A-1"):
        bring_back(world, ref, cups[ref])
        world.let_pass(HOUR / 6, every=MINUTE)
    world.say("A-4", 2, word=Word.CANCEL)  # before its order
    world.say("A-4", 1)
    assert world.receiver.heard == []
    assert world.waiting() == 9
    world.receiver.start()
    world.let_pass(10 * MINUTE, every=5 * SECOND)
    assert world.receiver.told("A-1") == world.receiver.told("A-3") == WHOLE_WAY
    bring_back(world, "A-2", cups["A-2"])
    world.let_pass(MINUTE, every=5 * SECOND)
    assert world.receiver.told("A-2") == WHOLE_WAY
    assert world.receiver.told("A-4") == [(1, "cancelled")]
    assert world.waiting() == 0
    assert world.count(Order) == 4


@pytest.mark.parametrize("answer", [503, 0, 429, 301])
def test_what_was_not_answered_is_sent_again_under_the_same_id(
    world: PlatformWorld, answer: int
) -> None:
    world.receiver.answers = [200, answer, answer]
    pack_and_return(world, "A-1", number="17")
    world.let_pass(HOUR, every=5 * SECOND)
    seqs = [seq for seq, _ in world.receiver.told("A-1")]
    assert seqs == [1, 2, 2, 2, 3]  # never the next before this one was taken
    ids = world.receiver.ids()
    assert ids[1] == ids[2] == ids[3]
    assert len(set(ids)) == 3


def test_one_order_that_is_refused_holds_up_no_other(world: PlatformWorld) -> None:
    world.say("BAD")
    world.receiver.answers = [422]
    world.tell()
    for number in range(3):
        pack_and_return(world, f"A-{number}", number=f"{number}")
    assert world.tell()["told"] == 9 + (world.receiver.told("BAD") == [(1, "waiting")] * 2)
    for number in range(3):
        assert world.receiver.told(f"A-{number}") == WHOLE_WAY


def test_one_order_at_which_the_receiver_falls_over_delays_the_others_by_seconds(
    world: PlatformWorld,
) -> None:
    world.receiver.breaks_on = "BAD"
    world.say("BAD")
    for number in range(3):
        pack_and_return(world, f"A-{number}", number=f"{number}")
    world.let_pass(MINUTE, every=5 * SECOND)
    for number in range(3):
        assert world.receiver.told(f"A-{number}") == WHOLE_WAY
    world.receiver.breaks_on = ""
    world.let_pass(HOUR, every=MINUTE)
    assert world.waiting() == 0


def test_one_platform_that_is_down_holds_up_no_other(world: PlatformWorld) -> None:
    world.add("배달나비", "http://127.0.0.1:9/told")
    other = Caller(world.caller.platform_id + 1, world.loop.town.id)
    world.say("B-1", caller=other)
    world.say("A-1")
    assert world.tell() == {"told": 1, "down": 1}
    assert world.receiver.told("A-1") == [(1, "waiting")]


def test_two_workers_at_once_send_nothing_twice(world: PlatformWorld) -> None:
    for number in range(10):
        pack_and_return(world, f"A-{number}", number=f"{number}")
    threads = [threading.Thread(target=world.tell) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.tell()
    assert len(world.receiver.ids()) == len(set(world.receiver.ids())) == 30
    for number in range(10):
        assert world.receiver.told(f"A-{number}") == WHOLE_WAY


def test_a_worker_that_died_while_sending_is_taken_over_and_late_words_of_it_do_not_count(
    world: PlatformWorld,
) -> None:
    world.say("A-1")
    world.say("A-1", 2, word=Word.CANCEL)
    now = world.loop.now
    [claimed] = world.loop.write(
        lambda s: claim_webhooks(s, platform_id=world.caller.platform_id, limit=20, now=now)
    )
    assert claimed.seq == 1
    assert world.tell() == {}  # leased: neither it nor what follows it
    world.loop.now += 3 * MINUTE
    assert world.tell() == {"told": 2}
    assert world.receiver.told("A-1") == [(1, "waiting"), (2, "cancelled")]
    assert not world.loop.write(lambda s: settle_taken(s, claimed=claimed, now=world.loop.now))


def test_nothing_is_queued_without_its_line_nor_a_line_without_it(world: PlatformWorld) -> None:
    with Session(world.loop.engine.execution_options(writes=True)) as session:
        take_word(
            session, OrderWord("A-1", 1, SHOP), caller=world.caller, keys=world.loop.keys,
            now=world.loop.now,
        )  # fmt: skip
        session.rollback()  # the server dies before the end
    assert world.count(Webhook) == 0
    world.say("A-1")
    with Session(world.loop.engine) as session:
        [row] = session.scalars(sa.select(Webhook))
    assert row.seq == 1
