"""A crate under a till's reader: what is in it, and what a place need not do with it."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.steps import Action
from lending.loop.tables import Item
from lending.loop.write.entry import Entry
from lending.station.fact_parts import Fact
from lending.wares.balances import crate_contents
from lending.wares.ways import Condition

# What a till that does not know a crate makes of its beep.
MISTAKEN = (Action.LEND, Action.RETURN)


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a crate: pieces by kind (its code), and how many of them must not be lent."""

    kinds: tuple[tuple[str, int], ...] = ()
    unfit: int = 0

    @property
    def count(self) -> int:
        return sum(count for _, count in self.kinds)


def load_contents(session: Session, crate_ids: Collection[int]) -> dict[int, Contents]:
    """What is in these crates now, tracked and counted; three statements, none without crates."""
    if not crate_ids:
        return {}
    kinds: dict[int, dict[str, int]] = {crate: {} for crate in crate_ids}
    unfit = dict.fromkeys(crate_ids, 0)
    for line in crate_contents(session, crate_ids=crate_ids):
        of = kinds[line.crate_id]
        of[line.kind] = of.get(line.kind, 0) + line.quantity
        if line.condition not in (None, Condition.CLEAN):
            unfit[line.crate_id] += line.quantity
    query = (
        sa.select(Item.crate_id, sa.func.count())
        .where(Item.crate_id.in_(crate_ids), sa.or_(~Item.clean, Item.hold.is_not(None)))
        .group_by(Item.crate_id)
    )
    for crate, count in session.execute(query):
        unfit[crate or 0] += count
    return {
        crate: Contents(tuple(sorted(found.items())), unfit[crate])
        for crate, found in kinds.items()
    }


def is_crate(entry: Entry | None) -> bool:
    return entry is not None and entry.before.carrier


def is_mistaken(fact: Fact, entry: Entry | None) -> bool:
    """Whether a tablet took a crate for a cup: nobody borrows one, and a return would soil all the
    clean ware in it. What its beep meant is told by the crate."""
    return is_crate(entry) and fact.action in MISTAKEN
