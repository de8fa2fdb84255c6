"""What one scan does to one piece: the table of steps applied; pure."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lending.loop.steps import (
    MISSED,
    MISSED_AWAY,
    STEPS,
    Action,
    Effect,
    Gap,
    Outcome,
    State,
    Step,
)

_NAMES_CODE = (Action.REGISTER, Action.RELABEL)
_REPEAT_RETURN_IS_CALM = timedelta(minutes=10)


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
    resumed_at: datetime | None = None  # the clock runs anew from here, with fresh days


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
    if step.to is State.LOST and not _loses(piece, event):
        return piece.state
    if step.to is not None:
        return step.to
    if step.sighting and piece.state in (State.LENT, State.LOST):
        return State.RETURNED
    return piece.state


def _loses(piece: Piece, event: Event) -> bool:
    """What gives a piece up names its lend and does nothing once that loan is closed (the piece was
    seen); only who declares a piece lost need not name one."""
    if event.of is None:
        return event.action is Action.LOSE
    return piece.loan is not None and piece.loan.id == event.of


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
    if step.loan is Effect.GIVE_UP and _loses(piece, event):
        return None, ClosedLoan(loan, event.at, event.id, Outcome.CLAIMED)
    if event.of in (None, loan.id):
        return _clock_after(loan, event), None
    return loan, None


def _clock_after(loan: OpenLoan, event: Event) -> OpenLoan:
    """An open loan whose due date this event may move."""
    if event.action is Action.EXTEND:
        return replace(loan, extensions=loan.extensions + 1)
    if event.action is Action.RESUME:
        return replace(loan, resumed_at=event.at)
    return loan


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
        return [Gap.LENT_TWICE if same else Gap.SUPERSEDED, *held]
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
