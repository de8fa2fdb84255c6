"""A beep at the pass: a bag, or one container, goes out for an order; and back onto the shelf."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.orders.book import Pass, lock_order, open_order
from lending.delivery.orders.refresh import refresh_orders
from lending.delivery.orders.sealed import hand_over
from lending.delivery.orders.shelf import doubt_old_ware, old_ware_in
from lending.delivery.orders.stock import refuse_stock
from lending.delivery.orders.views import OrderView, order_view
from lending.errors import Code, LendingError
from lending.loop.clock import moment_told
from lending.loop.codes import read_code
from lending.loop.loans.lent_for import OccasionKind
from lending.loop.loans.occasions import open_occasion
from lending.loop.record import record_scans
from lending.loop.scans import Receipt, Result, ScanIn
from lending.loop.steps import Action
from lending.loop.tables import Item, ItemKind, Label

LATE = timedelta(seconds=60)  # sent later than this, the bag has left: a fact


@dataclass(frozen=True, slots=True)
class Beep:
    """A code under the pass's reader for an order (`occasion_id`, made by the tablet).

    `at` and `sent_at` by the device's clock; `by`: the staff signed in there.
    """

    id: uuid.UUID
    occasion_id: uuid.UUID
    code: str
    at: datetime
    sent_at: datetime
    seq: int | None = None
    clock_error: float | None = None
    clock_lost: bool = False
    by: int | None = None

    @property
    def is_late(self) -> bool:
        return self.sent_at - self.at > LATE


@dataclass(frozen=True, slots=True)
class Packed:
    """What became of a beep. `receipt` None: the piece was in this order already. `kind`: its
    code; `bag`: it carries others, `receipt.carried` of them. `order` None: refused."""

    code: str
    receipt: Receipt | None
    order: OrderView | None
    kind: str | None = None
    bag: bool = False
    old: bool = False  # it stood too long on the shelf: recorded, and to be looked at

    @property
    def error(self) -> Code | None:
        return self.receipt.error if self.receipt else None


def pack_piece(session: Session, beep: Beep, *, here: Pass) -> Packed:
    """Lends the piece, or the bag with all that is in it, to the order: asked while the bag is
    still at hand, recorded as it happened when word of it comes later.

    The same id again is the same beep. INVALID or BAD_CHECK_DIGIT (code) for what is no code;
    CONFLICT (code) for a crate of stock, which is no order's bag; ID_REUSED (id, order);
    NOT_ALLOWED_HERE. Raises ChangedMeanwhile as record_scans does.
    """
    code = read_code(beep.code)
    site = here.site
    open_occasion(
        session, id=beep.occasion_id, kind=OccasionKind.ORDER, site_id=site.id,
        district_id=site.district_id, now=here.now,
    )  # fmt: skip
    found = _find(session, code)
    if found is not None and found.carrier:
        refuse_stock(session, item_id=found.id, beep_id=beep.id)
    old = beep.is_late and found is not None and old_ware_in(
        session, item_id=found.id, site=site, at=moment_told(beep, now=here.now)
    )  # fmt: skip
    [receipt] = record_scans(
        session, [_lend(beep, code, here)], actor=here.actor, keys=here.keys, now=here.now,
        sent_at=beep.sent_at,
    )  # fmt: skip
    kind, bag = (found.kind, bool(found.carrier)) if found else (None, False)
    if receipt.result is Result.REFUSED:
        if receipt.error in {Code.ID_REUSED, Code.NOT_ALLOWED_HERE}:
            raise LendingError(receipt.error, field=receipt.field)
        again = receipt.error is Code.ALREADY_LENT and found is not None
        if again and found is not None and found.loan_occasion_id == beep.occasion_id:
            return Packed(code, None, _view(session, beep, here), kind, bag)
        return Packed(code, receipt, None, kind, bag)
    if old and receipt.result is Result.RECORDED:
        doubt_old_ware(session, scan_id=beep.id, item_id=found.id if found else None, here=here)
    return Packed(code, receipt, _note(session, beep, here), kind, bag, bool(old))


def take_out(
    session: Session, *, id: uuid.UUID, of: uuid.UUID, code: str, occasion_id: uuid.UUID,
    at: datetime, sent_at: datetime, here: Pass,
) -> OrderView:  # fmt: skip
    """The beep `of` was none for this order: its pieces stand on the shelf again. Errors of a void;
    NOT_FOUND (order)."""
    scan = ScanIn(id, Action.VOID, code, at, site=here.site.code, of=of)
    [receipt] = record_scans(
        session, [scan], actor=here.actor, keys=here.keys, now=here.now, sent_at=sent_at
    )
    if receipt.result is Result.REFUSED:
        raise LendingError(receipt.error or Code.INVALID, field=receipt.field)
    order = lock_order(session, occasion_id=occasion_id, here=here)
    refresh_orders(session, [order.id], now=here.now)
    return order_view(order)


def _note(session: Session, beep: Beep, here: Pass) -> OrderView:
    """The order of a beep that was recorded, with whoever it is for."""
    at = moment_told(beep, now=here.now)
    order = open_order(session, occasion_id=beep.occasion_id, here=here, at=at)
    order.reusable, order.closed_at = True, None
    if order.packed_at is None or at < order.packed_at:
        order.packed_at, order.packed_by = at, here.by
    session.flush()
    hand_over(session, order, keys=here.keys, now=here.now)
    refresh_orders(session, [order.id], now=here.now)
    return order_view(order)


def _view(session: Session, beep: Beep, here: Pass) -> OrderView:
    return order_view(lock_order(session, occasion_id=beep.occasion_id, here=here))


def _lend(beep: Beep, code: str, here: Pass) -> ScanIn:
    return ScanIn(
        beep.id, Action.LEND, code, beep.at, not beep.is_late, here.site.code, seq=beep.seq,
        clock_error=beep.clock_error, clock_lost=beep.clock_lost, staff_id=beep.by,
        occasion=beep.occasion_id,
    )  # fmt: skip


def _find(session: Session, code: str) -> sa.Row[int, bool, str, uuid.UUID | None] | None:
    """The piece on which the label is, whosever it is: ware of another district goes out as well."""
    query = (
        sa.select(Item.id, Item.carrier, ItemKind.code.label("kind"), Item.loan_occasion_id)
        .join(Label, Label.item_id == Item.id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(Label.code == code)
    )
    return session.execute(query).one_or_none()
