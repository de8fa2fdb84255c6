"""One beep of a crate with all that recording it needs."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.record import record_scans
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action
from lending.moving.packing.crates import Crate, opened_next, view_crate
from lending.moving.rounds.beeps import Beep, MoveAnswer
from lending.people.actors import Actor
from lending.people.sealing import Keys
from lending.places.sites import SiteView, load_sites
from lending.requests.acting import place_of, signature
from lending.requests.consignments import underway
from lending.requests.round_tables import Consignment, Round
from lending.wares.crates import soil_crates


@dataclass(frozen=True, slots=True)
class Hand:
    """One beep with all it needs."""

    session: Session
    beep: Beep
    actor: Actor
    keys: Keys
    now: datetime
    crate: Crate

    def scan(self, action: Action, site: SiteView, **more: str | None) -> int:
        """The crate's scan in the loop; how many pieces moved with it."""
        beep = self.beep
        scan = ScanIn(
            beep.id, action, self.crate.code, beep.at, beep.ask, site.code, seq=beep.seq,
            to=more.get("to"), from_=more.get("from_"),
        )  # fmt: skip
        [receipt] = record_scans(
            self.session, [scan], actor=self.actor, keys=self.keys, now=self.now
        )
        if receipt.result is Result.REFUSED:
            raise LendingError(receipt.error or Code.INVALID, field=receipt.field or "crate")
        return receipt.carried

    def soil(self) -> None:
        """Counted ware of a crate that comes back is used ware, as in the loop the tracked is."""
        scans, at = {self.crate.id: self.beep.id}, self.beep.at
        soil_crates(self.session, scans, at=at, actor=self.actor, now=self.now)

    def place(self) -> SiteView:
        return place_of(self.session, actor=self.actor, code=self.beep.site)

    def site(self, site_id: int) -> SiteView:
        return load_sites(self.session, site_ids=[site_id])[site_id]

    def by(self) -> str:
        return signature(self.actor)

    def since(self) -> datetime | None:
        """When the crate was on another way by the time word of this came; None: it was not."""
        return opened_next(self.session, crate_id=self.crate.id, at=self.beep.at)

    def way(self) -> Consignment | None:
        """The way the crate is on, unless this happened before it began."""
        row = underway(self.session, crate_id=self.crate.id, lock=True)
        return row if self.since() is None else None

    def round(self) -> Round | None:
        if self.beep.round_id is None:
            return None
        row = self.session.get(Round, self.beep.round_id)
        if row is None or row.district_id != self.actor.district_id:
            raise LendingError(Code.NOT_FOUND, field="round")
        return row

    def answer(self, carried: int = 0, *, again: bool = False) -> MoveAnswer:
        self.session.flush()
        return MoveAnswer(view_crate(self.session, crate_id=self.crate.id), carried, again)
