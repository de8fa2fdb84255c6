"""A resident's phone: signing in, self-scan, every page."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lending.db import transaction
from lending.notices.drafts import open_draft
from lending.notices.outbox import claim_messages
from lending.people.contacts import ContactKind
from lending.web.identity import RESIDENT_COOKIE
from tests.browser.live import PHONE, LiveServer, axe_violations
from tests.personas import SORA, Loop


def test_a_stranger_signs_in_and_scans_a_cup(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop
) -> None:
    """From the cup's QR through the door and the notice to the confirmation for the staff."""
    cup, second = district.clean_cups(2)
    phone = open_page(**PHONE)
    phone.goto(f"{live_server.url}/i/{cup}")
    phone.get_by_role("link", name="빌리기", exact=True).click()
    phone.get_by_label("휴대폰 번호 또는 이메일").fill(SORA)
    phone.get_by_role("button", name="인증번호 받기").click()
    phone.get_by_role("textbox", name="인증번호").fill(sent_code(district))
    phone.get_by_role("button", name="들어가기").click()
    phone.get_by_label("읽었어요. 저는 만 14세 이상이에요.").check()
    phone.get_by_role("button", name="시작하기").click()
    phone.wait_for_url(f"**/i/{cup}")
    phone.get_by_role("button", name="빌리기", exact=True).click()
    expect(phone.get_by_role("heading", name="빌렸어요")).to_be_visible()
    expect(phone.locator(".borrowed-count")).to_have_text("컵 1개")
    clock = phone.locator("#clock")
    expect(clock).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
    before = clock.inner_text()
    expect(clock).not_to_have_text(before)
    phone.goto(f"{live_server.url}/i/{second}")
    phone.get_by_role("button", name="빌리기", exact=True).click()
    expect(phone.locator(".borrowed-count")).to_have_text("컵 2개")
    phone.get_by_role("link", name="내 컵 보기").click()
    expect(phone.get_by_role("heading", name="빌린 컵 2개")).to_be_visible()
    assert district.loans(cup)[0].closed_at is None


def sent_code(loop: Loop) -> str:
    """The one-time code that waits in the outbox."""
    with transaction(loop.engine) as session:
        [message] = claim_messages(session, kinds=list(ContactKind), limit=9, now=datetime.now(UTC))
    found = re.search(r"\d{6}", open_draft(loop.keys, message)[1])
    assert found
    return found[0]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_page_is_accessible_and_fits(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop, minji: str, lang: str
) -> None:
    """axe finds nothing, and nothing has to be scrolled sideways on a small phone or a desk."""
    district.now = datetime.now(UTC) - timedelta(minutes=30)
    out, back, ready = district.clean_cups(3)
    lent = district.lend(out)
    district.lend(back)
    district.give_back(back)
    with transaction(district.engine) as session:
        session.execute(sa.text("UPDATE district SET helpdesk = '032-560-0000', is_demo = true"))
    signed = open_page(cookies={RESIDENT_COOKIE: minji, "lang": lang}, **PHONE)
    stranger = open_page(cookies={"lang": lang}, **PHONE)
    pages = [
        (stranger, "/my/sign-in"), (stranger, f"/i/{ready}"), (stranger, "/i/123456789012"),
        (stranger, "/i/"), (stranger, "/demo/inbox"), (signed, "/my"), (signed, "/my/history"),
        (signed, "/my/settings"), (signed, "/my/erase"), (signed, f"/my/cups/{lent.id}/returned"),
        (signed, f"/i/{ready}"), (signed, f"/i/{out}"), (signed, f"/my/borrowed/{lent.id}"),
        (signed, "/my/not-borrowed/cup"), (signed, "/my/not-borrowed/pause"),
        (signed, "/my/offline"),
    ]  # fmt: skip
    for page, path in pages:
        page.goto(live_server.url + path)
        page.wait_for_load_state("networkidle")
        assert axe_violations(page) == [], path
        for width in (360, 1280, PHONE["width"]):
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{path} is {wide} px wide"
    with transaction(district.engine) as session:
        session.execute(sa.text("UPDATE resident SET terms_agreed_at = NULL"))
    signed.goto(f"{live_server.url}/my/welcome")
    assert axe_violations(signed) == []
    stranger.goto(f"{live_server.url}/my/sign-in")
    stranger.locator("[name=contact]").fill(SORA)
    stranger.locator("main button[type=submit]").click()
    stranger.wait_for_url("**/my/sign-in/code**")
    assert axe_violations(stranger) == []
