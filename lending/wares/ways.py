"""What counted ware can go through as one pure table: from which account to which."""

from dataclasses import dataclass
from enum import StrEnum


class Condition(StrEnum):
    """What ware of an account is like; only clean ware may go out."""

    DIRTY = "dirty"
    WASHED = "washed"
    CLEAN = "clean"
    HELD = "held"


class Outside(StrEnum):
    """Where ware comes from and goes to beyond every place: the other side of the double entry."""

    BOUGHT = "bought"
    BROKEN = "broken"
    RETIRED = "retired"
    DIFFERENCE = "difference"  # what counting found or missed
    SET = "set"  # lids that go with the piece that carries the code
    MISSING = "missing"  # lids whose piece came without them
    LENT = "lent"  # out of its crate, at an event
    SHORT = "short"  # did not come back from an event, by the centre's count


class Why(StrEnum):
    """What happened to a quantity."""

    BOUGHT = "bought"
    PACKED = "packed"
    UNPACKED = "unpacked"
    MOVED = "moved"
    USED = "used"
    WASHED = "washed"
    REWASHED = "rewashed"
    PASSED = "passed"
    HELD = "held"
    RELEASED = "released"
    BROKEN = "broken"
    RETIRED = "retired"
    COUNTED = "counted"  # a difference; only made by a figure, never sent
    JOINED = "joined"
    PARTED = "parted"
    MISSED = "missed"
    FOUND = "found"
    TAKEN_BACK = "taken_back"  # a use that was none
    HANDED = "handed"  # its crate was handed to an event
    UNOPENED = "unopened"  # its crate came back from an event as it went
    CAME_BACK = "came_back"
    SHORT = "short"
    TURNED_UP = "turned_up"
    NOT_BROKEN = "not_broken"


# What only the services that know its reason record; never sent by a tablet or a machine.
NEVER_SENT = frozenset(
    {
        Why.COUNTED, Why.TAKEN_BACK, Why.HANDED, Why.UNOPENED, Why.CAME_BACK, Why.SHORT,
        Why.TURNED_UP, Why.NOT_BROKEN,
    }
)  # fmt: skip


class Holder(StrEnum):
    """What holds the ware of an account."""

    PLACE = "place"
    CRATE = "crate"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Account:
    """Ware of one kind in one condition at a place or in a crate (its item's id), or outside."""

    site_id: int | None = None
    crate_id: int | None = None
    condition: Condition | None = None
    outside: Outside | None = None

    @property
    def holder(self) -> Holder:
        if self.outside is not None:
            return Holder.OUTSIDE
        return Holder.PLACE if self.crate_id is None else Holder.CRATE

    @property
    def is_whole(self) -> bool:
        """Whether exactly one holder is named, with a condition unless it is outside."""
        named = sum(part is not None for part in (self.site_id, self.crate_id, self.outside))
        return named == 1 and (self.condition is None) == (self.outside is not None)


def at_place(site_id: int, condition: Condition) -> Account:
    """What stands loose at a place."""
    return Account(site_id=site_id, condition=condition)


def in_crate(crate_id: int, condition: Condition) -> Account:
    """What is in a crate, wherever the crate is."""
    return Account(crate_id=crate_id, condition=condition)


def beyond(outside: Outside) -> Account:
    """An account beyond every place."""
    return Account(outside=outside)


@dataclass(frozen=True, slots=True)
class Way:
    """One row of the table. Holders the ware goes between; conditions it may have before and after
    (`after` None: it keeps its own); `stays`: with the same holder."""

    holders: frozenset[tuple[Holder, Holder]]
    before: frozenset[Condition] = frozenset(Condition)
    after: frozenset[Condition] | None = None
    stays: bool = False
    from_outside: Outside | None = None
    to_outside: Outside | None = None


_PLACE, _CRATE, _OUTSIDE = Holder.PLACE, Holder.CRATE, Holder.OUTSIDE
_HERE = frozenset({(_PLACE, _PLACE), (_CRATE, _CRATE)})
_OUT = frozenset({(_PLACE, _OUTSIDE), (_CRATE, _OUTSIDE)})
_IN = frozenset({(_OUTSIDE, _PLACE), (_OUTSIDE, _CRATE)})
_IN_USED = frozenset({(_OUTSIDE, _PLACE)})
_BETWEEN = frozenset({(_OUTSIDE, _OUTSIDE)})


def _turn(before: set[Condition], after: Condition) -> Way:
    return Way(_HERE, frozenset(before), frozenset({after}), stays=True)


_DIRTY, _WASHED, _CLEAN = Condition.DIRTY, Condition.WASHED, Condition.CLEAN
WAYS: dict[Why, Way] = {
    Why.BOUGHT: Way(_IN, after=frozenset(Condition), from_outside=Outside.BOUGHT),
    Why.PACKED: Way(frozenset({(_PLACE, _CRATE)})),
    Why.UNPACKED: Way(frozenset({(_CRATE, _PLACE)})),
    Why.MOVED: Way(_HERE),
    Why.USED: _turn({_CLEAN, _WASHED}, _DIRTY),
    Why.TAKEN_BACK: Way(_HERE, frozenset({_DIRTY}), frozenset({_CLEAN, _WASHED}), stays=True),
    Why.WASHED: _turn({_DIRTY}, _WASHED),
    Why.REWASHED: _turn({_WASHED, _CLEAN}, _DIRTY),
    Why.PASSED: _turn({_WASHED}, _CLEAN),
    Why.HELD: _turn({_DIRTY, _WASHED, _CLEAN}, Condition.HELD),
    # As in the loop a release soils: what was in doubt is washed again before it goes out.
    Why.RELEASED: _turn({Condition.HELD}, _DIRTY),
    Why.BROKEN: Way(_OUT, to_outside=Outside.BROKEN),
    Why.RETIRED: Way(_OUT, to_outside=Outside.RETIRED),
    Why.JOINED: Way(_OUT, to_outside=Outside.SET),
    Why.PARTED: Way(_IN, after=frozenset(Condition), from_outside=Outside.SET),
    Why.MISSED: Way(_BETWEEN, from_outside=Outside.SET, to_outside=Outside.MISSING),
    Why.FOUND: Way(_IN, after=frozenset(Condition), from_outside=Outside.MISSING),
    # An event: what is in a crate goes out with it; back it comes as it went, or used and counted.
    Why.HANDED: Way(frozenset({(_CRATE, _OUTSIDE)}), to_outside=Outside.LENT),
    Why.UNOPENED: Way(
        frozenset({(_OUTSIDE, _CRATE)}), after=frozenset(Condition), from_outside=Outside.LENT
    ),
    Why.CAME_BACK: Way(_IN_USED, after=frozenset({_DIRTY}), from_outside=Outside.LENT),
    Why.SHORT: Way(frozenset({(_PLACE, _OUTSIDE)}), to_outside=Outside.SHORT),
    Why.TURNED_UP: Way(_IN_USED, after=frozenset({_DIRTY}), from_outside=Outside.SHORT),
    Why.NOT_BROKEN: Way(_IN_USED, after=frozenset({_DIRTY}), from_outside=Outside.BROKEN),
}


def wrong_part(why: Why, source: Account, target: Account) -> str | None:
    """What is wrong with a move from `source` to `target`: "why", "source", "target" or None."""
    way = WAYS.get(why)
    if way is None:
        return "why"  # a difference is made by counting alone
    if not source.is_whole or source.outside is not way.from_outside:
        return "source"
    if not target.is_whole or target.outside is not way.to_outside or source == target:
        return "target"
    if (source.holder, target.holder) not in way.holders:
        return "target"
    if source.condition is not None and source.condition not in way.before:
        return "source"
    return None if _target_fits(way, source, target) else "target"


def _target_fits(way: Way, source: Account, target: Account) -> bool:
    same = (source.site_id, source.crate_id) == (target.site_id, target.crate_id)
    if way.stays and not same:
        return False
    if target.condition is None:
        return True
    if way.after is None:
        return target.condition is source.condition
    return target.condition in way.after
