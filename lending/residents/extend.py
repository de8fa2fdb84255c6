"""A resident keeps a cup longer: asked once, before it is due."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from lending.errors import Code
from lending.loop.record import record_scans
from lending.loop.scans import Receipt, ScanIn
from lending.loop.steps import Action
from lending.people.actors import Actor
from lending.people.keys import Keys
from lending.places.sites import find_site
from lending.residents.own import beside, find_own_loan


def extend_cup(
    session: Session, *, resident: Actor, loan_id: uuid.UUID, keys: Keys, now: datetime
) -> Receipt:
    """The receipt of the extension asked for; NOT_FOUND when the loan is not the resident's own.

    The scan names its loan: should the cup come back and go out again meanwhile, nobody else's
    loan is extended. Its id follows from the loan and the number of extensions, so two taps are
    one extension.
    """
    line = find_own_loan(session, resident=resident, loan_id=loan_id)
    site = find_site(session, code=line.site)
    scan = ScanIn(
        id=uuid.uuid5(loan_id, f"extension {line.extensions + 1}"),
        action=Action.EXTEND,
        code=line.code,
        at=now,
        ask=True,
        of=loan_id,
    )
    actor = beside(resident, site.id)
    return record_scans(session, [scan], actor=actor, keys=keys, now=now)[0]


def is_granted(receipt: Receipt) -> bool:
    """Whether the loan is extended, by this tap or by the one just before it."""
    return receipt.error in {None, Code.ID_REUSED}
