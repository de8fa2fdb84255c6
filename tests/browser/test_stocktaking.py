"""A stocktaking on two tablets: scanned, typed, without a network and back, ended, repaired."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lending.db import transaction
from lending.loop.codes import make_code
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import Role
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import LiveServer, axe_violations
from tests.browser.till import gun, kept, label, pair_device_at
from tests.callers import PASSWORD
from tests.personas import HARU, NABI
from tests.wares.conftest import Wares

READY = "#count[data-ready='1']"
SIZES = ((1180, 820), (820, 1180), (390, 844))


@pytest.fixture
def open_count(
    open_page: Callable[..., Page], live_server: LiveServer, wares: Wares, engine: sa.Engine
) -> Callable[..., Page]:
    """Opens the counting screen on a tablet of its own at Mina's café."""

    def open_one(lang: str = "ko", **more: int) -> Page:
        credential = pair_device_at(HARU, wares.loop, engine)
        page = open_page(cookies={DEVICE_COOKIE: credential, "lang": lang}, **more)
        page.goto(f"{live_server.url}/wares/stocktaking")
        page.locator("main .btn-primary").click()
        page.wait_for_selector(READY, state="attached")
        return page

    return open_one


def told(page: Page, word: str) -> None:
    expect(page.locator("#stage-word")).to_have_text(word)


def waiting(page: Page, count: int) -> None:
    expect(page.locator("#count")).to_have_attribute("data-waiting", str(count))


def type_quantity(page: Page, number: str, kind: str = "bowl") -> None:
    page.select_option("#kind", kind)
    for key in number:
        page.locator(f"#keypad [data-key='{key}']").click()
    page.get_by_role("button", name="적기").click()


def finish(page: Page) -> None:
    page.get_by_role("button", name="조사 마치기").click()
    page.get_by_role("button", name="마치고 결과 보기").click()
    page.wait_for_selector(".figures")


def test_two_tablets_count_one_shelf_and_the_officer_repairs(
    open_count: Callable[..., Page], open_page: Callable[..., Page], live_server: LiveServer,
    wares: Wares,
) -> None:  # fmt: skip
    loop = wares.loop
    first_cup, second_cup, gone = loop.clean_cups(3)
    [stray] = loop.clean_cups(1, at=NABI)
    wares.buy(50, wares.at(HARU))
    first, second = open_count(), open_count()
    assert first.url == second.url
    gun(first, label(first_cup))
    told(first, "있어요")
    gun(second, label(first_cup))
    told(second, "이미 셌어요")
    gun(second, label(stray), label(second_cup))
    told(second, "있어요")
    gun(first, make_code())
    told(first, "모르는 코드예요")
    gun(first, gone[:-1] + str((int(gone[-1]) + 1) % 10))
    told(first, "번호 한 자리가 틀려요")
    type_quantity(first, "999")
    told(first, "999개 적었어요")
    first.get_by_role("button", name=re.compile("^빼기")).click()
    told(first, "뺐어요")
    type_quantity(first, "30")
    type_quantity(second, "17")
    expect(first.locator("#lines li")).to_have_count(2, timeout=30_000)  # the other's too
    expect(first.locator("#noted")).to_have_text("3")
    finish(first)
    expect(first.locator("main")).to_contain_text("3개 모자람")
    expect(first.get_by_role("button", name="찾은 것 기록하고 정리")).to_have_count(
        0
    )  # the officer's
    assert wares.held(wares.at(HARU)) == 47

    office = officer(open_page(), live_server, wares)
    office.goto(f"{live_server.url}/office/review")
    office.get_by_role("link", name="결과를 보고 맞추기").click()
    expect(office.locator("main")).to_contain_text(f"{gone[:4]}-{gone[4:8]}-{gone[8:]}")
    office.get_by_role("button", name="찾은 것 기록하고 정리").click()
    expect(office.get_by_role("button", name="결정 되돌리기")).to_be_visible()
    assert loop.item(stray).site == loop.town.sites[HARU]
    office.get_by_role("button", name="결정 되돌리기").click()
    expect(office.get_by_role("button", name="찾은 것 기록하고 정리")).to_be_visible()
    assert loop.item(stray).site == loop.town.sites[NABI]
    with office.expect_download() as taken:
        office.get_by_role("link", name="엑셀로 받기").click()
    assert taken.value.suggested_filename.endswith(".xlsx")


def officer(page: Page, live_server: LiveServer, wares: Wares) -> Page:
    """An officer signed in on this page."""
    with transaction(wares.loop.engine) as session:
        new = NewStaff("olga", PASSWORD, Role.OFFICER)
        add_staff(session, district_id=wares.loop.town.id, new=new, now=wares.loop.now)
    page.goto(f"{live_server.url}/staff/sign-in")
    page.fill("[name=login]", "olga")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/office")
    return page


def test_counted_without_a_network_it_outlives_the_page_and_is_sent_once(
    open_count: Callable[..., Page], wares: Wares, live_server: LiveServer
) -> None:
    cups = wares.loop.clean_cups(6)
    wares.buy(12, wares.at(HARU))
    page = open_count()
    gun(page, label(cups[0]))
    told(page, "있어요")
    page.context.set_offline(True)
    gun(page, *(label(cup) for cup in cups[1:]))
    type_quantity(page, "12")
    told(page, "저장했어요")
    waiting(page, 6)
    expect(page.locator("#unsent")).to_contain_text("6건")
    page.get_by_role("button", name="조사 마치기").click()
    expect(page.get_by_role("button", name="마치고 결과 보기")).to_be_disabled()
    address = page.url
    page.goto("about:blank")  # the page is gone; what it kept is not
    page.context.set_offline(False)
    page.goto(address)
    page.wait_for_selector(READY, state="attached")
    waiting(page, 0)
    assert kept(page) == []
    expect(page.locator("#noted")).to_have_text("6")
    expect(page.locator("#lines li")).to_have_count(1)
    finish(page)
    expect(page.locator("main")).to_contain_text("모두 기록과 같아요.")
    assert wares.held(wares.at(HARU)) == 12


def test_what_comes_after_the_end_is_named_and_kept(
    open_count: Callable[..., Page], wares: Wares
) -> None:
    [cup] = wares.loop.clean_cups(1)
    late, other = open_count(), open_count()
    late.context.set_offline(True)
    gun(late, label(cup))
    told(late, "저장했어요")
    finish(other)
    late.context.set_offline(False)
    button = late.get_by_role("button", name="받지 못한 기록 1건 보기")
    with late.expect_response("**/progress"):  # it learns of the end, and stays to tell
        expect(button).to_be_visible()
    button.click()
    expect(late.locator("#refused-list")).to_contain_text(cup[:4])
    late.locator("#refused-list button").click()
    expect(late.locator(".figures")).to_be_visible(timeout=40_000)  # the result


def test_a_gun_under_a_korean_input_method_is_read_by_its_keys(
    open_count: Callable[..., Page], wares: Wares
) -> None:
    [cup] = wares.loop.clean_cups(1)
    page = open_count()
    page.evaluate(
        """code => {
          const jamo = { h: "ㅗ", t: "ㅅ", p: "ㅔ", s: "ㄴ", i: "ㅑ" };
          const press = (key, code) => document.body.dispatchEvent(
            new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }));
          for (const sign of "https") press(jamo[sign], `Key${sign.toUpperCase()}`);
          for (const [key, place] of [["/", "Slash"], ["/", "Slash"]]) press(key, place);
          press("ㅑ", "KeyI");
          press("/", "Slash");
          for (const digit of code) press(digit, `Digit${digit}`);
          press("Enter", "Enter");
        }""",
        cup,
    )
    told(page, "있어요")


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
def test_it_fits_every_screen_and_axe_finds_nothing(
    open_count: Callable[..., Page], wares: Wares, lang: str
) -> None:
    cups = wares.loop.clean_cups(3)
    [stray] = wares.loop.clean_cups(1, at=NABI)
    wares.buy(12, wares.at(HARU))
    for width, height in SIZES:
        page = open_count(lang, width=width, height=height)
        assert axe_violations(page) == []
        gun(page, label(cups[0]))
        expect(page.locator("#stage-cup")).to_contain_text(cups[0][:4])
        assert axe_violations(page) == []
        gun(page, label(stray))
        expect(page.locator("#stage-cup")).to_contain_text(stray[:4])
        gun(page, "readable by nobody")
        expect(page.locator("#stage.tone-bad")).to_be_visible()
        assert axe_violations(page) == []
        page.locator("#keypad [data-key='7']").click()
        page.locator(".keypad-go").click()
        expect(page.locator("#lines li").first).to_be_visible()
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0
        small = page.evaluate(
            "[...document.querySelectorAll('main button, main a, main select')]"
            ".filter(e => e.offsetParent && (e.offsetHeight < 64 || e.offsetWidth < 64))"
            ".map(e => e.outerHTML)"
        )
        assert small == []
        page.locator("#end").click()
        expect(page.locator("#ending")).to_be_visible()
        assert axe_violations(page) == []
