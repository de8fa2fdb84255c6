"""Random days at a hall, told against an own account of them and a reading of the bare tables."""

import uuid
from typing import Any

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)  # fmt: skip

from lending.errors import Code
from lending.events.crates.handing import undo_hand_out
from lending.events.values import (
    Stage,
)
from lending.people.keys import Keys
from tests.conftest import LONG
from tests.events.agreeing import AgreeingDays
from tests.events.parties import Box, Party
from tests.personas import DAY, MINUTE

numbers = st.integers(0, 10**6)
few = st.integers(0, 5)
CRATES, EVENTS = 3, 3


class Days(AgreeingDays):
    """What people at the hall, the centre and the office may do, in any order."""

    @initialize()
    def fill_store(self) -> None:
        self.open_town()
        for room in range(2):
            self.plan(room)
        for bowls in (3, 5, 8):
            self.fill(bowls, bowls % 3, 0)

    # -- what happens -------------------------------------------------------------------------

    @rule(room=few)
    def plan(self, room: int) -> None:
        if len(self.parties) < EVENTS:
            halls = self.halls
            begins = halls.now + 30 * DAY  # far off: none of them ends by itself
            event = halls.plan(room_id=halls.rooms[room % 2].id, from_at=begins)
            self.parties.append(Party(event))

    @rule(bowls=st.integers(1, 9), cups=st.integers(0, 2), draw=numbers)
    def fill(self, bowls: int, cups: int, draw: int) -> None:
        """A new crate, or one that is at the centre, is packed and stands in the hall's store."""
        free = [box for box in self.boxes if box.where == "centre" and box.counted]
        if len(self.boxes) >= CRATES and not free:
            return
        if free:
            self.boxes.remove(free[draw % len(free)])
        packed = self.halls.crate(None, cups, bowl=bowls)
        self.bought += bowls
        self.number |= {cup: len(self.number) + n for n, cup in enumerate(packed.codes)}
        self.boxes.append(Box(packed, bowls))

    @rule(draw=numbers, ask=st.booleans())
    def hand(self, draw: int, ask: bool) -> None:
        box, party = self.likely(draw, "store"), self.pick(self.parties, draw // 7)
        if box is None or party is None or (not ask and box.where != "store"):
            return
        late = party.stage in (Stage.COUNTED, Stage.SETTLED)
        id, at = uuid.uuid4(), self.halls.now

        def hand() -> Any:
            return self.halls.hand(party.event, box.packed, id=id, at=at, ask=ask)

        if (ask and late) or box.where != "store":
            out = box.where == "out"
            self.refused(hand, Code.ALREADY_LENT if out and not late else Code.CONFLICT)
            return
        view = hand()
        assert view.pieces == self.pieces_of(box)
        assert hand() == view  # sent again
        box.where, box.hand, box.party, box.counted, box.told = "out", id, party, False, False
        party.boxes.append(box)
        party.cups |= set(box.packed.codes) - self.gone
        self.seen -= set(box.packed.codes)

    @rule(draw=numbers, sealed=st.booleans())
    def back(self, draw: int, sealed: bool) -> None:
        box = self.pick(self.boxes, draw)
        if box is None:
            return None
        id, at = uuid.uuid4(), self.halls.now

        def back() -> Any:
            return self.halls.back(box.packed, sealed=sealed, id=id, at=at)

        opened = bool(self.seen & set(box.packed.codes))
        word_comes_late = box.where == "centre" and not sealed and not box.told
        if box.where != "out" and not (word_comes_late and box.hand):
            return self.refused(back, Code.CONFLICT)
        if sealed and (opened or box.counted):
            return self.refused(back, Code.CONFLICT)
        if word_comes_late:
            return None  # covered by its own test; here the courier's word is enough
        view = back()
        assert back() == view
        box.back, box.told = id, True
        box.where = "store" if sealed else "used"
        if sealed:
            self.take_out(box)
        return None

    @precondition(lambda self: any(box.where == "out" for box in self.boxes))
    @rule(draw=numbers)
    def undo(self, draw: int) -> None:
        box = self.pick([one for one in self.boxes if one.where == "out"], draw)
        if box is None or box.counted or self.seen & set(box.packed.codes):
            return
        halls = self.halls
        halls.write(
            lambda s: undo_hand_out(
                s, event_crate_id=box.hand, actor=halls.haein, keys=self.keys, now=halls.now
            )
        )
        box.where = "store"
        self.take_out(box)

    @precondition(lambda self: any(box.where in ("out", "used") for box in self.boxes))
    @rule(draw=numbers)
    def fetch(self, draw: int) -> None:
        """The courier takes a crate along, whatever the hall said of it."""
        box = self.pick([one for one in self.boxes if one.where in ("out", "used")], draw)
        if box is not None:
            self.halls.fetch(box.packed.crate)
            self.halls.sweep()
            box.where = "centre"

    @precondition(lambda self: any(one.cups - self.seen - self.gone for one in self.parties))
    @rule(draw=numbers, at_cafe=st.booleans())
    def cup_comes_in(self, draw: int, at_cafe: bool) -> None:
        out = self.in_order(set().union(*(p.cups for p in self.parties)) - self.seen - self.gone)
        cup = self.pick(out, draw)
        if cup is not None:
            self.halls.loop.give_back(cup) if at_cafe else self.halls.loop.receive(cup)
            self.seen.add(cup)

    @precondition(lambda self: any(box.where == "store" for box in self.boxes))
    @rule(draw=numbers)
    def seal_breaks(self, draw: int) -> None:
        """A crate of the store is found opened: it goes to no room any more, but to be washed."""
        box = self.pick([one for one in self.boxes if one.where == "store"], draw)
        party = self.pick(self.parties, draw // 7)
        assert self.halls.break_seal(box.packed) == self.pieces_of(box)
        late = party.stage in (Stage.COUNTED, Stage.SETTLED)
        wrong = Code.CONFLICT if late else Code.NOT_CLEAN
        self.refused(lambda: self.halls.hand(party.event, box.packed), wrong)
        assert not any(self.halls.loop.item(cup).clean for cup in box.packed.codes)
        self.boxes.remove(box)
        self.spoilt += box.bowls

    @rule(hours=st.integers(1, 200))
    def time_passes(self, hours: int) -> None:
        """The worker goes round; whoever was asked long enough has accepted."""
        self.halls.loop.now += hours * 60 * MINUTE
        if self.halls.now > self.parties[0].event.from_at - DAY:
            return  # before the first event ends by itself
        self.halls.sweep()
        for party in self.parties:
            self.latest(party)


def test_random_days_at_a_hall(engine: sa.Engine, keys: Keys, backend: str) -> None:
    examples = (60 if LONG else 12) if backend == "sqlite" else (20 if LONG else 4)
    run_state_machine_as_test(
        lambda: Days(engine, keys),
        settings=settings(settings(), max_examples=examples, stateful_step_count=25),
    )
