"""Every page there is, found by the URL map: axe finds nothing, scripts do not fail, phones need no scrolling sideways."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page

from lending.web.identity import DEVICE_COOKIE, RESIDENT_COOKIE, resident_cookie
from tests.browser.full_district import Made, fill_district
from tests.browser.live import LiveServer, axe_violations
from tests.browser.till import pair_device_at
from tests.browser.visits import visits
from tests.callers import PASSWORD
from tests.personas import BOX, HARU, MINJI, SORA, TOMAS, WASH, Loop

SIZES = {"ko": (1180, 820), "en": (390, 844)}
PHONE = (390, 844)


@pytest.fixture
def made(district: Loop) -> Made:
    return fill_district(district)


@pytest.fixture
def people(
    browser: Browser,
    live_server: LiveServer,
    app: Flask,
    district: Loop,
    engine: sa.Engine,
    made: Made,
) -> Iterator[Callable[[str], dict[str, Page]]]:
    """Opens a page for everybody who uses the site, in one language, signed in as each does it."""
    contexts = []

    def open_all(lang: str) -> dict[str, Page]:
        with app.app_context():
            resident, newcomer = (
                {RESIDENT_COOKIE: resident_cookie(district.town.residents[who], epoch=0)}
                for who in (MINJI, TOMAS)
            )
        cookies: dict[str, dict[str, str]] = {
            "stranger": {}, "resident": resident, "newcomer": newcomer, "officer": {},
            "café": {DEVICE_COOKIE: pair_device_at(HARU, district, engine)},
            "centre": {DEVICE_COOKIE: pair_device_at(WASH, district, engine)},
            "box": {DEVICE_COOKIE: pair_device_at(BOX, district, engine)},
        }  # fmt: skip
        pages = {}
        for name, own in cookies.items():
            context = browser.new_context()
            contexts.append(context)
            for key, value in (own | {"lang": lang}).items():
                context.add_cookies([{"name": key, "value": value, "url": live_server.url}])
            pages[name] = context.new_page()
        sign_in_officer(pages["officer"], live_server.url)
        ask_for_code(pages["stranger"], live_server.url)
        return pages

    yield open_all
    for context in contexts:
        context.close()


def sign_in_officer(page: Page, url: str) -> None:
    """By password; then a resident is looked up, whose page stays open for the officer."""
    page.goto(f"{url}/staff/sign-in")
    page.fill("[name=login]", "olga")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/office")
    page.goto(f"{url}/office/residents")
    page.fill("[name=contact]", MINJI)
    page.fill("[name=reason]", "test")
    page.click("main form[method=post] button[type=submit]")
    page.wait_for_url("**/office/residents/open")


def ask_for_code(page: Page, url: str) -> None:
    page.goto(f"{url}/my/sign-in")
    page.fill("[name=contact]", SORA)
    page.click("main button[type=submit]")
    page.wait_for_url("**/my/sign-in/code**")


# What a page holds does not depend on the database.
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_page_is_for_everybody(
    people: Callable[[str], dict[str, Page]], live_server: LiveServer, app: Flask, district: Loop,
    made: Made, lang: str,
) -> None:  # fmt: skip
    pages = people(lang)
    faults: list[str] = []
    for page in pages.values():
        page.on("console", lambda message: faults.extend(errors_in(message)))
        page.on("pageerror", lambda error: faults.append(str(error)))
    wrong: list[str] = []
    for who, path in visits(app, district, made):
        faults.clear()
        found = look_at(pages[who], live_server.url + path, lang)
        wrong += [f"{path} ({who}): {what}" for what in (*found, *faults)]
    lost = pages["stranger"].goto(f"{live_server.url}/nothing-here")
    assert lost
    assert lost.status == 404
    assert axe_violations(pages["stranger"]) == []
    assert not wrong, "\n".join(wrong)


def look_at(page: Page, address: str, lang: str) -> list[str]:
    """What is wrong with a page: for axe on a tablet in Korean, on a phone in English."""
    width, height = SIZES[lang]
    page.set_viewport_size({"width": width, "height": height})
    answer = page.goto(address)
    assert answer is not None
    kind = answer.headers.get("content-type", "")
    if answer.status != 200 or page.url != address or not kind.startswith("text/html"):
        return [f"answers {answer.status} {kind} at {page.url}"]
    found = axe_violations(page)
    begins = "ko" if page.locator("#box").count() else lang  # a box greets everybody in Korean
    if page.locator("html").get_attribute("lang") != begins:
        found.append("is in another language")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    wide: int = page.evaluate("document.documentElement.scrollWidth")
    return found if wide <= PHONE[0] else [*found, f"is {wide} px wide on a phone"]


def errors_in(message: ConsoleMessage) -> list[str]:
    return [message.text] if message.type == "error" else []
