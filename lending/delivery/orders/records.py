"""What a pass's tablet tells of its orders, at once or hours later: each record counts once."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.orders.book import (
    Pass,
    find_by_occasion,
    give_number,
    lock_order,
    note_single_use,
)
from lending.delivery.orders.cancel import cancel_order
from lending.delivery.orders.pack import Beep, Packed, pack_piece, take_out
from lending.delivery.orders.sealed import hand_over, keep_contact, read_orderer
from lending.delivery.orders.views import OrderView, order_view
from lending.delivery.tables import OrderRecord
from lending.errors import Code, LendingError
from lending.loop.clock import moment_told
from lending.people.envelopes import open_borrower
from lending.people.sealing import digest

KEPT = timedelta(days=60)


class What(StrEnum):
    BEEP = "beep"  # a bag or a container goes into the order
    OUT = "out"  # that beep (`of`) was none: back onto the shelf
    NUMBER = "number"
    CONTACT = "contact"  # sealed by the tablet, or plain
    SINGLE_USE = "single_use"  # an order without reusable ware
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Record:
    """One record; `order`: the occasion the tablet made for it. `text`: a number or a contact;
    `announced`: the platform's order that a number names."""

    id: uuid.UUID
    what: What
    order: uuid.UUID
    at: datetime
    sent_at: datetime
    clock_error: float | None = None
    clock_lost: bool = False
    seq: int | None = None
    code: str | None = None
    of: uuid.UUID | None = None
    text: str | None = None
    announced: uuid.UUID | None = None
    by: int | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a record: the order as it stands; `packed` of a beep; `error`: refused for
    good, nothing of it is stored."""

    record: Record
    order: OrderView | None = None
    packed: Packed | None = None
    error: Code | None = None
    field: str | None = None


def record_all(session: Session, records: Sequence[Record], *, here: Pass) -> list[Recorded]:
    """Records them in their order, each by itself: one that is refused changes nothing and spoils
    no other. Raises ChangedMeanwhile: run the transaction again.
    """
    done: list[Recorded] = []
    for record in records:
        try:
            with session.begin_nested():
                done.append(_record(session, record, here))
        except LendingError as error:
            session.expire_all()
            done.append(Recorded(record, error=error.code, field=error.field))
    return done


def drop_old_records(session: Session, *, now: datetime) -> int:
    """Forgets which records were told over 60 days ago: no tablet waits as long; how many."""
    old = sa.delete(OrderRecord).where(OrderRecord.recorded_at < now - KEPT)
    return len(session.execute(old.returning(OrderRecord.id)).all())


def _record(session: Session, record: Record, here: Pass) -> Recorded:
    if _is_known(session, record, here):
        found = find_by_occasion(session, record.order)
        if record.what is not What.BEEP:
            return Recorded(record, order_view(found) if found else None)
    done = _WAYS[record.what](session, record, here)
    if done.error is None:
        _keep(session, record, here)
    return done


def _beep(session: Session, record: Record, here: Pass) -> Recorded:
    beep = Beep(
        record.id, record.order, _needed(record.code, "code"), record.at, record.sent_at,
        record.seq, record.clock_error, record.clock_lost, record.by,
    )  # fmt: skip
    packed = pack_piece(session, beep, here=here)
    error = packed.error
    return Recorded(record, packed.order, packed, error, "code" if error else None)


def _out(session: Session, record: Record, here: Pass) -> Recorded:
    if record.of is None:
        raise LendingError(Code.INVALID, field="of")
    order = take_out(
        session, id=record.id, of=record.of, code=_needed(record.code, "code"),
        occasion_id=record.order, at=record.at, sent_at=record.sent_at, here=here,
    )  # fmt: skip
    return Recorded(record, order)


def _number(session: Session, record: Record, here: Pass) -> Recorded:
    order = give_number(
        session, occasion_id=record.order, number=_needed(record.text, "number"), here=here,
        announced_id=record.announced, at=moment_told(record, now=here.now),
    )  # fmt: skip
    return Recorded(record, order)


def _contact(session: Session, record: Record, here: Pass) -> Recorded:
    shown = open_borrower(
        here.keys, _needed(record.text, "contact"), at=record.at, sent_at=record.sent_at
    )
    orderer = read_orderer(shown.raw)
    order = lock_order(session, occasion_id=record.order, here=here)
    at = moment_told(record, now=here.now)
    keep_contact(session, order, orderer, at=at, keys=here.keys, now=here.now)
    hand_over(session, order, keys=here.keys, now=here.now)
    return Recorded(record, order_view(order))


def _single_use(session: Session, record: Record, here: Pass) -> Recorded:
    at = moment_told(record, now=here.now)
    order = note_single_use(session, order_id=record.order, number=record.text, here=here, at=at)
    return Recorded(record, order)


def _cancel(session: Session, record: Record, here: Pass) -> Recorded:
    at = moment_told(record, now=here.now)
    return Recorded(record, cancel_order(session, occasion_id=record.order, at=at, here=here))


_WAYS: dict[What, Callable[[Session, Record, Pass], Recorded]] = {
    What.BEEP: _beep,
    What.OUT: _out,
    What.NUMBER: _number,
    What.CONTACT: _contact,
    What.SINGLE_USE: _single_use,
    What.CANCEL: _cancel,
}


def _needed(text: str | None, field: str) -> str:
    if not text:
        raise LendingError(Code.INVALID, field=field)
    return text


def _is_known(session: Session, record: Record, here: Pass) -> bool:
    """Whether this very record was taken before; ID_REUSED (id) where it said something else."""
    query = sa.select(OrderRecord.digest).where(OrderRecord.id == record.id)
    known = session.scalar(query)
    if known is None:
        return False
    if known != _sum(record, here):
        raise LendingError(Code.ID_REUSED, field="id")
    return True


def _keep(session: Session, record: Record, here: Pass) -> None:
    if session.get(OrderRecord, record.id) is not None:
        return
    row = OrderRecord(
        id=record.id, district_id=here.site.district_id, site_id=here.site.id,
        occasion_id=record.order, what=record.what.value, digest=_sum(record, here), at=record.at,
        recorded_at=here.now, by=here.by,
    )  # fmt: skip
    session.add(row)
    session.flush()


def _sum(record: Record, here: Pass) -> bytes:
    """Of all that a record says, keyed: a contact cannot be guessed from it. A contact sealed anew
    is another text, so it goes by its kind alone."""
    text = None if record.what is What.CONTACT else record.text
    parts = (record.what, record.order, record.at, record.code, record.of, text, record.announced)
    return digest(here.keys, "delivery record", repr([here.site.id, *map(str, parts)]))
