"""429 for whoever asks too often: sign-in, one-time codes, public pages, probing of people.

    @blueprint.get("/i/<code>")
    @public
    @limited("item_page", per_minute=120)
    def show_item(code: str) -> str: ...

The exact budget is a row in the database (lending/people/budgets.py), right for any number of
server processes. `limited` first counts in this process, and asks the database only for an
address that used up half of its budget here: a quiet visitor costs no write.
"""

import ipaddress
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import current_app, request

from lending.errors import Code, LendingError
from lending.people.budgets import spend as spend_budget
from lending.web.services import now, services, write

View = TypeVar("View", bound=Callable[..., Any])

MINUTE = 60
MAX_TRACKED = 50_000


class RecentCounts:
    """How often each subject asked in this minute, in this process only."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, purpose: str, subject: str, minute: int) -> int:
        """Count one more and return how many it is in this minute."""
        with self._lock:
            if minute != self._minute or len(self._counts) > MAX_TRACKED:
                self._minute, self._counts = minute, {}
            key = (purpose, subject)
            self._counts[key] = self._counts.get(key, 0) + 1
            return self._counts[key]


def client_address() -> str:
    """The caller's address; an IPv6 one is cut to its /64, which is one household."""
    address = request.remote_addr or "-"
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))
    except ValueError:
        return address


def spend(purpose: str, subject: str, *, limit: int, seconds: int) -> None:
    """Count one use in the database; TOO_MANY_TRIES with `retry_after` when over `limit`.

    It commits at once, before the thing it guards is done.
    """
    keys = services().keys
    write(
        lambda session: spend_budget(
            session,
            keys=keys,
            purpose=purpose,
            subject=subject,
            limit=limit,
            seconds=seconds,
            now=now(),
        )
    )


def limited(purpose: str, *, per_minute: int) -> Callable[[View], View]:
    """A view's guard by the caller's address (put it under the access decorator)."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            count_visit(purpose, per_minute=per_minute)
            return view(*args, **kwargs)

        return cast(View, guarded)

    return wrap


def count_visit(purpose: str, *, per_minute: int) -> None:
    """Count this caller's visit; TOO_MANY_TRIES when over the budget."""
    moment = now().timestamp()
    address = client_address()
    recent: RecentCounts = current_app.extensions.setdefault("recent_counts", RecentCounts())
    count = recent.add(purpose, address, int(moment // MINUTE))
    if count > per_minute:
        wait = MINUTE - int(moment % MINUTE)
        raise LendingError(Code.TOO_MANY_TRIES, retry_after=wait)
    if count * 2 > per_minute:
        spend(purpose, address, limit=per_minute, seconds=MINUTE)
