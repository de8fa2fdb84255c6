"""A delivery shop's pass without a network: kept through a dead battery, refused where it must be."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from lending.delivery.tables import ContactKind
from lending.requests.pickups.bags import MOST_IN_A_BAG
from tests.browser.a_pass import PASS, READY, all_sent, codes_in, orders
from tests.browser.tablet import Tablet
from tests.browser.till import eventually, gun, kept, label, pair_device_at, told
from tests.delivery.shop import SHOP, Shop
from tests.personas import Loop


@pytest.fixture
def shop(district: Loop) -> Shop:
    return Shop(district)


@pytest.fixture
def tablet(shop: Shop, engine: sa.Engine) -> str:
    """The credential of the tablet at the shop's pass."""
    return pair_device_at(SHOP, shop.loop, engine)


def test_without_a_network_and_after_a_dead_battery(counter: Tablet, shop: Shop) -> None:
    (first, cups), (second, _) = shop.bag(2), shop.bag(1)
    [loose] = shop.containers()
    at = counter.open(PASS, READY)
    expect(at.locator("#table")).to_have_attribute("data-installed", "1")
    expect(at.locator("#sum-orders")).not_to_have_text("–")
    counter.close()
    counter.cut()
    at = counter.open(PASS, READY)  # the page comes out of the tablet
    expect(at.locator("#offline")).to_be_visible()
    gun(at, label(first))
    told(at, "저장했어요")
    at.fill("#number-typed", "C-1")
    at.keyboard.press("Enter")
    expect(at.locator("#order-name")).to_have_text("주문 C-1")
    at.fill("#contact-typed", "0507-1234-9876")
    at.keyboard.press("Enter")
    gun(at, label(second), label(loose))  # a second bag is another order here as well
    eventually(at, lambda: len(kept(at)) == 5)
    assert "1234" not in str([one.get("text") for one in kept(at) if one["what"] == "contact"])
    assert orders(shop) == []
    counter.kill()
    counter.restore()
    at = counter.open(PASS, READY)
    expect(at.locator("#pieces li")).to_have_count(2)
    all_sent(at)
    one, two = orders(shop)
    assert (codes_in(shop, one), one.number) == ({first, *cups}, "C-1")
    assert one.contact_kind is ContactKind.SAFE
    assert {second, loose} <= codes_in(shop, two)
    shop.is_true()


def test_a_crate_of_stock_is_refused_without_a_network_too(counter: Tablet, shop: Shop) -> None:
    (crate, _), (bag, _) = shop.bag(MOST_IN_A_BAG + 1), shop.bag(MOST_IN_A_BAG)
    at = counter.open(PASS, READY)
    expect(at.locator("#table")).to_have_attribute("data-installed", "1")
    expect(at.locator("#sum-orders")).not_to_have_text("–")
    counter.close()
    counter.cut()
    at = counter.open(PASS, READY)
    expect(at.locator("#offline")).to_be_visible()
    gun(at, label(bag))
    told(at, "저장했어요")
    gun(at, label(crate))
    told(at, "가게에 온 보관 상자예요")
    expect(at.locator("#pieces li")).to_have_count(1)  # the order in hand goes on
    assert [one["code"] for one in kept(at)] == [bag]
    counter.restore()
    all_sent(at)
    [order] = orders(shop)
    assert len(codes_in(shop, order)) == 1 + MOST_IN_A_BAG
    gun(at, label(crate))  # and with one: the server's word
    told(at, "가게에 온 보관 상자예요")


def test_what_is_sent_late_does_not_hide_the_word_on_the_last_beep(
    counter: Tablet, shop: Shop
) -> None:
    (bag, _) = shop.bag(2)
    at = counter.open(PASS, READY)
    expect(at.locator("#table")).to_have_attribute("data-installed", "1")
    counter.cut()
    gun(at, label(bag))
    told(at, "저장했어요")
    gun(at, "4827")
    expect(at.locator("#stage-word")).not_to_have_text("저장했어요")
    word = at.locator("#stage-word").inner_text()
    counter.restore()
    all_sent(at)
    expect(at.locator("#pieces li")).to_contain_text("용기 2개")  # it has heard of it
    told(at, word)
