"""The loop as one pure table: what each action expects, where it leads, what a skip means."""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    DIRTY = "dirty"
    WASHED = "washed"
    READY = "ready"
    SHIPPED = "shipped"
    LENT = "lent"
    RETURNED = "returned"
    COLLECTED = "collected"
    RETIRED = "retired"
    LOST = "lost"


class Action(StrEnum):
    REGISTER = "register"
    WASH = "wash"
    PASS = "pass"  # noqa: S105
    REWASH = "rewash"
    SHIP = "ship"
    STOCK = "stock"
    LEND = "lend"
    RETURN = "return"
    COLLECT = "collect"
    RECEIVE = "receive"
    RETIRE = "retire"
    LOSE = "lose"
    HOLD = "hold"
    RELEASE = "release"
    VOID = "void"
    EXTEND = "extend"
    RELABEL = "relabel"
    CLAIM = "claim"
    PACK = "pack"
    UNPACK = "unpack"
    RESUME = "resume"
    GIVE_UP = "give_up"


class Gap(StrEnum):
    """What a scan shows the loop to have missed; derived by replay, never stored by hand."""

    MISSED_WASH = "missed_wash"
    MISSED_PASS = "missed_pass"  # noqa: S105
    MISSED_SHIP = "missed_ship"
    MISSED_STOCK = "missed_stock"
    MISSED_LEND = "missed_lend"
    MISSED_RETURN = "missed_return"
    MISSED_COLLECT = "missed_collect"
    MISSED_RECEIVE = "missed_receive"
    NOT_CLEAN = "not_clean"  # shipped, stocked or passed without a proven wash
    NO_BATCH = "no_batch"  # passed where a finished wash batch is required, without one
    UNPACKED_UNSEEN = "unpacked_unseen"  # seen elsewhere than the crate it was packed in
    UNCLEAN_LEND = "unclean_lend"
    HELD_LEND = "held_lend"
    RETIRED_SEEN = "retired_seen"
    LENT_TWICE = "lent_twice"  # the same borrower again: the first loan stays
    SUPERSEDED = "superseded"  # another borrower: the earlier loan closed, two persons for one cup
    BORROWER_UNRESOLVED = "borrower_unresolved"
    CLOCK_SUSPECT = "clock_suspect"
    UNKNOWN_CODE = "unknown_code"


class Outcome(StrEnum):
    """How a loan closed."""

    RETURNED = "returned"
    IMPLIED = "implied"  # seen elsewhere in the loop: never held against the borrower
    SUPERSEDED = "superseded"
    RETIRED = "retired"
    CLAIMED = "claimed"  # said to be back, never found: no consequence for the borrower


class Effect(StrEnum):
    """What a step does to the open loan of its piece."""

    NONE = "none"
    OPEN = "open"
    CLOSE = "close"
    RETIRE = "retire"
    LOSE = "lose"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table. `to` None: the state stays; `expects` empty: any state is expected."""

    to: State | None
    expects: frozenset[State] = frozenset()
    loan: Effect = Effect.NONE
    sighting: bool = False  # the piece was here
    soils: bool = False  # whatever was washed before counts no more
    needs_clean: bool = False  # a piece without a proven wash makes this a hygiene doubt
    fact_only: bool = False  # a question is never refused: it is taken as a fact
    carries: bool = False  # done to a crate, it is done to every piece in it
    empties: bool = False  # what it befell in its crate is in it no longer: it went out to be used


def _step(to: State | None, *expects: State, loan: Effect = Effect.NONE, **marks: bool) -> Step:
    return Step(to, frozenset(expects), loan, **marks)


_SEEN = {"sighting": True}
_CARRIED = {"sighting": True, "carries": True}
_CARRIED_SOILED = {"sighting": True, "carries": True, "soils": True}

STEPS: dict[Action, Step] = {
    Action.REGISTER: _step(State.DIRTY, soils=True),
    Action.WASH: _step(State.WASHED, State.DIRTY, State.WASHED, loan=Effect.CLOSE, **_CARRIED),
    Action.PASS: _step(
        State.READY, State.WASHED, State.READY, loan=Effect.CLOSE, needs_clean=True, **_CARRIED
    ),
    Action.REWASH: _step(
        State.DIRTY, State.WASHED, State.READY, State.DIRTY, loan=Effect.CLOSE, **_CARRIED_SOILED
    ),
    Action.SHIP: _step(
        State.SHIPPED, State.READY, State.SHIPPED, loan=Effect.CLOSE, needs_clean=True, **_CARRIED
    ),
    Action.STOCK: _step(
        State.READY,
        State.SHIPPED,
        State.READY,
        loan=Effect.CLOSE,
        needs_clean=True,
        fact_only=True,
        **_CARRIED,
    ),
    Action.LEND: _step(
        State.LENT,
        State.READY,
        loan=Effect.OPEN,
        needs_clean=True,
        empties=True,
        **_CARRIED_SOILED,
    ),
    Action.RETURN: _step(
        State.RETURNED, State.LENT, loan=Effect.CLOSE, fact_only=True, **_CARRIED_SOILED
    ),
    Action.COLLECT: _step(
        State.COLLECTED,
        State.RETURNED,
        State.READY,
        loan=Effect.CLOSE,
        fact_only=True,
        **_CARRIED_SOILED,
    ),
    Action.RECEIVE: _step(
        State.DIRTY,
        State.COLLECTED,
        State.DIRTY,
        loan=Effect.CLOSE,
        fact_only=True,
        **_CARRIED_SOILED,
    ),
    Action.RETIRE: _step(State.RETIRED, loan=Effect.RETIRE),
    Action.LOSE: _step(State.LOST, loan=Effect.LOSE),
    Action.HOLD: _step(None, soils=True, carries=True),
    Action.RELEASE: _step(None, loan=Effect.CLOSE, **_CARRIED_SOILED),
    Action.VOID: _step(None),
    Action.EXTEND: _step(None),
    Action.RELABEL: _step(None),
    Action.CLAIM: _step(None),
    Action.PACK: _step(None, loan=Effect.CLOSE, **_SEEN),
    Action.UNPACK: _step(None, loan=Effect.CLOSE, **_SEEN),
    Action.RESUME: _step(None),
    Action.GIVE_UP: _step(State.LOST, State.LENT, State.LOST, loan=Effect.GIVE_UP),
}

# The arrows of the round that a missed scan may have skipped, in the order they happen.
ROUND = (
    Action.WASH,
    Action.PASS,
    Action.SHIP,
    Action.STOCK,
    Action.LEND,
    Action.RETURN,
    Action.COLLECT,
    Action.RECEIVE,
)
SIGHTINGS = frozenset(action for action, step in STEPS.items() if step.sighting)
CARRYING = frozenset(action for action, step in STEPS.items() if step.carries)


def _shortest_way(start: State, goals: frozenset[State]) -> tuple[Action, ...]:
    """The fewest steps of the round that lead from `start` to one of `goals`."""
    waiting: deque[tuple[State, tuple[Action, ...]]] = deque([(start, ())])
    seen = {start}
    while waiting:
        state, way = waiting.popleft()
        if state in goals:
            return way
        for action in ROUND:
            to = STEPS[action].to
            if state in STEPS[action].expects and to is not None and to not in seen:
                seen.add(to)
                waiting.append((to, (*way, action)))
    return ()


def _missed(state: State, action: Action) -> tuple[Gap, ...]:
    """The gaps of `action` on a piece found in `state`, cleanliness apart.

    Where the way leads through the wash nobody can tell how often the piece went round: only the
    step right before `action` is counted.
    """
    step = STEPS[action]
    if not step.expects or state in step.expects or state in (State.LOST, State.RETIRED):
        return ()
    way = _shortest_way(state, step.expects)
    if {Action.WASH, Action.PASS} & set(way):
        way = way[-1:]
    return tuple(Gap(f"missed_{skipped}") for skipped in way)


MISSED: dict[tuple[State, Action], tuple[Gap, ...]] = {
    (state, action): _missed(state, action) for state in State for action in Action
}
# A ready piece that stands elsewhere: it must have been shipped, and before a lend stocked too.
MISSED_AWAY: dict[Action, tuple[Gap, ...]] = {
    Action.STOCK: (Gap.MISSED_SHIP,),
    Action.LEND: (Gap.MISSED_SHIP, Gap.MISSED_STOCK),
}
