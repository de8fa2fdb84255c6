"""Random days at a hall, told against an own account of them and a reading of the bare tables."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

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
)  # fmt: skip

from lending.db import transaction
from lending.errors import Code, LendingError
from lending.events.answers import answer_by_link, dispute_by_link
from lending.events.disputes import decide_dispute
from lending.events.handing import undo_hand_out
from lending.events.values import (
    Answer,
    DisputeDecision,
    DisputeIn,
    EventView,
    PackIn,
    Stage,
    StatementView,
)
from lending.events.verify import verify_events
from lending.people.keys import Keys
from lending.wares.verify import verify_counts
from tests.conftest import LONG
from tests.events.halls import MANAGER, Halls, open_hall
from tests.personas import DAY, MINUTE, Loop, found_town
from tests.wares.conftest import Wares, add_counted

numbers = st.integers(0, 10**6)
few = st.integers(0, 5)
CRATES, EVENTS = 3, 3


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


class Days(RuleBasedStateMachine):
    """Two rooms, three crates that are filled, handed out, brought back, counted and agreed upon."""

    def __init__(self, engine: sa.Engine, keys: Keys) -> None:
        super().__init__()
        self.engine, self.keys = engine, keys

    @initialize()
    def open_town(self) -> None:
        with transaction(self.engine) as session:
            town = found_town(session, self.keys, prefix=f"T{uuid.uuid4().hex[:7]}".upper())
            loop = Loop(self.engine, self.keys, town)
            kinds = add_counted(session, loop, ["bowl", "plate"])
        self.halls: Halls = open_hall(Wares(loop, *kinds))
        self.bought = 0
        self.parties: list[Party] = []
        self.boxes: list[Box] = []
        self.seen: set[str] = set()  # cups that came in anywhere since they were lent
        self.gone: set[str] = set()  # cups that broke
        self.number: dict[str, int] = {}  # of each cup: their codes are random
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

    @precondition(lambda self: any(box.party and not box.counted for box in self.boxes))
    @rule(draw=numbers, missing=few, broken=few, some=numbers, anyway=st.booleans())
    def count(self, draw: int, missing: int, broken: int, some: int, anyway: bool) -> None:
        going = [one for one in self.parties if one.stage in (Stage.OUT, Stage.BACK)]
        party = self.pick(going if going and draw % 4 else self.parties, draw // 4)
        if some % 4:  # mostly all of it is brought back first
            for box in [one for one in party.boxes if one.where == "out"]:
                self.halls.back(box.packed)
                box.where, box.told = "used", True
        stage = party.stage
        broken = min(broken, party.bowls)
        found = max(0, party.bowls - broken - missing + some % 2)
        out = self.in_order(party.cups - self.seen - self.gone)
        received, broke = out[: some % 3], out[some % 3 : some % 3 + some // 5 % 2]
        id, at = uuid.uuid4(), self.halls.now

        def count() -> StatementView:
            return self.halls.count(
                party.event, id=id, at=at, lines={"bowl": (found, broken)} if party.boxes else {},
                received=tuple(received), broken=tuple(broke), anyway=anyway,
            )  # fmt: skip

        wrong = stage is Stage.OUT and not anyway
        if not party.boxes or stage is Stage.SETTLED or wrong:
            return self.refused(count, Code.CONFLICT)
        statement = count()
        assert count().lines == statement.lines
        self.seen |= set(received)
        self.gone |= set(broke)
        party.found, party.broken, party.statement = found, broken, statement
        party.confirmed, party.answer = False, None
        for box in party.boxes:
            box.counted = True
        return None

    @precondition(lambda self: any(one.statement for one in self.parties))
    @rule(draw=numbers)
    def confirm(self, draw: int) -> None:
        party = self.pick([one for one in self.parties if one.statement], draw)
        self.halls.sweep()
        self.latest(party)
        self.say_right(party)

    @precondition(lambda self: any(one.open for one in self.parties))
    @rule(draw=numbers)
    def agree(self, draw: int) -> None:
        party = self.answerable(draw)
        if party is not None and party.statement is not None:
            statement, secret = party.statement, self.halls.links[party.event.id]
            self.halls.write(
                lambda s: answer_by_link(
                    s, secret=secret, version=statement.version, name=MANAGER, now=self.halls.now
                )
            )
            party.answer = Answer.CONFIRMED

    @precondition(lambda self: any(one.open for one in self.parties))
    @rule(draw=numbers, missing=few, upheld=st.booleans())
    def disagree(self, draw: int, missing: int, upheld: bool) -> None:
        """The hall disputes the bowls; the office decides."""
        party = self.answerable(draw)
        if party is None or party.statement is None or party.bowls == 0:
            return
        statement, halls = party.statement, self.halls
        (line,) = [line for line in statement.lines if line.kind == "bowl"]
        one = DisputeIn(uuid.uuid4(), line.position, "다시 세어 주세요", missing)
        halls.write(
            lambda s: dispute_by_link(
                s, secret=halls.links[party.event.id], version=statement.version, disputes=[one],
                name=MANAGER, now=halls.now,
            )
        )  # fmt: skip
        missing = min(missing, party.bowls - party.broken)
        told: dict[str, Any] = {"decision": DisputeDecision.UPHELD}
        if not upheld:
            told = {"decision": DisputeDecision.CORRECTED, "missing": missing}
        party.statement = halls.write(
            lambda s: decide_dispute(
                s, dispute_id=one.id, actor=halls.loop.town.officer, now=halls.now, **told
            )
        )
        if not upheld:
            surplus = 0 if missing else max(0, party.found + party.broken - party.bowls)
            party.found = party.bowls + surplus - party.broken - missing

    @rule(hours=st.integers(1, 200))
    def time_passes(self, hours: int) -> None:
        """The worker goes round; whoever was asked long enough has accepted."""
        self.halls.loop.now += hours * 60 * MINUTE
        if self.halls.now > self.parties[0].event.from_at - DAY:
            return  # before the first event ends by itself
        self.halls.sweep()
        for party in self.parties:
            self.latest(party)

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


def test_random_days_at_a_hall(engine: sa.Engine, keys: Keys, backend: str) -> None:
    examples = (60 if LONG else 12) if backend == "sqlite" else (20 if LONG else 4)
    run_state_machine_as_test(
        lambda: Days(engine, keys),
        settings=settings(settings(), max_examples=examples, stateful_step_count=25),
    )
