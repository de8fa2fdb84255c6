"""Guest self-scan: a signed-in resident borrows the cup in hand, at the place where it stands ready."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code
from lending.loop.read.loans import LoanLine, loans_of_resident
from lending.loop.read.pieces import find_item
from lending.loop.record import record_scans
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action
from lending.loop.tables import Item
from lending.people.actors import Actor
from lending.people.keys import Keys
from lending.people.members import member_code
from lending.people.profile import load_profile
from lending.places.sites import SiteView, load_sites
from lending.places.tables import SiteKind
from lending.residents.own import beside, own_open_loan_of

COUNTERS = frozenset({SiteKind.CAFE, SiteKind.SHOP, SiteKind.HALL, SiteKind.OFFICE})
SHOWN_FOR = timedelta(minutes=10)  # a confirmation is for the staff at hand, not for later

# Why the borrower was refused may be said to the borrower; of the cup nothing is told.
ABOUT_BORROWER = frozenset({Code.BORROWER_PAUSED, Code.TOO_MANY_OPEN})


@dataclass(frozen=True, slots=True)
class Borrowed:
    """The loan, or why not; every reason that lies in the cup is the same one, UNAVAILABLE."""

    loan_id: uuid.UUID | None
    error: Code | None = None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the phone shows to staff: the cups of this visit, the latest first, and the place."""

    loans: list[LoanLine]

    @property
    def latest(self) -> LoanLine:
        return self.loans[0]


def borrow_cup(
    session: Session, *, resident: Actor, code: str, keys: Keys, now: datetime
) -> Borrowed:
    """Asks to lend the piece to the resident; a cup the resident has already is shown again.

    INVALID or BAD_CHECK_DIGIT for what is no code, NOT_FOUND for an unknown one.
    """
    assert resident.resident_id is not None
    found = find_item(session, code=code, actor=None)
    if own := own_open_loan_of(session, resident=resident, item_id=found.id):
        return Borrowed(own)
    site = _counter_of(session, found.id, resident)
    if site is None:
        return Borrowed(None, Code.UNAVAILABLE)
    profile = load_profile(session, keys=keys, resident_id=resident.resident_id)
    shown = member_code(profile.secret, profile.number, now)
    scan = ScanIn(uuid.uuid4(), Action.LEND, found.view.code, now, ask=True, borrower=shown)
    actor = beside(resident, site.id)
    [receipt] = record_scans(session, [scan], actor=actor, keys=keys, now=now)
    if receipt.result is not Result.REFUSED:
        return Borrowed(receipt.id)
    own = own_open_loan_of(session, resident=resident, item_id=found.id)
    if own is not None:  # the other of two taps was faster
        return Borrowed(own)
    return Borrowed(None, receipt.error if receipt.error in ABOUT_BORROWER else Code.UNAVAILABLE)


def load_confirmation(
    session: Session, *, resident: Actor, loan_id: uuid.UUID, now: datetime
) -> Confirmation | None:
    """The cups the resident took at this place in the last ten minutes, with the one named.

    None when that one is not the resident's, came back or was taken longer ago.
    """
    assert resident.resident_id is not None
    lines = loans_of_resident(session, resident_id=resident.resident_id, limit=1).open
    fresh = [line for line in lines if now - line.opened_at < SHOWN_FOR]
    named = next((line for line in fresh if line.id == loan_id), None)
    if named is None:
        return None
    visit = [line for line in fresh if line.site == named.site]
    return Confirmation(sorted(visit, key=lambda line: line.opened_at, reverse=True))


def _counter_of(session: Session, item_id: int, resident: Actor) -> SiteView | None:
    """The place of the resident's district at whose counter the piece stands, or is expected."""
    site_id = session.scalars(
        sa.select(sa.func.coalesce(Item.to_site_id, Item.site_id)).where(Item.id == item_id)
    ).one()
    site = load_sites(session, site_ids=[site_id])[site_id]
    own = site.district_id == resident.district_id and site.kind in COUNTERS and site.active
    return site if own else None
