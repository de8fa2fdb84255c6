"""The officer's desk in a browser: every page clean by axe in both languages, labels with progress."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from config import Config
from lending.db import transaction
from lending.labels.work import run_label_jobs
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import Role
from tests.browser.live import LiveServer, axe_violations
from tests.callers import PASSWORD
from tests.drops import ask_desk, drop_loan
from tests.personas import HARU, MINJI, Loop

PAGES = (
    "/office", "/office/loans", "/office/loans/unreachable", "/office/residents",
    "/office/review", "/office/month", "/office/settings", "/office/start", "/office/district",
    "/office/sites", "/office/kinds", "/office/terms", "/office/terms/new", "/office/limits",
    "/office/staff", "/office/tokens", "/office/devices", "/office/cards", "/office/labels",
    "/office/access-log",
)  # fmt: skip


@pytest.fixture
def desk(
    district: Loop, engine: sa.Engine, open_page: Callable[..., Page], live_server: LiveServer
) -> Callable[..., Page]:
    """The desk after the officer signed in; things stand in every list."""
    loop = district
    lends = [loop.loans(loop.lent_cup(who))[0].id for who in (MINJI, MINJI, None)]
    loop.give_back(loop.lent_cup(MINJI))
    drop_loan(loop, lends[0])
    ask_desk(loop)
    with transaction(engine) as session:
        new = NewStaff("olga", PASSWORD, Role.OFFICER)
        add_staff(session, district_id=loop.town.id, new=new, now=datetime.now(UTC))

    def open_desk(lang: str = "ko", **more: int) -> Page:
        page = open_page(cookies={"lang": lang}, **more)
        page.goto(f"{live_server.url}/staff/sign-in")
        page.fill("[name=login]", "olga")
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url("**/office")
        return page

    return open_desk


@pytest.mark.parametrize(("lang", "width", "height"), [("ko", 1180, 820), ("en", 390, 844)])
def test_axe_finds_nothing_and_no_page_is_wider_than_the_screen(
    desk: Callable[..., Page], live_server: LiveServer, lang: str, width: int, height: int
) -> None:
    page = desk(lang, width=width, height=height)
    wrong: dict[str, list[str]] = {}
    for path in PAGES:
        page.goto(live_server.url + path)
        found = axe_violations(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append("wider than the screen")
        if found:
            wrong[path] = found
    assert not wrong


def test_a_person_is_looked_up_and_their_page_is_clean(
    desk: Callable[..., Page], live_server: LiveServer
) -> None:
    page = desk()
    page.goto(f"{live_server.url}/office/residents")
    page.fill("[name=contact]", MINJI)
    page.fill("[name=reason]", "본인이 전화함")
    page.click("text=찾기 >> nth=-1")
    expect(page.locator("h1")).to_have_text("010-****-6789")  # no page holds a plain number
    assert axe_violations(page) == []
    page.click("text=열기 >> nth=0")
    expect(page.locator("h2").first).to_have_text("이 대여")
    assert axe_violations(page) == []


def test_a_label_order_shows_its_progress_and_then_the_file(
    desk: Callable[..., Page], live_server: LiveServer, engine: sa.Engine, config: Config
) -> None:
    page = desk()
    page.goto(f"{live_server.url}/office/labels")
    page.fill("[name=count]", "108")
    page.click("text=인쇄 준비")
    expect(page.locator("progress")).to_have_attribute("max", "108")
    assert axe_violations(page) == []
    run_label_jobs(
        engine,
        folder=config.instance / "labels",
        public_url=live_server.url,
        clock=lambda: datetime.now(UTC),
    )
    expect(page.locator("text=PDF 받기")).to_be_visible()
    with page.expect_download() as taken:
        page.click("text=PDF 받기")
    assert taken.value.suggested_filename.endswith(".pdf")


def test_the_month_is_taken_as_one_file_and_at_once_as_the_other(
    desk: Callable[..., Page], live_server: LiveServer
) -> None:
    page = desk()
    page.goto(f"{live_server.url}/office/month")
    page.fill("[name=reason]", "의회 보고")
    for kind in ("csv", "xlsx"):
        with page.expect_download() as taken:
            page.click(f"button[value={kind}]")
        assert taken.value.suggested_filename.endswith(kind)


def test_a_tablet_is_paired_by_the_address_in_the_qr(
    desk: Callable[..., Page],
    open_page: Callable[..., Page],
    live_server: LiveServer,
    district: Loop,
) -> None:
    page = desk()
    page.goto(f"{live_server.url}/office/devices")
    page.select_option("[name=site]", district.site(HARU))
    page.fill("[name=name]", "계산대")
    page.click("text=연결 QR 만들기")
    expect(page.locator(".pairing-qr svg")).to_be_visible()
    assert axe_violations(page) == []
    tablet = open_page()
    tablet.goto(page.locator("code.secret").text_content() or "")
    tablet.click("#pair-go")
    tablet.wait_for_url("**/scan*")
