"""A courier's phone: signed in, tapped, killed and opened again."""

from pathlib import Path

from playwright.sync_api import Page, Playwright, expect

from tests.browser.live import CHROMIUM, FLAGS, LiveServer
from tests.browser.tablet import Tablet
from tests.browser.till import eventually, kept
from tests.callers import PASSWORD
from tests.moving.drivers_day import picture

READY = "#drive[data-ready='1']"


class Phone(Tablet):
    """A courier's own phone: small, signed in by password, opened, killed and opened again."""

    def __init__(self, driver: Playwright, server: LiveServer, profile: Path) -> None:
        super().__init__(driver, server, profile, "")

    @property
    def context(self):
        if self._context is None:
            self._context = self._driver.chromium.launch_persistent_context(
                self._profile, executable_path=CHROMIUM, headless=True, args=[*FLAGS, *self.flags],
                viewport={"width": 390, "height": 844}, has_touch=True,
            )  # fmt: skip
        return self._context

    def sign_in(self, name: str) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return sign_in(page, self._server, name)

    def open(self, path: str = "/drive") -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(f"{self._server.url}{path}")
        page.wait_for_selector(READY, state="attached")
        return page


def sign_in(page: Page, server: LiveServer, name: str) -> Page:
    page.goto(f"{server.url}/staff/sign-in?next=/drive")
    page.fill("[name=login]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/drive")
    page.wait_for_selector(READY, state="attached")
    return page


def is_on(page: Page, place: str) -> None:
    """The stop of this place, or this screen, stands large."""
    expect(page.locator("#screen h2")).to_have_text(place)


def says(page: Page, words: str) -> None:
    expect(page.locator("#said")).to_have_text(words)


def tap(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def depart(page: Page) -> None:
    """Leaves although not every crate is loaded."""
    tap(page, "출발해요")
    tap(page, "찍은 것만 싣고 출발해요")


def type_in(page: Page, text: str) -> None:
    page.fill("#typed", text)
    page.press("#typed", "Enter")


def take_photo(page: Page) -> None:
    file = {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    page.set_input_files("#photo", [file])  # type: ignore[list-item]
    expect(page.locator("#still")).to_be_visible()


def installed(page: Page) -> None:
    expect(page.locator("#drive")).to_have_attribute("data-installed", "1")
    expect(page.locator("#drive")).to_have_attribute("data-online", "1")


def signed_in(phone: Phone) -> Page:
    """The page is kept, and so is the sign-in: a browser that is closed in peace writes it down."""
    installed(phone.sign_in("kai"))
    phone.close()
    page = phone.open()
    installed(page)
    return page


def all_sent(page: Page) -> None:
    eventually(page, lambda: kept(page) == [], 40)
    expect(page.locator("#unsent")).to_be_hidden()
