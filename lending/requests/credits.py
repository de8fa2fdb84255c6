"""Returns beside which a resident showed the member QR: kept for the points to come, then cut."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.clock import moment_told
from lending.loop.steps import Action
from lending.loop.tables import Scan
from lending.notices.tables import Erasure
from lending.people.borrowers import BorrowerWanted, resolve_borrowers
from lending.people.envelopes import open_borrower
from lending.people.keys import Keys
from lending.people.members import read_member_code
from lending.people.upserts import insert_or
from lending.places.sites import SiteView
from lending.requests.tables import ReturnCredit

KEPT = timedelta(days=90)  # as other links between a person and a piece (domain.md §5)


@dataclass(frozen=True, slots=True)
class MemberShown:
    """A member QR as a box's tablet or a machine read it (`member`: sealed or plain), and the
    returns of the same visit; `at` and `sent_at` by the device's clock."""

    member: str
    scans: Collection[uuid.UUID]
    at: datetime
    sent_at: datetime
    clock_error: float | None = None
    clock_lost: bool = False


def credit_returns(
    session: Session, shown: Sequence[MemberShown], *, site: SiteView, keys: Keys, now: datetime
) -> int:
    """Notes whose returns these were; how many are new. A handful of statements.

    Only returns recorded at this site count, each for the first who showed a QR beside it. A code
    that was not valid when it was shown, or is no member's, counts for nobody and stores nothing.
    """
    owners = _owners(session, shown, site, keys, now)
    if not owners:
        return 0
    returns = sa.select(Scan.id).where(
        Scan.id.in_(list(owners)), Scan.site_id == site.id, Scan.action == Action.RETURN
    )
    rows = [
        {"scan_id": scan, "district_id": site.district_id, "resident_id": who, "at": moment}
        for scan, (who, moment) in ((scan, owners[scan]) for scan in session.scalars(returns))
    ]
    if not rows:
        return 0
    insert = insert_or(session, ReturnCredit).on_conflict_do_nothing()
    return len(session.execute(insert.returning(ReturnCredit.scan_id), rows).all())


def _owners(
    session: Session, shown: Sequence[MemberShown], site: SiteView, keys: Keys, now: datetime
) -> dict[uuid.UUID, tuple[uuid.UUID, datetime]]:
    """(resident, when the QR was shown) by the return that it was shown beside."""
    read: list[tuple[MemberShown, datetime, BorrowerWanted]] = []
    for one in shown:
        moment = moment_told(one, now=now)
        opened = open_borrower(keys, one.member, at=one.at, sent_at=one.sent_at)
        if read_member_code(opened.raw) is not None:  # a contact typed by anybody proves nothing
            wanted = BorrowerWanted(opened.raw, opened.read_at(one.at, moment))
            read.append((one, moment, wanted))
    if not read:
        return {}
    found = resolve_borrowers(
        session, keys=keys, district_id=site.district_id, wanted=[one[2] for one in read], now=now
    )
    owners: dict[uuid.UUID, tuple[uuid.UUID, datetime]] = {}
    for (one, moment, _), resident in zip(read, found, strict=True):
        if resident is not None:
            for scan in one.scans:
                owners.setdefault(scan, (resident.resident_id, moment))
    return owners


def drop_old_credits(session: Session, *, now: datetime) -> int:
    """Cuts the credits of returns more than 90 days ago; how many. The files are cleaned after."""
    old = sa.delete(ReturnCredit).where(ReturnCredit.at < now - KEPT)
    gone = len(session.execute(old.returning(ReturnCredit.scan_id)).all())
    if gone:
        session.execute(sa.insert(Erasure), [{"at": now}])
    return gone
