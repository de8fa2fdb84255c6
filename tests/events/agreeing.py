"""Random counts and answers: the centre counts what came back, hall and office agree on it."""

import uuid
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    precondition,
    rule,
)  # fmt: skip

from lending.errors import Code
from lending.events.statements.answers import answer_by_link, dispute_by_link
from lending.events.statements.disputes import decide_dispute
from lending.events.values import (
    Answer,
    DisputeDecision,
    DisputeIn,
    Stage,
    StatementView,
)
from tests.events.halls import MANAGER
from tests.events.parties import HallDays

numbers = st.integers(0, 10**6)
few = st.integers(0, 5)
CRATES, EVENTS = 3, 3


class AgreeingDays(HallDays):
    """What the centre counts, and what becomes of its word."""

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
