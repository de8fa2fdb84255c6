"""A café asks for cups and for collection at its tablet, a box's keeper empties it."""

import re
from collections.abc import Callable

import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from lending.moving.tables import SupplyLevel, SupplyOrder
from lending.requests.round_tables import CollectRequest
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import PHONE, LiveServer, axe_violations
from tests.personas import Loop


def test_from_the_till_to_a_request(open_station: Callable[..., Page], district: Loop) -> None:
    district.clean_cups(3)
    till = open_station()
    till.get_by_role("link", name="컵·수거 요청").click()
    expect(till.get_by_role("heading", name="컵 요청")).to_be_visible()
    row = till.locator(".ask-kind").filter(has_text="컵 355 mL")
    expect(row.locator("dd").first).to_have_text("3")
    row.get_by_role("button", name="보내 주세요").dblclick()  # it is one request
    expect(till.locator("#asked li")).to_contain_text("컵 355 mL 20개")
    expect(till.locator("#asked li")).to_have_count(1)
    with Session(district.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(SupplyOrder)) == 1
    till.get_by_role("button", name=re.compile("^거두기")).click()
    expect(till.locator("#asked")).to_have_count(0)
    till.get_by_role("link", name="스캔", exact=True).first.click()
    expect(till.locator("#stage")).to_be_visible()


def test_by_itself_and_collected(
    open_page: Callable[..., Page], live_server: LiveServer, tablet: str, district: Loop
) -> None:
    district.clean_cups(3)
    page = open_page(cookies={DEVICE_COOKIE: tablet}, **PHONE)
    page.goto(f"{live_server.url}/supply")
    row = page.locator(".ask-kind").filter(has_text="컵 355 mL")
    row.locator("summary").click()
    row.get_by_label("남은 컵이 이보다 적어지면").fill("20")
    row.get_by_label("여기까지 채우기").fill("60")
    assert axe_violations(page) == []
    row.get_by_role("button", name="알아서 보내기").click()
    expect(row.locator("summary")).to_contain_text("20개 아래면 60개까지 알아서 보내요")
    row.locator("summary").click()
    row.get_by_role("button", name="그만 보내기").click()
    expect(row.locator("summary")).to_have_text("알아서 보내 주세요")
    page.get_by_label("상자 수").fill("2")
    page.get_by_label("전할 말").fill("뒷문")
    page.get_by_role("button", name="가득 찼어요").click()
    expect(page.locator("#collect li")).to_contain_text("상자 2개")
    with Session(district.engine) as session:
        assert session.scalars(sa.select(SupplyLevel)).all() == []
        assert session.scalars(sa.select(CollectRequest.note)).all() == ["뒷문"]
    page.get_by_role("button", name=re.compile("^거두기")).click()
    expect(page.locator("#collect li")).to_have_count(0)
