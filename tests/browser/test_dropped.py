"""A phone says “I dropped it”: on /my, on the cup's page and at a box's QR; for everybody to use."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from lending.loop.codes import format_code
from lending.web.identity import RESIDENT_COOKIE
from tests.browser.live import LiveServer, axe_violations
from tests.drops import claims, lend_of
from tests.personas import BOX, MINJI, NABI, Loop

PORTRAIT = {"width": 390, "height": 844}
LANDSCAPE = {"width": 844, "height": 390}
LEAST = 44  # CSS pixels, of everything that can be pressed

SMALL = """(least) => [...document.querySelectorAll('main :is(a, button, select, input)')]
  .filter((one) => one.type !== 'hidden' && one.checkVisibility())
  .map((one) => [one.textContent.trim().slice(0, 30) || one.name, one.getBoundingClientRect()])
  .filter(([, box]) => box.width < least || box.height < least)
  .map(([words, box]) => `${words}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""


@pytest.fixture
def cups(district: Loop) -> list[str]:
    """Three cups that Minji has had for two days."""
    loop = district
    loop.now = datetime.now(UTC) - timedelta(days=3)
    made = loop.clean_cups(3)
    loop.now = datetime.now(UTC) - timedelta(days=2)
    for cup in made:
        loop.lend(cup, MINJI)
    loop.now = datetime.now(UTC)
    return made


@pytest.fixture
def phone(open_page: Callable[..., Page], minji: str, cups: list[str]) -> Callable[[str], Page]:
    def open_phone(lang: str) -> Page:
        cookies = {RESIDENT_COOKIE: minji, "lang": lang}
        return open_page(cookies=cookies, **PORTRAIT, has_touch=True)

    return open_phone


def check(page: Page) -> None:
    """For axe, fingers and narrow screens, in both orientations."""
    for size in (PORTRAIT, LANDSCAPE):
        page.set_viewport_size(size)
        assert axe_violations(page) == []
        assert page.evaluate(SMALL, LEAST) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.set_viewport_size(PORTRAIT)


# What a page holds does not depend on the database.
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
@pytest.mark.parametrize(
    ("lang", "already", "submit", "here", "found"),
    [
        ("ko", "이미 돌려줬어요", "알려 주기", "여기에 넣었어요", "찾았어요, 제가 갖고 있어요"),
        ("en", "Already brought back", "Tell us", "I left it here", "Found it, I have it"),
    ],
)
def test_said_on_my_on_the_cup_and_at_the_box(
    phone: Callable[[str], Page], live_server: LiveServer, district: Loop, cups: list[str],
    lang: str, already: str, submit: str, here: str, found: str,
) -> None:  # fmt: skip
    page, loop = phone(lang), district
    page.goto(f"{live_server.url}/my")
    check(page)
    card = page.locator("li.card", has_text=format_code(cups[0]))
    card.get_by_role("link", name=already).click()
    page.wait_for_url("**/dropped")
    page.select_option("[name=site]", loop.site(NABI))
    check(page)
    page.get_by_role("button", name=submit).click()
    page.wait_for_url("**/my")
    expect(page.get_by_role("button", name=found)).to_be_visible()
    check(page)

    page.goto(f"{live_server.url}/i/{cups[1]}")
    check(page)
    page.get_by_role("link", name=already).click()
    page.wait_for_url(f"**/my/cups/{lend_of(loop, cups[1])}/dropped")

    page.goto(f"{live_server.url}/p/{loop.site(BOX)}")
    taps = page.get_by_role("button", name=here)
    expect(taps).to_have_count(2)
    check(page)
    taps.first.tap()
    expect(taps).to_have_count(1)
    check(page)
    assert [claim.site_id for claim in claims(loop)] == [
        loop.town.sites[NABI], loop.town.sites[BOX],
    ]  # fmt: skip

    page.goto(f"{live_server.url}/my")
    page.get_by_role("button", name=found).first.focus()
    page.keyboard.press("Enter")  # by keyboard too
    expect(page.get_by_role("button", name=found)).to_have_count(1)

    page.goto(f"{live_server.url}/p/NOWHERE")
    check(page)
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/p/{loop.site(BOX)}")
    check(page)
