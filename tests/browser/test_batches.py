"""Wash batches on the centre's tablet: begun by two taps, filled by scanner, finished."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lending.loop.commands import Command
from lending.loop.steps import State
from lending.loop.tables import WashBatch
from lending.washing.batches.machines import ProgrammeIn, add_machine, add_programme
from tests.browser.centre import SIZES, OpenScreen, fits, gun, make_opener, told
from tests.browser.live import LiveServer, axe_violations
from tests.browser.till import eventually, pair_device_at
from tests.personas import WASH, Loop


@pytest.fixture
def open_screen(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop, engine: sa.Engine
) -> OpenScreen:
    """Jun's tablet; his centre has two machines and a programme."""
    equip(district)
    return make_opener(open_page, live_server, pair_device_at(WASH, district, engine))


def equip(loop: Loop) -> None:
    site, jun, now = loop.town.sites[WASH], loop.town.jun, loop.now
    programme = ProgrammeIn("표준", ["pre_wash", "wash", "rinse", "dry"], "80")
    for name, capacity in (("1호기", 4), ("2호기", 400)):
        loop.write(
            lambda s, name=name, capacity=capacity: add_machine(
                s, site_id=site, name=name, capacity=capacity, actor=jun, now=now
            )
        )
    loop.write(lambda s: add_programme(s, programme, actor=jun, now=now))


def begin(page: Page, machine: str = "1호기") -> None:
    """Two taps: the machine, the programme."""
    page.locator(".machine", has_text=machine).click()
    page.locator(".programme", has_text="표준").click()
    page.wait_for_url("**/wash/batches/*-*")
    page.wait_for_selector("#table[data-ready='1']", state="attached")


def total(page: Page, count: int) -> None:
    expect(page.locator("#batch-total")).to_have_text(str(count))


def test_a_batch_is_begun_filled_and_finished(open_screen: OpenScreen, district: Loop) -> None:
    cups, crate, packed = district.new_cups(3), district.new_crate(), district.new_cups(2)
    district.pack(crate, *packed)
    page = open_screen("/wash/batches")
    begin(page)
    for cup in cups:
        gun(page, f"https://cups.example.kr/i/{cup}")
    told(page, "넣었어요", "3개")
    gun(page, crate)
    told(page, "넣었어요", "5개")
    expect(page.locator("#batch-warning")).to_contain_text("용량을 1개 넘었어요")  # it warns only
    gun(page, Command.UNDO)
    told(page, "뺐어요")
    total(page, 3)
    gun(page, crate)
    told(page, "넣었어요", "5개")
    page.get_by_role("button", name="애벌 세척").click()
    told(page, "단계를 적었어요")
    page.get_by_role("button", name="측정값 적기").click()
    page.locator("#reading [data-number]").fill("82°C")
    page.locator("#reading .sheet-go").click()
    expect(page.locator("#reading .sheet-told")).to_have_text(
        "단위 없이 숫자만 써 주세요. 예: 82.5"
    )
    page.locator("#reading [data-number]").fill("")
    for key in "82.5":
        page.locator(f"#reading [data-key='{key}']").click()
    page.locator("#reading .sheet-go").click()
    told(page, "적었어요")
    expect(page.locator("#stage-line")).to_have_text("온도 82.5 °C")
    page.get_by_role("button", name="세척 끝내기").click()
    expect(page.locator("#ask-finish")).to_contain_text("5개")
    page.get_by_role("button", name="네, 끝났어요").click()
    told(page, "세척 끝", "")
    assert {district.item(cup).state for cup in (*cups, *packed)} == {State.WASHED}
    expect(page.locator("#running")).to_be_hidden()
    expect(page.get_by_role("link", name="세척 증명서")).to_be_visible()
    expect(page.locator("#story")).to_contain_text("측정 온도 82.5 °C")
    page.get_by_role("link", name="기계", exact=True).click()
    expect(page.locator("#done li").first).to_contain_text("1호기")


def test_by_keyboard_alone_and_by_the_wall(open_screen: OpenScreen, district: Loop) -> None:
    [cup] = district.new_cups(1)
    page = open_screen("/wash/batches")
    page.keyboard.press("2")  # the second machine
    expect(page.locator("#begin-title")).to_have_text("2호기 시작")
    page.keyboard.press("1")  # the first programme
    page.wait_for_url("**/wash/batches/*-*")
    page.wait_for_selector("#table[data-ready='1']", state="attached")
    gun(page, cup)
    told(page, "넣었어요", "1개")
    gun(page, Command.FINISH)
    expect(page.locator("#ask-finish")).to_be_visible()
    gun(page, Command.FINISH)
    told(page, "세척 끝")
    assert district.item(cup).state is State.WASHED


def test_a_piece_of_another_batch_and_a_wrong_code_are_told(
    open_screen: OpenScreen, district: Loop
) -> None:
    cup, other = district.new_cups(2)
    page = open_screen("/wash/batches")
    begin(page)
    gun(page, cup)
    told(page, "넣었어요", "1개")
    gun(page, cup[:-1] + str((int(cup[-1]) + 5) % 10))
    told(page, "번호 한 자리가 틀려요")
    page.goto(page.url.rsplit("/", 1)[0])
    begin(page, "2호기")
    gun(page, cup)
    told(page, "다른 배치에 들어 있어요")
    gun(page, other)
    told(page, "넣었어요", "1개")
    page.get_by_role("button", name="받지 못한 기록 1건 보기").click()  # the beep before stays
    expect(page.locator("#refused-list")).to_contain_text("다른 배치에 들어 있어요")
    page.get_by_role("button", name="모두 확인했어요").click()
    page.get_by_role("button", name="빼기").click()
    gun(page, cup)
    told(page, "들어 있지 않았어요")


def test_what_was_put_in_without_a_network_is_washed_all_the_same(
    open_screen: OpenScreen, district: Loop
) -> None:
    cups = district.new_cups(3)
    page = open_screen("/wash/batches")
    begin(page)
    page.context.set_offline(True)
    for cup in cups:
        gun(page, cup)
    told(page, "저장했어요")
    expect(page.locator("#unsent")).to_contain_text("3건")
    page.context.set_offline(False)
    total(page, 3)
    expect(page.locator("#unsent")).to_be_hidden()


def test_an_aborted_batch_washes_nothing(open_screen: OpenScreen, district: Loop) -> None:
    cup, late = district.new_cups(2)
    page = open_screen("/wash/batches")
    begin(page)
    gun(page, cup)
    told(page, "넣었어요", "1개")
    page.get_by_role("button", name="중단하기").click()
    page.get_by_role("button", name="네, 중단해요").click()
    told(page, "중단했어요")
    assert district.item(cup).state is State.DIRTY
    with sa.orm.Session(district.engine) as session:
        assert session.scalars(sa.select(WashBatch.aborted_at)).one() is not None
    gun(page, late)
    told(page, "이미 끝난 배치예요")


def test_eight_quick_beeps_are_eight_pieces(open_screen: OpenScreen, district: Loop) -> None:
    cups = district.new_cups(8)
    page = open_screen("/wash/batches")
    begin(page, "2호기")
    gun(page, *cups)
    total(page, 8)
    eventually(page, lambda: page.locator("#pieces li").count() == 8)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_they_fit_every_screen_and_axe_finds_nothing(
    open_screen: OpenScreen, district: Loop, lang: str
) -> None:
    cups = district.new_cups(3)
    page = open_screen("/wash/batches", lang)
    page.locator(".machine").first.click()
    assert axe_violations(page) == []
    fits(page)
    page.locator(".programme").first.click()
    page.wait_for_url("**/wash/batches/*-*")
    page.wait_for_selector("#table[data-ready='1']", state="attached")
    gun(page, *cups)
    total(page, 3)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert axe_violations(page) == []
        page.locator("#stage").click(force=True) if page.locator("#stage").is_visible() else None
        fits(page)
        page.locator("#open-reading").click()
        fits(page)
        assert axe_violations(page) == []
        page.locator("#reading [data-close]").click()
    back = page.url.rsplit("/", 1)[0]
    page.goto(back)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_selector("#table[data-ready='1']", state="attached")
        page.locator(".screens summary").click()
        fits(page)
        assert axe_violations(page) == []
        page.locator(".screens summary").click()
