"""Random weeks of an office: every tally and month is what a plain reading of the days says."""

import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

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
from lending.loop.steps import Action
from lending.loop.verify import verify
from lending.offices.values import Stage
from lending.people.keys import Keys
from tests.conftest import LONG
from tests.loop.occasions import packed_crate
from tests.offices.office import HOUR, open_office
from tests.personas import BOX, HARU, OFFICE, Loop, found_town

which = st.integers(0, 50)


@dataclass
class Told:
    """A booking as somebody with a sheet of paper would keep it."""

    out: set[str] = field(default_factory=set)
    back: int = 0
    crates: set[str] = field(default_factory=set)
    cancelled: bool = False
    lends: dict[uuid.UUID, list[str]] = field(default_factory=dict)  # by scan: what went with it


class Days(RuleBasedStateMachine):
    """One office per run with a few cups, two crates, bookings and a card."""

    def __init__(self, engine: sa.Engine, keys: Keys) -> None:
        super().__init__()
        self.engine, self.keys = engine, keys

    @initialize()
    def open_office(self) -> None:
        with transaction(self.engine) as session:
            town = found_town(session, self.keys, prefix=f"T{uuid.uuid4().hex[:8].upper()}-")
        self.loop = Loop(self.engine, self.keys, town)
        self.office = open_office(self.loop)
        self.shelf = set(self.loop.clean_cups(4, OFFICE))  # single cups, clean at the office
        self.crates = dict(packed_crate(self.loop, 2, OFFICE) for _ in range(2))
        self.full = set(self.crates)
        self.bookings: dict[uuid.UUID, Told] = {}
        self.uses: Counter[int] = Counter()

    @precondition(lambda self: len(self.bookings) < 3)
    @rule(culture=st.booleans(), days=st.integers(1, 4))
    def book(self, culture: bool, days: int) -> None:
        office = self.office
        begins = self.loop.now + HOUR
        id = office.book(
            office.culture if culture else office.general, begins=begins,
            ends=begins + timedelta(days=days),
        )  # fmt: skip
        self.bookings[id] = Told()

    @precondition(lambda self: self.bookings)
    @rule(booking=which, piece=which, crate=st.booleans())
    def hand_out(self, booking: int, piece: int, crate: bool) -> None:
        """What is on the shelf goes out, what is not is refused, nothing to what is over."""
        id, told = self.booking(booking)
        codes = sorted(self.crates) if crate else self.all_cups()
        code, lend = codes[piece % len(codes)], uuid.uuid4()
        over = told.cancelled or self.office.look(id).until_at < self.loop.now
        out = {one for told in self.bookings.values() for one in told.crates}
        there = code not in out if crate else code in self.shelf
        try:
            self.office.hand(code, id, id=lend)
        except LendingError as error:
            assert over or not there, error.code
            assert (error.code is Code.CONFLICT) is over
            return
        assert there and not over
        went = (self.crates[code] if code in self.full else []) if crate else [code]
        told.out |= set(went)
        told.lends[lend] = [*went, code] if crate else [code]
        told.crates |= {code} if crate else set()
        self.full.discard(code)
        self.shelf.discard(code)
        self.uses[self.office.look(id).department_id] += len(went)

    @precondition(lambda self: any(one.out for one in self.bookings.values()))
    @rule(piece=which, place=st.sampled_from([OFFICE, BOX, HARU]))
    def bring_back(self, piece: int, place: str) -> None:
        """At the office, in a box or at a café."""
        out = sorted(code for one in self.bookings.values() for code in one.out)
        code = out[piece % len(out)]
        if place == OFFICE:
            self.office.back(code)
        else:
            self.loop.one(Action.RETURN, code, ask=False, site=self.loop.site(place))
        for told in self.bookings.values():
            if code in told.out:
                told.out.remove(code)
                told.back += 1

    @precondition(lambda self: any(one.crates for one in self.bookings.values()))
    @rule(crate=which)
    def bring_crate_back(self, crate: int) -> None:
        out = sorted(code for one in self.bookings.values() for code in one.crates)
        code = out[crate % len(out)]
        self.office.back(code)
        for told in self.bookings.values():
            told.crates.discard(code)

    @precondition(lambda self: any(one.lends for one in self.bookings.values()))
    @rule(lend=which)
    def take_back_unused(self, lend: int) -> None:
        """All of it is still out: as if it had never gone. Else refused."""
        lends = sorted((scan, id) for id, one in self.bookings.items() for scan in one.lends)
        scan, id = lends[lend % len(lends)]
        told = self.bookings[id]
        went = told.lends[scan]
        cups = [code for code in went if code not in self.crates]
        still = all(code in told.out or code in told.crates for code in went)
        try:
            self.office.unused(id, scan)
        except LendingError as error:
            assert error.code is Code.CONFLICT and not still
            return
        assert still
        del told.lends[scan]
        told.out -= set(cups)
        self.uses[self.office.look(id).department_id] -= len(cups)
        crates = [code for code in went if code in self.crates]
        told.crates -= set(crates)
        self.full |= set(crates) if cups else set()
        self.shelf |= set() if crates else set(cups)

    @precondition(lambda self: self.bookings)
    @rule(booking=which)
    def cancel(self, booking: int) -> None:
        id, told = self.booking(booking)
        try:
            self.office.cancel(id)
        except LendingError as error:
            assert error.code is Code.CONFLICT and told.lends
            return
        assert told.cancelled or not told.lends
        told.cancelled = True

    @precondition(lambda self: self.bookings)
    @rule(booking=which, days=st.integers(1, 5))
    def move_end(self, booking: int, days: int) -> None:
        id, told = self.booking(booking)
        if told.cancelled:
            return
        was = self.office.look(id)
        ends = max(was.from_at, self.loop.now) + timedelta(days=days)
        self.office.change(self.office.wish(id=id, begins=was.from_at, ends=ends))

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        self.loop.now += hours * HOUR
        self.office.sweep()

    @invariant()
    def what_is_read_is_what_happened(self) -> None:
        if not hasattr(self, "uses"):
            return
        for id, told in self.bookings.items():
            view = self.office.look(id)
            tally = view.tally
            assert (tally.out, tally.back, tally.crates) == (
                len(told.out), told.back, len(told.crates),
            )  # fmt: skip
            assert (view.stage is Stage.CANCELLED) == told.cancelled
        uses: Counter[int] = Counter()
        for number in (3, 4, 5, 6):
            for line in self.office.month(number).values():
                uses[line.department_id] += line.uses
        assert +uses == +self.uses
        self.loop.check()

    def booking(self, number: int) -> tuple[uuid.UUID, Told]:
        id = list(self.bookings)[number % len(self.bookings)]
        return id, self.bookings[id]

    def all_cups(self) -> list[str]:
        out = {code for one in self.bookings.values() for code in one.out}
        return sorted(self.shelf | {code for code in out if not self.in_crate(code)})

    def in_crate(self, code: str) -> bool:
        return any(code in cups for cups in self.crates.values())


def test_random_weeks(engine: sa.Engine, keys: Keys, backend: str) -> None:
    examples = (150 if LONG else 10) if backend == "sqlite" else (40 if LONG else 4)
    run_state_machine_as_test(
        lambda: Days(engine, keys),
        settings=settings(settings(), max_examples=examples, stateful_step_count=25),
    )
    assert list(verify(engine)) == []
