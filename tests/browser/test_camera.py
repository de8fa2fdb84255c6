"""The camera as a reader: what it must read, what it must never tell."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.bench.camera import reader_addresses
from tests.browser.films import film_blank, film_cup
from tests.photos_of_labels.labels import make_codes

OpenFilm = Callable[[Path], AbstractContextManager[Browser]]
OpenAlone = Callable[[Browser], Page]

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


def look(page: Page, *, looks: int, many: bool = False) -> dict[str, Any]:
    return page.evaluate(LOOK, reader_addresses() | {"many": many, "looks": looks})


def wrong_code(code: str) -> str:
    """The code with its last digit changed."""
    return code[:-1] + str((int(code[-1]) + 3) % 10)


# -- one code ---------------------------------------------------------------------------------------


def test_a_label_that_stays_before_the_camera_is_told_once(
    open_film: OpenFilm, open_alone: OpenAlone, tmp_path: Path
) -> None:
    [code] = make_codes(1, 1)
    with open_film(film_cup(tmp_path, code)) as browser:
        seen = look(open_alone(browser), looks=12)
    assert seen["told"] == [f"https://cups.example.kr/i/{code}"]
    assert seen["sights"] == [{"kind": "item", "code": code}] * 12


def test_a_wrong_check_digit_is_never_told(
    open_film: OpenFilm, open_alone: OpenAlone, tmp_path: Path
) -> None:
    code = wrong_code(make_codes(2, 1)[0])
    with open_film(film_cup(tmp_path, code)) as browser:
        seen = look(open_alone(browser), looks=12)
    assert seen["sights"].count({"kind": "wrong", "code": code}) > 3  # it was there to be read
    assert seen["told"] == []


def test_a_blank_cup_is_nothing(open_film: OpenFilm, open_alone: OpenAlone, tmp_path: Path) -> None:
    with open_film(film_blank(tmp_path, make_codes(3, 1)[0])) as browser:
        page = open_alone(browser)
        for many in (False, True):
            seen = look(page, looks=24, many=many)
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


def test_gun_and_camera_read_a_code_once_between_them_and_a_hand_as_often_as_it_types(
    lone_page: Page,
) -> None:
    again = lone_page.evaluate(
        """async () => {
          const shots = (await import("/parts.js")).makeShots();
          const read = [["a", "gun"], ["a", "camera"], ["a", "gun"], ["a", "typed"], ["b", "camera"], ["a", "camera"]];
          return [...read.map(([code, source]) => shots.isSecond(code, source)), (shots.forget(), shots.isSecond("a", "gun"))];
        }"""
    )
    assert again == [False, True, True, False, False, False, False]


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

# A camera that can do what `can` says, among `cameras`; what is shown, and what it was asked to do.
CONTROLS = """async ({ can, cameras }) => {
  const { makeControls } = await import("/parts.js");
  document.body.innerHTML = `<video></video><div id="root"><button data-camera="torch" hidden></button>
    <button data-camera="next" hidden></button><label data-camera="zoom" hidden><input type="range"></label></div>`;
  navigator.mediaDevices.enumerateDevices = async () => cameras.map((deviceId) => ({ kind: "videoinput", deviceId }));
  const asked = [];
  const track = {
    getCapabilities: () => can, getSettings: () => ({}),
    applyConstraints: async ({ advanced }) => void asked.push(...advanced),
  };
  const video = document.querySelector("video");
  let reopened = 0;
  const controls = makeControls({ root: document.getElementById("root"), video, onChoose: () => (reopened += 1) });
  await controls.show({ track, device: cameras[0], facing: "user" });
  const shown = [...document.querySelectorAll("[data-camera]")].filter((one) => !one.hidden);
  for (const one of shown) one.click();
  const slider = document.querySelector("input");
  if (shown.includes(slider.parentElement)) Object.assign(slider, { value: 3 }).dispatchEvent(new Event("input"));
  const mirrored = video.classList.contains("is-mirror");
  return { shown: shown.map((one) => one.dataset.camera), asked, reopened, mirrored, ...controls.choice() };
}"""


def test_each_control_is_there_only_where_the_device_offers_it(lone_page: Page) -> None:
    plain = {"can": {"zoom": {"min": 1, "max": 1, "step": 1}}, "cameras": ["front"]}
    assert lone_page.evaluate(CONTROLS, plain)["shown"] == []
    rich = {
        "can": {"torch": True, "zoom": {"min": 1, "max": 5, "step": 0.5}},
        "cameras": ["a", "b"],
    }
    told = lone_page.evaluate(CONTROLS, rich)
    assert told["shown"] == ["torch", "next", "zoom"]
    assert told["asked"] == [{"torch": True}, {"zoom": 3}]
    assert (told["reopened"], told["device"], told["mirrored"]) == (1, "b", True)
