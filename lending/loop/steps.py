"""The loop as one pure table: what each action does to a piece, and the gaps it reveals."""

import uuid
from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
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
    UNCLEAN_LEND = "unclean_lend"
    HELD_LEND = "held_lend"
    RETIRED_SEEN = "retired_seen"
    LEND_TWICE = "lend_twice"  # the same borrower again: the first loan stays
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


class Effect(StrEnum):
    """What a step does to the open loan of its piece."""

    NONE = "none"
    OPEN = "open"
    CLOSE = "close"
    RETIRE = "retire"
    LOSE = "lose"


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


def _step(to: State | None, *expects: State, loan: Effect = Effect.NONE, **marks: bool) -> Step:
    return Step(to, frozenset(expects), loan, **marks)


_SEEN = {"sighting": True}
_SOILED = {"sighting": True, "soils": True}

STEPS: dict[Action, Step] = {
    Action.REGISTER: _step(State.DIRTY, soils=True),
    Action.WASH: _step(State.WASHED, State.DIRTY, State.WASHED, loan=Effect.CLOSE, **_SEEN),
    Action.PASS: _step(
        State.READY, State.WASHED, State.READY, loan=Effect.CLOSE, needs_clean=True, **_SEEN
    ),
    Action.REWASH: _step(
        State.DIRTY, State.WASHED, State.READY, State.DIRTY, loan=Effect.CLOSE, **_SOILED
    ),
    Action.SHIP: _step(
        State.SHIPPED, State.READY, State.SHIPPED, loan=Effect.CLOSE, needs_clean=True, **_SEEN
    ),
    Action.STOCK: _step(
        State.READY,
        State.SHIPPED,
        State.READY,
        loan=Effect.CLOSE,
        needs_clean=True,
        fact_only=True,
        **_SEEN,
    ),
    Action.LEND: _step(State.LENT, State.READY, loan=Effect.OPEN, needs_clean=True, **_SOILED),
    Action.RETURN: _step(State.RETURNED, State.LENT, loan=Effect.CLOSE, fact_only=True, **_SOILED),
    Action.COLLECT: _step(
        State.COLLECTED, State.RETURNED, State.READY, loan=Effect.CLOSE, fact_only=True, **_SOILED
    ),
    Action.RECEIVE: _step(
        State.DIRTY, State.COLLECTED, State.DIRTY, loan=Effect.CLOSE, fact_only=True, **_SOILED
    ),
    Action.RETIRE: _step(State.RETIRED, loan=Effect.RETIRE),
    Action.LOSE: _step(State.LOST, loan=Effect.LOSE),
    Action.HOLD: _step(None, soils=True),
    Action.RELEASE: _step(None, loan=Effect.CLOSE, **_SOILED),
    Action.VOID: _step(None),
    Action.EXTEND: _step(None),
    Action.RELABEL: _step(None),
    Action.CLAIM: _step(None),
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
_NAMES_CODE = (Action.REGISTER, Action.RELABEL)
_REPEAT_RETURN_IS_CALM = timedelta(minutes=10)


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


@dataclass(frozen=True, slots=True)
class Event:
    """A recorded scan as the rules see it; no person, no device."""

    id: uuid.UUID
    action: Action
    at: datetime  # occurred_at, UTC, microseconds
    site: int
    seq: int = 0
    position: int = 0
    to_site: int | None = None
    of: uuid.UUID | None = None
    reason: str | None = None
    code: str | None = None  # the label that a register or relabel put on
    party: int | None = None  # which of this piece's borrowers; means nothing elsewhere
    unresolved: bool = False
    clock_suspect: bool = False
    recorded_at: datetime | None = None  # only a void's own order of arrival matters
    officer: bool = False  # an officer may void what another site scanned

    @property
    def order(self) -> tuple[bool, datetime, int, int, bytes]:
        """The order of a piece's story: register first, then time, number, position, id."""
        register = self.action is Action.REGISTER
        return (not register, self.at, self.seq, self.position, self.id.bytes)


@dataclass(frozen=True, slots=True)
class OpenLoan:
    """The loan a piece is out on; its id is that of its lend scan."""

    id: uuid.UUID
    site: int
    opened_at: datetime
    party: int | None = None
    extensions: int = 0
    lost_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClosedLoan:
    loan: OpenLoan
    closed_at: datetime
    closed_by: uuid.UUID
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Piece:
    """All that replay knows of one item. `site` None: never registered yet."""

    state: State = State.DIRTY
    site: int | None = None
    clean: bool = False
    washed: bool = False  # washed since the last step that soils
    hold: str | None = None
    to_site: int | None = None  # where a shipped piece is going
    uses: int = 0
    washes: int = 0
    gaps: int = 0
    code: str | None = None  # the label in use, where one was replaced
    last_at: datetime | None = None
    last_id: uuid.UUID | None = None
    last_site: int | None = None
    last_return_at: datetime | None = None
    since: datetime | None = None  # when the piece came into this state
    loan: OpenLoan | None = None


@dataclass(frozen=True, slots=True)
class Advanced:
    """What one event did: the piece afterwards, the gaps shown, the loans it closed."""

    piece: Piece
    gaps: tuple[Gap, ...] = ()
    closed: ClosedLoan | None = None


def advance(piece: Piece, event: Event) -> Advanced:
    """One scan on one piece: pure and total; whatever came before, the action's target holds."""
    action, step = event.action, STEPS[event.action]
    gaps = _gaps(piece, event, step)
    loan, closed = _loan_after(piece, event, step)
    state = _state_after(piece, event, step)
    washed = action is Action.WASH or (piece.washed and not step.soils)
    moved = step.sighting or action is Action.REGISTER
    after = Piece(
        state=state,
        site=event.site if moved or piece.site is None else piece.site,
        clean=_clean_after(piece, action, step, washed),
        washed=washed,
        hold=_hold_after(piece, event),
        to_site=event.to_site if action is Action.SHIP else (None if moved else piece.to_site),
        uses=piece.uses + (action is Action.LEND),
        washes=piece.washes + (action is Action.WASH),
        gaps=piece.gaps + len(gaps),
        code=event.code if action in _NAMES_CODE else piece.code,
        last_at=event.at if piece.last_at is None or event.at > piece.last_at else piece.last_at,
        last_id=event.id,
        last_site=event.site,
        last_return_at=event.at if action is Action.RETURN else piece.last_return_at,
        since=piece.since if piece.since and state is piece.state else event.at,
        loan=loan,
    )
    return Advanced(after, gaps, closed)


def _state_after(piece: Piece, event: Event, step: Step) -> State:
    """Retired is left only by a void; a lost or lent piece merely seen is back in the loop."""
    if piece.state is State.RETIRED:
        return State.RETIRED
    if event.action is Action.LOSE and not _loses(piece, event):
        return piece.state
    if step.to is not None:
        return step.to
    if step.sighting and piece.state in (State.LENT, State.LOST):
        return State.RETURNED
    return piece.state


def _loses(piece: Piece, event: Event) -> bool:
    """A write-off names its lend and does nothing once that loan is closed (the piece was seen)."""
    return event.of is None or (piece.loan is not None and piece.loan.id == event.of)


def _clean_after(piece: Piece, action: Action, step: Step, washed: bool) -> bool:
    """Clean is derived, never assumed: only a pass after a wash makes it true."""
    if action is Action.PASS:
        return washed
    return piece.clean and not step.soils and action is not Action.WASH


def _hold_after(piece: Piece, event: Event) -> str | None:
    if event.action is Action.HOLD:
        return event.reason or "hold"
    return None if event.action is Action.RELEASE else piece.hold


def _loan_after(
    piece: Piece, event: Event, step: Step
) -> tuple[OpenLoan | None, ClosedLoan | None]:
    loan = piece.loan
    if step.loan is Effect.OPEN and piece.state is not State.RETIRED:
        if loan is not None and _same_borrower(loan, event):
            return loan, None
        opened = OpenLoan(event.id, event.site, event.at, event.party)
        if loan is None:
            return opened, None
        return opened, ClosedLoan(loan, event.at, event.id, Outcome.SUPERSEDED)
    if loan is None:
        return None, None
    if step.loan is Effect.CLOSE:
        seen = Outcome.RETURNED if event.action is Action.RETURN else Outcome.IMPLIED
        return None, ClosedLoan(loan, event.at, event.id, seen)
    if step.loan is Effect.RETIRE:
        return None, ClosedLoan(loan, event.at, event.id, Outcome.RETIRED)
    if step.loan is Effect.LOSE and _loses(piece, event):
        return replace(loan, lost_at=loan.lost_at or event.at), None
    if event.action is Action.EXTEND and event.of in (None, loan.id):
        return replace(loan, extensions=loan.extensions + 1), None
    return loan, None


def _same_borrower(loan: OpenLoan, event: Event) -> bool:
    return loan.party is not None and loan.party == event.party


def _gaps(piece: Piece, event: Event, step: Step) -> tuple[Gap, ...]:
    gaps: list[Gap] = []
    if event.clock_suspect:
        gaps.append(Gap.CLOCK_SUSPECT)
    if event.unresolved:
        gaps.append(Gap.BORROWER_UNRESOLVED)
    if not step.sighting or piece.site is None:
        return tuple(gaps)
    if piece.state is State.RETIRED:
        return (*gaps, Gap.RETIRED_SEEN)
    if event.action is Action.LEND:
        gaps += _lend_gaps(piece, event)
    elif step.needs_clean and not (piece.washed if event.action is Action.PASS else piece.clean):
        gaps += [Gap.MISSED_RETURN] if piece.state is State.LENT else []
        gaps.append(Gap.NOT_CLEAN)
    elif not _is_calm_repeat(piece, event):
        gaps += _missed_here(piece, event)
    return tuple(gaps)


def _lend_gaps(piece: Piece, event: Event) -> list[Gap]:
    held = [Gap.HELD_LEND] if piece.hold is not None else []
    if piece.loan is not None:
        same = _same_borrower(piece.loan, event)
        return [Gap.LEND_TWICE if same else Gap.SUPERSEDED, *held]
    if not piece.clean:
        return [Gap.UNCLEAN_LEND, *held]
    return [*_missed_here(piece, event), *held]


def _missed_here(piece: Piece, event: Event) -> tuple[Gap, ...]:
    if piece.state is State.READY and piece.site != event.site and event.action in MISSED_AWAY:
        return MISSED_AWAY[event.action]
    return MISSED[piece.state, event.action]


def _is_calm_repeat(piece: Piece, event: Event) -> bool:
    """The same cup returned twice at one place within ten minutes is one return."""
    return (
        event.action is Action.RETURN
        and piece.state is State.RETURNED
        and piece.site == event.site
        and piece.last_return_at is not None
        and event.at - piece.last_return_at <= _REPEAT_RETURN_IS_CALM
    )
