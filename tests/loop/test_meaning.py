"""What a beep means, over every state a piece can be in."""

from dataclasses import replace

import pytest

from lending.loop.meaning import WAIT, mean_beep
from lending.loop.steps import Action, State
from lending.loop.values import Piece

HERE, THERE = 1, 2


def piece(state: State, *, clean: bool = False, site: int = HERE) -> Piece:
    return Piece(state=state, clean=clean, site=site)


@pytest.mark.parametrize("shown", [True, False])
@pytest.mark.parametrize("hold", [None, "recall"])
def test_what_is_out_comes_back(shown: bool, hold: str | None) -> None:
    out = replace(piece(State.LENT, site=THERE), hold=hold)
    assert mean_beep(out, site=HERE, borrower_shown=shown).action is Action.RETURN


@pytest.mark.parametrize("state", [State.READY, State.SHIPPED])
def test_what_is_clean_goes_to_the_person_or_waits(state: State) -> None:
    clean = piece(state, clean=True, site=THERE)
    assert mean_beep(clean, site=HERE, borrower_shown=True).action is Action.LEND
    assert mean_beep(clean, site=HERE, borrower_shown=False) == WAIT


@pytest.mark.parametrize("state", [state for state in State if state is not State.LENT])
def test_what_cannot_be_lent_never_waits(state: State) -> None:
    for one in (piece(state), replace(piece(state, clean=True), hold="recall")):
        assert mean_beep(one, site=HERE, borrower_shown=False).action is Action.RETURN
        asked = mean_beep(one, site=HERE, borrower_shown=True)
        expected = state is State.RETURNED
        assert (asked.action, asked.take_in) == (Action.LEND, not expected)
    away = piece(state, site=THERE)
    assert mean_beep(away, site=HERE, borrower_shown=True).take_in


def test_an_unknown_label() -> None:
    assert mean_beep(None, site=HERE, borrower_shown=False).action is Action.RETURN
    assert mean_beep(None, site=HERE, borrower_shown=True).action is Action.LEND


@pytest.mark.parametrize("shown", [True, False])
@pytest.mark.parametrize("site", [HERE, THERE])
@pytest.mark.parametrize("state", list(State))
def test_a_crate_is_taken_in_or_looked_at(state: State, site: int, shown: bool) -> None:
    """Nobody lends one, and nothing that is in it comes back by its beep."""
    crate = replace(piece(state, site=site), carrier=True)
    used = state in (State.RETURNED, State.COLLECTED, State.RETIRED)
    comes = state in (State.SHIPPED, State.LOST) or (site == THERE and not used)
    assert mean_beep(crate, site=HERE, borrower_shown=shown).action is (
        Action.STOCK if comes else None
    )
