"""The inspection station: one hand, number keys or big buttons, the scanner first."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lending.loop.commands import Command
from lending.loop.pieces.stains import keep_stained
from lending.loop.steps import State
from tests.browser.centre import SIZES, OpenScreen, fits, gun, make_opener, told
from tests.browser.live import LiveServer, axe_violations
from tests.browser.till import eventually, pair_device_at
from tests.personas import WASH, Loop


@pytest.fixture
def open_screen(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop, engine: sa.Engine
) -> OpenScreen:
    return make_opener(open_page, live_server, pair_device_at(WASH, district, engine))


def washed_cups(loop: Loop, count: int, kind: str = "cup-355") -> list[str]:
    cups = loop.new_cups(count, kind)
    for cup in cups:
        loop.wash(cup)
    return cups


def does(page: Page, word: str) -> None:
    """What the next scan will do, as the screen says."""
    expect(page.locator("#next-word")).to_have_text(word)


def press(page: Page, *keys: str) -> None:
    """Number keys as a hand presses them, and what the screen made of each."""
    for key in keys:
        page.keyboard.press(key)
        expect(page.locator(f".choice-pad[data-key='{key}']")).to_have_attribute(
            "aria-pressed", "true"
        )


def test_scans_pass_and_a_number_key_names_the_fault_of_one_cup(
    open_screen: OpenScreen, district: Loop
) -> None:
    good, spots, broken, last = washed_cups(district, 4)
    page = open_screen("/wash/inspect")
    does(page, "검사 통과")
    gun(page, good)
    told(page, "검사 통과")
    press(page, "4")
    does(page, "물 얼룩")
    gun(page, spots)
    told(page, "다시 세척")
    expect(page.locator("#stage-line")).to_have_text("물 얼룩")
    does(page, "검사 통과")  # of one cup only
    page.get_by_role("button", name="깨짐").click()
    gun(page, broken)
    told(page, "폐기")
    gun(page, last)
    told(page, "검사 통과")
    assert district.item(good).clean and district.item(last).clean
    assert district.item(spots).state is State.DIRTY
    assert district.item(broken).state is State.RETIRED
    expect(page.locator("#today-first")).to_have_text("50% (2/4)")
    expect(page.locator("#latest li")).to_have_count(4)


def test_pressed_twice_a_fault_stays_until_something_else_is_chosen(
    open_screen: OpenScreen, district: Loop
) -> None:
    cups = washed_cups(district, 4)
    page = open_screen("/wash/inspect")
    press(page, "2")
    page.keyboard.press("2")
    expect(page.locator("#next-stays")).to_be_visible()
    gun(page, *cups[:3])
    eventually(page, lambda: {district.item(cup).state for cup in cups[:3]} == {State.DIRTY})
    does(page, "립스틱 자국")
    gun(page, Command.PASS)
    does(page, "검사 통과")
    gun(page, cups[3])
    told(page, "검사 통과")


def test_undo_drops_a_fault_that_waits_else_takes_the_last_cup_back(
    open_screen: OpenScreen, district: Loop
) -> None:
    [cup] = washed_cups(district, 1)
    page = open_screen("/wash/inspect")
    gun(page, cup)
    told(page, "검사 통과")
    press(page, "7")
    page.keyboard.press("0")
    does(page, "검사 통과")
    assert district.item(cup).state is State.READY  # only the choice was dropped
    gun(page, Command.UNDO)
    told(page, "되돌림")
    assert district.item(cup).state is State.WASHED
    expect(page.locator("#latest li")).to_have_count(0)
    gun(page, cup)  # and once more, at once
    told(page, "검사 통과")


def test_what_was_not_washed_does_not_pass_and_a_containers_stain_retires_nothing(
    open_screen: OpenScreen, district: Loop
) -> None:
    [dirty] = district.new_cups(1)
    [box] = washed_cups(district, 1, "cup-473")
    district.write(lambda s: keep_stained(s, district_id=district.town.id, kinds=["cup-473"]))
    page = open_screen("/wash/inspect")
    gun(page, dirty)
    told(page, "다시 세척")
    expect(page.locator("#stage-line")).to_have_text("세척 기록이 없어요")
    press(page, "5")
    gun(page, box)
    told(page, "착색만으로는 폐기하지 않아요")
    assert district.item(box).state is State.WASHED


def test_a_crate_is_inspected_whole(open_screen: OpenScreen, district: Loop) -> None:
    crate, cups = district.new_crate(), district.new_cups(3)
    district.pack(crate, *cups)
    district.wash(crate)
    page = open_screen("/wash/inspect")
    gun(page, crate)
    told(page, "검사 통과", "3개")
    assert all(district.item(cup).clean for cup in cups)


def test_inspections_without_a_network_are_kept_in_their_order(
    open_screen: OpenScreen, district: Loop
) -> None:
    good, broken = washed_cups(district, 2)
    page = open_screen("/wash/inspect")
    page.context.set_offline(True)
    gun(page, good)
    press(page, "8")
    gun(page, broken)
    told(page, "저장했어요")
    expect(page.locator("#unsent")).to_contain_text("2건")
    page.context.set_offline(False)
    eventually(page, lambda: district.item(broken).state is State.RETIRED)
    assert district.item(good).clean


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_it_fits_every_screen_and_axe_finds_nothing(
    open_screen: OpenScreen, district: Loop, lang: str
) -> None:
    cups = washed_cups(district, 9)
    page = open_screen("/wash/inspect", lang)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        fits(page)
        assert axe_violations(page) == []
        for key in ("1", "3", "6"):
            press(page, key)
            assert axe_violations(page) == []
            gun(page, cups.pop())
            expect(page.locator("#stage")).to_be_visible()
            assert axe_violations(page) == []
            page.locator("#stage").click()
