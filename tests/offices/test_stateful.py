"""Random weeks of an office: every tally and month is what a plain reading of the days says."""

import uuid
from datetime import timedelta
from functools import partial

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    precondition,
    rule,
    run_state_machine_as_test,
)

from lending.errors import Code, LendingError
from lending.loop.steps import Action
from lending.loop.verify import verify
from lending.offices.cards import end_card
from lending.people.keys import Keys
from tests.conftest import LONG
from tests.offices.office import HOUR
from tests.offices.weeks import OfficeWeeks, Told
from tests.personas import BOX, HARU, MINUTE, OFFICE

which = st.integers(0, 50)


class Days(OfficeWeeks):
    """What the office, its departments and who holds a card may do, in any order."""

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
        codes = self.in_order(self.crates) if crate else self.all_cups()
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

    @rule(piece=which, ask=st.booleans(), before=st.booleans())
    def lend_by_card(self, piece: int, ask: bool, before: bool) -> None:
        """Asked, the card must hold now and its holder have nothing; what happened counts for the
        department whose card it was then."""
        codes = self.all_cups() if ask else self.in_order(self.shelf)
        if not codes:
            return
        code = codes[piece % len(codes)]
        then = self.ended_at - MINUTE if before and not self.card_holds else self.loop.now
        may = self.card_holds and not self.by_card and code in self.shelf
        try:
            handed = self.office.hand(
                code, card=self.card, ask=ask, at=self.loop.now if ask else then
            )
        except LendingError as error:
            assert ask and not may, error.code
            assert (error.code is Code.NOT_FOUND) is not self.card_holds
            return
        assert may or not ask
        self.shelf.discard(code)
        self.by_card.add(code)
        held = self.card_holds or self.given_at <= then < self.ended_at
        assert handed.to_holder is not held
        self.card_uses += held
        self.uses[self.office.culture] += held

    @rule()
    def end_card(self) -> None:
        if self.card_holds:
            self.ended_at, self.card_holds = self.loop.now, False
            officer = self.loop.town.officer
            self.loop.write(partial(end_card, code=self.card, actor=officer, now=self.loop.now))

    @precondition(lambda self: self.by_card)
    @rule(place=st.sampled_from([OFFICE, BOX]))
    def bring_card_cup_back(self, place: str) -> None:
        code = self.in_order(self.by_card)[0]
        if place == OFFICE:
            self.office.back(code)
        else:
            self.loop.one(Action.RETURN, code, ask=False, site=self.loop.site(place))
        self.by_card.remove(code)

    @precondition(lambda self: any(one.out for one in self.bookings.values()))
    @rule(piece=which, place=st.sampled_from([OFFICE, BOX, HARU]))
    def bring_back(self, piece: int, place: str) -> None:
        """At the office, in a box or at a café."""
        out = self.in_order(code for one in self.bookings.values() for code in one.out)
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
        out = self.in_order(code for one in self.bookings.values() for code in one.crates)
        code = out[crate % len(out)]
        self.office.back(code)
        for told in self.bookings.values():
            told.crates.discard(code)

    @precondition(lambda self: any(one.lends for one in self.bookings.values()))
    @rule(lend=which)
    def take_back_unused(self, lend: int) -> None:
        """All of it is still out: as if it had never gone. Else refused."""
        lends = [(scan, id) for id, one in self.bookings.items() for scan in one.lends]
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


def test_random_weeks(engine: sa.Engine, keys: Keys, backend: str) -> None:
    examples = (150 if LONG else 10) if backend == "sqlite" else (40 if LONG else 4)
    run_state_machine_as_test(
        lambda: Days(engine, keys),
        settings=settings(settings(), max_examples=examples, stateful_step_count=25),
    )
    assert list(verify(engine)) == []
