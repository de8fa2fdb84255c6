"""At the pass: one beep packs a bag; nothing else is needed, and nothing is counted twice."""

import uuid
from datetime import timedelta

from lending.delivery.orders.records import What
from lending.delivery.tables import ContactKind, OrderStatus
from lending.errors import Code
from lending.loop.loans.occasions import loans_of
from lending.loop.scans import Result
from lending.loop.steps import Outcome, State
from tests.delivery.shop import Shop
from tests.personas import MINJI, SORA


def loans(shop: Shop, order: uuid.UUID):
    return shop.read(loans_of, occasions=[order])[order]


def test_one_beep_packs_a_bag_with_all_that_is_in_it(shop: Shop) -> None:
    bag, cups = shop.bag(3)
    done = shop.beep(bag, order := uuid.uuid4())
    assert done.error is None and done.packed is not None and done.packed.receipt is not None
    assert done.packed.bag and done.packed.receipt.carried == 3
    row = shop.row(order)
    assert (row.number, row.contact_kind, row.status) == (
        None,
        ContactKind.NONE,
        OrderStatus.PACKED,
    )
    assert row.made_by == "device:77" and row.packed_at is not None
    assert {one.code for one in loans(shop, order)} == {bag, *cups}
    assert {shop.loop.item(cup).state for cup in cups} == {State.LENT}
    assert not any(one.borrower for one in loans(shop, order))
    shop.is_true()


def test_containers_one_by_one_are_one_order(shop: Shop) -> None:
    first, second = shop.containers(2)
    order = shop.packed(first, second)
    assert {line.code for line in loans(shop, order)} == {first, second}
    assert len(shop.orders()) == 1 and shop.history(order) == ["packed"]


def test_the_same_beep_again_is_one(shop: Shop) -> None:
    [cup], order = shop.containers(), uuid.uuid4()
    record = shop.record(What.BEEP, order, code=cup)
    shop.tell(record)
    [again] = shop.tell(record)
    assert again.error is None and again.packed and again.packed.receipt
    assert again.packed.receipt.result is Result.REPEATED
    assert len(shop.loop.loans(cup)) == 1 and len(shop.orders()) == 1
    [other] = shop.tell(shop.record(What.BEEP, uuid.uuid4(), code=cup, id=record.id, at=record.at))
    assert other.error is Code.ID_REUSED and len(shop.orders()) == 1


def test_a_container_beeped_twice_is_in_the_order_once(shop: Shop) -> None:
    [cup] = shop.containers()
    order = shop.packed(cup)
    again = shop.beep(cup, order)
    assert again.error is None and again.packed and again.packed.receipt is None
    assert shop.beep(cup, uuid.uuid4()).error is Code.ALREADY_LENT
    assert len(shop.orders()) == 1


def test_a_dirty_container_is_refused_at_once_and_recorded_when_it_has_left(shop: Shop) -> None:
    [cup], order = shop.loop.new_cups(), uuid.uuid4()
    assert shop.beep(cup, order).error is Code.NOT_CLEAN
    assert shop.orders() == []
    late = shop.beep(cup, order, at=shop.now - timedelta(minutes=5))
    assert late.error is None and shop.row(order).status is OrderStatus.PACKED
    assert shop.loop.item(cup).state is State.LENT
    shop.is_true()


def test_a_bag_with_a_piece_on_hold_is_refused(shop: Shop) -> None:
    bag, cups = shop.bag(2)
    shop.loop.hold(cups[0], by=shop.bora, site=shop.loop.site("SHOP"))
    assert shop.beep(bag, uuid.uuid4()).error is Code.HELD
    assert shop.orders() == [] and shop.loop.item(cups[1]).state is State.READY
    shop.is_true()


def test_what_was_beeped_by_mistake_is_taken_out(shop: Shop) -> None:
    bag, cups = shop.bag(2)
    order = uuid.uuid4()
    beep = shop.record(What.BEEP, order, code=bag)
    shop.tell(beep)
    [done] = shop.tell(shop.record(What.OUT, order, code=bag, of=beep.id))
    assert done.error is None and loans(shop, order) == []
    assert {shop.loop.item(cup).state for cup in cups} == {State.READY}
    assert {shop.loop.item(cup).stay is not None for cup in cups} == {True}
    assert shop.row(order).status is OrderStatus.CANCELLED
    shop.beep(bag, order)
    assert shop.row(order).status is OrderStatus.PACKED
    assert shop.history(order) == ["packed", "cancelled", "packed"]
    shop.is_true()


def test_a_cancelled_order_stands_on_the_shelf_again(shop: Shop) -> None:
    bag, cups = shop.bag(2)
    order = shop.packed(bag, *shop.containers(1))
    [done] = shop.tell(shop.record(What.CANCEL, order))
    assert done.order and done.order.status is OrderStatus.CANCELLED
    assert loans(shop, order) == [] and shop.row(order).closed_at is not None
    assert {shop.loop.item(cup).state for cup in cups} == {State.READY}
    shop.tell(shop.record(What.CANCEL, order))
    assert shop.history(order) == ["packed", "cancelled"]
    shop.is_true()


def test_an_order_without_reusable_ware_is_only_counted(shop: Shop) -> None:
    order = uuid.uuid4()
    record = shop.record(What.SINGLE_USE, order, text="B-7")
    shop.tell(record, record)
    row = shop.row(order)
    assert (row.status, row.reusable, row.number) == (OrderStatus.SINGLE_USE, False, "B-7")
    assert row.closed_at is not None and len(shop.orders()) == 1


def test_numbers_come_later_and_the_last_word_counts(shop: Shop) -> None:
    order = shop.packed(*shop.containers())
    first = shop.record(What.NUMBER, order, text="A-12")
    shop.tell(first)
    shop.number(order, "A-13")
    shop.tell(first)  # sent again
    assert shop.row(order).number == "A-13"
    assert shop.number(uuid.uuid4(), "A-14").error is Code.NOT_FOUND
    assert shop.number(order, "A\x00").error is Code.INVALID
    assert shop.row(order).number == "A-13"


def test_another_shop_has_nothing_to_do_with_it(shop: Shop) -> None:
    [cup, more] = shop.containers(2)
    order = shop.packed(cup)
    assert shop.beep(more, order, by=shop.other).error is Code.ID_REUSED
    [number] = shop.tell(shop.record(What.NUMBER, order, text="X"), by=shop.other)
    [out] = shop.tell(shop.record(What.CANCEL, order), by=shop.other)
    assert (number.error, out.error) == (Code.NOT_FOUND, Code.NOT_FOUND)
    [plain] = shop.tell(shop.record(What.SINGLE_USE, order), by=shop.other)
    assert plain.error is Code.ID_REUSED and shop.row(order).reusable
    assert loans(shop, order)[0].closed_at is None


def test_a_refused_record_spoils_no_other(shop: Shop) -> None:
    [cup], [dirty] = shop.containers(), shop.loop.new_cups()
    order = uuid.uuid4()
    done = shop.tell(
        shop.record(What.BEEP, order, code="123"),
        shop.record(What.BEEP, order, code=dirty),
        shop.record(What.OUT, order, code=cup, of=uuid.uuid4()),
        shop.record(What.BEEP, order, code=cup),
        shop.record(What.NUMBER, order, text="C-1"),
    )
    assert [one.error for one in done] == [
        Code.INVALID, Code.NOT_CLEAN, Code.NOT_FOUND, None, None,
    ]  # fmt: skip
    assert (shop.row(order).number, len(loans(shop, order))) == ("C-1", 1)


def test_it_comes_back_at_any_cafe_or_box(shop: Shop) -> None:
    one, two = shop.containers(2)
    order = shop.packed(one, two)
    shop.loop.give_back(one)  # at Mina's café
    shop.sweep()
    assert shop.row(order).status is OrderStatus.PART_RETURNED
    shop.loop.give_back(two, by=shop.town.machine)
    shop.sweep()
    row = shop.row(order)
    assert row.status is OrderStatus.RETURNED and row.closed_at is not None
    assert shop.history(order) == ["packed", "part_returned", "returned"]
    assert {one.outcome for one in loans(shop, order)} == {Outcome.RETURNED}
    shop.is_true()


def test_a_return_taken_back_opens_the_order_again(shop: Shop) -> None:
    [cup] = shop.containers()
    order = shop.packed(cup)
    back = shop.loop.give_back(cup)
    shop.sweep()
    shop.loop.void(cup, back.id)
    shop.sweep()
    row = shop.row(order)
    assert row.status is OrderStatus.PACKED and row.closed_at is None


def test_the_orderer_attaches_the_whole_order(shop: Shop) -> None:
    bag, cups = shop.bag(2)
    order = shop.packed(bag)
    shop.contact(order, MINJI)
    lent = {one.code: one.borrower for one in loans(shop, order)}
    assert lent == {bag: False, cups[0]: True, cups[1]: True}
    [more] = shop.containers()
    shop.beep(more, order)  # packed after the number was told
    assert {one.code: one.borrower for one in loans(shop, order)}[more]
    row = shop.row(order)
    assert (row.contact_kind, row.contact_sealed) == (ContactKind.PHONE, None)
    assert shop.contact(order, SORA).error is None  # what is Minji's stays Minji's
    shop.is_true()
