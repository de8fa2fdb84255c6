"""The camera as a reader: what it must read, what it must never tell, and a whole tray at once."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, Playwright, Request, expect

from lending.loop.steps import Action, State
from lending.loop.tables import Scan
from lending.web.identity import DEVICE_COOKIE
from tests.bench.camera import reader_addresses, serving_built
from tests.browser.conftest import ROOT, LiveServer, axe_violations, open_browser
from tests.browser.films import camera_flags, film_blank, film_cup, film_tray
from tests.browser.till import pair_device_at, told
from tests.personas import WASH, Loop
from tests.photos_of_labels.labels import make_codes

OpenFilm = Callable[[Path], AbstractContextManager[Browser]]

# Opens the camera and looks until `looks` frames were seen; what was told, and what was seen.
LOOK = """async ({ reader, wasm, many, looks }) => {
  const { openCamera } = await import("/parts.js");
  const video = document.body.appendChild(document.createElement("video"));
  const [told, sights] = [[], []];
  let left = looks;
  await new Promise((resolve, reject) => {
    openCamera({
      video, reader, wasm, many,
      onScan: (text) => told.push(text),
      onSight: (seen) => (sights.push(...seen.map(({ read }) => read)), (left -= 1) || resolve()),
    }).catch(reject);
  });
  return { told, sights };
}"""


@pytest.fixture(scope="module")
def parts() -> str:
    """The modules under test as one script."""
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    source = ROOT / "tests" / "browser" / "camera_parts.js"
    command = [esbuild, source, "--bundle", "--format=esm", "--target=es2022"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving_built(ROOT) as address:
        yield address


@pytest.fixture
def open_film(playwright_driver: Playwright) -> OpenFilm:
    """A browser whose camera shows this film."""

    @contextmanager
    def open_one(film: Path) -> Iterator[Browser]:
        with open_browser(playwright_driver, *camera_flags(film)) as browser:
            yield browser

    return open_one


@pytest.fixture
def lone_page(browser: Browser, address: str, parts: str) -> Iterator[Page]:
    """A page with nothing but the scanner's modules."""
    page = browser.new_page()
    with_parts(page, address, parts)
    yield page
    page.close()


def with_parts(page: Page, address: str, parts: str) -> Page:
    page.route(
        "**/parts.js", lambda route: route.fulfill(body=parts, content_type="text/javascript")
    )
    page.goto(f"{address}/manifest.json")
    return page


def look(page: Page, *, looks: int, many: bool = False) -> dict[str, Any]:
    return page.evaluate(LOOK, reader_addresses() | {"many": many, "looks": looks})


def looked_on(page: Page, video: str, looks: int) -> None:
    """Waits until the camera has looked so many times more."""
    now = int(page.locator(video).get_attribute("data-looks") or 0)
    for _ in range(200):
        if int(page.locator(video).get_attribute("data-looks") or 0) >= now + looks:
            return
        page.wait_for_timeout(50)
    raise AssertionError("the camera looks no more")


def wrong_code(code: str) -> str:
    """The code with its last digit changed."""
    return code[:-1] + str((int(code[-1]) + 3) % 10)


# -- one code ---------------------------------------------------------------------------------------


def test_a_label_that_stays_before_the_camera_is_told_once(
    open_film: OpenFilm, address: str, parts: str, tmp_path: Path
) -> None:
    [code] = make_codes(1, 1)
    with open_film(film_cup(tmp_path, code)) as browser:
        seen = look(with_parts(browser.new_page(), address, parts), looks=12)
    assert seen["told"] == [f"https://cups.example.kr/i/{code}"]
    assert seen["sights"] == [{"kind": "item", "code": code}] * 12


def test_a_wrong_check_digit_is_never_told(
    open_film: OpenFilm, address: str, parts: str, tmp_path: Path
) -> None:
    code = wrong_code(make_codes(2, 1)[0])
    with open_film(film_cup(tmp_path, code)) as browser:
        seen = look(with_parts(browser.new_page(), address, parts), looks=12)
    assert seen["sights"].count({"kind": "wrong", "code": code}) > 3  # it was there to be read
    assert seen["told"] == []


@pytest.mark.parametrize("many", [False, True])
def test_a_blank_cup_is_nothing(
    open_film: OpenFilm, address: str, parts: str, tmp_path: Path, many: bool
) -> None:
    with open_film(film_blank(tmp_path, make_codes(3, 1)[0])) as browser:
        seen = look(with_parts(browser.new_page(), address, parts), looks=24, many=many)
    assert seen == {"told": [], "sights": []}


def test_the_same_code_is_told_again_only_after_three_seconds_out_of_sight(lone_page: Page) -> None:
    told = lone_page.evaluate(
        """async () => {
          const memory = (await import("/parts.js")).makeMemory();
          const times = [0, 100, 2900, 5800, 8700, 11701, 11800, 14801];
          return times.filter((now) => memory.isNews("a", now) | memory.isNews("b" + now, now) & 0);
        }"""
    )
    assert told == [0, 11701, 14801]


# Frames in which there is something to see but no code: cloth, stripes, noise, barcodes, text,
# finder patterns without a symbol, and the modules of a real symbol in the wrong places.
NO_CODE = """async ({ reader, wasm, frames }) => {
  const worker = new Worker(reader, { type: "module" });
  const ask = (message, given = []) => new Promise((resolve) => {
    worker.addEventListener("message", ({ data }) => resolve(data), { once: true });
    worker.postMessage(message, given);
  });
  await ask({ wasm });
  let state = 20261123;
  const chance = (most = 1) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * most;
  };
  const canvas = new OffscreenCanvas(320, 240);
  const pencil = canvas.getContext("2d");
  const grey = () => `hsl(${chance(360)} ${chance(30)}% ${chance(100)}%)`;
  const finder = (x, y, one) => {
    for (const [inset, size, colour] of [[0, 7, "#000"], [1, 5, "#fff"], [2, 3, "#000"]]) {
      pencil.fillStyle = colour;
      pencil.fillRect(x + inset * one, y + inset * one, size * one, size * one);
    }
  };
  const symbol = (filled) => {
    const one = 3 + Math.floor(chance(3));
    pencil.fillStyle = "#fff";
    pencil.fillRect(-4 * one, -4 * one, 41 * one, 41 * one);
    pencil.fillStyle = "#000";
    for (let at = 0; filled && at < 33 * 33; at += 1) {
      if (chance() < 0.5) pencil.fillRect((at % 33) * one, Math.floor(at / 33) * one, one, one);
    }
    for (const [x, y] of [[0, 0], [26, 0], [0, 26]]) finder(x * one, y * one, one);
  };
  const scenes = [
    () => { for (let at = 0; at < 60; at += 1) { pencil.fillStyle = grey(); pencil.fillRect(chance(320) - 60, chance(240) - 60, chance(90), chance(90)); } },
    () => { const wide = 1 + chance(6); for (let x = -300; x < 300; x += wide * 2) { pencil.fillStyle = "#111"; pencil.fillRect(x, -300, wide * (0.4 + chance()), 600); } },
    () => { const wide = 4 + chance(14); for (let at = 0; at < 900; at += 1) if ((at + Math.floor(at / 30)) % 2) pencil.fillRect((at % 30) * wide - 150, Math.floor(at / 30) * wide - 150, wide, wide); },
    () => { pencil.fillStyle = "#111"; pencil.font = `${10 + chance(30)}px sans-serif`; for (let y = -100; y < 200; y += 22) pencil.fillText("4821-0937-5518 컵 355 mL", -120, y); },
    () => symbol(false),
    () => symbol(true),
    () => { const wide = 2 + chance(2); for (let at = 0; at < 4900; at += 1) { pencil.fillStyle = chance() < 0.5 ? "#000" : "#fff"; pencil.fillRect((at % 70) * wide - 120, Math.floor(at / 70) * wide - 120, wide, wide); } },
    () => {},
  ];
  const read = [];
  for (let turn = 0; turn < frames; turn += 1) {
    pencil.setTransform(1, 0, 0, 1, 0, 0);
    const light = pencil.createLinearGradient(0, 0, chance(320), 240);
    light.addColorStop(0, grey());
    light.addColorStop(1, grey());
    pencil.fillStyle = light;
    pencil.fillRect(0, 0, 320, 240);
    pencil.translate(100 + chance(120), 70 + chance(100));
    pencil.rotate(chance(6.3));
    pencil.scale(0.6 + chance(0.7), 0.6 + chance(0.7));
    scenes[turn % scenes.length]();
    const picture = canvas.transferToImageBitmap();
    // each kind of scene in every way of looking, one code and many
    const answer = await ask({ picture, turn: Math.floor(turn / 16), many: turn % 16 > 7 }, [picture]);
    if (answer.error) throw new Error(answer.error);
    read.push(...answer.codes.map(({ text }) => text));
  }
  worker.terminate();
  return read;
}"""


def test_nothing_is_read_in_two_thousand_frames_without_a_code(lone_page: Page) -> None:
    assert lone_page.evaluate(NO_CODE, reader_addresses() | {"frames": 2000}) == []


# -- the controls -----------------------------------------------------------------------------------

CAN = """(can) => {
  MediaStreamTrack.prototype.getCapabilities = () => can;
  MediaStreamTrack.prototype.applyConstraints = async function (asked) {
    (window.asked ??= []).push(...(asked.advanced ?? []));
  };
}"""


# -- a tray -----------------------------------------------------------------------------------------

# A row of frames [ms, {code: [[x, y], …]}]; what the tally says after each.
COUNT = """async (frames) => {
  const tally = (await import("/parts.js")).makeTally();
  const square = ([x, y]) => [[x - 0.02, y - 0.02], [x + 0.02, y - 0.02], [x + 0.02, y + 0.02], [x - 0.02, y + 0.02]];
  return frames.map(([now, places, kind = "item"]) => {
    if (places === "take") return tally.take(now);
    const sights = Object.entries(places).flatMap(([code, at]) => at.map((one) => ({ read: { kind, code }, corners: square(one) })));
    const { fresh, count, still, wrong } = tally.see(sights, now);
    return { fresh, count, still, wrong };
  });
}"""


def count(page: Page, frames: list[Any]) -> list[Any]:
    return page.evaluate(COUNT, frames)


def test_a_code_on_side_and_base_counts_once_and_codes_gather_over_frames(lone_page: Page) -> None:
    both = {"a": [[0.2, 0.2], [0.2, 0.6]]}
    first, second, third = count(
        lone_page, [[0, both], [100, {"b": [[0.8, 0.2]]}], [200, both | {"b": [[0.8, 0.2]]}]]
    )
    assert (first["count"], first["fresh"]) == (1, ["a"])
    assert (second["count"], second["fresh"]) == (2, ["b"])
    assert (third["count"], third["fresh"]) == (2, [])


def test_a_tray_stands_still_when_nothing_changed_for_a_second(lone_page: Page) -> None:
    here, there = {"a": [[0.2, 0.2]], "b": [[0.5, 0.5]]}, {"a": [[0.2, 0.3]], "b": [[0.5, 0.6]]}
    shaking = {"a": [[0.21, 0.2]], "b": [[0.5, 0.51]]}  # a hand that holds it
    half = {"a": [[0.2, 0.3]]}  # one way of looking sees one code only
    told = count(
        lone_page,
        [
            [0, here], [500, shaking], [900, here], [950, there],  # moved: all over again
            [1500, there], [1940, half], [1960, there],
            [2200, {"a": [[0.2, 0.3]], "b": [[0.5, 0.6]], "c": [[0.9, 0.9]]}],  # one more cup
            [2800, there | {"c": [[0.9, 0.9]]}], [3300, there | {"c": [[0.9, 0.9]]}],
            [3400, {}],  # taken away
        ],
    )  # fmt: skip
    still = [one["still"] for one in told]
    assert still[:3] == [0, 0.5, 0.9]
    assert still[3:7] == [0, 0.55, 0.99, 1]
    assert still[7:] == [0, 0.6, 1, 0]


def test_a_slow_move_is_no_stillness(lone_page: Page) -> None:
    frames = [[now, {"a": [[0.1 + now / 10000, 0.5]]}] for now in range(0, 3000, 100)]
    assert max(one["still"] for one in count(lone_page, frames)) < 0.5


def test_a_delivered_tray_does_not_count_again_while_it_is_in_sight(lone_page: Page) -> None:
    tray = {"a": [[0.2, 0.2]], "b": [[0.5, 0.5]]}
    told = count(
        lone_page,
        [[0, tray], [100, "take"], [3000, tray], [5900, tray | {"c": [[0.7, 0.7]]}], [9000, tray]],
    )
    assert told[1] == ["a", "b"]
    assert [one["count"] for one in (told[2], told[3], told[4])] == [0, 1, 3]


def test_a_wrong_check_digit_is_not_counted(lone_page: Page) -> None:
    [told] = count(lone_page, [[0, {"a": [[0.2, 0.2]]}, "wrong"]])
    assert (told["count"], told["wrong"], told["still"]) == (0, 1, 0)


@pytest.fixture
def cups(district: Loop) -> list[str]:
    return district.new_cups(12)


@contextmanager
def table_before(
    browser: Browser, server: LiveServer, district: Loop, engine: sa.Engine, **more: Any
) -> Iterator[Page]:
    """The washing table on a tablet with a camera."""
    more = {"viewport": {"width": 1180, "height": 820}, "permissions": ["camera"]} | more
    context = browser.new_context(**more)
    credential = pair_device_at(WASH, district, engine)
    context.add_cookies([{"name": DEVICE_COOKIE, "value": credential, "url": server.url}])
    errors: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{server.url}/wash")
    page.wait_for_selector("#table[data-ready='1']", state="attached")
    yield page
    context.close()
    assert not errors


def test_the_tables_camera_reads_a_label_and_beeps_once(
    open_film: OpenFilm, live_server: LiveServer, district: Loop, engine: sa.Engine, tmp_path: Path
) -> None:
    [cup] = district.new_cups(1)
    with (
        open_film(film_cup(tmp_path, cup)) as browser,
        table_before(browser, live_server, district, engine) as page,
    ):
        page.get_by_role("button", name="입력").click()
        page.get_by_role("button", name="카메라", exact=True).click()
        told(page, "세척장 도착")
        looked_on(page, "#video", 12)
        expect(page.locator("#stage-word")).to_have_text("세척장 도착")
    query = sa.select(sa.func.count()).where(Scan.action == Action.RECEIVE)
    with sa.orm.Session(engine) as session:
        assert session.scalar(query) == 1


@pytest.mark.parametrize("hands_free", [False, True])
def test_a_tray_of_twelve_is_read_and_recorded_in_one_call(
    open_film: OpenFilm,
    live_server: LiveServer,
    district: Loop,
    engine: sa.Engine,
    cups: list[str],
    tmp_path: Path,
    hands_free: bool,
) -> None:
    posts: list[Request] = []
    with (
        open_film(film_tray(tmp_path, cups)) as browser,
        table_before(browser, live_server, district, engine) as page,
    ):
        page.on("request", lambda one: posts.append(one) if "/wash/" in one.url else None)
        page.get_by_role("button", name="쟁반 한 번에").click()
        if hands_free:
            page.get_by_role("switch", name="멈추면 저절로").click()
        else:
            expect(page.locator("#tray-count")).to_have_text("12개")
            page.get_by_role("button", name="세척장 도착 12개").click()
        expect(page.locator("#tray-word")).to_have_text("12개 받음")
        looked_on(page, "#tray-video", 16)
        expect(page.locator("#tray-count")).to_have_text("0개")
        page.get_by_role("button", name="닫기").click()
        expect(page.locator("#set-total")).to_have_text("12")
    assert len([one for one in posts if one.method == "POST"]) == 1
    assert {district.item(cup).state for cup in cups} == {State.DIRTY}


@pytest.mark.parametrize("size", [(1180, 820), (820, 1180), (390, 844)])
def test_the_tray_fits_the_screen_and_axe_finds_nothing(
    browser: Browser,
    live_server: LiveServer,
    district: Loop,
    engine: sa.Engine,
    size: tuple[int, int],
) -> None:
    cups = district.new_cups(3)
    view = {"width": size[0], "height": size[1]}
    with table_before(
        browser, live_server, district, engine, viewport=view, permissions=[]
    ) as page:
        page.get_by_role("button", name="쟁반 한 번에").click()
        expect(page.locator("#tray-hint")).to_contain_text("카메라를 쓸 수 없어요")
        for cup in cups:  # without a camera a gun fills the tray
            page.keyboard.type(cup)
            page.keyboard.press("Enter")
        expect(page.locator("#tray-count")).to_have_text("3개")
        assert axe_violations(page) == []
        page.get_by_role("radio", name="검사 통과").check(force=True)
        page.get_by_role("button", name="검사 통과 3개").click()
        expect(page.locator("#tray-word")).to_have_text("0개 검사 통과 · 3개 확인 필요")
        expect(page.locator("#tray-lines .is-check")).to_have_count(3)
        assert axe_violations(page) == []
        for button in page.locator("#tray button:visible").all():
            expect(button).to_be_in_viewport(ratio=1)
            box = button.bounding_box()
            assert box and min(box["width"], box["height"]) >= 64
        page.keyboard.press("Escape")
        expect(page.locator("#tray")).to_be_hidden()
