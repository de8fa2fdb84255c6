"""An own account of a hall: crates and events as its people know them, and what must be true of them."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
)  # fmt: skip

from lending.db import transaction
from lending.errors import Code, LendingError
from lending.events.values import (
    Answer,
    EventView,
    PackIn,
    Stage,
    StatementView,
)
from lending.events.verify import verify_events
from lending.people.keys import Keys
from lending.wares.verify import verify_counts
from tests.events.halls import Halls, open_hall
from tests.personas import Loop, found_town
from tests.wares.conftest import Wares, add_counted


@dataclass
class Box:
    """A crate as the people at the hall know it: `where` is store, out, used or centre."""

    packed: PackIn
    bowls: int
    where: str = "store"
    hand: uuid.UUID | None = None
    back: uuid.UUID | None = None
    party: "Party | None" = None
    counted: bool = False
    told: bool = False  # somebody at the hall said that it came back


@dataclass
class Party:
    """An event as its people know it: what went there for good, what the last count said."""

    event: EventView
    boxes: list[Box] = field(default_factory=list)  # out or used
    cups: set[str] = field(default_factory=set)
    found: int = 0
    broken: int = 0
    statement: StatementView | None = None
    confirmed: bool = False
    answer: Answer | None = None

    @property
    def bowls(self) -> int:
        return sum(box.bowls for box in self.boxes)

    @property
    def open(self) -> bool:
        """Whether the hall may answer, once the centre has confirmed it."""
        waits = self.statement is not None and self.answer is None
        return waits and self.stage is Stage.COUNTED

    @property
    def stage(self) -> Stage:
        open_boxes = [box for box in self.boxes if not box.counted]
        if any(box.where == "out" for box in open_boxes):
            return Stage.OUT
        if open_boxes:
            return Stage.BACK
        if self.answer in (Answer.CONFIRMED, Answer.ACCEPTED):
            return Stage.SETTLED
        return Stage.COUNTED if self.statement else Stage.PLANNED


class HallDays(RuleBasedStateMachine):
    """Two rooms, three crates that are filled, handed out, brought back, counted and agreed upon."""

    def __init__(self, engine: sa.Engine, keys: Keys) -> None:
        super().__init__()
        self.engine, self.keys = engine, keys

    def open_town(self) -> None:
        with transaction(self.engine) as session:
            town = found_town(session, self.keys, prefix=f"T{uuid.uuid4().hex[:7]}".upper())
            loop = Loop(self.engine, self.keys, town)
            kinds = add_counted(session, loop, ["bowl", "plate"])
        self.halls: Halls = open_hall(Wares(loop, *kinds))
        self.bought = self.spoilt = 0  # bowls, and those of them in crates found opened
        self.parties: list[Party] = []
        self.boxes: list[Box] = []
        self.seen: set[str] = set()  # cups that came in anywhere since they were lent
        self.gone: set[str] = set()  # cups that broke
        self.number: dict[str, int] = {}  # of each cup: their codes are random
        for room in range(2):
            self.plan(room)
        for bowls in (3, 5, 8):
            self.fill(bowls, bowls % 3, 0)

    # -- what is true -------------------------------------------------------------------------

    @invariant()
    def the_bare_tables_tell_the_same(self) -> None:
        if not hasattr(self, "halls"):
            return
        for party in self.parties:
            assert self.halls.stage(party.event) is party.stage
            self.statement_is_right(party)
            lent = self.rows(
                "SELECT count(*) FROM loan JOIN item ON item.id = loan.item_id"
                " WHERE loan.occasion_id = :id AND loan.closed_at IS NULL AND NOT item.carrier",
                id=party.event.id,
            )
            assert lent == [(len(party.cups - self.seen - self.gone),)]
        self.bowls_add_up()
        assert self.halls.read(lambda s: [*verify_counts(s), *verify_events(s)]) == []

    def teardown(self) -> None:
        if hasattr(self, "halls"):
            self.halls.check()

    def statement_is_right(self, party: Party) -> None:
        rows = self.rows(
            "SELECT l.sent, l.returned, l.broken, l.missing, l.surplus"
            " FROM event_statement_line l JOIN event_statement s ON s.id = l.statement_id"
            " JOIN item_kind k ON k.id = l.kind_id"
            " WHERE s.event_id = :id AND k.code = 'bowl'"
            " ORDER BY s.version DESC LIMIT 1",
            id=party.event.id,
        )
        if party.statement is None:
            assert rows == []
            return
        sent = sum(box.bowls for box in party.boxes if box.counted)
        short = sent - party.found - party.broken
        assert rows == [(sent, party.found, party.broken, max(0, short), max(0, -short))]

    def bowls_add_up(self) -> None:
        """Each bowl that was bought is in a crate or at the centre, out, missing or broken."""
        gained: dict[tuple[Any, Any, Any], int] = {}
        for sign, end in ((1, "to_id"), (-1, "from_id")):
            for outside, crate, condition, pieces in self.rows(
                "SELECT a.outside, a.crate_id IS NOT NULL, a.condition, sum(m.quantity)"
                f" FROM counted_move m JOIN counted_account a ON a.id = m.{end}"
                " WHERE m.kind_id = :kind GROUP BY 1, 2, 3",
                kind=self.halls.wares.bowl,
            ):
                key = (outside, bool(crate), condition)
                gained[key] = gained.get(key, 0) + sign * int(pieces)
        out = sum(box.bowls for p in self.parties for box in p.boxes if not box.counted)
        store = sum(box.bowls for box in self.boxes if box.where == "store")
        counted = [p for p in self.parties if p.statement]
        sent = sum(box.bowls for p in counted for box in p.boxes if box.counted)
        found, broken = sum(p.found for p in counted), sum(p.broken for p in counted)
        told = {
            ("bought", False, None): -self.bought, ("lent", False, None): out,
            (None, True, "clean"): store, (None, False, "dirty"): found,
            (None, True, "dirty"): self.spoilt,
            ("broken", False, None): broken, ("short", False, None): sent - found - broken,
        }  # fmt: skip
        assert {k: v for k, v in gained.items() if v} == {k: v for k, v in told.items() if v}

    # -- words --------------------------------------------------------------------------------

    def rows(self, text: str, **given: Any) -> list[tuple[Any, ...]]:
        statement = sa.text(text)
        if "id" in given:
            statement = statement.bindparams(sa.bindparam("id", type_=sa.Uuid()))
        return [tuple(row) for row in self.halls.read(lambda s: s.execute(statement, given).all())]

    def refused(self, work: Callable[[], Any], code: Code) -> None:
        try:
            work()
        except LendingError as error:
            assert error.code is code, error
        else:
            raise AssertionError("it was not refused")

    def pieces_of(self, box: Box) -> dict[str, int]:
        cups = len(box.packed.codes)
        return {"bowl": box.bowls} | ({"cup-355": cups} if cups else {})

    def take_out(self, box: Box) -> None:
        """The crate was never there."""
        assert box.party is not None
        box.party.boxes.remove(box)
        box.party.cups -= set(box.packed.codes)
        box.party = box.hand = None

    def answerable(self, draw: int) -> Party | None:
        self.halls.sweep()
        for party in self.parties:
            self.latest(party)
        ready = [one for one in self.parties if one.open]
        party: Party | None = self.pick(ready, draw)
        if party is not None:
            self.say_right(party)
        return party

    def say_right(self, party: Party) -> None:
        """The centre confirms the statement as it is now."""
        assert party.statement is not None
        party.statement = self.halls.confirm(party.statement)
        party.confirmed = True

    def latest(self, party: Party) -> None:
        """What the worker did to an event's statement: a version with late pieces, or accepted."""
        if party.statement is None:
            return
        before = party.statement
        party.statement = self.halls.latest(party.event)
        if party.statement.answer is Answer.ACCEPTED and party.answer is None:
            assert before.answer_by is None or party.statement.answer_by is not None
            assert party.confirmed and party.statement.answer_by <= self.halls.now
            party.answer = Answer.ACCEPTED

    def in_order(self, cups: set[str]) -> list[str]:
        return sorted(cups, key=lambda cup: self.number[cup])

    def likely(self, draw: int, where: str) -> Box | None:
        """A crate that something can be done with; now and then any."""
        good = [box for box in self.boxes if box.where == where and draw % 4]
        box: Box | None = self.pick(good or self.boxes, draw // 4)
        return box

    def pick(self, these: list[Any], draw: int) -> Any:
        return these[draw % len(these)] if these else None
