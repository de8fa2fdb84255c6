"""The packing table as wet gloves use it: a barcode gun, the wall codes, a number pad; nothing lost
when the network goes for a moment."""

import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lending.loop.commands import Command, command_text
from lending.wares.ledger import record_moves
from lending.wares.values import MoveIn
from lending.wares.ways import Condition, Outside, Why, at_place, beyond
from tests.browser.live import LiveServer, axe_violations
from tests.browser.packing import READY, give, local_day, open_table, told
from tests.browser.till import gun, label, pair_device_at
from tests.moving.conftest import Moving
from tests.personas import NABI, WASH, Loop
from tests.wares.conftest import add_counted

SIZES = ((1180, 820), (820, 1180), (390, 844))


@pytest.fixture
def tablet(district: Loop, engine: sa.Engine) -> str:
    """The credential of a tablet paired to Jun's centre."""
    return pair_device_at(WASH, district, engine)


@pytest.fixture
def opened(
    open_page: Callable[..., Page], live_server: LiveServer, tablet: str
) -> Callable[..., Page]:
    """Opens the table of a list."""
    return lambda packing, **more: open_table(open_page, live_server, tablet, packing, **more)


@pytest.fixture
def bowls(district: Loop) -> None:
    """A hundred clean bowls at the centre."""
    kind = district.write(lambda s: add_counted(s, district, ["bowl"]))[0]
    shelf = at_place(district.town.sites[WASH], Condition.CLEAN)
    move = MoveIn(
        uuid.uuid4(), kind, 100, beyond(Outside.BOUGHT), shelf, Why.BOUGHT, district.now
    )  # fmt: skip
    district.write(
        lambda s: record_moves(s, [move], actor=district.town.officer, now=district.now)
    )  # fmt: skip


def test_a_list_is_packed_by_scanner_and_wall_codes_alone(
    opened: Callable[..., Page], district: Loop
) -> None:
    crate, cups, dirty = district.new_crate(), district.passed_cups(3), district.new_cups()[0]
    page = opened(give(district, 2))
    told(page, "상자를 찍어 주세요")
    gun(page, label(cups[0]))
    told(page, "상자를 먼저 찍어 주세요")
    gun(page, label(crate))
    told(page, "새 상자", "카페 하루로 보낼 상자예요")
    expect(page.locator(".pack-codes")).to_contain_text(cups[1][-4:])
    gun(page, label(cups[0]))
    told(page, "담았어요", "컵 355 mL 1 / 2")
    gun(page, label(dirty))
    told(page, "깨끗하지 않은 컵")
    expect(page.locator("main")).to_have_attribute("data-tone", "bad")
    gun(page, crate[:-1] + str((int(crate[-1]) + 5) % 10))
    told(page, "번호 한 자리가 틀려요")
    gun(page, label(cups[1]))
    told(page, "담았어요", "컵 355 mL 2 / 2")
    gun(page, label(cups[2]))
    told(page, "더 담았어요", "컵 355 mL 3 / 2 · 목록보다 1개 많아요")
    gun(page, command_text(Command.UNDO))  # the wall code of taking out
    told(page, "뺄 것을 찍어 주세요")
    gun(page, label(cups[2]))
    told(page, "뺐어요")
    gun(page, command_text(Command.FINISH))
    told(page, "봉인했어요", "2개")
    expect(page.locator(".pack-crate.is-sealed")).to_have_count(1)
    page.get_by_role("button", name="포장 마침").click()
    told(page, "포장을 마쳤어요")
    assert district.item(cups[0]).stay and district.item(cups[1]).stay
    assert district.item(cups[2]).stay is None and district.item(dirty).stay is None


def test_ten_fast_beeps_are_ten_pieces_in_the_crate(
    opened: Callable[..., Page], district: Loop
) -> None:
    crate, cups = district.new_crate(), district.passed_cups(10)
    page = opened(give(district, 10))
    gun(page, label(crate), *map(label, cups))  # the crate's answer is not waited for
    told(page, "담았어요", "컵 355 mL 10 / 10")
    assert all(district.item(cup).stay for cup in cups)


def test_beeps_while_the_net_is_gone_fall_into_the_crate_scanned_then(
    opened: Callable[..., Page], district: Loop
) -> None:
    old, new, cups = district.new_crate(), district.new_crate(), district.passed_cups(3)
    packing = give(district, 3)
    page = opened(packing)
    gun(page, label(old), label(cups[0]))
    told(page, "담았어요", "컵 355 mL 1 / 3")
    page.context.set_offline(True)
    gun(page, label(new), label(cups[1]), label(cups[2]))
    told(page, "저장했어요")
    expect(page.locator("#unsent")).to_contain_text("3건")
    page.context.set_offline(False)
    told(page, "담았어요", "컵 355 mL 3 / 3")
    crates = {district.item(cup).stay.crate for cup in cups}
    assert crates == {district.item_id(old), district.item_id(new)}
    assert district.item(cups[1]).stay.crate == district.item_id(new)
    page.reload()  # the crate in hand is remembered
    page.wait_for_selector(READY, state="attached")
    expect(page.locator("#hand")).to_contain_text(new[-4:])


def test_an_answer_that_got_lost_is_asked_for_again_and_nothing_is_packed_twice(
    opened: Callable[..., Page], district: Loop
) -> None:
    crate, cup = district.new_crate(), district.passed_cups()[0]
    page = opened(give(district, 2))
    gun(page, label(crate))
    told(page, "새 상자")
    lost: list[str] = []

    def lose(route) -> None:
        if not lost:
            lost.append(route.request.post_data or "")
            route.fetch()  # the server has done it; its answer never comes
            return route.abort()
        return route.continue_()

    page.route("**/codes", lose)
    gun(page, label(cup))
    told(page, "담았어요", "컵 355 mL 1 / 2")
    assert lost
    expect(page.locator(".pack-crate")).to_contain_text("1개")


@pytest.mark.usefixtures("bowls")
def test_bowls_by_the_number_pad(opened: Callable[..., Page], district: Loop) -> None:
    crate = district.new_crate()
    page = opened(give(district, 60, kind="bowl"))
    page.get_by_role("button", name="개수 입력").click()
    told(page, "상자를 먼저 찍어 주세요")
    gun(page, label(crate))
    told(page, "새 상자")
    page.get_by_role("button", name="개수 입력").click()
    expect(page.locator("#counted")).to_have_value("60")
    for key in "45":
        page.locator("#count-keypad").get_by_role("button", name=key, exact=True).click()
    page.locator("#count").get_by_role("button", name="담기").click()
    told(page, "담았어요")
    expect(page.locator(".pack-kind")).to_contain_text("45 / 60개")
    page.get_by_role("button", name="개수 입력").click()
    page.locator("#counted").fill("5")
    page.locator("#count").get_by_role("button", name="빼기").click()
    told(page, "뺐어요")
    expect(page.locator(".pack-kind")).to_contain_text("40 / 60개")
    expect(page.locator(".pack-kind")).to_contain_text("선반에 60개")
    page.get_by_role("button", name="개수 입력").click()
    page.locator("#counted").fill("0")
    page.locator("#count").get_by_role("button", name="담기").click()
    expect(page.locator("#count-told")).to_have_text("1부터 20000까지 숫자를 넣어 주세요.")


def test_a_sealed_crate_is_opened_again_printed_and_loaded(
    opened: Callable[..., Page], district: Loop, live_server: LiveServer
) -> None:
    crate, cups = district.new_crate(), district.passed_cups(2)
    packing = give(district, 2)
    page = opened(packing)
    gun(page, label(crate), *map(label, cups))
    told(page, "담았어요", "컵 355 mL 2 / 2")
    page.get_by_role("button", name="상자 봉인").click()
    told(page, "봉인했어요")
    page.get_by_role("button", name="봉인 열기").click()
    told(page, "봉인을 열었어요")
    page.get_by_role("button", name="상자 봉인").click()
    told(page, "봉인했어요")
    page.goto(f"{live_server.url}/moving/packing/{packing.id}/slip")
    expect(page.locator(".slip-code")).to_have_text(f"{crate[:4]}-{crate[4:8]}-{crate[8:]}")
    assert axe_violations(page) == []
    page.goto(f"{live_server.url}/moving/crates")
    page.wait_for_selector(READY, state="attached")
    gun(page, label(crate))
    told(page, "실었어요", "카페 하루 · 2개")
    expect(page.locator("#list")).to_contain_text("실음")
    expect(page.locator("#list tbody tr")).to_contain_text("카페 하루")


@pytest.mark.usefixtures("bowls")
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_it_fits_every_screen_and_axe_finds_nothing(
    opened: Callable[..., Page], district: Loop, live_server: LiveServer, lang: str
) -> None:
    crate, cups, dirty = district.new_crate(), district.passed_cups(6), district.new_cups()[0]
    moving = Moving(district)
    moving.decide(NABI, 30, day=local_day())
    give(district, 40, kind="bowl")
    packing = give(district, 6)
    for number, (width, height) in enumerate(SIZES):
        page = opened(packing, lang=lang, width=width, height=height)
        for code in (crate, cups[number], dirty):
            gun(page, label(code))
            expect(page.locator("#stage-word")).not_to_have_text("")
            page.wait_for_function("document.querySelector('#unsent').hidden")
            assert axe_violations(page) == []
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0
        assert small(page) == []
        page.locator(".pack-count").click()
        assert axe_violations(page) == [] and small(page) == []
        page.goto(f"{live_server.url}/moving/packing")
        assert axe_violations(page) == []
        assert small(page, "main .card a, main .card button, .day-tabs a") == []


def small(page: Page, which: str = "main button, main a") -> list[str]:
    """What is too small for wet gloves."""
    found: list[str] = page.evaluate(
        """which => [...document.querySelectorAll(which)].filter(e => e.offsetParent)
          .filter(e => e.offsetHeight < 64 || e.offsetWidth < 64).map(e => e.outerHTML)""",
        which,
    )
    return found
