"""One record of a driver's phone, and what its services need of it."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.clock import moment_told
from lending.moving.rounds.beeps import Beep, Move
from lending.moving.rounds.dispatch import move_crate
from lending.people.actors import Actor
from lending.people.sealing import Keys
from lending.places.sites import SiteView, load_sites
from lending.requests.round_tables import Stop


class What(StrEnum):
    """What happened."""

    BEGIN = "begin"  # the van leaves
    LOAD = "load"  # a crate is in the van
    DELIVER = "deliver"  # a crate is set down at its stop
    TAKE = "take"  # a crate, a bag or a piece comes along from a stop
    PICKED = "picked"  # what was to be picked up came along, and nothing of it could be scanned
    EMPTIED = "emptied"  # the stop's box, without a bag
    DONE = "done"  # with the stop
    NOBODY = "nobody"  # was there
    MOVE = "move"  # the stop is called at earlier or later
    UNDO = "undo"  # a take was a mistake
    BRING = "bring"  # a crate is out of the van at the centre
    END = "end"  # the van is back


OF_STOP = {
    What.DELIVER,
    What.TAKE,
    What.PICKED,
    What.EMPTIED,
    What.DONE,
    What.NOBODY,
    What.MOVE,
    What.UNDO,
}
OF_CODE = {What.LOAD, What.DELIVER, What.TAKE, What.BRING}


@dataclass(frozen=True, slots=True)
class Record:
    """One record. `at` and `sent_at` by the phone's clock; `stop`, `code` and `position` where
    `what` needs them; `of`: the take that was a mistake; `note` of who was not there."""

    id: uuid.UUID
    what: What
    round_id: uuid.UUID
    at: datetime
    sent_at: datetime
    clock_error: float | None = None
    clock_lost: bool = False
    stop_id: uuid.UUID | None = None
    code: str | None = None
    position: int | None = None
    note: str = ""
    seq: int | None = None
    of: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class First:
    """Who has taken a pick-up (None: not by name) and when."""

    by: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a record; a refused one never gets better by being sent again. `first`: it is
    recorded, but somebody else had taken the pick-up before."""

    id: uuid.UUID
    error: Code | None = None
    field: str | None = None
    first: First | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One record with all it needs."""

    session: Session
    record: Record
    actor: Actor
    keys: Keys
    now: datetime

    @property
    def at(self) -> datetime:
        """When it happened, by the corrected clock."""
        return moment_told(self.record, now=self.now)

    def stop(self) -> Stop:
        if self.record.stop_id is None:
            raise LendingError(Code.INVALID, field="stop")
        stop = self.session.get(Stop, self.record.stop_id)
        if stop is None or stop.round_id != self.record.round_id:
            raise LendingError(Code.NOT_FOUND, field="stop")
        return stop

    def place(self) -> SiteView:
        stop = self.stop()
        return load_sites(self.session, site_ids=[stop.site_id])[stop.site_id]

    def code(self) -> str:
        if self.record.code is None:
            raise LendingError(Code.INVALID, field="code")
        return self.record.code

    def move(self, move: Move, **more: str | uuid.UUID | None) -> None:
        """The crate's step, told after the fact."""
        record = self.record
        beep = Beep(record.id, move, self.code(), self.at, round_id=record.round_id, seq=record.seq)
        beep = replace(beep, **more)  # type: ignore[arg-type]
        move_crate(self.session, beep, actor=self.actor, keys=self.keys, now=self.now)
