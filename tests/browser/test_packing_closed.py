"""A packing list closed by mistake is opened again at the table; a slip is scanned like its crate."""

import io
from collections.abc import Callable

import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from lending.moving.rounds.beeps import Move
from tests.browser.live import LiveServer, axe_violations
from tests.browser.packing import give, told
from tests.browser.test_packing import opened, small, tablet
from tests.browser.till import gun, label
from tests.moving.conftest import Moving
from tests.personas import Loop

__all__ = ["opened", "tablet"]


def test_a_list_is_opened_again_until_a_crate_is_loaded(
    opened: Callable[..., Page], district: Loop
) -> None:
    crate, cups = district.new_crate(), district.passed_cups(2)
    packing = give(district, 2)
    page = opened(packing)
    close, again = (
        page.get_by_role("button", name=name) for name in ("포장 마침", "목록 다시 열기")
    )
    expect(again).to_be_hidden()
    gun(page, label(crate), label(cups[0]))
    told(page, "담았어요", "컵 355 mL 1 / 2")
    page.get_by_role("button", name="상자 봉인").click()
    told(page, "봉인했어요")
    close.click()
    told(page, "포장을 마쳤어요")
    expect(close).to_be_hidden()
    assert axe_violations(page) == [] and small(page) == []
    page.reload()  # it is closed for whoever comes next as well
    told(page, "포장을 마친 목록이에요")
    again.click()
    told(page, "목록을 다시 열었어요", "봉인한 상자는 그대로예요")
    expect(page.locator(".pack-crate.is-sealed")).to_have_count(1)
    expect(again).to_be_hidden()
    gun(page, label(district.new_crate()), label(cups[1]))
    told(page, "담았어요", "컵 355 mL 2 / 2")
    close.click()
    told(page, "포장을 마쳤어요")
    # The van comes while the packer still looks at the page.
    Moving(district).beep(Move.LOAD, crate)
    again.click()
    told(page, "다시 열 수 없어요", "이미 실은 상자가 있는 목록이에요")
    expect(again).to_be_hidden()
    expect(close).to_be_hidden()


def test_a_slip_is_scanned_like_its_crate(
    opened: Callable[..., Page], district: Loop, live_server: LiveServer
) -> None:
    crate, cups = district.new_crate(), district.passed_cups(2)
    packing = give(district, 2)
    page = opened(packing)
    gun(page, label(crate), label(cups[0]))
    told(page, "담았어요", "컵 355 mL 1 / 2")
    page.goto(f"{live_server.url}/moving/packing/{packing.id}/slip")
    image = Image.open(io.BytesIO(page.locator(".slip").screenshot()))
    [found] = zxingcpp.read_barcodes(image)
    assert found.text.endswith(f"/i/{crate}")
    page.goto(f"{live_server.url}/moving/packing/{packing.id}")
    page.wait_for_selector("#table[data-ready='1']", state="attached")
    gun(page, found.text)
    told(page, "이어서 담기", "1개 담긴 상자예요")
