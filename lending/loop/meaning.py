"""What the beep of a piece means at a till that has no buttons for lend and return; pure."""

from dataclasses import dataclass

from lending.loop.judge import refuse_piece
from lending.loop.steps import Action, State
from lending.loop.values import Piece


@dataclass(frozen=True, slots=True)
class Meaning:
    """What is to be recorded. `action` None: nothing yet, the piece waits for its borrower.

    `take_in`: when the lend is refused, the piece is recorded as returned here, for nobody
    expected it at this place.
    """

    action: Action | None
    take_in: bool = False


WAIT = Meaning(None)


def mean_beep(piece: Piece | None, *, site: int, borrower_shown: bool) -> Meaning:
    """The meaning of a piece held under the reader at `site` (None: an unknown label).

    A piece that is out comes back, whoever is shown. A piece fit to lend goes to the borrower
    shown or waits for one. What cannot be lent is a return, unless somebody is asking for it.
    """
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
