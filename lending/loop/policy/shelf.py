"""How long clean ware may stand on a shop's shelf before it goes back instead of out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.policy.tables import ShelfLimit
from lending.loop.steps import Action, State
from lending.loop.write.entry import Entry
from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.places.texts import Problem

if TYPE_CHECKING:
    from lending.loop.write.call import Call
    from lending.loop.write.prepare import Prepared

DEFAULT_DAYS = 30  # the default
MOST_DAYS = 365


def load_shelf_days(session: Session, *, district_id: int) -> int:
    """After how many days clean ware is too old for a shop's orders; one statement."""
    query = sa.select(ShelfLimit.days).where(ShelfLimit.district_id == district_id)
    return session.scalar(query) or DEFAULT_DAYS


def set_shelf_days(session: Session, *, actor: Actor, days: int, now: datetime) -> None:
    """From now on so many days; INVALID (shelf_days) outside of 1 to 365."""
    if not 1 <= days <= MOST_DAYS:
        raise LendingError(Code.INVALID, field="shelf_days", detail=Problem.OUT_OF_RANGE)
    values = {"days": days, "changed_at": now, "changed_by": actor.id}
    insert = insert_or(session, ShelfLimit).values(values | {"district_id": actor.district_id})
    session.execute(insert.on_conflict_do_update(index_elements=["district_id"], set_=values))


@dataclass(slots=True)
class CallShelf:
    """The limit as one call knows it: read when a lend of it first asks for it."""

    days: int | None = None

    def is_over(self, call: "Call", since: datetime, at: datetime) -> bool:
        """Whether a piece that has stood there since then is too old at `at`."""
        if self.days is None:
            self.days = load_shelf_days(call.session, district_id=call.actor.district_id)
        return at - since > timedelta(days=self.days)


def refuse_by_shelf(call: "Call", one: "Prepared", entry: Entry) -> Code | None:
    """Why a piece that stood too long on a shop's shelf is not lent, or None."""
    piece = entry.now()
    if one.scan.action is not Action.LEND or piece.state is not State.READY or piece.carrier:
        return None
    if piece.since is None or piece.site is None or not call.sites.is_shop(piece.site):
        return None
    return Code.SHELF_OLD if call.shelf.is_over(call, piece.since, one.at) else None
