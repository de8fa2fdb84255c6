"""A town where people are late with cups, as long ago as the worker's real clock needs."""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from lending.db import transaction
from lending.loop.policy.defaults import write_default_terms
from lending.loop.scans import Result
from lending.loop.steps import Action
from lending.notices.outbox import LEASE
from lending.notices.tables import Message, MessageState
from lending.people.contacts import read_contact
from lending.people.keys import Keys
from lending.people.residents import new_resident
from lending.people.tables import Resident
from tests import personas
from tests.personas import DAY, Loop


def found_waking_town(engine: sa.Engine, keys: Keys) -> Loop:
    """The town eleven days ago, with loan terms that know no quiet hours."""
    start = datetime.now(UTC).replace(microsecond=0) - 11 * DAY
    with transaction(engine) as session:
        town = personas.found_town(session, keys, now=start)
        write_default_terms(session, district_id=town.id, now=start)
        session.execute(sa.text("UPDATE term_version SET quiet_to = quiet_from"))
    return Loop(engine, keys, town, now=start)


def late_people(loop: Loop, contacts: Sequence[str]) -> None:
    """A person for each contact, who has each had a cup for longer than they may."""
    rows = [
        new_resident(loop.keys, district_id=loop.town.id, contact=read_contact(c), now=loop.now)
        for c in contacts
    ]
    loop.write(
        lambda s: s.execute(sa.insert(Resident), [row | {"confirmed_at": loop.now} for row in rows])
    )
    cups = loop.clean_cups(len(contacts))
    scans = [
        loop.scan(Action.LEND, cup, ask=True, borrower=contact)
        for cup, contact in zip(cups, contacts, strict=True)
    ]
    receipts = loop.go(*scans, by=loop.town.mina)
    assert {receipt.result for receipt in receipts} == {Result.RECORDED}


def end_leases(loop: Loop) -> None:
    """As if the time of dead workers' leases were over."""
    loop.write(
        lambda s: s.execute(
            sa.update(Message)
            .where(Message.state == MessageState.SENDING)
            .values(leased_until=datetime.now(UTC) - LEASE)
        )
    )
