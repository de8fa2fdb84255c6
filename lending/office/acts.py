"""What an officer does to a loan or a piece by a scan: extend it, put a new label on it."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.codes import read_code
from lending.loop.pieces import find_item
from lending.loop.record import record_scans
from lending.loop.scans import Receipt, Result, ScanIn
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
    _record(session, scan, actor=actor, keys=keys, now=now)
    due: datetime = session.scalars(sa.select(Loan.due_at).where(Loan.id == lend_id)).one()
    return due


def replace_label(
    session: Session, *, old: str, new: str, actor: Actor, keys: Keys, now: datetime
) -> Receipt:
    """Puts the label `new` on the piece of the label `old`; the old one resolves for ever.

    Errors name the field `old` or `new`: INVALID, BAD_CHECK_DIGIT, NOT_FOUND; INVALID (new) for a
    label that belongs to another piece.
    """
    try:
        item = find_item(session, code=old, actor=actor).view
    except LendingError as error:
        raise LendingError(error.code, field="old") from error
    try:
        label = read_code(new)
    except LendingError as error:
        raise LendingError(error.code, field="new") from error
    scan = ScanIn(uuid.uuid4(), Action.RELABEL, item.code, now, ask=True, site=item.site, to=label)
    return _record(session, scan, actor=actor, keys=keys, now=now, field="new")


def _record(
    session: Session,
    scan: ScanIn,
    *,
    actor: Actor,
    keys: Keys,
    now: datetime,
    field: str | None = None,
) -> Receipt:
    receipt = record_scans(session, [scan], actor=actor, keys=keys, now=now)[0]
    if receipt.result is Result.REFUSED and receipt.error is not None:
        if receipt.error is Code.ID_REUSED:
            return receipt  # the tap just before this one did it
        raise LendingError(receipt.error, field=field)
    return receipt
