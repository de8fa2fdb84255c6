"""What a district has set for all of its machines: when one is silent, how many bottles a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.machines.tables import MachineRules
from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.requests.acting import check_count, signature

LONGEST_SILENCE = 24 * 60  # minutes
MOST_BOTTLES = 1000


@dataclass(frozen=True, slots=True)
class Rules:
    """The defaults: 10 minutes without a heartbeat; 30 bottles, as the district's own machines
    count them (domain.md §1)."""

    silent_minutes: int = 10
    bottles_a_day: int = 30

    @property
    def silence(self) -> timedelta:
        return timedelta(minutes=self.silent_minutes)


def load_rules(session: Session, *, district_id: int) -> Rules:
    """The district's own rules, or else the defaults; one statement."""
    query = sa.select(MachineRules.silent_minutes, MachineRules.bottles_a_day)
    row = session.execute(query.where(MachineRules.district_id == district_id)).first()
    return Rules(*row) if row else Rules()


def set_rules(session: Session, rules: Rules, *, actor: Actor, now: datetime) -> None:
    """They hold from now on; INVALID (silent_minutes 2 … 1,440, bottles_a_day 0 … 1,000)."""
    values = {
        "silent_minutes": check_count(
            rules.silent_minutes, "silent_minutes", least=2, most=LONGEST_SILENCE
        ),
        "bottles_a_day": check_count(
            rules.bottles_a_day, "bottles_a_day", least=0, most=MOST_BOTTLES
        ),
        "changed_at": now,
        "changed_by": signature(actor),
    }
    insert = insert_or(session, MachineRules).values(values | {"district_id": actor.district_id})
    session.execute(insert.on_conflict_do_update(index_elements=["district_id"], set_=values))
