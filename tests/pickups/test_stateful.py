"""Random days of pick-ups: every request and every clock is what a plain reading of the days says."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

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
from lending.loop.standing_still import StopWhy
from lending.loop.verify import verify
from lending.people.keys import Keys
from lending.requests.pickups.decide import (
    call_missing,
    forgive_pickup,
    refuse_pickup,
    send_again,
)
from lending.requests.pickups.miss import MOST_TRIES
from lending.requests.pickups.own import cancel_pickup
from lending.requests.pickups.places import places_of
from lending.requests.pickups.tables import Ending, Why
from lending.requests.pickups.untake import untake_pickup
from tests.conftest import LONG
from tests.personas import Loop, found_town
from tests.pickups.conftest import Deliveries

HOUR = timedelta(hours=1)
CALLED_OFF = (Ending.CANCELLED, Ending.REFUSED)
which = st.integers(0, 50)


@dataclass
class Told:
    """A request as somebody with a sheet of paper would keep it."""

    id: uuid.UUID
    code: str
    asked_at: datetime
    tries: int = 0
    officer: Why | None = None
    late: bool = False
    pieces: set[str] = field(default_factory=set)  # what it is about
    reopened: bool = False  # it was called off before word of its taking came
    late_stops: set[str] = field(default_factory=set)  # pieces whose clock stands for it
    takes: list[tuple[uuid.UUID, str, datetime]] = field(default_factory=list)
    received_at: datetime | None = None  # first seen at the centre since it was taken
    arrived_at: datetime | None = None  # noted by the worker
    ending: Ending | None = None


@dataclass
class Order:
    id: uuid.UUID
    lids: list[str]
    out: set[str]
    requests: list[Told] = field(default_factory=list)
    grace: set[str] = field(default_factory=set)  # pieces given days after we were late

    @property
    def open(self) -> Told | None:
        last = [one for one in self.requests if one.ending is None]
        assert len(last) <= 1
        return last[0] if last else None


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
        one, told = self.last(order)
        work = lambda: self.shop.write(cancel_pickup, secret=told.code, keys=self.keys)  # noqa: E731
        if told.ending is None and told.takes:
            return self.refused(Code.CONFLICT, work)
        work()
        if told.ending is None:
            self.call_off(one, told, Ending.CANCELLED)
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
        one, _ = self.last(order)
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
        told.takes.append((id, name, at))
        assert (took.taken_by, took.taken_at) == told.takes[0][1:]
        assert took.mine == (told.takes[0][1] == name)
        if len(told.takes) == 1:
            told.officer = None

    @precondition(lambda self: any(one.open and one.open.takes for one in self.orders))
    @rule(order=which, number=which)
    def untake(self, order: int, number: int) -> None:
        told = self.some(order, lambda one: one.takes)
        id, name, _ = told.takes[number % len(told.takes)]
        by = self.shop.kim if name == "token:8" else self.shop.lee
        work = lambda: self.shop.write(untake_pickup, take_id=id, actor=by, keys=self.keys)  # noqa: E731
        if told.arrived_at is not None:
            return self.refused(Code.CONFLICT, work)
        work()
        told.takes = [take for take in told.takes if take[0] != id]
        if not told.takes:
            told.received_at = None
            told.ending = Ending.CANCELLED if told.reopened else None
        return None

    @precondition(lambda self: any(one.requests for one in self.orders))
    @rule(order=which)
    def miss(self, order: int) -> None:
        _, told = self.last(order)
        missed = self.shop.miss(told.id)
        if told.ending is None and not told.takes:
            told.tries += 1
            if told.tries >= MOST_TRIES:
                told.officer = told.officer or Why.TRIES
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
        told = self.some(order, lambda one: True)
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
        if what == "again" and told.officer:
            told.officer, told.tries = None, 0
        elif what == "refuse":
            self.call_off(one, told, Ending.REFUSED)
        elif what == "missing":
            told.ending = Ending.MISSING
            told.late_stops.clear()
        elif what == "forgive":
            told.ending = Ending.FORGIVEN
            one.out.clear()
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
                self.settle_one(one, told, now)

    def settle_one(self, one: Order, told: Told, now: datetime) -> None:
        if not one.out:
            told.ending = Ending.CAME
            return
        if told.takes and told.received_at is not None:
            told.arrived_at = told.arrived_at or told.received_at
            told.officer = None if told.officer is Why.UNSEEN else told.officer
        if told.arrived_at is not None and told.arrived_at <= now - 24 * HOUR:
            told.ending = Ending.MISSING
            told.late_stops.clear()
            return
        if told.takes and told.arrived_at is None and told.takes[0][2] <= now - 48 * HOUR:
            told.officer = told.officer or Why.UNSEEN
        if not told.takes and not told.late and told.asked_at <= now - 24 * HOUR:
            told.late = True
            told.late_stops = set(one.out)

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
            told = one.open
            for lid in one.lids:
                assert self.shop.is_open(lid) == (lid in one.out)
                if lid not in one.out:
                    continue
                want = {StopWhy.PICKED_UP} if told and told.takes else set()
                if lid in one.grace or (told and lid in told.late_stops):
                    want.add(StopWhy.PICKUP_LATE)
                assert {stop.why for stop in self.shop.stops(lid)} == want

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

    def last(self, order: int) -> tuple[Order, Told]:
        """An order that was asked for, and its last request."""
        orders = [one for one in self.orders if one.requests]
        one = orders[order % len(orders)]
        return one, one.requests[-1]

    def some(self, order: int, fits) -> Told:
        """An open request of some order."""
        found = [one.open for one in self.orders if one.open and fits(one.open)]
        return found[order % len(found)]

    def call_off(self, one: Order, told: Told, ending: Ending) -> None:
        told.ending = ending
        if told.late:
            one.grace |= one.out
        told.late_stops.clear()

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
