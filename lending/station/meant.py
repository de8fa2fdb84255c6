"""One id, two stories: what the server made of a question, and what the tablet told its people.

A question that got no answer within a second and a half is decided by the tablet itself; the server
may have decided it otherwise and recorded that under the very id. What people were told is what
happened. So it is recorded under an id derived from the first (`meant`), and what stands under the
first is voided (`unmeant`), but for a return: the cup was at the counter, whoever got it then.
Derived ids make all of it the same however often, and by however many at once, it is sent.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import one_of
from lending.db import fetch
from lending.errors import LendingError
from lending.loop.codes import read_code
from lending.loop.scans import ScanIn
from lending.loop.steps import Action
from lending.loop.tables import Scan
from lending.loop.write.load import Known, load_known
from lending.station.fact_parts import Fact

TICK = timedelta(microseconds=1)
BEEPS = (Action.LEND, Action.RETURN, Action.STOCK)  # what a beep may come to mean


def meant_id(id: uuid.UUID) -> uuid.UUID:
    """The id under which stands what the tablet told, where the server had decided otherwise."""
    return uuid.uuid5(id, "meant")


def taken_in_id(id: uuid.UUID) -> uuid.UUID:
    """The id of the return noted beside a refused lend."""
    return uuid.uuid5(id, "taken in")


def _unmeant_id(id: uuid.UUID) -> uuid.UUID:
    return uuid.uuid5(id, "unmeant")


@dataclass(slots=True)
class Told:
    """What is recorded under the ids of a call and those derived from them.

    `site`: where the tablet stands; `voided`: of which a void is recorded; `returned_at`: when the returns among them happened;
    `meant`: ids that were decided otherwise, those of this call included.
    """

    site: int
    known: dict[uuid.UUID, Known]
    voided: set[uuid.UUID]
    returned_at: dict[uuid.UUID, datetime]
    meant: set[uuid.UUID]

    def action_of(self, id: uuid.UUID) -> Action | None:
        """What the server has made of a beep, if anything: what stands under its id, or else the
        return noted beside its refusal."""
        known = self.known.get(id) or self.known.get(taken_in_id(id))
        return Action(known.action) if known else None


def load_told(session: Session, facts: Sequence[Fact], *, site: int) -> Told:
    """Reads it under the locks of the items; two statements at most."""
    ids = {fact.id for fact in facts} | {fact.of for fact in facts if fact.of}
    derived = {make(id) for id in ids for make in (meant_id, taken_in_id, _unmeant_id)}
    known, voided = load_known(session, ids | derived)
    returns = [id for id, scan in known.items() if scan.action == Action.RETURN]
    rows = fetch(session, OCCURRED, {"ids": returns}) if returns else ()
    at = {row.id: row.occurred_at for row in rows}
    return Told(site, known, voided, at, {id for id in ids if meant_id(id) in known})


OCCURRED = sa.select(Scan.id, Scan.occurred_at).where(one_of(Scan.id, "ids"))


def scans_of(scan: ScanIn, told: Told) -> list[ScanIn]:
    """What is to be recorded for one entry of a queue; the first scan's receipt is the entry's."""
    if scan.action is Action.VOID:
        return [_aimed(scan, told)]
    known = told.known.get(scan.id)
    if known is None or not _differs(scan, known, told.site):
        return [_after(scan, taken_in_id(scan.id), told)]
    told.meant.add(scan.id)
    meant = _after(replace(scan, id=meant_id(scan.id)), scan.id, told)
    unmeant = _void(_unmeant_id(scan.id), scan, of=scan.id)
    if scan.id in told.voided and unmeant.id not in told.known:
        # Somebody has taken the scan back already, and meant what the tablet had told them.
        return [meant, _void(uuid.uuid5(meant.id, "unmeant"), scan, of=meant.id)]
    return [meant] if known.action == Action.RETURN else [meant, unmeant]


def _differs(scan: ScanIn, known: Known, site: int) -> bool:
    """Whether it is the same beep, decided otherwise; anything else under its id is refused."""
    try:
        same = (known.code, known.at, known.site) == (read_code(scan.code), scan.at, site)
    except LendingError:
        return False
    beeps = scan.action in BEEPS and known.action in BEEPS
    return same and beeps and known.action != scan.action


def _after(scan: ScanIn, first: uuid.UUID, told: Told) -> ScanIn:
    """A lend after the return that was noted of the same beep: the cup came in and went out, all
    in the same moment of the tablet's clock."""
    came_in = told.returned_at.get(first)
    if scan.action is not Action.LEND or came_in is None:
        return scan
    return replace(scan, not_before=came_in + TICK)


def _void(id: uuid.UUID, scan: ScanIn, *, of: uuid.UUID) -> ScanIn:
    return replace(
        scan, id=id, action=Action.VOID, of=of, borrower=None, shown_at=None, not_before=None,
        override=None, reason=None, note=None,
    )  # fmt: skip


def _aimed(scan: ScanIn, told: Told) -> ScanIn:
    """A void takes back what the tablet had told, under whichever id that stands."""
    if scan.of is None:
        return scan
    before = told.known.get(scan.id)
    if before is not None:  # recorded already: what it named then
        return replace(scan, of=before.of if before.of == meant_id(scan.of) else scan.of)
    return replace(scan, of=meant_id(scan.of)) if scan.of in told.meant else scan
