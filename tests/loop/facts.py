"""Random scans of a few cups: the strategies behind the stateful test and the arrival property."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lending.loop.scans import ScanIn
from lending.loop.steps import Action
from lending.loop.values import OpenLoan
from lending.loop.write.rows import LoanRow
from tests.personas import (
    BOX,
    DANA,
    HARU,
    MINJI,
    NABI,
    OFFICE,
    SORA,
    WASH,
    Loop,
    Stored,
    Town,
    stored_of,
)  # fmt: skip

PLACES = (HARU, NABI, WASH, OFFICE, BOX)
# Somebody the till does not know, nobody at all, and what no till can read as a person.
BORROWERS = (MINJI, MINJI, DANA, SORA, None, "not a person")
MOVES = (
    Action.WASH, Action.PASS, Action.REWASH, Action.SHIP, Action.STOCK, Action.LEND, Action.LEND,
    Action.RETURN, Action.COLLECT, Action.RECEIVE, Action.RETIRE, Action.LOSE, Action.HOLD,
    Action.RELEASE, Action.EXTEND, Action.RESUME, Action.GIVE_UP,
)  # fmt: skip
NAMES_LEND = (Action.EXTEND, Action.RESUME, Action.GIVE_UP)


@dataclass(frozen=True)
class Fact:
    """A scan before it has a town: cup, labels and scans are named by number."""

    action: Action
    cup: int
    place: str
    borrower: str | None = None
    of: int | None = None  # the number of the scan it names

    def scan(
        self, loop: Loop, codes: Sequence[str], ids: Sequence[uuid.UUID], number: int, at: datetime
    ) -> ScanIn:
        """The scan in a town whose cups have these codes."""
        named: dict[str, Any] = {"of": None if self.of is None else ids[self.of]}
        if self.action is Action.LEND:
            named["borrower"] = self.borrower
        if self.action is Action.SHIP:
            named["to"] = loop.site(HARU)
        if self.action in (Action.HOLD, Action.RETIRE):
            named["reason"] = "crack"
        return loop.scan(
            self.action, codes[self.cup], id=ids[number], at=at, site=loop.site(self.place), **named
        )


@st.composite
def stories(draw: st.DrawFn, cups: int = 2, most: int = 14) -> list[Fact]:
    """Facts in the order they happened; voids name a scan of their cup, before or after them.

    The last cup's label was printed ahead: one of the facts claims it.
    """
    facts = draw(
        st.lists(
            st.builds(
                Fact,
                st.sampled_from(MOVES),
                st.integers(0, cups - 1),
                st.sampled_from(PLACES),
                st.sampled_from(BORROWERS),
            ),
            min_size=1,
            max_size=most,
        )
    )
    facts.insert(draw(st.integers(0, len(facts))), Fact(Action.CLAIM, cups - 1, HARU))
    for number, fact in enumerate(facts):
        others = [i for i, one in enumerate(facts) if one.cup == fact.cup and i != number]
        lends = [i for i in others if facts[i].action is Action.LEND]
        named = fact.action in NAMES_LEND or (fact.action is Action.LOSE and draw(st.booleans()))
        if lends and named:
            facts[number] = replace(fact, of=draw(st.sampled_from(lends)))
        elif others and fact.action is not Action.CLAIM and draw(st.integers(0, 5)) == 0:
            moved = [i for i in others if facts[i].action is not Action.VOID]
            if moved and not any(one.of == number for one in facts):
                facts[number] = Fact(
                    Action.VOID, fact.cup, fact.place, of=draw(st.sampled_from(moved))
                )
    return facts


def told(
    session: Session, town: Town, items: Sequence[int], ids: Sequence[uuid.UUID]
) -> list[object]:
    """What is stored of some items, without what differs between two towns: ids, codes, parties."""
    names: dict[object, object] = {scan: number for number, scan in enumerate(ids)}
    places = {number: code for code, number in town.sites.items()}
    stored = stored_of(session, items)
    return [_told(stored[item], names, places) for item in items]


def _told(one: Stored, names: Mapping[object, object], places: Mapping[int, str]) -> object:
    piece, loan = one.piece, one.piece.loan
    return (
        replace(piece, code=None, loan=None, last_id=None, site=None, to_site=None, last_site=None),
        names.get(piece.last_id),
        [place and places[place] for place in (piece.site, piece.to_site, piece.last_site)],
        loan and (names[loan.id], places[loan.site], *told_of(loan)),
        {
            names[row.id]: (
                places[row.site], *told_of(row), row.closed_at, names.get(row.closed_by), row.outcome,
            )
            for row in one.loans.values()
        },
        {names[scan]: gaps for scan, gaps in one.gaps.items()},
    )  # fmt: skip


def told_of(loan: OpenLoan | LoanRow) -> tuple[object, ...]:
    return (loan.opened_at, loan.extensions, loan.lost_at, loan.resumed_at)


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)
