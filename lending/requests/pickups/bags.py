"""How much room in a van a pick-up request needs: bags, estimated from the pieces it is about."""

import math
import uuid
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import Item, Loan
from lending.requests.pickups.tables import Pickup, PickupLoan

# [I] A bag of an order holds what a family or a small office eats; the centre's crates of stock for a
# shop's shelf hold 20 and more.
MOST_IN_A_BAG = 12


def bags_for(pieces: int, bags: int = 0) -> int:
    """As many bags as went out (`bags`), or as `pieces` containers fill, 12 to a bag, where that is
    more; one at least, since nobody drives for nothing."""
    return max(1, bags, math.ceil(pieces / MOST_IN_A_BAG))


def load_bags(session: Session, *, pickup_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The bags of each of these requests; one statement. What came back by another way needs no
    room; what was taken has it from then on, also once the centre has received it."""
    if not pickup_ids:
        return {}
    fetched = sa.or_(Loan.closed_at.is_(None), Loan.closed_at >= Pickup.taken_at)
    query = (
        sa.select(
            Pickup.id,
            sa.func.sum(sa.case((Item.carrier, 0), else_=1)),
            sa.func.sum(sa.case((Item.carrier, 1), else_=0)),
        )
        .join(PickupLoan, PickupLoan.pickup_id == Pickup.id)
        .join(Item, Item.id == PickupLoan.item_id)
        .join(Loan, Loan.id == PickupLoan.lend_id)
        .where(Pickup.id.in_(pickup_ids), fetched)
        .group_by(Pickup.id)
    )
    found = {row[0]: bags_for(int(row[1]), int(row[2])) for row in session.execute(query)}
    return {id: found.get(id, 1) for id in pickup_ids}
