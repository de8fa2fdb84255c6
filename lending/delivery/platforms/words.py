"""What platforms say of orders, taken once each: the latest revision counts, whatever the order
in which they arrive."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.orders.views import OrderView, find_order, order_view
from lending.delivery.platforms.adopting import adopt_packed
from lending.delivery.platforms.announcing import Announced, announce_order
from lending.delivery.platforms.shops import site_meant
from lending.delivery.platforms.signed import Caller
from lending.delivery.platforms.tables import PlatformWord, Word
from lending.delivery.tables import Order, OrderChange, OrderStatus
from lending.errors import ChangedMeanwhile, Code, LendingError
from lending.people.keys import Keys
from lending.people.sealing import digest
from lending.people.upserts import insert_or
from lending.requests.pickups.places import OrderSpot


class Result(StrEnum):
    """What became of a word."""

    RECORDED = "recorded"
    REPEATED = "repeated"  # the very same was taken before
    OUTDATED = "outdated"  # a later one was taken before: this one changes nothing


@dataclass(frozen=True, slots=True, repr=False)
class OrderWord:
    """One revision (from 1) of an order as its platform says it. `contact`: a telephone number, of
    the orderer's own or a safe one, or an e-mail address; `token`: the platform's own sign for the
    orderer. With `word` CANCEL the order is off; it names its shop all the same, so that it is kept
    when it overtakes the order. What is None was not said."""

    ref: str
    revision: int
    shop: str
    word: Word = Word.ORDER
    reusable: bool = True
    number: str | None = None
    contact: str | None = None
    token: str | None = None
    spot: OrderSpot | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a word, and the order as it stands now."""

    result: Result
    order: OrderView


@dataclass(frozen=True, slots=True)
class Change:
    """A line of an order's history."""

    seq: int
    status: OrderStatus
    at: datetime


def take_word(
    session: Session, word: OrderWord, *, caller: Caller, keys: Keys, now: datetime
) -> Taken:
    """Takes a platform's word of an order, once.

    INVALID (shop) for a shop nobody has named, or what `announce_order` finds wrong; ID_REUSED
    (revision) when this revision said something else before. Raises ChangedMeanwhile when the same
    order arrived at the same moment: run the transaction again.
    """
    site_id = site_meant(session, platform_id=caller.platform_id, shop=word.shop)
    said = digest(keys, "platform word", json.dumps(asdict(word), sort_keys=True))
    known = _find(session, caller, word.ref)
    if known is not None and (answer := _answer_known(session, known, word.revision, said)):
        return answer
    if known is None and word.word is Word.ORDER:
        adopt_packed(
            session, caller=caller, ref=word.ref, site_id=site_id, number=word.number, now=now
        )
    order = announce_order(session, _announced(word, caller, site_id), keys=keys, now=now)
    row = {
        "order_id": order.id, "revision": word.revision, "word": word.word, "digest": said,
        "at": now,
    }  # fmt: skip
    note = insert_or(session, PlatformWord).on_conflict_do_nothing()
    if session.execute(note.returning(PlatformWord.__table__.c.revision), [row]).first() is None:
        raise ChangedMeanwhile
    return Taken(Result.RECORDED, order)


def load_story(session: Session, *, caller: Caller, ref: str) -> tuple[OrderView, Sequence[Change]]:
    """The platform's order and its history in order; NOT_FOUND."""
    order = find_order(session, platform_id=caller.platform_id, ref=ref)
    lines = session.scalars(
        sa.select(OrderChange).where(OrderChange.order_id == order.id).order_by(OrderChange.seq)
    )
    return order, [Change(line.seq, line.status, line.at) for line in lines]


def _find(session: Session, caller: Caller, ref: str) -> Order | None:
    return session.scalars(
        sa.select(Order).where(Order.platform_id == caller.platform_id, Order.platform_ref == ref)
    ).one_or_none()


def _answer_known(session: Session, row: Order, revision: int, said: bytes) -> Taken | None:
    """The answer to a word that changes nothing any more; None for one that is new."""
    word = session.get(PlatformWord, (row.id, revision))
    if word is not None:
        if word.digest != said:
            raise LendingError(Code.ID_REUSED, field="revision")
        return Taken(Result.REPEATED, order_view(row))
    return Taken(Result.OUTDATED, order_view(row)) if revision < row.revision else None


def _announced(word: OrderWord, caller: Caller, site_id: int) -> Announced:
    return Announced(
        platform_id=caller.platform_id,
        ref=word.ref,
        revision=word.revision,
        site_id=site_id,
        district_id=caller.district_id,
        number=word.number,
        reusable=word.reusable,
        contact=word.contact,
        token=word.token,
        spot=word.spot,
        cancelled=word.word is Word.CANCEL,
    )
