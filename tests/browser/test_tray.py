"""A whole tray before the camera: counted, standing still, recorded in one call."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, Request, expect

from lending.loop.steps import Action, State
from lending.loop.tables import Scan
from lending.web.identity import DEVICE_COOKIE
from tests.browser.films import film_cup, film_tray, looked_on
from tests.browser.live import LiveServer, axe_violations
from tests.browser.till import pair_device_at, told
from tests.personas import WASH, Loop

OpenFilm = Callable[[Path], AbstractContextManager[Browser]]


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


def test_a_tray_of_twelve_is_recorded_in_one_call_by_a_tap_or_by_standing_still(
    open_film: OpenFilm,
    live_server: LiveServer,
    district: Loop,
    engine: sa.Engine,
    cups: list[str],
    tmp_path: Path,
) -> None:
    posts: list[Request] = []
    with (
        open_film(film_tray(tmp_path, cups)) as browser,
        table_before(browser, live_server, district, engine) as page,
    ):
        page.on("request", lambda one: posts.append(one) if one.method == "POST" else None)
        page.get_by_role("button", name="쟁반 한 번에").click()
        expect(page.locator("#tray-count")).to_have_text("12개")
        page.get_by_role("button", name="세척장 도착 12개").click()
        expect(page.locator("#tray-word")).to_have_text("12개 받음")
        looked_on(page, "#tray-video", 16)  # it stays before the camera and counts no more
        expect(page.locator("#tray-go")).to_be_disabled()
        assert [one.url.rpartition("/")[2] for one in posts] == ["tray"]
        assert {district.item(cup).state for cup in cups} == {State.DIRTY}

        page.get_by_role("switch", name="멈추면 저절로").click()
        page.get_by_role("radio", name="세척", exact=True).check(force=True)
        page.get_by_role("button", name="다시 세기").click()
        expect(page.locator("#tray-word")).to_have_text("12개 세척")
        looked_on(page, "#tray-video", 16)
        assert len(posts) == 2
        page.get_by_role("button", name="닫기").click()
        expect(page.locator("#set-washed")).to_have_text("12")
    assert {district.item(cup).state for cup in cups} == {State.WASHED}


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
        expect(page.locator("#tray-word")).to_have_text("3개 확인 필요")
        expect(page.locator("#tray-lines .is-check")).to_have_count(3)
        assert axe_violations(page) == []
        for button in page.locator("#tray button:visible").all():
            expect(button).to_be_in_viewport(ratio=1)
            box = button.bounding_box()
            assert box and min(box["width"], box["height"]) >= 64
        page.keyboard.press("Escape")
        expect(page.locator("#tray")).to_be_hidden()
