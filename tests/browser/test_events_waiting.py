"""The hall opens its link before there is a statement: it sees when that is due, and later the statement."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.halls import fits
from tests.browser.halls import halls as halls
from tests.browser.halls import officer as officer
from tests.browser.halls import tablets as tablets
from tests.browser.live import PHONE, LiveServer, axe_violations
from tests.events.halls import Halls
from tests.personas import WASH

BEGUN = ".wait-steps .is-now"


@pytest.mark.usefixtures("district")
def test_the_halls_link_tells_when_the_statement_is_due_and_then_shows_it(
    halls: Halls, officer: Page, tablets: Callable[..., Page], open_page: Callable[..., Page],
    live_server: LiveServer,
) -> None:  # fmt: skip
    event = halls.plan()
    packed = halls.out(event, bowl=100)
    path = f"/events/{event.id}"

    # the office passes the address on while the crate is still out
    officer.goto(f"{live_server.url}{path}")
    officer.get_by_role("link", name="수량 확인서").click()
    expect(officer.locator(".alert-title")).to_have_text("아직 세기 전이에요")
    fits(officer, 44)
    address = officer.locator("input.link").input_value()

    phone = open_page(**PHONE, cookies={"lang": "ko"})
    phone.goto(address)
    expect(phone.locator(BEGUN)).to_contain_text("상자 1개 가운데 0개 돌아왔어요")
    expect(phone.locator("main")).to_contain_text("모두 들어오면 세척장이 그때부터 24시간 안에")
    halls.back(packed)
    halls.fetch(packed.crate)
    halls.sweep()
    phone.reload()
    expect(phone.locator(BEGUN)).to_have_text("세척장이 세기")
    due = phone.locator(".alert").inner_text()
    assert "까지 하기로 했어요" in due and "늦어지고" not in due

    # it is counted: the hall sees that, and no number before the centre confirms
    count = open_count(tablets, f"{path}/count")
    phone.reload()
    expect(phone.locator(BEGUN)).to_have_text("세척장이 확인하기")
    expect(phone.locator("main table")).to_have_count(0)
    assert "97" not in phone.locator("main").inner_text()
    for lang in ("ko", "en"):
        phone.context.add_cookies([{"name": "lang", "value": lang, "url": live_server.url}])
        phone.reload()
        expect(phone.locator("html")).to_have_attribute("lang", lang)
        assert axe_violations(phone) == []
        fits(phone, 44)
    phone.context.add_cookies([{"name": "lang", "value": "ko", "url": live_server.url}])
    assert count.locator("input.link").input_value() == address
    count.get_by_role("button", name="맞아요, 장례식장에 보낼게요").click()
    expect(count.locator("main")).to_contain_text("확인했어요.")

    phone.reload()
    expect(phone.locator("main")).to_contain_text("부족 3개 · 파손 0개")
    phone.fill("#name-right", "실장")
    phone.get_by_role("button", name="네, 맞아요").click()
    expect(phone.locator("main")).to_contain_text("맞다고 했어요")
    halls.check()


def open_count(tablets: Callable[..., Page], path: str) -> Page:
    """The centre counts 97 of the 100 bowls; its page of the statement."""
    count = tablets(WASH, path)
    count.locator("[name=found-bowl]").fill("97")
    count.click("#count .go")
    count.wait_for_url("**/statement")
    return count
