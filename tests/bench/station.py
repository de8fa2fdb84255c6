"""From a beep to its shown answer, in Chromium before a local server: asked online, decided offline."""

import statistics
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Page, sync_playwright

from lending.db import transaction
from lending.people.devices import make_pairing, pair_device
from lending.web.identity import DEVICE_COOKIE
from tests.bench.camera import CHROMIUM
from tests.bench.servers import serving
from tests.bench.setting import Setting
from tests.bench.world import make_world, write_log

SERVER = "lending.wsgi:make_server_application()"
STANDING = 5_000  # pieces of this place, so that the snapshot is as large as it may be

# One cup after the other, key by key; each when the one before is shown. The time runs from the
# last key to the first frame in which the stage shows that cup with what became of it.
BEEP = """async (codes) => {
  const stage = document.getElementById("stage"), cup = document.getElementById("stage-cup");
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const press = (code, key) =>
    window.dispatchEvent(new KeyboardEvent("keydown", { code, key, bubbles: true, cancelable: true }));
  const answered = (code) =>
    cup.textContent.replaceAll("-", "").includes(code) && stage.classList.contains("tone-back");
  const spent = [];
  for (const code of codes) {
    await pause(60);
    const shown = new Promise((resolve) => {
      const watcher = new MutationObserver(() => {
        if (!answered(code)) return;
        watcher.disconnect();
        requestAnimationFrame(() => resolve(performance.now()));
      });
      watcher.observe(stage, { subtree: true, childList: true, characterData: true, attributes: true });
    });
    for (const sign of code) press("Digit" + sign, sign);
    const began = performance.now();
    press("Enter", "Enter");
    spent.push((await shown) - began);
  }
  return spent;
}"""

# What a beep cannot do without: one durable write of the browser, one request to our server.
WRITE = """async (times) => {
  const db = await new Promise((resolve) => {
    const opening = indexedDB.open("bench", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("rows");
    opening.onsuccess = () => resolve(opening.result);
  });
  const spent = [];
  for (let number = 0; number < times; number += 1) {
    const began = performance.now();
    const writing = db.transaction("rows", "readwrite", { durability: "strict" });
    writing.objectStore("rows").put({ number }, number);
    await new Promise((resolve) => (writing.oncomplete = resolve));
    spent.push(performance.now() - began);
  }
  return spent;
}"""
ASK = """async (times) => {
  const spent = [];
  for (let number = 0; number < times; number += 1) {
    const began = performance.now();
    await (await fetch("/form-token", { cache: "no-store" })).json();
    spent.push(performance.now() - began);
  }
  return spent;
}"""


def measure_station(setting: Setting, *, beeps: int) -> dict[str, Any]:
    """Rows of milliseconds: beeps online and offline, beside one durable write and one request."""
    world = make_world(setting.engine)
    here = replace(world, wash=world.cafe)  # the whole story of these pieces lies at the café
    codes = write_log(setting.engine, here, items=STANDING, scans=4, lent=True)
    with transaction(setting.engine) as session:
        now = datetime.now(UTC)
        pairing = make_pairing(
            session, district_id=world.district, site_id=world.cafe, name="bench", by=None, now=now
        )
        credential = pair_device(session, secret=pairing.secret, now=now).credential
    with serving(SERVER, setting.environ) as port, sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(locale="ko-KR")
        page.context.add_cookies(
            [{"name": DEVICE_COOKIE, "value": credential, "url": f"http://localhost:{port}"}]
        )
        page.goto(f"http://localhost:{port}/scan")
        page.wait_for_selector("#till[data-known][data-online='1']", state="attached")
        rows = [_row("a durable write in the browser", page.evaluate(WRITE, beeps))]
        rows.append(_row("a request of nothing", page.evaluate(ASK, beeps)))
        page.evaluate(BEEP, codes[:5])  # warm
        rows.append(_row("beep online", page.evaluate(BEEP, codes[5 : 5 + beeps])))
        _go_offline(page)
        rows.append(_row("beep offline", page.evaluate(BEEP, codes[5 + beeps : 5 + 2 * beeps])))
        browser.close()
    return {"rows": rows, "pieces in the snapshot": STANDING}


def _go_offline(page: Page) -> None:
    page.context.set_offline(True)
    page.wait_for_selector("#till[data-online='0']", state="attached")


def _row(what: str, spent: list[float]) -> dict[str, Any]:
    ordered = sorted(spent)
    at = {share: round(ordered[int(len(ordered) * share)], 1) for share in (0.95, 0.99)}
    return {
        "what": what,
        "per_second": round(1000 * len(ordered) / sum(ordered)),
        "p50": round(statistics.median(ordered), 1),
        "p95": at[0.95],
        "p99": at[0.99],
    }
