"""How well the reader reads: our own label under each condition, fed to its worker in Chromium."""

import functools
import json
import os
import statistics
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.photos_of_labels.__main__ import make_photos

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "static" / "build"
CHROMIUM = os.environ.get("LENDING_CHROMIUM", "/usr/bin/chromium")
LOOKS = 4  # a camera that finds nothing looks in another way, four ways in turn

# Each picture is looked at in one way after the other until all its codes were seen.
FEED = """async ({ wasm, reader, pictures, looks }) => {
  const worker = new Worker(reader, { type: "module" });
  const ask = (message, given = []) => new Promise((resolve) => {
    worker.addEventListener("message", ({ data }) => resolve(data), { once: true });
    worker.postMessage(message, given);
  });
  await ask({ wasm });
  const results = [];
  for (const { file, codes } of pictures) {
    const blob = await (await fetch("/pictures/" + file)).blob();
    const many = codes.length > 1;
    const seen = new Set();
    const result = { read: [], spent: [], texts: [] };
    for (let turn = 0; turn < looks; turn += 1) {
      const picture = await createImageBitmap(blob);
      const began = performance.now();
      const answer = await ask({ picture, turn, many }, [picture]);
      result.spent.push(performance.now() - began);
      for (const { text } of answer.codes) seen.add(text);
      result.read.push(codes.filter((code) => [...seen].some((text) => text.endsWith("/i/" + code))).length);
      if (codes.length && result.read.at(-1) === codes.length) break;
    }
    result.texts = [...seen];
    results.push(result);
  }
  worker.terminate();
  return results;
}"""


def measure_camera(*, each: int) -> dict[str, Any]:
    """One row for each condition: rates in percent of the labels shown, times in milliseconds."""
    with tempfile.TemporaryDirectory(prefix="lending-photos-") as folder:
        pictures = make_photos(Path(folder), each=each)
        with serving_built(Path(folder)) as address, _page(address) as page:
            results = page.evaluate(
                FEED, reader_addresses() | {"pictures": pictures, "looks": LOOKS}
            )
    by_condition = defaultdict(list)
    for picture, result in zip(pictures, results, strict=True):
        by_condition[picture["condition"]].append((picture["codes"], result))
    rows = [_row(name, pairs) for name, pairs in by_condition.items()]
    return {"conditions": rows, "false reads": sum(row["false"] for row in rows)}


def reader_addresses() -> dict[str, str]:
    """Where the worker and its module lie on that server."""
    built = json.loads((BUILT / "manifest.json").read_text())
    return {
        "reader": f"/{built['shared/scan/reader.js']}",
        "wasm": f"/{built['shared/zxing_reader.wasm']}",
    }


def _row(name: str, pairs: list[tuple[list[str], dict[str, Any]]]) -> dict[str, Any]:
    shown = sum(len(codes) for codes, _ in pairs)
    first = sum(result["read"][0] for _, result in pairs)
    last = sum(result["read"][-1] for _, result in pairs)
    wrong = sum(
        not any(text.endswith(f"/i/{code}") for code in codes)
        for codes, result in pairs
        for text in result["texts"]
    )
    spent = sorted(ms for _, result in pairs for ms in result["spent"])
    return {
        "what": name,
        "pictures": len(pairs),
        "labels": shown,
        "first": round(100 * first / shown, 1) if shown else None,
        "read": round(100 * last / shown, 1) if shown else None,
        "false": wrong,
        "median": round(statistics.median(spent), 1),
        "p95": round(spent[int(len(spent) * 0.95)], 1),
    }


def show_camera(result: dict[str, Any]) -> None:
    """The table as it is printed."""
    print(f"\ncamera · Chromium, one worker, up to {LOOKS} looks at each picture")
    print(
        f"  {'condition':<16}{'labels':>7}{'1st look':>10}{'read':>8}{'false':>7}{'ms/frame':>10}{'p95':>8}"
    )
    for row in result["conditions"]:
        first, read = (
            f"{row[key]} %" if row[key] is not None else "–" for key in ("first", "read")
        )
        print(
            f"  {row['what']:<16}{row['labels']:>7}{first:>10}{read:>8}{row['false']:>7}"
            f"{row['median']:>10}{row['p95']:>8}"
        )


class _Handler(SimpleHTTPRequestHandler):
    """The built files and the pictures; the page itself is empty."""

    pictures: Path

    def translate_path(self, path: str) -> str:
        if path.startswith("/pictures/"):
            return str(self.pictures / Path(path).name)
        return super().translate_path(path)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving_built(pictures: Path) -> Iterator[str]:
    """The built files at /, the folder's pictures at /pictures/; yields the address."""
    handler = type("Handler", (_Handler,), {"pictures": pictures})
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(BUILT)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def _page(address: str) -> Iterator[Page]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.set_default_timeout(0)
        page.goto(f"{address}/manifest.json")
        yield page
        browser.close()
