"""Random days of pick-ups: every request and every clock is what a plain reading of the days says."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lending.db import transaction
from lending.errors import Code, LendingError
from lending.loop.verify import verify
from lending.people.keys import Keys
from lending.requests.pickups.decide import (
    call_missing,
    forgive_pickup,
    refuse_pickup,
    send_again,
)
from lending.requests.pickups.own import cancel_pickup
from lending.requests.pickups.places import places_of
from lending.requests.pickups.tables import Ending
from lending.requests.pickups.untake import untake_pickup
from tests.conftest import LONG
from tests.personas import Loop, found_town
from tests.pickups.conftest import Deliveries, add_round
from tests.pickups.on_paper import CALLED_OFF, Order, Told, last_asked, some_open

which = st.integers(0, 50)


class Days(RuleBasedStateMachine):
    """Two orders of two containers, three phones, two couriers, an officer and the worker."""

    def __init__(self, engine: sa.Engine, keys: Keys) -> None:
        super().__init__()
        self.engine, self.keys = engine, keys

    @initialize()
    def open_shop(self) -> None:
        with transaction(self.engine) as session:
            town = found_town(session, self.keys, prefix=f"T{uuid.uuid4().hex[:8].upper()}-")
        self.shop = Deliveries(Loop(self.engine, self.keys, town))
        made = [self.shop.order(2) for _ in range(2)]
        self.orders = [Order(id, lids, set(lids)) for id, lids in made]
        self.rounds = [add_round(self.shop.loop) for _ in range(4)]
        self.ids: set[uuid.UUID] = set()

    @property
    def now(self) -> datetime:
        return self.shop.now

    # -- who has a lid in hand ------------------------------------------------------------------

    @rule(order=which, lid=which, phone=st.sampled_from(["a", "b", "c"]))
    def ask(self, order: int, lid: int, phone: str) -> None:
        one = self.orders[order % 2]
        code, open_now, at = one.lids[lid % 2], one.open, self.now
        if code not in one.out:
            return self.refused(Code.CONFLICT, lambda: self.shop.ask(code, browser=phone))
        asked = self.shop.ask(code, browser=phone)
        if open_now is not None:
            assert (asked.pickup.id, asked.code) == (open_now.id, None)
            return None
        assert asked.code is not None
        assert asked.pickup.id not in self.ids
        self.ids.add(asked.pickup.id)
        one.requests.append(Told(asked.pickup.id, asked.code, at, pieces=set(one.out)))
        return None

    @precondition(lambda self: any(one.requests for one in self.orders))
    @rule(order=which)
    def cancel(self, order: int) -> None:
        """By the code of the last request, whatever became of it."""
        one, told = last_asked(self.orders, order)
        work = lambda: self.shop.write(cancel_pickup, secret=told.code, keys=self.keys)  # noqa: E731
        if told.ending is None and told.takes:
            return self.refused(Code.CONFLICT, work)
        work()
        if told.ending is None:
            one.call_off(told, Ending.CANCELLED)
        return None

    @rule(order=which, lid=which)
    def bring_back(self, order: int, lid: int) -> None:
        one = self.orders[order % 2]
        code = one.lids[lid % 2]
        self.shop.loop.give_back(code, by=self.shop.town.yuna)
        one.out.discard(code)

    # -- couriers and the centre ----------------------------------------------------------------

    @precondition(lambda self: any(one.requests for one in self.orders))
    @rule(order=which, number=which, lid=st.sampled_from([None, 0, 1]), kim=st.booleans())
    def take(self, order: int, number: int, lid: int | None, kim: bool) -> None:
        """Word of it may come after the request was called off, or asked for anew."""
        one, _ = last_asked(self.orders, order)
        named = one.requests[number % len(one.requests)]
        told = (one.open or named) if named.ending in CALLED_OFF else named
        by, id, at = self.shop.kim if kim else self.shop.lee, uuid.uuid4(), self.now
        codes = [one.lids[lid]] if lid is not None else []
        took = self.shop.take(named.id, *codes, by=by, id=id)
        one.out -= set(codes)
        name = f"token:{by.id}"
        assert took.pickup_id == told.id
        if told.ending in CALLED_OFF:
            told.ending, told.takes, told.reopened = None, [], True
        if told.ending is not None:
            return
        told.take(id, name, at)
        assert (took.taken_by, took.taken_at) == told.takes[0][1:]
        assert took.mine == (told.takes[0][1] == name)

    @precondition(lambda self: any(one.open and one.open.takes for one in self.orders))
    @rule(order=which, number=which)
    def untake(self, order: int, number: int) -> None:
        told = some_open(self.orders, order, lambda one: one.takes)
        id, name, _ = told.takes[number % len(told.takes)]
        by = self.shop.kim if name == "token:8" else self.shop.lee
        work = lambda: self.shop.write(untake_pickup, take_id=id, actor=by, keys=self.keys)  # noqa: E731
        if told.arrived_at is not None:
            return self.refused(Code.CONFLICT, work)
        work()
        told.untake(id)
        return None

    @precondition(lambda self: any(one.requests for one in self.orders))
    @rule(order=which, number=st.integers(0, 3))
    def miss(self, order: int, number: int) -> None:
        _, told = last_asked(self.orders, order)
        missed = self.shop.miss(told.id, round_id=self.rounds[number])
        told.miss(number)
        assert missed.tries == told.tries

    @rule(order=which, lid=which)
    def receive(self, order: int, lid: int) -> None:
        one, at = self.orders[order % 2], self.now
        code = one.lids[lid % 2]
        self.shop.loop.receive(code)
        one.out.discard(code)
        if one.open is not None and one.open.takes and code in one.open.pieces:
            one.open.received_at = one.open.received_at or at

    # -- the office and time --------------------------------------------------------------------

    @precondition(lambda self: any(one.open for one in self.orders))
    @rule(order=which, what=st.sampled_from(["again", "refuse", "missing", "forgive"]))
    def decide(self, order: int, what: str) -> None:
        told = some_open(self.orders, order, lambda one: True)
        one = next(each for each in self.orders if told in each.requests)
        officer, keys = self.shop.town.officer, self.keys
        works = {
            "again": lambda s, now: send_again(s, pickup_id=told.id, actor=officer),
            "refuse": lambda s, now: refuse_pickup(
                s, pickup_id=told.id, reason="x", actor=officer, keys=keys, now=now
            ),
            "missing": lambda s, now: call_missing(
                s, pickup_id=told.id, actor=officer, keys=keys, now=now
            ),
            "forgive": lambda s, now: forgive_pickup(
                s, pickup_id=told.id, reason="x", actor=officer, keys=keys, now=now
            ),
        }
        work = lambda: self.shop.write(works[what])  # noqa: E731
        if bool(told.takes) == (what in ("again", "refuse")):
            return self.refused(Code.CONFLICT, work)
        work()
        one.decide(told, what)
        return None

    @rule(hours=st.sampled_from([1, 7, 13, 25, 49]))
    def pass_time(self, hours: int) -> None:
        self.shop.later(hours=hours)

    @rule()
    def settle(self) -> None:
        self.sweep()

    def sweep(self) -> None:
        now = self.now
        self.shop.settle()
        for one in self.orders:
            if (told := one.open) is not None:
                one.settle(told, now)

    # -- what must be so ------------------------------------------------------------------------

    @invariant()
    def requests_are_as_told(self) -> None:
        for one in getattr(self, "orders", []):
            for told in one.requests:
                view, row = self.shop.view(told.id), self.shop.row(told.id)
                taken = told.takes[0] if told.takes else None
                assert view.ending == told.ending
                if told.ending is None:
                    assert (view.tries, view.to_officer_why) == (told.tries, told.officer)
                    assert (view.late_at is not None) == told.late
                    assert view.pieces == len(one.out)
                    assert view.taken_by == (taken[1] if taken else None)
                else:
                    assert (row.sealed, row.device_digest) == (None, None)

    @invariant()
    def clocks_are_as_told(self) -> None:
        for one in getattr(self, "orders", []):
            for lid in one.lids:
                assert self.shop.is_open(lid) == (lid in one.out)
                if lid in one.out:
                    assert set(self.shop.whys(lid)) == one.stops_of(lid)

    def teardown(self) -> None:
        if not hasattr(self, "shop"):
            return
        self.sweep()
        known = self.shop.read(
            places_of, occasion_ids=[one.id for one in self.orders], keys=self.keys
        )
        assert set(known) == {one.id for one in self.orders if one.out}
        self.shop.loop.check()

    # -- small things ---------------------------------------------------------------------------

    def refused(self, code: Code, work) -> None:
        try:
            work()
        except LendingError as error:
            assert error.code is code
        else:
            raise AssertionError(f"not refused: {code}")


def test_random_days(engine: sa.Engine, keys: Keys, backend: str) -> None:
    examples = (200 if LONG else 12) if backend == "sqlite" else (50 if LONG else 5)
    run_state_machine_as_test(
        lambda: Days(engine, keys),
        settings=settings(settings(), max_examples=examples, stateful_step_count=30),
    )
    assert list(verify(engine)) == []
