"""Budgets are counted in fixed windows of the real clock: tests of them must not see one end."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def in_one_window(seconds: int, ask: Callable[[int], T]) -> T:
    """What `ask(turn)` gives while no window of so many seconds ends; else it is asked anew.

    Each turn is to spend a budget of its own: by an address, a contact or a login of its number.
    """
    for turn in range(10):
        window = int(time.time()) // seconds
        given = ask(turn)
        if int(time.time()) // seconds == window:
            return given
    raise AssertionError(f"ten times longer than {seconds} s")


def address(turn: int) -> dict[str, dict[str, str]]:
    """The caller's address of a turn, for a request of the test client."""
    return {"environ_base": {"REMOTE_ADDR": f"203.0.113.{turn}"}}
