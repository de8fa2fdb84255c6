"""The district office lends to its departments: a booking, a crate, a staff card, the month's list."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from lending.loop.steps import Action, State
from lending.loop.verify import verify
from lending.people.cards import print_cards
from lending.web.identity import DEVICE_COOKIE
from tests.browser.full_district import add_people
from tests.browser.live import PHONE, LiveServer, axe_violations
from tests.browser.test_every_page import sign_in_officer
from tests.browser.till import pair_device_at
from tests.loop.occasions import packed_crate
from tests.personas import BOX, HARU, OFFICE, Loop


@pytest.fixture
def officer(open_page: Callable[..., Page], live_server: LiveServer, district: Loop) -> Page:
    """Olga, who looks after the whole district."""
    add_people(district)
    page = open_page()
    sign_in_officer(page, live_server.url)
    return page


@pytest.fixture
def tablet(
    open_page: Callable[..., Page], district: Loop, engine: sa.Engine
) -> Callable[..., Page]:
    """Opens pages on the office's tablet."""
    credential = pair_device_at(OFFICE, district, engine)
    return lambda **more: open_page(cookies={DEVICE_COOKIE: credential}, **more)


def add_departments(page: Page, url: str, *names: str) -> None:
    page.goto(f"{url}/offices")
    page.get_by_role("link", name="구청").click()
    expect(page.get_by_text("이 주에는 예약이 없어요")).to_be_visible()
    for name in names:
        page.get_by_role("link", name="부서와 카드").click()
        page.get_by_label("부서 이름").fill(name)
        page.get_by_role("button", name="부서 더하기").click()
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
        assert axe_violations(page) == []


def give_card(page: Page, card: str) -> None:
    """A printed card is given to the department whose page is open."""
    page.get_by_label("카드 번호").fill(card)
    page.get_by_role("button", name="이 부서의 카드로").click()
    expect(page.get_by_text("이 카드로 부서 이름으로 빌릴 수 있어요.")).to_be_visible()


def book(page: Page, url: str, title: str, count: int) -> None:
    page.goto(f"{url}/offices")
    page.get_by_role("link", name="새 예약").first.click()
    page.get_by_label("어느 부서인가요?").select_option(label="총무과")
    page.get_by_label("무엇에 쓰나요?").fill(title)
    page.get_by_role("button", name="예약하기").click()  # how many?
    expect(page.get_by_text("하나는 있어야 해요.")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_label("컵 355 mL").fill(str(count))
    page.get_by_role("button", name="예약하기").click()
    expect(page.get_by_text("예약했어요.")).to_be_visible()


def scan(page: Page, code: str, word: str) -> None:
    """A number is typed at the desk, and this is the answer."""
    page.get_by_label("용기나 상자 번호").fill(code)
    page.get_by_role("button", name="적기").click()
    expect(page.locator("#stage-word")).to_have_text(word)


def act(page: Page, words: str) -> None:
    page.locator(".crate-move", has_text=words).click()


def test_a_meeting_gets_a_crate_and_everything_comes_back(
    officer: Page, tablet: Callable[..., Page], live_server: LiveServer, district: Loop
) -> None:
    url = live_server.url
    crate, cups = packed_crate(district, 2, OFFICE)
    add_departments(officer, url, "총무과")
    desk = tablet()
    book(desk, url, "주간 회의", 2)
    assert axe_violations(desk) == []
    desk.get_by_role("link", name="찍어서 주기").click()
    expect(desk.locator("#stage-word")).to_have_text("주간 회의에 줄 것을 찍어 주세요")
    assert axe_violations(desk) == []
    scan(desk, crate, "주었어요")
    expect(desk.locator("#stage-line")).to_contain_text("용기 2개와 함께")
    expect(desk.locator(".booking-out")).to_contain_text("나가 있음 2개")
    scan(desk, crate, "이미 대여 중인 컵이에요.")
    assert district.item(cups[0]).state is State.LENT
    for cup in cups:  # into the box on the ground floor
        district.now = datetime.now(UTC)  # the desk's own clock, or the box would have been first
        district.one(Action.RETURN, cup, ask=False, site=district.site(BOX))
    act(desk, "돌려받기")
    scan(desk, crate, "돌려받았어요")
    desk.get_by_role("link", name="예약", exact=True).click()
    desk.locator(".booking-card", has_text="주간 회의").get_by_role("link").click()
    expect(desk.get_by_text("다 돌아왔어요")).to_be_visible()
    assert axe_violations(desk) == []
    assert list(verify(district.engine)) == []


def test_another_kind_than_was_booked_is_given_with_a_word(
    officer: Page, tablet: Callable[..., Page], live_server: LiveServer, district: Loop
) -> None:
    booked, other = district.clean_cup(OFFICE), district.clean_cup(OFFICE, "cup-473")
    add_departments(officer, live_server.url, "총무과")
    desk = tablet()
    book(desk, live_server.url, "주간 회의", 2)
    desk.get_by_role("link", name="찍어서 주기").click()
    expect(desk.locator("#stage-word")).to_have_text("주간 회의에 줄 것을 찍어 주세요")
    scan(desk, booked, "주었어요")
    expect(desk.locator(".booking-kinds")).to_contain_text("예약 2 · 준 것 1")
    scan(desk, other, "주었지만 예약에 없는 종류예요")
    expect(desk.locator("#stage-next")).to_contain_text("예약한 것은 컵 355 mL 2개예요.")
    expect(desk.locator(".booking-kinds .is-other")).to_contain_text("준 것 1")
    assert axe_violations(desk) == []
    desk.set_viewport_size({"width": 390, "height": 844})
    assert desk.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    desk.get_by_role("link", name="주간 회의").click()
    desk.get_by_role("row", name=re.compile("컵 473 mL")).get_by_role("button").click()
    expect(desk.locator(".booking-kinds")).to_have_text(re.compile("예약 2 · 준 것 1"))
    expect(desk.locator(".booking-kinds .is-other")).to_have_count(0)
    assert district.item(other).state is State.READY


def test_a_staff_card_borrows_one_by_one_and_the_month_lists_it(
    officer: Page, tablet: Callable[..., Page], live_server: LiveServer, district: Loop
) -> None:
    url = live_server.url
    first, second = district.clean_cups(2, OFFICE)
    (card,) = district.write(
        partial(print_cards, district_id=district.town.id, count=1, now=datetime.now(UTC))
    )
    add_departments(officer, url, "문화과")
    give_card(officer, card)
    desk = tablet()
    desk.goto(f"{url}/offices/desk")
    act(desk, "직원카드로 주기")
    scan(desk, first, "직원카드를 먼저 찍어 주세요")
    scan(desk, card, "카드를 읽었어요")
    scan(desk, first, "주었어요")
    act(desk, "직원카드로 주기")
    scan(desk, card, "카드를 읽었어요")
    desk.get_by_label("용기나 상자 번호").fill(second)
    desk.get_by_role("button", name="적기").click()
    expect(desk.locator("#stage.tone-bad")).to_be_visible()
    assert district.item(second).state is State.READY
    desk.get_by_role("link", name="부서별 한 달").click()
    row = desk.get_by_role("row", name=re.compile("문화과"))
    expect(row).to_contain_text("컵 355 mL")
    assert axe_violations(desk) == []
    check_files(desk)


def check_files(page: Page) -> None:
    """The list as CSV and XLSX, after a reason was given."""
    page.get_by_label("받는 까닭").fill("부서 보고")
    files: dict[str, bytes] = {}
    for name in ("CSV", "XLSX"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        files[name] = download.value.path().read_bytes()
    rows = list(csv.reader(io.StringIO(files["CSV"].decode("utf-8-sig"))))
    assert rows[-1] == ["문화과", "컵 355 mL", "1", "1", "1", "0", "0", "1"]
    sheet: Any = load_workbook(io.BytesIO(files["XLSX"])).worksheets[0]
    assert [cell.value for cell in sheet[2]] == ["문화과", "컵 355 mL", 1, 1, 1, 0, 0, 1]
    assert sheet["A1"].value == "부서"


def test_what_is_scanned_without_a_network_is_told_later(
    officer: Page, tablet: Callable[..., Page], live_server: LiveServer, district: Loop
) -> None:
    (cup,) = district.clean_cups(1, OFFICE)
    add_departments(officer, live_server.url, "총무과")
    desk = tablet()
    book(desk, live_server.url, "회의", 1)
    desk.get_by_role("link", name="찍어서 주기").click()
    expect(desk.locator("#stage-word")).to_have_text("회의에 줄 것을 찍어 주세요")
    desk.context.set_offline(True)
    scan(desk, cup, "적어 두었어요")
    desk.context.set_offline(False)
    expect(desk.locator("#stage-word")).to_have_text("주었어요")
    assert district.item(cup).state is State.LENT


def test_a_phone_shows_the_week_without_scrolling_sideways(
    officer: Page, tablet: Callable[..., Page], live_server: LiveServer, district: Loop
) -> None:
    add_departments(officer, live_server.url, "총무과")
    phone = tablet(**PHONE)
    book(phone, live_server.url, "주간 회의", 3)
    for path in ("/offices", "/offices/desk", "/offices/month", "/offices/new"):
        phone.goto(live_server.url + path)
        wide = phone.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, path


def test_a_cafe_has_no_departments(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop, engine: sa.Engine
) -> None:
    page = open_page(cookies={DEVICE_COOKIE: pair_device_at(HARU, district, engine)})
    for path in ("/offices", "/offices/desk", "/offices/month", "/offices/new"):
        answer = page.goto(live_server.url + path)
        assert answer is not None
        assert answer.status == 403, path
