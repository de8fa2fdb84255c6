"""What the till weighs on its first load, over a real wire."""

import gzip
from collections.abc import Callable

from playwright.sync_api import Page, Response, expect

from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import LiveServer
from tests.browser.till import go_offline, knows
from tests.personas import Loop

HEAVIEST = 150 * 1024  # bytes, gzip


def test_the_first_load_is_light_and_the_reader_comes_later(
    open_page: Callable[..., Page], live_server: LiveServer, tablet: str, district: Loop
) -> None:
    district.clean_cups(3)
    page = open_page(cookies={DEVICE_COOKIE: tablet})
    loaded: list[Response] = []
    page.on("response", lambda answer: loaded.append(answer))
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    sizes: dict[str, float] = {}
    wire.on(
        "Network.loadingFinished",
        lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]}),
    )
    names: dict[str, str] = {}
    wire.on(
        "Network.responseReceived",
        lambda told: names.update({told["requestId"]: told["response"]["url"]}),
    )
    page.goto(f"{live_server.url}/scan")
    knows(page)
    first = [one for one in loaded if one.request.service_worker is None]
    heavy = ("zxing_reader", ".woff2", "/reader-")
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
    early = page.evaluate(
        """() => {
          const paint = performance.getEntriesByName("first-contentful-paint")[0].startTime;
          return performance.getEntriesByType("resource")
            .filter(one => one.startTime < paint).map(one => one.name);
        }"""
    )
    assert not [name for name in early if any(part in name for part in heavy)]
    assert not [one.url for one in first if ".woff2" in one.url]
    weight = sum(packed(one) for one in first if not any(part in one.url for part in heavy))
    print(f"/scan: {weight / 1024:.1f} KB gzip in {len(first)} requests")
    assert 10 * 1024 < weight <= HEAVIEST
    # What really went over this wire, packed or not, is no more than that either.
    sent = sum(
        size for id, size in sizes.items() if not any(part in names.get(id, "") for part in heavy)
    )
    assert sent <= HEAVIEST, f"{sent / 1024:.1f} KB"
    # The reader is there before anybody opens the camera, network or not.
    expect(page.locator("#till")).to_have_attribute("data-installed", "1")
    go_offline(page)
    wasm = "fetch(document.getElementById('till').dataset.wasm).then(a => a.arrayBuffer())"
    assert page.evaluate(f"{wasm}.then(b => b.byteLength)") > 500_000


def packed(answer: Response) -> int:
    """Bytes of a body as a server with gzip sends it."""
    body = answer.body()
    return len(gzip.compress(body, 6))
