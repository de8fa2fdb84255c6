"""Random days at a shop, told against an own account of its orders."""

import uuid

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)  # fmt: skip

from lending.db import transaction
from lending.delivery.orders.board import load_board
from lending.delivery.orders.records import What
from lending.loop.steps import Action, State
from lending.people.keys import Keys
from lending.places.sites import load_sites
from lending.requests.pickups.ask import NewPickup, ask_pickup
from lending.requests.pickups.places import OrderSpot, keep_place, places_of
from lending.requests.pickups.tables import Where
from lending.requests.pickups.take import Take, take_pickup
from tests.conftest import LONG
from tests.delivery.shop import SHOP, Shop
from tests.delivery.told import Beep, Told, pick
from tests.personas import HARU, Loop, found_town

numbers = st.integers(0, 10**6)
CUPS, BAGS, INSIDE = 5, 2, 2
HOME = OrderSpot("심곡로 12", "")


class Days(RuleBasedStateMachine):
    """Five containers and two packed bags go out, come back by any way, and go out again."""

    def __init__(self, engine: sa.Engine, keys: Keys) -> None:
        super().__init__()
        self.engine, self.keys = engine, keys

    @initialize()
    def open_shop(self) -> None:
        with transaction(self.engine) as session:
            town = found_town(session, self.keys, prefix=f"T{uuid.uuid4().hex[:7]}".upper())
        self.shop = Shop(Loop(self.engine, self.keys, town))
        self.loop = self.shop.loop
        self.shelf = set(self.shop.containers(CUPS))
        self.bags = dict(self.shop.bag(INSIDE) for _ in range(BAGS))  # on the shelf, packed
        self.orders: list[Told] = []

    # -- at the pass --------------------------------------------------------------------------

    @rule(draw=numbers, new=st.booleans(), late=st.booleans())
    def pack(self, draw: int, new: bool, late: bool) -> None:
        cup = pick(self.shelf, draw)
        if cup is not None:
            self.shelf.remove(cup)
            self.beep(self.order(draw, new), cup, (cup,), late)

    @rule(draw=numbers, new=st.booleans(), late=st.booleans())
    def pack_bag(self, draw: int, new: bool, late: bool) -> None:
        bag = pick(self.bags, draw)
        if bag is not None:
            self.beep(self.order(draw, new), bag, tuple(self.bags.pop(bag)), late)

    def order(self, draw: int, new: bool) -> Told:
        going = [one for one in self.orders if not one.cancelled and not one.erased]
        if new or not going:
            self.orders.append(Told(uuid.uuid4()))
            return self.orders[-1]
        return going[draw % len(going)]

    def beep(self, order: Told, code: str, cups: tuple[str, ...], late: bool) -> None:
        record = self.shop.record(What.BEEP, order.id, code=code)
        if late:  # the tablet had no network
            self.shop.later(minutes=30)
            record = self.shop.record(What.BEEP, order.id, code=code, at=record.at, id=record.id)
        [done] = self.shop.tell(record)
        assert done.error is None, done
        order.beeps.append(Beep(record.id, code, cups))
        order.out |= set(cups)
        if len(order.beeps) == 1:
            self.loop.write(
                lambda session: keep_place(
                    session, occasion_id=order.id, district_id=self.shop.town.id, spot=HOME,
                    keys=self.keys, now=self.loop.now,
                )
            )  # fmt: skip

    @rule(draw=numbers)
    def take_out(self, draw: int) -> None:
        """A beep by mistake, found out while all of it is still at hand."""
        order = pick([one for one in self.orders if one.beeps and not one.cancelled], draw)
        if order is None or not set(order.beeps[-1].cups) <= order.out or order.taken:
            return
        beep = order.beeps.pop()
        record = self.shop.record(What.OUT, order.id, code=beep.code, of=beep.id)
        [done] = self.shop.tell(record)
        assert done.error is None, done
        self.on_the_shelf(order, beep)

    @rule(draw=numbers)
    def cancel(self, draw: int) -> None:
        order = pick([one for one in self.orders if not one.cancelled], draw)
        if order is None or order.taken or not order.is_at_hand():
            return
        [done] = self.shop.tell(self.shop.record(What.CANCEL, order.id))
        assert done.error is None, done
        for beep in order.beeps:
            self.on_the_shelf(order, beep)
        order.cancelled, order.beeps = True, []

    def on_the_shelf(self, order: Told, beep: Beep) -> None:
        order.out -= set(beep.cups)
        if beep.cups == (beep.code,):
            self.shelf.add(beep.code)
        else:
            self.bags[beep.code] = list(beep.cups)

    # -- on its way back ----------------------------------------------------------------------

    @rule(draw=numbers, where=st.sampled_from(["café", "box", "shop", "centre"]))
    def comes_back(self, draw: int, where: str) -> None:
        order = pick([one for one in self.orders if one.out | one.lost], draw)
        cup = order and pick(order.out | order.lost, draw)
        if not order or not cup:
            return
        if where == "centre":
            self.loop.receive(cup, ask=False)
        else:
            town = self.shop.town
            by = {"café": town.mina, "box": town.machine, "shop": self.shop.bora}[where]
            self.loop.give_back(cup, by=by)
        order.out.discard(cup)
        order.lost.discard(cup)
        order.back.add(cup)

    @rule(draw=numbers)
    def is_lost(self, draw: int) -> None:
        order = pick([one for one in self.orders if one.out], draw)
        cup = order and pick(order.out, draw)
        if order and cup:
            self.loop.lose(cup, by=self.shop.town.officer, site=self.loop.site(SHOP))
            order.out.remove(cup)
            order.lost.add(cup)

    @rule(draw=numbers)
    def ask(self, draw: int) -> None:
        order = pick([one for one in self.orders if one.out and not one.cancelled], draw)
        if order is None or order.pickup is not None:
            return
        cup = pick(order.out, draw)
        assert cup
        new = NewPickup(uuid.uuid4(), cup, Where.ELSEWHERE, uuid.uuid4().hex, spot=HOME)
        asked = self.loop.write(
            lambda session: ask_pickup(session, new=new, keys=self.keys, now=self.loop.now)
        )
        order.pickup = asked.pickup.id

    @rule(draw=numbers)
    def is_taken(self, draw: int) -> None:
        """The courier comes by; what is in the bag is nobody's to look at."""
        order = pick([one for one in self.orders if one.pickup and not one.taken and one.out], draw)
        if order is None or order.pickup is None:
            return
        told = Take(uuid.uuid4(), order.pickup, self.loop.now, self.loop.now)
        self.loop.write(
            lambda session: take_pickup(
                session, take=told, actor=self.shop.town.courier, keys=self.keys, now=self.loop.now
            )
        )
        order.taken = True

    @rule()
    def is_washed(self) -> None:
        """What came back goes round, and stands on the shelf anew."""
        done = {cup for order in self.orders if order.is_over for cup in order.back}
        away = sorted(cup for cup in done if self.loop.item(cup).state is not State.READY)
        for cup in [one for one in away if not self.is_out(one)][:2]:
            self.loop.receive(cup, ask=False)
            self.loop.wash(cup)
            self.loop.pass_(cup)
            self.loop.ship(cup, to=self.loop.site(SHOP))
            self.loop.stock(cup, by=self.shop.bora)
            self.shelf.add(cup)

    def is_out(self, cup: str) -> bool:
        return any(cup in one.out | one.lost for one in self.orders)

    @rule(cup=numbers)
    def lends_at_a_cafe(self, cup: int) -> None:
        """A container that went to a café is lent there as any cup is."""
        code = pick(self.shelf, cup)
        if code is not None:
            self.shelf.remove(code)
            self.loop.one(Action.SHIP, code, by=self.shop.bora, ask=False, to=self.loop.site(HARU))
            self.loop.stock(code)
            assert self.loop.lend(code).error is None
            self.loop.give_back(code)

    # -- what must hold -------------------------------------------------------------------------

    @invariant()
    def orders_stand_as_told(self) -> None:
        if not hasattr(self, "shop"):
            return
        self.shop.sweep()
        own = (row for row in self.shop.orders() if row.district_id == self.shop.town.id)
        rows = {row.occasion_id: row for row in own}
        assert len(rows) == len(self.orders)
        for order in self.orders:
            row = rows[order.id]
            assert row.status.value == order.status, order
            assert (row.closed_at is not None) == order.is_over, order
            order.erased = order.erased or order.is_over
        kept = self.shop.read(
            places_of, occasion_ids=[one.id for one in self.orders], keys=self.keys
        )
        assert set(kept) == {one.id for one in self.orders if not one.erased}

    @invariant()
    def the_board_counts_as_told(self) -> None:
        if not hasattr(self, "shop"):
            return
        site_id = self.shop.town.sites[SHOP]
        site = self.shop.read(load_sites, site_ids=[site_id])[site_id]
        board = self.shop.read(load_board, site=site, now=self.loop.now)
        inside = {cup for cups in self.bags.values() for cup in cups}
        assert sum(one.clean for one in board.kinds) == len(self.shelf | inside)
        assert sum(one.out for one in board.kinds) == sum(len(one.out) for one in self.orders)

    def teardown(self) -> None:
        if hasattr(self, "shop"):
            self.loop.check()


def test_random_days(engine: sa.Engine, keys: Keys) -> None:
    run_state_machine_as_test(
        lambda: Days(engine, keys),
        settings=settings(
            max_examples=60 if LONG else 6, stateful_step_count=20, deadline=None,
            print_blob=True,
        ),
    )  # fmt: skip
