"""What somebody at a place says happened to counted ware, as a move between accounts; pure."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from lending.errors import Code, LendingError
from lending.wares.values import FigureIn, MoveIn
from lending.wares.ways import WAYS, Account, Condition, Why, at_place, beyond, in_crate


@dataclass(frozen=True, slots=True)
class Told:
    """So many pieces of a kind at a place, or in a crate there (`crate_id`: its item's).

    `condition`: theirs before it; of what comes in, the one it has then. `to_site_id`: where moved
    ware goes. `id`: the request's.
    """

    id: uuid.UUID
    kind_id: int
    quantity: int
    condition: Condition
    site_id: int
    at: datetime
    crate_id: int | None = None
    to_site_id: int | None = None
    note: str | None = None
    staff_id: int | None = None

    @property
    def account(self) -> Account:
        return _held(self, self.condition)


def conditions_of(why: Why) -> list[Condition]:
    """The conditions that ware may be in for this, in the order of the round."""
    way = WAYS[why]
    offered = way.before if way.from_outside is None else way.after or frozenset(Condition)
    return [one for one in Condition if one in offered]


def move_told(told: Told, why: Why) -> MoveIn:
    """The move that is meant. INVALID (field crate or to) where the other end is not named."""
    way = WAYS[why]
    source = target = told.account
    if way.from_outside is not None:
        source = beyond(way.from_outside)
    elif way.to_outside is not None:
        target = beyond(way.to_outside)
    elif way.stays:
        (after,) = way.after or frozenset({told.condition})
        target = _held(told, after)
    elif why is Why.MOVED:
        target = _elsewhere(told)
    else:
        source, target = _packed(told, why)
    return MoveIn(
        told.id, told.kind_id, told.quantity, source, target, why, told.at,
        staff_id=told.staff_id, note=told.note,
    )  # fmt: skip


def figure_told(told: Told) -> FigureIn:
    """The figure that was counted."""
    return FigureIn(
        told.id, told.kind_id, told.account, told.quantity, told.at, staff_id=told.staff_id
    )


def _held(told: Told, condition: Condition) -> Account:
    if told.crate_id is None:
        return at_place(told.site_id, condition)
    return in_crate(told.crate_id, condition)


def _elsewhere(told: Told) -> Account:
    if told.to_site_id is None or told.to_site_id == told.site_id:
        raise LendingError(Code.INVALID, field="to")
    return at_place(told.to_site_id, told.condition)


def _packed(told: Told, why: Why) -> tuple[Account, Account]:
    if told.crate_id is None:
        raise LendingError(Code.INVALID, field="crate")
    loose = at_place(told.site_id, told.condition)
    return (loose, told.account) if why is Why.PACKED else (told.account, loose)
