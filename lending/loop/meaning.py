"""What a beep means at a till that has no buttons for lend, return and unpacking; pure."""

from dataclasses import dataclass

from lending.loop.judge import refuse_piece
from lending.loop.steps import Action, State
from lending.loop.values import Piece


@dataclass(frozen=True, slots=True)
class Meaning:
    """What is to be recorded. `action` None: nothing, the piece waits for its borrower, or it is a
    crate that is only looked at.

    `take_in`: when the lend is refused, the piece is recorded as returned here, for nobody
    expected it at this place.
    """

    action: Action | None
    take_in: bool = False


WAIT = Meaning(None)
LOOK = Meaning(None)
_USED = (State.RETURNED, State.COLLECTED, State.RETIRED)


def mean_beep(piece: Piece | None, *, site: int, borrower_shown: bool) -> Meaning:
    """The meaning of a piece held under the reader at `site` (None: an unknown label).

    A piece that is out comes back, whoever is shown. A piece fit to lend goes to the borrower
    shown or waits for one. What cannot be lent is a return, unless somebody is asking for it.

    A crate is neither lent nor given back: one that comes is taken in with all that is in it, one
    that stands there is looked at.
    """
    if piece is not None and piece.carrier:
        return _mean_crate(piece, site)
    if piece is None:
        return Meaning(Action.LEND if borrower_shown else Action.RETURN)
    if piece.state is State.LENT:
        return Meaning(Action.RETURN)
    if refuse_piece(piece, Action.LEND) is None:
        return Meaning(Action.LEND) if borrower_shown else WAIT
    if borrower_shown:
        expected = piece.state is State.RETURNED and piece.site == site
        return Meaning(Action.LEND, take_in=not expected)
    return Meaning(Action.RETURN)


def _mean_crate(crate: Piece, site: int) -> Meaning:
    """A crate on its way has come, whichever place it was meant for; so has one that was at the
    centre or missing, of which nobody scanned that it left. A used one that was taken elsewhere tells
    nothing by standing here: its cups are not clean ware."""
    if crate.state is State.SHIPPED:
        return Meaning(Action.STOCK)
    away = crate.site != site or crate.state is State.LOST
    return Meaning(Action.STOCK) if away and crate.state not in _USED else LOOK
