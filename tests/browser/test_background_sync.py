"""What waits is sent by the service worker too, when no page of the station is open any more."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from lending.loop.steps import State
from lending.web.identity import DEVICE_COOKIE
from tests.browser.box import IS_KEPT, give, show_box
from tests.browser.box import told as box_told
from tests.browser.live import LiveServer
from tests.browser.offline import REQUESTS
from tests.browser.till import eventually, kept
from tests.personas import Loop


def sync(page: Page, server: LiveServer, scope: str) -> None:
    """The browser finds the network again, as its own tools can tell it to."""
    tools = page.context.new_cdp_session(page)
    found: dict[str, Any] = {}
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.update({one["scopeURL"]: one for one in told["registrations"]}),
    )
    tools.send("ServiceWorker.enable")
    eventually(page, lambda: f"{server.url}{scope}" in found)
    tools.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": server.url,
            "registrationId": found[f"{server.url}{scope}"]["registrationId"],
            "tag": "station-send",
            "lastChance": True,
        },
    )


def test_the_returns_of_a_box_are_sent_without_its_page(
    open_page: Callable[..., Page], live_server: LiveServer, box_tablet: str, district: Loop
) -> None:
    cup = district.lent_cup()
    page = open_page(cookies={DEVICE_COOKIE: box_tablet})
    show_box(page, live_server)
    eventually(page, lambda: page.evaluate(IS_KEPT))
    page.route(REQUESTS, lambda route: route.abort())  # the page itself never sends
    give(page, cup)
    box_told(page, "고마워요! 반납했어요")
    page.goto(f"{live_server.url}/healthz")
    sync(page, live_server, "/return")
    eventually(page, lambda: kept(page) == [])
    assert district.item(cup).state is State.RETURNED
