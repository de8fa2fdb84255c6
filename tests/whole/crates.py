"""What is done to crates and the pieces in them, in a town of all ware."""

import uuid
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    precondition,
    rule,
)

from lending.errors import Code
from lending.loop.loans.occasions import move_end
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import CARRYING, Action
from lending.washing.batches.pieces import Fate
from tests.personas import BOX, HARU, MINUTE, WASH
from tests.whole.ware import CUPS, Town, ages, anything, crates, cups, places


class Crates(Town):
    """Packed, moved, lent out of, told late, repeated and taken back."""

    # -- crates -------------------------------------------------------------------------------

    @rule(some=st.lists(cups, min_size=1, max_size=3), crate=crates, place=places, ago=ages)
    def pack(self, some: list[int], crate: int, place: str, ago: int) -> None:
        """Pieces go into a crate, where it stands or not, now or told late."""
        code = self.crates[crate]
        self.send(*(self.scan(Action.PACK, cup, place, ago, crate=code) for cup in some))

    @rule(some=cups, crate=crates, place=places, ago=ages, named=st.booleans())
    def unpack(self, some: int, crate: int, place: str, ago: int, named: bool) -> None:
        more = {"crate": self.crates[crate]} if named else {}
        self.send(self.scan(Action.UNPACK, some, place, ago, **more))

    @rule(outer=crates, inner=crates)
    def pack_a_crate(self, outer: int, inner: int) -> None:
        """Into itself or another: refused, whatever is asked."""
        scan = self.scan(Action.PACK, CUPS + inner, WASH, 0, crate=self.crates[outer])
        [receipt] = self.send(scan)
        assert (receipt.error, receipt.field) == (Code.INVALID, "crate")

    @rule(some=anything, action=st.sampled_from(sorted(CARRYING)), place=places, ago=ages,
          ask=st.booleans())  # fmt: skip
    def move(self, some: int, action: Action, place: str, ago: int, ask: bool) -> None:
        """A piece or a crate goes on, as it should or not."""
        more: dict[str, Any] = {"to": self.loop.site(HARU)} if action is Action.SHIP else {}
        if action is Action.HOLD:
            more["reason"] = "crack?"
        self.send(replace(self.scan(action, some, place, 0 if ask else ago, **more), ask=ask))

    @rule(some=anything, which=st.integers(0, 1), place=places, ago=ages, ask=st.booleans())
    def lend_to_occasion(self, some: int, which: int, place: str, ago: int, ask: bool) -> None:
        """A piece, or a crate with all that is in it; one piece that is not fit stops a question."""
        unfit = [
            code
            for code in self.codes[:CUPS]
            if (piece := self.loop.item(code)).stay is not None
            and piece.stay.crate == self.loop.item_id(self.codes[some])
            and not (piece.clean and piece.hold is None)
        ]
        scan = self.scan(
            Action.LEND, some, place, 0 if ask else ago, occasion=self.occasions[which]
        )
        [receipt] = self.send(replace(scan, ask=ask))
        assert not (ask and unfit) or receipt.result is Result.REFUSED

    @rule(which=st.integers(0, 1), day=st.none() | st.integers(1, 20))
    def move_end(self, which: int, day: int | None) -> None:
        """An order, booking or event ends on another day: what is due follows."""
        ends_on = date(2026, 3, day) if day is not None else None
        self.loop.write(partial(move_end, id=self.occasions[which], ends_on=ends_on))

    @rule(crate=crates)
    def go_round(self, crate: int) -> None:
        """A crate as its day should be: washed in a batch, passed, sent, stocked, lent out of."""
        code, loop = self.crates[crate], self.loop
        batch = self.centre.begin("A")
        if self.centre.put(batch, code)[0].fate is Fate.ADDED:
            loop.now += MINUTE
        self.centre.finish(batch)
        self.over.append((batch, "A"))
        for action, by in ((Action.PASS, loop.town.jun), (Action.SHIP, loop.town.jun)):
            loop.one(
                action, code, ask=True, by=by, to=loop.site(HARU) if action == "ship" else None
            )
        loop.stock(code)
        loop.lend(self.codes[0])

    @rule(crate=crates, some=cups)
    def bag(self, crate: int, some: int) -> None:
        """A box's bag: taken, brought in, and a piece found in it."""
        self.send(self.scan(Action.RETURN, some, BOX, 0))
        self.send(self.scan(Action.COLLECT, CUPS + crate, BOX, 0))
        self.send(self.scan(Action.RECEIVE, CUPS + crate, WASH, 0))
        self.send(self.scan(Action.RECEIVE, some, WASH, 0, crate=self.crates[crate]))

    @rule(some=cups)
    def lend(self, some: int) -> None:
        """A question: what is not clean or held is never granted."""
        clean, held = self.item(some).clean, self.item(some).hold
        receipt = self.loop.lend(self.codes[some])
        if receipt.result is Result.RECORDED:
            assert clean and held is None

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 200))
    def send_again(self, which: int) -> None:
        """The same scan once more changes nothing."""
        scan = self.sent[which % len(self.sent)]
        before = [self.loop.stored(code) for code in self.codes]
        assert self.send(scan)[0].result is Result.REPEATED
        assert [self.loop.stored(code) for code in self.codes] == before

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 200))
    def take_back(self, which: int) -> None:
        """A scan, of a crate or a void among them, is taken out by an officer."""
        of = self.sent[which % len(self.sent)]
        site = of.site or self.loop.site(WASH)
        self.send(ScanIn(uuid.uuid4(), Action.VOID, of.code, self.loop.now, site=site, of=of.id))
