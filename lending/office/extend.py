"""An officer extends a loan, by the same scan as everybody."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.record import record_scans
from lending.loop.scans import ScanIn
from lending.loop.steps import Action
from lending.loop.tables import Item, Loan
from lending.people.actors import Actor
from lending.people.keys import Keys
from lending.places.tables import Site


def extend_loan(
    session: Session, *, lend_id: uuid.UUID, actor: Actor, keys: Keys, now: datetime
) -> datetime:
    """Extends an open loan once more; when it is due then.

    NOT_FOUND for a loan that is closed or another district's, NOT_EXTENDABLE when it is due
    already or was extended as often as the terms allow. Two taps are one extension.
    """
    query = (
        sa.select(Item.code, Site.code.label("site"), Loan.extensions)
        .join(Item, Item.id == Loan.item_id)
        .join(Site, Site.id == Loan.site_id)
        .where(Loan.id == lend_id, Loan.district_id == actor.district_id, Loan.closed_at.is_(None))
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="loan")
    scan = ScanIn(
        id=uuid.uuid5(lend_id, f"extension {row.extensions + 1}"),
        action=Action.EXTEND,
        code=row.code,
        at=now,
        ask=True,
        site=row.site,
        of=lend_id,
    )
    receipt = record_scans(session, [scan], actor=actor, keys=keys, now=now)[0]
    # ID_REUSED: the tap just before this one did it.
    if receipt.error is not None and receipt.error is not Code.ID_REUSED:
        raise LendingError(receipt.error, field=receipt.field)
    due: datetime = session.scalars(sa.select(Loan.due_at).where(Loan.id == lend_id)).one()
    return due
