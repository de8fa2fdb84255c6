"""What one scan does to one piece: the table of steps applied; pure."""

from dataclasses import replace
from datetime import timedelta

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
from lending.loop.values import (
    Advanced,
    ClosedLoan,
    ClosedStay,
    Event,
    OpenLoan,
    Piece,
    Stay,
)

_NAMES_CODE = (Action.REGISTER, Action.RELABEL)
_REPEAT_RETURN_IS_CALM = timedelta(minutes=10)


def advance(piece: Piece, event: Event) -> Advanced:
    """One scan on one piece: pure and total; whatever came before, the action's target holds."""
    action, step = event.action, STEPS[event.action]
    gaps = _gaps(piece, event, step)
    loan, closed = _loan_after(piece, event, step)
    stay = _stay_after(piece, event, step)
    state = _state_after(piece, event, step)
    washed = action is Action.WASH or (piece.washed and not step.soils)
    moved = step.sighting or action is Action.REGISTER
    after = Piece(
        state=state,
        site=event.site if moved or piece.site is None else piece.site,
        clean=_clean_after(piece, event, step, washed),
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
        batch=event.batch if action is Action.WASH else (None if step.soils else piece.batch),
        stay=stay,
        carrier=piece.carrier,
    )
    left = None
    if piece.stay is not None and stay is not piece.stay:
        left = ClosedStay(piece.stay, event.at, event.id)
    return Advanced(after, gaps, closed, left)


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


def _clean_after(piece: Piece, event: Event, step: Step, washed: bool) -> bool:
    """Clean is derived, never assumed: only a pass after a wash makes it true."""
    if event.action is Action.PASS:
        return washed and not _lacks_batch(piece, event)
    return piece.clean and not step.soils and event.action is not Action.WASH


def _lacks_batch(piece: Piece, event: Event) -> bool:
    return event.needs_batch and piece.batch is None


def _stay_after(piece: Piece, event: Event, step: Step) -> Stay | None:
    """A piece leaves its crate by any scan of its own; what befell it with a crate leaves it in,
    unless the crate was lent: then it was taken out to be used."""
    if event.action is Action.PACK:
        if event.crate is None or piece.state is State.RETIRED:
            return None
        if piece.stay is not None and piece.stay.crate == event.crate:
            return piece.stay
        return Stay(event.id, event.crate, event.at)
    if piece.stay is None:
        return None
    gone = step.to is State.RETIRED or (step.to is State.LOST and _loses(piece, event))
    if (
        gone
        or event.action is Action.UNPACK
        or (step.sighting and not (event.carried and not step.empties))
    ):
        return None
    return piece.stay


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
        opened = OpenLoan(event.id, event.site, event.at, event.party, occasion=event.occasion)
        if loan is None:
            return opened, None
        return opened, ClosedLoan(loan, event.at, event.id, Outcome.SUPERSEDED)
    if loan is None:
        return None, None
    if step.loan is Effect.CLOSE:
        seen = Outcome.RETURNED if _gives_back(event) else Outcome.IMPLIED
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


def _gives_back(event: Event) -> bool:
    """A return, or the emptying of a box into the bag that the piece was then found in: whoever put
    it there has brought it back."""
    emptied = event.action is Action.COLLECT and event.carried
    return emptied or event.action is Action.RETURN


def _clock_after(loan: OpenLoan, event: Event) -> OpenLoan:
    """An open loan whose due date this event may move."""
    if event.action is Action.EXTEND:
        return replace(loan, extensions=loan.extensions + 1)
    if event.action is Action.RESUME:
        return replace(loan, resumed_at=event.at)
    return loan


def _same_borrower(loan: OpenLoan, event: Event) -> bool:
    """The same person; or, of nobody by name, the same order, booking or event."""
    if loan.party is None and event.party is None:
        return loan.occasion is not None and loan.occasion == event.occasion
    return loan.party == event.party


def _gaps(piece: Piece, event: Event, step: Step) -> tuple[Gap, ...]:
    gaps: list[Gap] = []
    if event.clock_suspect:
        gaps.append(Gap.CLOCK_SUSPECT)
    if event.unresolved:
        gaps.append(Gap.BORROWER_UNRESOLVED)
    if not step.sighting or piece.site is None or piece.carrier:
        return tuple(gaps)
    if piece.state is State.RETIRED:
        return (*gaps, Gap.RETIRED_SEEN)
    if piece.stay is not None and _left_unseen(piece, piece.stay, event):
        gaps.append(Gap.UNPACKED_UNSEEN)
    if event.action is Action.LEND:
        gaps += _lend_gaps(piece, event)
    elif step.needs_clean and not (piece.washed if event.action is Action.PASS else piece.clean):
        gaps += [Gap.MISSED_RETURN] if piece.state is State.LENT else []
        gaps.append(Gap.NOT_CLEAN)
    elif event.action is Action.PASS and _lacks_batch(piece, event):
        gaps.append(Gap.NO_BATCH)
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


def _left_unseen(piece: Piece, stay: Stay, event: Event) -> bool:
    """Whether the piece is seen elsewhere than its crate: it left it with nobody noting."""
    if event.action is Action.UNPACK or event.site == piece.site:
        return False
    again = event.action is Action.PACK and event.crate == stay.crate
    return not event.carried and not again
