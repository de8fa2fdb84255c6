"""Somebody at home with a lid in their hand asks for pick-up; the office looks at what failed."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from lending.people.tables import AccessLog
from lending.photos.tables import Photo
from lending.requests.pickups.sheet import PickupSheet, load_sheets
from lending.requests.pickups.tables import Where
from lending.requests.pickups.views import PickupView, open_pickups
from tests.browser.full_district import add_people
from tests.browser.live import PHONE, LiveServer, axe_violations
from tests.browser.test_every_page import sign_in_officer
from tests.personas import Loop
from tests.photos.pictures import jpeg_with_metadata
from tests.pickups.conftest import HOME, Deliveries
from tests.pickups.test_ask import TYPED


@pytest.fixture
def shop(district: Loop) -> Deliveries:
    """Duri's orders of the last hours."""
    return Deliveries(district)


def waiting(shop: Deliveries) -> list[PickupView]:
    found: list[PickupView] = shop.read(
        open_pickups, district_id=shop.town.id, today=datetime.now(UTC).date()
    )
    return found


def sheet(shop: Deliveries) -> PickupSheet:
    [one] = waiting(shop)
    given = {"pickup_ids": [one.id], "keys": shop.loop.keys, "now": datetime.now(UTC)}
    found: PickupSheet = shop.read(load_sheets, **given)[one.id]
    return found


def test_a_lid_is_picked_up(
    open_page: Callable[..., Page], live_server: LiveServer, shop: Deliveries
) -> None:
    """From the lid's QR to the last piece at the centre, without an account or a phone number."""
    _, (lid, other) = shop.order(2)
    phone = open_page(**PHONE)
    phone.goto(f"{live_server.url}/i/{lid}")
    phone.get_by_role("link", name="수거 요청하기").click()
    expect(phone.get_by_role("heading", name="그릇 수거 요청")).to_be_visible()
    assert axe_violations(phone) == []
    # Where the order was brought to is known, and shown to nobody.
    assert HOME.address not in phone.content()
    assert "심곡로" not in phone.content()
    expect(phone.get_by_label("가지러 갈 주소")).to_be_hidden()
    phone.get_by_label("네, 문 앞이 아닌 다른 자리에 둘게요").check()
    phone.get_by_role("button", name="가지러 와 주세요").click()
    expect(phone.get_by_text("이 칸을 채워 주세요.")).to_be_visible()  # where, then?
    phone.get_by_label("어디에 두나요?").fill("1층 무인함")
    phone.get_by_label("언제 가지러 갈까요?").select_option(index=2)
    picture = {
        "name": "door.jpg",
        "mimeType": "image/jpeg",
        "buffer": jpeg_with_metadata(2400, 1200, orientation=6),
    }
    phone.set_input_files("#photo", [picture])  # type: ignore[list-item]
    expect(phone.get_by_text("사진을 함께 보내요.")).to_be_visible()
    send = phone.get_by_role("button", name="가지러 와 주세요")
    send.dblclick()
    phone.wait_for_url(re.compile(r"/pickup/[0-9A-Z]{10}$"))
    assert axe_violations(phone) == []
    code = phone.locator("#request-code").inner_text()
    assert re.fullmatch(r"[0-9A-Z]{5}-[0-9A-Z]{5}", code)
    [request] = waiting(shop)
    assert (request.place, request.pieces, request.from_at is not None) == (Where.NOTE, 2, True)
    assert sheet(shop).note == f"1층 무인함 · {HOME.note}"
    assert [size for size in photos(shop) if size] != []
    # The other lid of the order: asked for already; this phone sees its own request.
    phone.goto(f"{live_server.url}/i/{other}/pickup")
    expect(phone.get_by_role("heading", name="이미 수거를 요청했어요")).to_be_visible()
    phone.get_by_role("link", name="내 요청 보기").click()
    expect(phone.locator("#request-code")).to_have_text(code)
    # A neighbour sees that, and nothing of it.
    neighbour = open_page(**PHONE)
    neighbour.goto(f"{live_server.url}/i/{other}/pickup")
    expect(neighbour.get_by_role("heading", name="이미 수거를 요청했어요")).to_be_visible()
    assert code not in neighbour.content()
    neighbour.get_by_role("link", name="요청 코드로 보기").click()
    neighbour.get_by_label("요청 코드").fill(code.lower())
    neighbour.get_by_role("button", name="요청 찾기").click()
    expect(neighbour.locator("#request-code")).to_have_text(code)
    expect(neighbour.get_by_role("button", name="요청 거두기")).to_be_visible()
    # The courier has it; the centre counts.
    shop.take(request.id)
    phone.reload()
    expect(phone.get_by_text("가져간 뒤로는 기한이 가지 않아요.")).to_be_visible()
    expect(phone.get_by_role("button", name="요청 거두기")).to_have_count(0)
    for piece in (lid, other):
        shop.loop.receive(piece)
    shop.settle()
    phone.reload()
    expect(phone.get_by_text("모두 돌아왔어요")).to_be_visible()
    assert photos(shop) == []
    phone.goto(f"{live_server.url}/i/{lid}/pickup")
    expect(phone.get_by_role("heading", name="지금은 가지러 갈 것이 없어요")).to_be_visible()


def photos(shop: Deliveries) -> list[int]:
    """The sizes of the photos kept."""
    with Session(shop.loop.engine) as session:
        return [len(jpeg) for jpeg in session.scalars(sa.select(Photo.jpeg))]


def test_from_elsewhere_in_english_and_taken_back(
    open_page: Callable[..., Page], live_server: LiveServer, shop: Deliveries
) -> None:
    """Where it was brought to is not known: the address is typed, the position shared on a tap."""
    _, (lid,) = shop.order(1, home=None)
    more: dict[str, Any] = {
        "geolocation": {"latitude": 37.5512, "longitude": 126.6821}, "permissions": ["geolocation"],
    }  # fmt: skip
    phone = open_page(**PHONE, cookies={"lang": "en"}, **more)
    phone.goto(f"{live_server.url}/i/{lid}")
    phone.get_by_role("link", name="Ask for pick-up").click()
    assert axe_violations(phone) == []
    phone.get_by_label("Address to pick up from").fill("3 Seogot-ro, 2F")
    phone.get_by_role("button", name="Share where I am as well").click()
    expect(phone.get_by_text("Your position will be sent along.")).to_be_visible()
    phone.get_by_role("button", name="Please pick it up").click()
    expect(phone.get_by_role("heading", name="My pick-up request")).to_be_visible()
    assert axe_violations(phone) == []
    found = sheet(shop)
    assert (found.address, found.latitude, found.longitude) == (
        "3 Seogot-ro, 2F",
        37.5512,
        126.6821,
    )
    assert "Seogot" not in phone.content()
    phone.get_by_role("button", name="Take the request back").click()
    expect(phone.get_by_text("The request was taken back")).to_be_visible()
    assert waiting(shop) == []
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.goto(f"{live_server.url}/i/{lid}/pickup")
    expect(phone.locator("#pickup-form")).to_be_visible()


def test_the_office_decides_what_failed(
    open_page: Callable[..., Page], live_server: LiveServer, shop: Deliveries
) -> None:
    add_people(shop.loop)
    _, (lid,) = shop.order(1)
    asked = shop.ask(lid, place=Where.ELSEWHERE, spot=TYPED)
    for _ in range(3):
        shop.miss(asked.pickup.id)
    desk = open_page()
    sign_in_officer(desk, live_server.url)
    desk.goto(f"{live_server.url}/office/pickups")
    desk.get_by_role("link", name="두리분식").click()
    assert TYPED.address not in desk.content()
    desk.get_by_role("button", name="주소와 메모 보기").click()
    expect(desk.get_by_text(TYPED.address)).to_be_visible()
    with Session(shop.loop.engine) as session:
        assert "pickup" in session.scalars(sa.select(AccessLog.what)).all()
    desk.get_by_role("button", name="다시 보내기").click()
    expect(desk.get_by_text("다음 수거 차례에 다시 넣었어요.")).to_be_visible()
    assert [one.id for one in waiting(shop)] == [asked.pickup.id]
    desk.get_by_label("가지 않기로 했다면, 그 까닭").fill("이사한 집")
    desk.get_by_role("button", name="요청 닫기").click()
    expect(desk.get_by_text("요청을 닫았어요.")).to_be_visible()
    desk.goto(f"{live_server.url}/office/pickups/ended")
    expect(desk.get_by_role("link", name="두리분식")).to_be_visible()
    desk.goto(f"{live_server.url}/office/pickups/settings")
    desk.get_by_label("늦었다고 보기까지 (시간)").fill("0")
    desk.get_by_role("button", name="저장하기").click()
    desk.get_by_label("늦었다고 보기까지 (시간)").fill("12")
    desk.get_by_role("button", name="저장하기").click()
    expect(desk.get_by_text("수거 설정을 저장했어요.")).to_be_visible()
