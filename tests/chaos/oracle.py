"""The loop's rules once more, as plainly as they can be said, applied to what truly happened.

Written from the design and sharing nothing with lending/loop: what both say is right twice.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.chaos.truth import Act

MAKES = {
    "wash": "washed", "pass": "ready", "rewash": "dirty", "ship": "shipped", "stock": "ready",
    "lend": "lent", "return": "returned", "collect": "collected", "receive": "dirty",
}  # fmt: skip
SEEN = {*MAKES, "release"}
SOILS = {"lend", "return", "collect", "receive", "rewash", "hold", "release"}


@dataclass(slots=True)
class Trip:
    """One loan: its lend, for whom, and the scan and way it ended (None while it is open)."""

    lend: Act
    end: Act | None = None
    how: str | None = None


@dataclass(slots=True)
class Cup:
    """A cup as it must stand in the end."""

    place: str
    state: str = "dirty"
    clean: bool = False
    washed: bool = False
    hold: str | None = None
    to: str | None = None
    uses: int = 0
    washes: int = 0
    trips: list[Trip] = field(default_factory=list)
    last: uuid.UUID | None = None  # the act that came last

    @property
    def open(self) -> Trip | None:
        return self.trips[-1] if self.trips and self.trips[-1].end is None else None


def tell_story(registered_at: str, acts: Iterable[Act]) -> Cup:
    """The cup after all of its acts, in the order in which they happened; voids take theirs out."""
    acts = list(acts)
    undone: set[uuid.UUID | None] = {act.of for act in acts if act.action == "void"}
    cup = Cup(registered_at)
    for act in sorted(acts, key=lambda act: (act.at, act.seq)):
        if act.id not in undone:
            cup.last = act.id
            _apply(cup, act)
    return cup


def _apply(cup: Cup, act: Act) -> None:
    was_out = cup.state == "lent"
    if act.action == "lend":
        _lend(cup, act)
    elif act.action in SEEN and cup.open is not None:
        trip = cup.open
        trip.end, trip.how = act, "returned" if act.action == "return" else "implied"
    cup.state = MAKES.get(act.action, cup.state)
    if act.action == "release" and was_out:
        cup.state = "returned"
    cup.washes += act.action == "wash"
    cup.clean = cup.washed if act.action == "pass" else cup.clean
    if act.action in SOILS or act.action == "wash":
        cup.clean, cup.washed = False, act.action == "wash"
    if act.action in SEEN:
        cup.place = act.site
        cup.to = act.to if act.action == "ship" else None
    if act.action in ("hold", "release"):
        cup.hold = act.reason if act.action == "hold" else None


def _lend(cup: Cup, act: Act) -> None:
    cup.uses += 1
    trip = cup.open
    if trip is not None and act.person is not None and trip.lend.person == act.person:
        return  # the same borrower again: the first loan stays
    if trip is not None:
        trip.end, trip.how = act, "superseded"
    cup.trips.append(Trip(act))
