"""A delivery shop in the browser: bags packed with one beep; the orderer who opens the lid's page;
the shop that sees what comes back."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from lending.delivery.orders.records import What
from lending.delivery.tables import ContactKind, OrderStatus
from lending.loop.commands import Command, command_text
from lending.loop.loans.occasions import loans_of
from lending.loop.steps import State
from lending.people.tables import Resident
from lending.web.identity import DEVICE_COOKIE, RESIDENT_COOKIE
from tests.browser.a_pass import PASS, READY, all_sent, codes_in, orders
from tests.browser.live import PHONE, LiveServer, axe_violations
from tests.browser.till import gun, label, pair_device_at, told
from tests.delivery.shop import SHOP, Shop
from tests.personas import Loop


@pytest.fixture
def shop(district: Loop) -> Shop:
    return Shop(district)


@pytest.fixture
def tablet(shop: Shop, engine: sa.Engine) -> str:
    """The credential of the tablet at the shop's pass."""
    return pair_device_at(SHOP, shop.loop, engine)


@pytest.fixture
def page(
    open_page: Callable[..., Page], live_server: LiveServer, tablet: str
) -> Callable[[], Page]:
    """Opens the pass, knowing its bags, once they stand as the test wants them."""

    def open_one() -> Page:
        opened = open_page(cookies={DEVICE_COOKIE: tablet}, service_workers="block")
        opened.goto(live_server.url + PASS)
        opened.wait_for_selector(READY, state="attached")
        expect(opened.locator("#sum-orders")).not_to_have_text("–")
        return opened

    return open_one


def test_a_bag_is_packed_with_one_beep(page: Callable[[], Page], shop: Shop) -> None:
    (first, cups), (second, _) = shop.bag(2), shop.bag(3)
    at = page()
    assert axe_violations(at) == []
    gun(at, label(first))
    told(at, "담았어요")
    expect(at.locator("#stage-line")).to_have_text("가방 1개, 용기 2개")
    gun(at, label(second))  # a second bag is another order, without another tap
    expect(at.locator("#stage-line")).to_have_text("가방 1개, 용기 3개")
    one, two = orders(shop)
    assert (codes_in(shop, one), one.number) == ({first, *cups}, None)
    assert len(codes_in(shop, two)) == 4
    assert {shop.loop.item(cup).state for cup in cups} == {State.LENT}
    expect(at.locator("#sum-unnumbered")).to_have_text("2")
    # The number of the one on the screen, then that of the earlier one.
    at.fill("#number-typed", "B-2")
    at.get_by_role("button", name="번호 넣기").first.click()
    told(at, "주문 B-2")
    expect(at.locator("#sum-unnumbered")).to_have_text("1")
    at.locator(".pack-crate.is-unnumbered").click()
    at.fill("#number-typed", "B-1")
    at.keyboard.press("Enter")
    told(at, "주문 B-1")
    expect(at.locator("#sum-unnumbered")).to_have_text("0")
    assert [order.number for order in orders(shop)] == ["B-1", "B-2"]
    assert axe_violations(at) == []


def test_as_many_orders_are_counted_as_are_listed(page: Callable[[], Page], shop: Shop) -> None:
    """Today's, and earlier ones that are still out: the heading says so."""
    shop.loop.now -= timedelta(days=2)
    shop.packed(*shop.containers())
    shop.loop.now += timedelta(days=2)
    for _ in range(31):
        shop.tell(shop.record(What.SINGLE_USE, uuid.uuid4()))
    at = page()
    expect(at.locator("#sum-orders")).to_have_text("32")
    expect(at.locator("#orders li")).to_have_count(32)
    expect(at.get_by_role("heading", name="오늘 주문과 아직 나가 있는 주문")).to_be_visible()


def test_containers_the_wall_codes_and_mistakes(page: Callable[[], Page], shop: Shop) -> None:
    one, two, three = shop.containers(3)
    [dirty] = shop.loop.new_cups()
    at = page()
    gun(at, label(one))
    told(at, "담았어요")
    gun(at, label(dirty))
    told(at, "씻은 용기가 아니에요")
    gun(at, label(two))
    told(at, "담았어요")
    gun(at, command_text(Command.UNDO))
    told(at, "주문에서 뺐어요")
    gun(at, command_text(Command.FINISH))
    told(at, "다음 주문")
    gun(at, label(three))
    told(at, "담았어요")
    gun(at, label(one))
    told(at, "다른 주문에 나가 있어요")
    all_sent(at)
    first, second = orders(shop)
    assert (codes_in(shop, first), codes_in(shop, second)) == ({one}, {three})
    at.get_by_role("button", name="일회용 주문 1건").click()
    told(at, "일회용 주문")
    assert orders(shop)[-1].status is OrderStatus.SINGLE_USE


def test_a_safe_number_is_sealed_and_makes_no_resident(
    page: Callable[[], Page], shop: Shop
) -> None:
    at = page()
    with Session(shop.loop.engine) as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(Resident))
    gun(at, label(shop.bag(1)[0]))
    told(at, "담았어요")
    at.fill("#contact-typed", "0507-1234-9876")
    expect(at.locator("#contact-told")).to_contain_text("안심번호예요")
    at.get_by_role("button", name="연락처 넣기").click()
    told(at, "연락처를 받았어요")
    [order] = orders(shop)
    assert order.contact_kind is ContactKind.SAFE
    with Session(shop.loop.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Resident)) == before


def test_the_orderer_opens_the_lid_and_brings_it_back(
    open_page: Callable[..., Page], live_server: LiveServer, shop: Shop, minji: str, tablet: str
) -> None:
    lid, other = shop.containers(2)
    order = shop.packed(lid, other)
    phone = open_page(**PHONE, cookies={RESIDENT_COOKIE: minji})
    phone.goto(f"{live_server.url}/i/{lid}")
    phone.locator(f"form[action='/i/{lid}/mine'] button").click()
    assert [one.borrower for one in shop.read(loans_of, occasions=[order])[order]] == [True, True]
    phone.goto(f"{live_server.url}/my")
    expect(phone.locator("main")).to_contain_text("2")

    desk = open_page(cookies={DEVICE_COOKIE: tablet})
    desk.goto(f"{live_server.url}/delivery")
    expect(desk.get_by_text("나가 있음").first).to_be_visible()
    shop.loop.give_back(lid)  # at Mina's café
    shop.loop.give_back(other, by=shop.town.machine)
    shop.sweep()
    desk.reload()
    expect(desk.get_by_role("row", name="번호 없음")).to_contain_text("다 돌아옴")
    desk.fill("input[name=number]", "A-7")
    desk.get_by_role("button", name="번호 넣기").click()
    expect(desk.get_by_text("주문번호를 넣었어요.")).to_be_visible()
    desk.get_by_role("link", name="A-7").click()
    expect(desk.locator(".changes")).to_contain_text("다 돌아옴")
    assert axe_violations(desk) == []


def test_an_address_is_typed_once_and_never_shown(
    open_page: Callable[..., Page], live_server: LiveServer, shop: Shop, tablet: str
) -> None:
    order = shop.packed(*shop.containers())
    desk = open_page(cookies={DEVICE_COOKIE: tablet})
    desk.goto(f"{live_server.url}/delivery/orders/{shop.row(order).id}")
    desk.get_by_label("배달 주소").fill("심곡로 12, 101동 1203호")
    desk.get_by_role("button", name="주소 넣기").click()
    expect(
        desk.get_by_text("주소를 암호로 잠가 두었어요. 용기가 다 돌아오면 지워요.")
    ).to_be_visible()
    assert "심곡로" not in desk.content()
    desk.get_by_label("전화번호나 배달앱 주문자 표시").fill("010-12")
    desk.get_by_role("button", name="연락처 넣기").click()
    expect(desk.locator(".field-error")).to_be_visible()
    assert "010-12" not in desk.content()
    desk.get_by_role("button", name="주문 취소하고 선반에 돌려놓기").click()
    expect(desk.get_by_text("취소됨").first).to_be_visible()
    assert shop.row(order).status is OrderStatus.CANCELLED
