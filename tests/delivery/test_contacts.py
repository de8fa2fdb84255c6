"""What may be kept of an orderer: sealed, for as long as it may be, and of a safe number no resident."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.orders.page import load_order_page
from lending.delivery.orders.records import What
from lending.delivery.orders.sealed import load_contact, read_orderer
from lending.delivery.tables import ContactKind, OrderStatus
from lending.errors import Code, LendingError
from lending.loop.tables import ScanBorrower
from lending.notices.tables import Erasure, Notice
from lending.people.envelopes import public_key
from lending.people.tables import Resident
from lending.requests.pickups.places import OrderSpot, keep_place, places_of
from tests.delivery.shop import Shop
from tests.personas import SORA
from tests.sealed import seal_borrower

SAFE = "0507-1234-9876"


def residents(shop: Shop) -> int:
    with Session(shop.loop.engine) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Resident)) or 0


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("010-2345-6789", ContactKind.PHONE),
        ("+82 10 2345 6789", ContactKind.PHONE),
        (SAFE, ContactKind.SAFE),
        ("050 1234 5678", ContactKind.SAFE),
        ("+82-50-1234-5678", ContactKind.SAFE),
        ("배민 주문자 7F3A", ContactKind.TOKEN),
        ("tok_9x8y", ContactKind.TOKEN),
    ],
)
def test_what_a_text_names(text: str, kind: ContactKind) -> None:
    assert read_orderer(text).kind is kind


@pytest.mark.parametrize("text", ["", "  ", "010-12", "0000 0000", "a\x00b", "x" * 201])
def test_what_names_nobody_is_refused(text: str) -> None:
    with pytest.raises(LendingError) as refused:
        read_orderer(text)
    assert (refused.value.code, refused.value.field) == (Code.INVALID, "contact")


def test_a_safe_number_makes_no_resident_and_goes_after_three_hours(shop: Shop) -> None:
    before = residents(shop)
    order = shop.packed(*shop.containers())
    shop.contact(order, SAFE)
    row = shop.row(order)
    assert row.contact_kind is ContactKind.SAFE and row.contact_sealed is not None
    assert SAFE.replace("-", "").encode() not in row.contact_sealed
    assert load_contact(row, keys=shop.loop.keys, now=shop.now) == "050712349876"
    assert residents(shop) == before
    with Session(shop.loop.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ScanBorrower)) == 0
    assert load_contact(row, keys=shop.loop.keys, now=shop.now + timedelta(hours=3)) is None
    shop.later(hours=3)
    shop.sweep()
    after = shop.row(order)
    assert after.contact_sealed is None and after.status is OrderStatus.PACKED
    with Session(shop.loop.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Notice)) == 0


def erasures(shop: Shop) -> int:
    with Session(shop.loop.engine) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Erasure)) or 0


@pytest.mark.parametrize("what", ["safe", "token", "place"])
def test_the_files_are_cleaned_of_what_is_erased(shop: Shop, what: str) -> None:
    [cup] = shop.containers()
    order = shop.packed(cup)
    if what == "place":
        give_place(shop, order)
    else:
        shop.contact(order, SAFE if what == "safe" else "tok_9x8y")
    shop.sweep()
    assert erasures(shop) == 0
    if what == "safe":
        shop.later(hours=3)
    else:
        shop.loop.give_back(cup)
    shop.sweep()
    assert erasures(shop) == 1
    shop.sweep()
    assert erasures(shop) == 1


@pytest.mark.parametrize("text", [SORA, SAFE, "+82 10-2345-6789", "sora@example.kr"])
def test_a_contact_is_no_orders_number(shop: Shop, text: str) -> None:
    """A number stays and stands on pages: whose it is must not be read from it."""
    order = shop.packed(*shop.containers())
    done = shop.number(order, text)
    assert (done.error, done.field) == (Code.INVALID, "number")
    assert shop.tell(shop.record(What.SINGLE_USE, uuid.uuid4(), text=text))[0].error is Code.INVALID
    assert [one.number for one in shop.orders()] == [None]
    for number in ("010", "12", "0241", "A-0102", "20260302-0017"):
        assert shop.number(order, number).error is None, number


def test_a_safe_number_told_three_hours_late_is_never_kept(shop: Shop) -> None:
    order = shop.packed(*shop.containers())
    told = shop.now - timedelta(hours=3, minutes=1)
    record = shop.record(What.CONTACT, order, text=SAFE, at=told)
    shop.tell(record)
    assert shop.row(order).contact_sealed is None
    assert shop.row(order).contact_kind is ContactKind.SAFE


def test_a_tablet_seals_it_at_once(shop: Shop) -> None:
    order = shop.packed(*shop.containers())
    envelope = seal_borrower(public_key(shop.loop.keys), SAFE, read_at=shop.now)
    assert shop.contact(order, envelope).error is None
    assert shop.row(order).contact_kind is ContactKind.SAFE


def test_a_stranger_becomes_a_resident_only_by_an_order_that_is_out(shop: Shop) -> None:
    before = residents(shop)
    order = shop.packed(*shop.containers())
    shop.contact(order, SORA)
    assert residents(shop) == before + 1
    [cup] = shop.containers()
    empty = uuid.uuid4()
    beep = shop.record(What.BEEP, empty, code=cup)
    shop.tell(beep, shop.record(What.OUT, empty, code=cup, of=beep.id))
    shop.contact(empty, "010-5555-7777")
    assert residents(shop) == before + 1


def test_a_token_is_sealed_and_erased_when_all_is_back(shop: Shop) -> None:
    [cup] = shop.containers()
    order = shop.packed(cup)
    shop.contact(order, "tok_9x8y")
    assert load_contact(shop.row(order), keys=shop.loop.keys, now=shop.now) == "tok_9x8y"
    shop.loop.give_back(cup)
    shop.sweep()
    assert shop.row(order).contact_sealed is None


def test_a_contact_told_when_all_is_back_is_not_kept(shop: Shop) -> None:
    [cup] = shop.containers()
    order = shop.packed(cup)
    shop.loop.give_back(cup)
    shop.sweep()
    for text in ("tok_9x8y", SAFE, SORA):
        shop.contact(order, text, at=shop.now - timedelta(minutes=30))
        assert shop.row(order).contact_sealed is None


def give_place(shop: Shop, order: uuid.UUID) -> None:
    spot = OrderSpot("심곡로 12, 101동 1203호", "문 앞")
    shop.loop.write(
        lambda session: keep_place(
            session, occasion_id=order, district_id=shop.town.id, spot=spot, keys=shop.loop.keys,
            now=shop.now,
        )
    )  # fmt: skip


def kept(shop: Shop, order: uuid.UUID) -> bool:
    return bool(shop.read(places_of, occasion_ids=[order], keys=shop.loop.keys))


def test_the_address_goes_with_the_last_piece(shop: Shop) -> None:
    one, two = shop.containers(2)
    order = shop.packed(one, two)
    give_place(shop, order)
    shop.loop.give_back(one)
    shop.sweep()
    assert kept(shop, order)
    shop.loop.give_back(two)
    shop.sweep()
    assert not kept(shop, order)


def test_the_address_of_what_was_never_seen_again_goes_as_well(shop: Shop) -> None:
    [cup] = shop.containers()
    order = shop.packed(cup)
    give_place(shop, order)
    shop.loop.lose(cup, by=shop.town.officer, site=shop.loop.site("SHOP"))
    shop.sweep()
    assert shop.row(order).status is OrderStatus.LOST and not kept(shop, order)
    shop.loop.give_back(cup)  # found
    shop.sweep()
    assert shop.row(order).status is OrderStatus.RETURNED


def test_the_address_of_a_cancelled_order_goes_at_once(shop: Shop) -> None:
    order = shop.packed(*shop.containers())
    give_place(shop, order)
    shop.tell(shop.record(What.CANCEL, order))
    assert not kept(shop, order)


def test_the_page_shows_four_digits_and_no_address(shop: Shop) -> None:
    order = shop.packed(*shop.containers())
    give_place(shop, order)
    shop.contact(order, SAFE)
    page = shop.read(
        load_order_page, order_id=order, actor=shop.bora, keys=shop.loop.keys, now=shop.now
    )
    assert page.ending == "9876" and page.has_place
    assert "심곡로" not in repr(page) and "1234" not in repr(page.ending)
    with pytest.raises(LendingError) as refused:
        shop.read(
            load_order_page, order_id=order, actor=shop.other, keys=shop.loop.keys, now=shop.now
        )
    assert refused.value.code is Code.NOT_FOUND
