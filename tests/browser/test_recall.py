"""A recall in the browser: a failed value, what it holds, who is told, and how it ends."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from lending.loop.codes import format_code
from lending.loop.steps import Action
from lending.loop.tables import Item
from lending.washing.hygiene.tables import Recall
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import LiveServer, axe_violations
from tests.browser.till import pair_device_at
from tests.delivery.shop import SHOP, Shop
from tests.mail import SEOUL, Mail, make_demo
from tests.personas import MINJI, WASH, Loop
from tests.washing.centre import Centre, out_to, told

BANNER = "위생 검사를 다시 하고 있어요."


@pytest.fixture
def washed(district: Loop) -> tuple[Centre, str, list[str]]:
    """A batch: one cup here, one at Haru, one lent to Minji."""
    centre = Centre(district)
    cups = district.new_cups(3)
    batch = centre.passed(*cups, machine="1호")
    for cup in cups[1:]:
        out_to(district, cup)
    district.lend(cups[2], MINJI)
    district.now = datetime.now(UTC) - timedelta(minutes=1)
    return centre, str(batch), cups


@pytest.fixture
def desk(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop, engine: sa.Engine
) -> Callable[..., Page]:
    """Opens a page of hygiene on the centre's tablet."""
    credential = pair_device_at(WASH, district, engine)

    def open_one(path: str, lang: str = "ko", **more: int) -> Page:
        page = open_page(cookies={DEVICE_COOKIE: credential, "lang": lang}, **more)
        page.goto(f"{live_server.url}{path}")
        return page

    return open_one


def holds(centre: Centre) -> set[str]:
    """Codes of what a recall holds, by the database."""
    with Session(centre.loop.engine) as session:
        return set(session.scalars(sa.select(Item.code).where(Item.hold.startswith("recall:"))))


def figure(page: Page, words: str) -> str:
    shown = page.locator(".figure", has_text=words).locator(".figure-value").inner_text()
    return shown.strip()


def read_by_borrowers(loop: Loop) -> None:
    """The worker's rounds of the next morning: nobody is woken at night."""
    now, mail = loop.now, Mail(loop)
    loop.now = (datetime.now(SEOUL) + timedelta(days=1)).replace(hour=10).astimezone(UTC)
    mail.sweep()
    mail.send()
    loop.now = now


def enter(page: Page, batch: str, value: str, live_server: LiveServer, retest: str = "") -> None:
    """Fills the form of a sample, like an inspector with the reading in hand."""
    if not retest:
        page.goto(f"{live_server.url}/wash/hygiene/new?batch={batch}")
    page.fill("[name=value]", value)
    page.click("main form.card button[type=submit]")


def test_from_a_failed_reading_to_the_release(
    desk: Callable[..., Page],
    washed: tuple[Centre, str, list[str]],
    open_page: Callable[..., Page],
    live_server: LiveServer,
) -> None:
    centre, batch, cups = washed
    loop = centre.loop
    make_demo(loop)
    phone = open_page(width=390, height=844)
    page = desk(f"/wash/hygiene/new?batch={batch}")
    # 1. A value with its unit is refused, telling what to type; nothing is held.
    enter(page, batch, "2000 RLU", live_server)
    expect(page.locator(".field-error")).to_have_text("단위 없이 숫자만 써 주세요. 예: 82.5")
    assert holds(centre) == set()
    # 2. Over the limit: all is held at once, and nobody outside knows.
    enter(page, batch, "2000", live_server, retest="same page")
    expect(page.locator("#next")).to_have_text("다음 할 일")
    assert holds(centre) == set(cups)
    recall = page.url
    assert (figure(page, "붙잡은 컵"), figure(page, "빌려 간 컵")) == ("3", "1")
    assert axe_violations(page) == []
    phone.goto(f"{live_server.url}/i/{cups[2]}")
    expect(phone.get_by_text(BANNER)).to_have_count(0)
    assert told(loop) == 0
    # 3. Entered again, over the limit too: the page says what confirming does, and it does it.
    page.fill(".next [name=value]", "1900")
    page.get_by_role("button", name="다시 적기").click()
    expect(page.locator(".next")).to_contain_text("빌렸던 1명에게 알림이 가요")
    page.get_by_role("button", name="확정하고 알리기").click()
    expect(page.locator(".alert").first).to_contain_text("알림 1건을 보내요")
    phone.reload()
    expect(phone.get_by_text(BANNER)).to_be_visible()
    expect(phone.get_by_text("빌리기", exact=True)).to_have_count(0)
    read_by_borrowers(loop)
    phone.goto(f"{live_server.url}/demo/inbox")
    expect(phone.locator("main")).to_contain_text("위생 점검")
    # 4. What comes back shows by itself.
    assert figure(page, "돌아온 컵") == "1"
    loop.give_back(cups[2])
    loop.collect(cups[2])
    loop.receive(cups[2])
    expect(page.locator(".figure", has_text="돌아온 컵").locator(".figure-value")).to_have_text("2")
    # 5. A good retest releases it, with a reason; the banner goes, the cup may be lent again.
    page.get_by_role("link", name="다시 검사하기").click()
    page.wait_for_url("**/wash/hygiene/new?retest=**")
    enter(page, batch, "45", live_server, retest="same page")
    expect(page.locator(".reading")).to_contain_text("45 RLU")
    page.goto(recall)
    page.fill("[name=reason]", "다시 검사해 45 RLU로 합격")
    page.get_by_role("button", name="컵 풀기").click()
    expect(page.get_by_text("끝난 회수예요.")).to_be_visible()
    assert holds(centre) == set()
    assert axe_violations(page) == []
    phone.goto(f"{live_server.url}/i/{cups[1]}")
    expect(phone.get_by_text(BANNER)).to_have_count(0)
    loop.now = datetime.now(UTC)
    assert loop.lend(cups[1]).error is None


def test_a_typed_2000_for_200_is_put_right_and_alarms_nobody(
    desk: Callable[..., Page], washed: tuple[Centre, str, list[str]], live_server: LiveServer
) -> None:
    centre, batch, cups = washed
    page = desk(f"/wash/hygiene/new?batch={batch}")
    enter(page, batch, "2000", live_server)
    expect(page.locator("#next")).to_be_visible()
    assert holds(centre) == set(cups)
    page.fill(".next [name=value]", "200")
    page.get_by_role("button", name="다시 적기").click()
    expect(page.locator(".alert").first).to_contain_text("고쳐 적었어요")
    assert holds(centre) == set()
    assert told(centre.loop) == 0
    page.goto(f"{live_server.url}/wash/hygiene/recalls")
    expect(page.locator("main")).to_contain_text("값을 잘못 적은 것이었어요")


def test_the_page_says_so_when_the_connection_is_gone_and_never_loses_what_is_typed(
    desk: Callable[..., Page], washed: tuple[Centre, str, list[str]], district: Loop
) -> None:
    centre, batch, cups = washed
    recall = centre.fail(uuid.UUID(batch))
    page = desk(f"/wash/hygiene/recalls/{recall}")
    page.fill("[name=codes]", cups[0])
    page.context.set_offline(True)
    expect(page.locator(".live-off")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".live-on")).to_be_visible()
    centre.again(failed_test(centre, recall), 1900)  # by somebody else
    expect(page.locator("#stale")).to_be_visible()
    expect(page.locator("[name=codes]")).to_have_value(cups[0])


@pytest.mark.parametrize(("width", "height"), [(1180, 820), (820, 1180), (390, 844)])
def test_it_fits_every_screen(
    desk: Callable[..., Page], washed: tuple[Centre, str, list[str]], width: int, height: int
) -> None:
    centre, batch, _ = washed
    recall = centre.fail(uuid.UUID(batch))
    for path in ("", "/recalls", f"/recalls/{recall}", "/new", "/book"):
        page = desk(f"/wash/hygiene{path}", "en", width=width, height=height)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert axe_violations(page) == [], path
        page.context.close()


def failed_test(centre: Centre, recall: uuid.UUID) -> uuid.UUID:
    with Session(centre.loop.engine) as session:
        return session.get_one(Recall, recall).test_id


def test_the_shop_whose_order_it_went_out_on_is_told_on_its_own_pages(
    washed: tuple[Centre, str, list[str]],
    open_page: Callable[..., Page],
    live_server: LiveServer,
    district: Loop,
    engine: sa.Engine,
) -> None:
    """Nobody is to be reached behind the order: Bora sees which pieces are concerned, whatever page
    her tablet shows, until they are back and set aside."""
    centre, shop = Centre(district), Shop(district)
    [lid] = district.new_cups()
    batch = centre.passed(lid)
    district.ship(lid, to=district.site(SHOP))
    district.one(Action.STOCK, lid, by=shop.bora, site=district.site(SHOP))
    shop.packed(lid)
    centre.fail(batch)
    credential = pair_device_at(SHOP, district, engine)
    for lang, width in (("ko", 1180), ("en", 390)):
        cookies = {DEVICE_COOKIE: credential, "lang": lang}
        page = open_page(cookies=cookies, width=width, height=844)
        page.goto(f"{live_server.url}/delivery")
        notice = page.locator(".keeper-notice")
        expect(notice).to_be_visible()
        notice.locator("summary").click()
        expect(notice.locator("li")).to_contain_text(format_code(lid))
        assert axe_violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    way = notice.get_by_role("link", name="out on a delivery order")
    expect(way).to_have_attribute("href", "/delivery")
    district.give_back(lid)
    page.goto(f"{live_server.url}/supply")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".keeper-notice")).to_have_count(0)
