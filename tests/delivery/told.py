"""Orders as the people of a shop know them, and a piece drawn from some: for random days."""

import uuid
from dataclasses import dataclass, field


@dataclass
class Beep:
    """What one beep put into an order: a container, or a bag with those in it."""

    id: uuid.UUID
    code: str
    cups: tuple[str, ...]


@dataclass
class Told:
    """An order as the shop's people know it. `out`, `back` and `lost` are containers."""

    id: uuid.UUID
    beeps: list[Beep] = field(default_factory=list)
    out: set[str] = field(default_factory=set)
    back: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    pickup: uuid.UUID | None = None
    taken: bool = False
    cancelled: bool = False
    erased: bool = False

    @property
    def status(self) -> str:
        if self.cancelled or not self.out | self.back | self.lost:
            return "cancelled"
        if not self.out:
            return "lost" if self.lost else "returned"
        if self.back:
            return "part_returned"
        if self.taken:
            return "picked_up"
        return "pickup_requested" if self.pickup else "packed"

    def is_at_hand(self) -> bool:
        """Whether nothing of it has come back yet."""
        return all(set(one.cups) <= self.out for one in self.beeps)

    @property
    def is_over(self) -> bool:
        return not self.out and bool(self.cancelled or self.back or self.lost)


def pick(some, draw: int):
    """One of these, or None where there is none."""
    ordered = sorted(some) if not isinstance(some, list) else some
    return ordered[draw % len(ordered)] if ordered else None
