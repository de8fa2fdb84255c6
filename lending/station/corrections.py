"""What staff put right at a till: a cup of which somebody says that it was brought back."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.care.drops import Dropped, Taken, moment_of_day, say_one_dropped
from lending.loop.codes import read_code
from lending.loop.dropped import SaidBy
from lending.loop.tables import Item, Label, Loan
from lending.people.actors import Actor
from lending.places.districts import load_district
from lending.places.tables import Site


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
    return say_one_dropped(session, lend_id=loan.id, dropped=dropped, now=now)


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
