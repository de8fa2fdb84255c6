"""What staff put right at a till: undo, "given out earlier", "says it was brought back"."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.care.drops import Dropped, SaidBy, Taken, moment_of_day, say_dropped
from lending.loop.codes import read_code
from lending.loop.record import record_scans
from lending.loop.scans import Receipt, ScanIn
from lending.loop.steps import Action
from lending.loop.tables import Item, Label, Loan, Scan
from lending.people.actors import Actor
from lending.people.envelopes import open_borrower
from lending.people.sealing import Keys
from lending.places.districts import load_district
from lending.places.sites import SiteView
from lending.places.tables import Site

EARLIER_NOTE = "given out earlier"


@dataclass(frozen=True, slots=True)
class UndoIn:
    """The scans to take back; `id` makes a repeated request the same undo. `by`: staff signed in."""

    id: uuid.UUID
    scans: Sequence[uuid.UUID]
    at: datetime
    sent_at: datetime
    by: int | None = None


@dataclass(frozen=True, slots=True)
class EarlierIn:
    """A cup that was given out at `at`, scanned only now. `borrower`: sealed or plain; `by`: the
    staff signed in."""

    id: uuid.UUID
    code: str
    at: datetime
    sent_at: datetime
    borrower: str | None
    by: int | None = None


def undo_scans(
    session: Session, undo: UndoIn, *, actor: Actor, site: SiteView, keys: Keys, now: datetime
) -> list[Receipt]:
    """A void for each of the scans, the last first; NOT_FOUND when one is not of this district.

    Receipts are refused (NOT_ALLOWED_HERE) for another place's scans and those older than a day.
    """
    query = sa.select(Scan.id, Scan.code).where(
        Scan.id.in_(undo.scans), Scan.district_id == actor.district_id
    )
    codes = {row.id: row.code for row in session.execute(query)}
    if missing := [scan for scan in undo.scans if scan not in codes]:
        raise LendingError(Code.NOT_FOUND, field="scans", detail=str(missing[0]))
    voids = [
        ScanIn(
            uuid.uuid5(undo.id, str(scan)), Action.VOID, codes[scan], undo.at, site=site.code,
            of=scan, staff_id=undo.by,
        )
        for scan in reversed(undo.scans)
    ]  # fmt: skip
    return record_scans(session, voids, actor=actor, keys=keys, now=now, sent_at=undo.sent_at)


def record_earlier(
    session: Session, earlier: EarlierIn, *, actor: Actor, site: SiteView, keys: Keys, now: datetime
) -> Receipt:
    """Records a lend that happened before; it is kept whatever the loop expected then.

    Raises INVALID (field at) for a time still to come.
    """
    if earlier.at > now:
        raise LendingError(Code.INVALID, field="at", detail="in the future")
    # The person stands here now, only the cup was taken earlier: their code was read after `at`.
    shown = None
    if earlier.borrower is not None:
        shown = open_borrower(keys, earlier.borrower, at=earlier.at, sent_at=earlier.sent_at)
    scan = ScanIn(
        earlier.id,
        Action.LEND,
        earlier.code,
        earlier.at,
        site=site.code,
        borrower=shown.raw if shown else None,
        shown_at=shown.at if shown else None,
        note=EARLIER_NOTE,
        staff_id=earlier.by,
    )
    [receipt] = record_scans(
        session, [scan], actor=actor, keys=keys, now=now, sent_at=earlier.sent_at
    )
    return receipt


def claim_return(
    session: Session, *, code: str, where: str, day: date, actor: Actor, now: datetime
) -> Taken:
    """Takes the word that a cup which is out is back, for somebody who called or came.

    The loan stays open until the cup is seen. `where`: a place's name or code, else kept as said.
    NOT_FOUND (field code) when the cup is not out, INVALID (field day) as `moment_of_day` says.
    """
    loan = session.execute(
        sa.select(Loan.id, Loan.opened_at)
        .join(Item, Item.id == Loan.item_id)
        .join(Label, Label.item_id == Item.id)
        .where(
            Label.code == read_code(code),
            Item.district_id == actor.district_id,
            Loan.closed_at.is_(None),
        )
    ).first()
    if loan is None:
        raise LendingError(Code.NOT_FOUND, field="code", detail="not out")
    zone = load_district(session, district_id=actor.district_id).zone
    at = moment_of_day(day, zone=zone, opened_at=loan.opened_at, now=now)
    place = _place_named(session, actor.district_id, where)
    dropped = Dropped(place, at, SaidBy.STAFF, None if place else where)
    taken = say_dropped(session, lend_ids=[loan.id], dropped=dropped, now=now)
    return taken[0] if taken else Taken(loan.id, new=False, stops_clock=True)


def _place_named(session: Session, district_id: int, where: str) -> int | None:
    """The id of the place of this name or code, if there is exactly one."""
    wanted = where.strip().casefold()
    query = sa.select(Site.id, Site.code, Site.name, Site.name_en).where(
        Site.district_id == district_id
    )
    found = [
        row.id
        for row in session.execute(query)
        if wanted in {row.code.casefold(), row.name.casefold(), row.name_en.casefold()}
    ]
    return found[0] if len(found) == 1 else None
