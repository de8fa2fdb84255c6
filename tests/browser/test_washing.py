"""The washing table as wet gloves use it: a barcode gun, the wall codes, nothing touched."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lending.loop.commands import Command, command_text
from lending.loop.steps import State
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import LiveServer, axe_violations
from tests.browser.till import gun as shoot
from tests.browser.till import pair_device_at
from tests.personas import WASH, Loop

SIZES = ((1180, 820), (820, 1180), (390, 844))


@pytest.fixture
def tablet(district: Loop, engine: sa.Engine) -> str:
    """The credential of a tablet paired to Jun's centre."""
    return pair_device_at(WASH, district, engine)


@pytest.fixture
def open_table(
    open_page: Callable[..., Page], live_server: LiveServer, tablet: str
) -> Callable[..., Page]:
    """The washing table, listening."""

    def open_one(lang: str = "ko", **more) -> Page:
        page = open_page(cookies={DEVICE_COOKIE: tablet}, **more)
        page.goto(f"{live_server.url}/language/{lang}?next=/wash")
        page.wait_for_selector("#table[data-ready='1']", state="attached")
        return page

    return open_one


def gun(page: Page, text: str | Command) -> None:
    """A barcode gun, at a cup or at the wall."""
    shoot(page, command_text(text) if isinstance(text, Command) else text)


def told(page: Page, word: str, count: str = "") -> None:
    """The stage shows this word, and this number of pieces."""
    expect(page.locator("#stage-word")).to_have_text(word)
    expect(page.locator("#stage-count")).to_have_text(count)


def test_a_set_goes_through_the_centre_by_wall_codes_alone(
    open_table: Callable[..., Page], district: Loop
) -> None:
    good, other, stained, broken = district.new_cups(4)
    page = open_table()
    gun(page, Command.RECEIVE)
    told(page, "세척장 도착")
    for number, cup in enumerate((good, other, stained, broken), 1):
        gun(page, f"https://cups.example.kr/i/{cup}")
        told(page, "세척장 도착", f"{number}개")
    gun(page, good[:-1] + str((int(good[-1]) + 5) % 10))  # a bad code is gone with the next beep
    told(page, "번호 한 자리가 틀려요")
    gun(page, good)
    told(page, "이미 담았어요", "4개")
    gun(page, Command.WASH)
    told(page, "세척", "4개")
    gun(page, Command.LIPSTICK)
    told(page, "립스틱 자국")
    page.reload()  # nothing is lost: not the set, not the fault that waits for its piece
    page.wait_for_selector("#table[data-ready='1']", state="attached")
    expect(page.locator("#set-washed")).to_have_text("4")
    told(page, "립스틱 자국")
    gun(page, stained)
    told(page, "다시 세척")
    gun(page, Command.BREAK)
    gun(page, broken)
    told(page, "폐기")
    gun(page, Command.PASS)
    told(page, "검사 통과", "2개")
    gun(page, Command.UNDO)
    told(page, "되돌림")
    assert district.item(good).state is State.WASHED
    gun(page, Command.PASS)
    told(page, "검사 통과", "2개")
    gun(page, Command.FINISH)
    told(page, "마침")
    expect(page.locator("#stage-line")).to_have_text("검사 통과 2 · 다시 세척 1 · 폐기 1")
    expect(page.locator("#today-passed")).to_have_text("2")
    assert district.item(good).clean and district.item(other).clean
    assert district.item(stained).state is State.DIRTY
    assert district.item(broken).state is State.RETIRED


def test_ten_fast_beeps_are_ten_pieces(open_table: Callable[..., Page], district: Loop) -> None:
    cups = district.new_cups(10)
    page = open_table()
    for cup in cups:
        gun(page, cup)
    told(page, "세척장 도착", "10개")
    gun(page, Command.WASH)
    told(page, "세척", "10개")
    assert {district.item(cup).state for cup in cups} == {State.WASHED}


def test_beeps_without_a_network_are_kept_and_sent_in_their_order(
    open_table: Callable[..., Page], district: Loop
) -> None:
    cups = district.new_cups(3)
    page = open_table()
    gun(page, cups[0])
    told(page, "세척장 도착", "1개")
    page.context.set_offline(True)
    for cup in cups[1:]:
        gun(page, cup)
    gun(page, Command.WASH)
    told(page, "저장했어요")
    expect(page.locator("#unsent")).to_contain_text("3건")
    page.context.set_offline(False)
    told(page, "세척", "3개")
    assert {district.item(cup).state for cup in cups} == {State.WASHED}


def test_a_number_typed_by_hand_and_the_big_buttons_do_the_same(
    open_table: Callable[..., Page], district: Loop
) -> None:
    cup = district.new_cups()[0]
    page = open_table()
    page.get_by_role("button", name="입력").click()
    page.locator("#typed").fill(cup)
    expect(page.locator("#typed-told")).to_contain_text("컵 번호가 맞아요")
    page.get_by_role("button", name="넣기").click()
    told(page, "세척장 도착", "1개")
    page.get_by_role("button", name="닫기").click()
    page.get_by_role("button", name="세척", exact=True).click()
    told(page, "세척", "1개")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_on_a_low_table_every_pad_is_on_the_screen_below_an_alert(
    open_table: Callable[..., Page], lang: str
) -> None:
    page = open_table(lang, width=1024, height=768)
    page.evaluate(
        """() => {
          const alerts = document.getElementById("alerts");
          alerts.hidden = false;
          alerts.innerHTML = "<div class='alert-row'><p>!</p><button class='btn'>!</button></div>";
        }"""
    )
    pads = page.locator(".pads button")
    for pad in (pads.first, pads.last):
        expect(pad).to_be_in_viewport(ratio=1)
    heights = page.evaluate("[...document.querySelectorAll('.round')].map(e => e.offsetHeight)")
    assert max(heights) == 64  # the words beside the icons stand on one line


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_it_fits_every_screen_and_axe_finds_nothing(
    open_table: Callable[..., Page], district: Loop, lang: str
) -> None:
    cups = district.new_cups(8) + district.new_cups(4, "cup-473")
    for width, height in SIZES:
        page = open_table(lang, width=width, height=height)
        expect(page.locator("#oldest li").first).to_be_visible()
        assert axe_violations(page) == []
        for cup in cups[:6]:
            gun(page, cup)
        expect(page.locator("#set-total")).to_have_text("6")
        for command in (Command.WASH, Command.STAIN):
            gun(page, command)
            tone = {Command.WASH: "wash", Command.STAIN: "retire"}[command]
            expect(page.locator(f"#stage.tone-{tone}")).to_be_visible()
            assert axe_violations(page) == []
        gun(page, Command.UNDO)
        gun(page, Command.PASS)
        expect(page.locator("#stage.tone-good")).to_be_visible()
        gun(page, "readable by nobody")
        expect(page.locator("#stage.tone-bad")).to_be_visible()
        assert axe_violations(page) == []
        gun(page, Command.FINISH)
        expect(page.locator("#set-total")).to_have_text("0")
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0
        small = page.evaluate(
            "[...document.querySelectorAll('main button, main a')].filter(e => e.offsetParent)"
            ".filter(e => e.offsetHeight < 64 || e.offsetWidth < 64).map(e => e.outerHTML)"
        )
        assert small == []
