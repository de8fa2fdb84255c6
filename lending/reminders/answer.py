"""What a person answers to a message through its links, without sign-in."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.care.drops import Dropped, say_dropped
from lending.loop.care.sayings import disown_loans
from lending.loop.dropped import SaidBy
from lending.loop.loans.stopped import word_waits
from lending.loop.tables import Item, ItemKind, Loan
from lending.loop.write.reviews import Saying
from lending.notices.links import read_token
from lending.notices.tables import Message, Notice
from lending.people.keys import Keys
from lending.places.sites import find_site
from lending.places.tables import District


@dataclass(frozen=True, slots=True)
class CupAsked:
    """A cup of a message that is still out; `said`: somebody's word about it waits already."""

    lend_id: uuid.UUID
    kind_name: str
    kind_name_en: str
    due_at: datetime
    said: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What a message asked about, as far as it is still out; never who or where."""

    cups: tuple[CupAsked, ...]
    district_id: int
    timezone: str
    helpdesk: str


def show_asked(session: Session, *, keys: Keys, token: str, now: datetime) -> Asked:
    """The cups of the message a link names; NOT_FOUND for a wrong, expired or erased one."""
    message_id = read_token(keys, token, now=now)
    place = session.execute(
        sa.select(District.id, District.timezone, District.helpdesk)
        .join(Message, Message.district_id == District.id)
        .where(Message.id == message_id)
    ).one_or_none()
    if message_id is None or place is None:
        raise LendingError(Code.NOT_FOUND, field="link")
    query = (
        sa.select(Loan.id, ItemKind.name, ItemKind.name_en, Loan.due_at, word_waits(Loan.id))
        .join(Item, Item.id == Loan.item_id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(
            Loan.id.in_(sa.select(Notice.lend_id).where(Notice.message_id == message_id)),
            Loan.closed_at.is_(None),
        )
        .order_by(Loan.due_at, Loan.id)
    )
    cups = tuple(CupAsked(*row) for row in session.execute(query))
    return Asked(cups, place.id, place.timezone, place.helpdesk)


def answer_message(
    session: Session,
    *,
    keys: Keys,
    token: str,
    saying: Saying,
    lend_ids: Collection[uuid.UUID],
    now: datetime,
    site: str | None = None,
) -> bool:
    """Takes the word about each cup named, all when there is one only; whether nothing more is
    sent about any of them.

    `site`: the code of the place where it was left, if known. INVALID (field cup) when several are
    out and none of them is named; NOT_FOUND as above and (field site) for an unknown place.
    """
    asked = show_asked(session, keys=keys, token=token, now=now)
    out = asked.cups
    mine = [cup.lend_id for cup in out if cup.lend_id in lend_ids or len(out) == 1]
    if out and not mine:
        raise LendingError(Code.INVALID, field="cup")
    if saying is Saying.NOT_ME:
        disown_loans(session, lend_ids=mine, now=now)
        return True
    place = find_site(session, code=site, district_id=asked.district_id).id if site else None
    dropped = Dropped(place, now, SaidBy.LINK)
    taken = say_dropped(session, lend_ids=mine, dropped=dropped, now=now)
    return all(one.stops_clock for one in taken)
