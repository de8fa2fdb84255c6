"""A sheet of paper beside an office: what was booked, lent and brought back, and what must be true."""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
)

from lending.db import transaction
from lending.offices.values import Stage
from lending.people.keys import Keys
from tests.loop.occasions import packed_crate
from tests.offices.office import open_office
from tests.personas import OFFICE, Loop, found_town


@dataclass
class Told:
    """A booking as somebody with a sheet of paper would keep it."""

    out: set[str] = field(default_factory=set)
    back: int = 0
    crates: set[str] = field(default_factory=set)
    cancelled: bool = False
    lends: dict[uuid.UUID, list[str]] = field(default_factory=dict)  # by scan: what went with it


class OfficeWeeks(RuleBasedStateMachine):
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
        cups = list(self.loop.clean_cups(4, OFFICE))
        self.shelf = set(cups)  # single cups, clean at the office
        self.crates = dict(packed_crate(self.loop, 2, OFFICE) for _ in range(2))
        inside = [cup for pieces in self.crates.values() for cup in pieces]
        made = [*cups, *self.crates, *inside]
        self.number = {code: n for n, code in enumerate(made)}  # their codes are random
        self.full = set(self.crates)
        self.bookings: dict[uuid.UUID, Told] = {}
        self.uses: Counter[int] = Counter()
        self.card = self.office.new_card(self.office.culture)
        self.card_holds = True
        self.given_at = self.ended_at = self.loop.now
        self.by_card: set[str] = set()  # what its holder has: one at a time, without a contact
        self.card_uses = 0

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
        by_card = 0
        for number in (3, 4, 5, 6):
            for line in self.office.month(number).values():
                uses[line.department_id] += line.uses
                by_card += line.by_card
        assert by_card == self.card_uses
        assert +uses == +self.uses
        self.loop.check()

    def booking(self, number: int) -> tuple[uuid.UUID, Told]:
        id = list(self.bookings)[number % len(self.bookings)]
        return id, self.bookings[id]

    def all_cups(self) -> list[str]:
        out = {code for one in self.bookings.values() for code in one.out}
        return self.in_order(self.shelf | {code for code in out if not self.in_crate(code)})

    def in_crate(self, code: str) -> bool:
        return any(code in cups for cups in self.crates.values())

    def in_order(self, codes: Iterable[str]) -> list[str]:
        return sorted(codes, key=self.number.__getitem__)
