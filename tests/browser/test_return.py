"""The tablet above a box: cups held up or typed, and thanked for one by one."""

import re
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import Page, Playwright, expect
from sqlalchemy.orm import Session

from lending.loop.codes import make_code
from lending.loop.steps import State
from lending.loop.tables import Item, Review, Scan
from lending.photos.tables import Photo
from lending.requests.tables import ReturnCredit
from tests.browser.box import (
    HELP,
    all_of,
    extras,
    filmed,
    give,
    press,
    returns,
    sent,
    show_member_qr,
    tell_of,
    told,
)
from tests.browser.films import film_cup, film_tray, looked_on
from tests.browser.live import LiveServer
from tests.browser.till import eventually
from tests.personas import BOX, MINJI, Loop

OpenBox = Callable[..., Page]


# -- with the camera ------------------------------------------------------------------------------


def test_a_cup_held_up_is_thanked_for_once(
    playwright_driver: Playwright, live_server: LiveServer, district: Loop, box_tablet: str, tmp_path: Path
) -> None:  # fmt: skip
    cup = district.lent_cup()
    with filmed(playwright_driver, film_cup(tmp_path, cup), live_server, box_tablet) as page:
        told(page, "고마워요! 반납했어요")
        expect(page.locator("#line")).to_have_text(re.compile(r"반납함 · \d+월 \d+일 \(.\) 오[전후] \d+:\d\d"))  # fmt: skip
        expect(page.locator("#count")).to_have_text("이번에 1개 반납했어요")
        expect(page.locator("#cups li")).to_have_text([f"··{cup[-4:]}"])
        sent(page)
        # It stays before the camera: the same return.
        looked_on(page, "#video", 10)
        expect(page.locator("#count")).to_have_text("이번에 1개 반납했어요")
    assert (district.item(cup).state, returns(district, cup)) == (State.RETURNED, 1)
    assert district.item(cup).site == district.town.sites[BOX]


def test_several_cups_in_one_picture(
    playwright_driver: Playwright, live_server: LiveServer, district: Loop, box_tablet: str, tmp_path: Path
) -> None:  # fmt: skip
    cups = district.clean_cups(12)
    with filmed(playwright_driver, film_tray(tmp_path, cups), live_server, box_tablet) as page:
        expect(page.locator("#count")).to_have_text("이번에 12개 반납했어요")
        sent(page)
    assert [returns(district, cup) for cup in cups] == [1] * 12
    with Session(district.engine) as session:
        states = session.scalars(sa.select(Item.state).where(Item.code.in_(cups))).all()
    assert set(states) == {State.RETURNED}


def test_an_unknown_cup_is_told_of_with_a_photo(
    playwright_driver: Playwright, live_server: LiveServer, district: Loop, box_tablet: str, tmp_path: Path
) -> None:  # fmt: skip
    stranger = make_code()
    with filmed(playwright_driver, film_cup(tmp_path, stranger), live_server, box_tablet) as page:
        # Held up: put in and kept, and the server does not know it.
        told(page, "처음 보는 컵이에요")
        expect(page.locator("#line")).to_contain_text("넣어 주시고 알려 주세요")
        page.click("#photo")
        expect(page.locator("#still")).to_be_visible()
        tell_of(page, "4821")
        eventually(page, lambda: len(all_of(district, Photo)) == 1)
    [scan] = [one for one in all_of(district, Scan) if one.code == stranger]
    entries = {one.subject: one for one in all_of(district, Review)}
    assert set(entries) == {"unknown_code", "unreadable_return"}
    told_of = entries["unreadable_return"]
    assert (told_of.scan_id, told_of.note) == (scan.id, "4821")
    [photo] = all_of(district, Photo)
    assert photo.about == scan.id and photo.jpeg.startswith(b"\xff\xd8")


# -- without it -----------------------------------------------------------------------------------


def test_the_first_screen_shows_both_ways_and_whom_to_call(open_box: Callable[..., Page]) -> None:
    box = open_box()
    told(box, "컵의 QR을 카메라에 보여 주세요")
    expect(box.get_by_role("textbox", name="또는 컵에 적힌 12자리를 눌러 주세요")).to_be_visible()
    expect(box.locator("#help")).to_have_text(f"도움이 필요하면 {HELP}")
    expect(box.locator("#camera-told")).to_contain_text("카메라를 쓸 수 없어요")
    expect(box.get_by_role("heading", level=1)).to_contain_text("반납함")


def test_a_number_is_typed_and_a_wrong_digit_told_at_once(
    open_box: OpenBox, district: Loop
) -> None:
    cup = district.lent_cup()
    wrong = cup[:-1] + str((int(cup[-1]) + 1) % 10)
    box = open_box()
    press(box, wrong[:-1])
    expect(box.locator("#typed-told")).to_have_text("1자리 남았어요")
    press(box, wrong[-1])
    expect(box.locator("#typed-told")).to_have_text("번호 한 자리가 틀려요. 다시 확인해 주세요.")
    told(box, "번호 한 자리가 틀려요. 다시 확인해 주세요.")
    box.click("#go")  # it is not taken
    expect(box.locator("#typed")).to_have_value(f"{wrong[:4]}-{wrong[4:8]}-{wrong[8:]}")
    box.click("[data-key='back']")
    press(box, cup[-1])
    expect(box.locator("#typed-told")).to_contain_text("번호가 맞아요")
    box.click("#go")
    told(box, "고마워요! 반납했어요")
    expect(box.locator("#typed")).to_have_value("")
    sent(box)
    assert returns(district, cup) == 1
    # The same cup again within minutes is the same return, in a calm word.
    press(box, cup)
    box.click("#go")
    told(box, "이미 반납했어요")
    expect(box.locator("#count")).to_have_text("이번에 1개 반납했어요")
    press(box, "0")
    expect(box.locator("#typed-told")).to_contain_text("12자리예요")
    assert returns(district, cup) == 1


def test_by_keyboard_alone(open_box: OpenBox, district: Loop) -> None:
    cup = district.lent_cup()
    box = open_box()

    def walk_to(name: str) -> None:
        for _ in range(40):
            box.keyboard.press("Tab")
            if box.evaluate("document.activeElement.id") == name:
                return
        raise AssertionError(f"Tab does not come to {name}")

    walk_to("typed")
    box.keyboard.type(cup, delay=130)
    box.keyboard.press("Enter")
    told(box, "고마워요! 반납했어요")
    expect(box.locator("#spoken")).to_contain_text("고마워요. 컵 1개 반납했어요.")
    walk_to("report")
    box.keyboard.press("Enter")
    told(box, "넣어 주시고 알려 주세요")
    assert box.evaluate("document.activeElement.id") == "word"
    walk_to("report-cancel")
    box.keyboard.press("Enter")
    told(box, "컵의 QR을 카메라에 보여 주세요")
    # Digits typed with the focus nowhere come to the field as well.
    box.evaluate("document.activeElement.blur()")
    box.keyboard.type("48", delay=130)
    expect(box.locator("#typed")).to_have_value("48")


def test_a_cup_nobody_can_read_is_told_of_without_a_camera(
    open_box: OpenBox, district: Loop
) -> None:
    box = open_box()
    box.click("#report")
    expect(box.locator("#photo")).to_be_disabled()
    tell_of(box, "482")
    eventually(box, lambda: len(all_of(district, Review)) == 1)
    [entry] = all_of(district, Review)
    assert (entry.subject, entry.note) == ("unreadable_return", "482")
    assert entry.site_id == district.town.sites[BOX]
    expect(box.locator("#typed")).to_have_value("")


def test_a_member_qr_beside_the_cups(
    open_box: OpenBox, district: Loop, live_server: LiveServer
) -> None:
    first, second, later = (district.lent_cup() for _ in range(3))
    box = open_box()
    give(box, first)
    told(box, "고마워요! 반납했어요")
    code = show_member_qr(box, district)
    expect(box.locator("#line")).to_have_text("이번에 반납한 컵의 포인트가 나중에 여기로 가요.")
    waiting = extras(box)
    assert [one["kind"] for one in waiting] == ["member"]
    assert waiting[0]["member"].startswith("S1.")  # the tablet cannot read it back
    assert code not in str(waiting)
    give(box, second)
    expect(box.locator("#count")).to_have_text("이번에 2개 반납했어요")
    box.click("#done")
    told(box, "컵의 QR을 카메라에 보여 주세요")
    give(box, later)  # the next person's
    eventually(box, lambda: len(all_of(district, ReturnCredit)) == 2)
    sent(box)
    credited = {one.scan_id for one in all_of(district, ReturnCredit)}
    codes = {one.code for one in all_of(district, Scan) if one.id in credited}
    assert codes == {first, second}
    owners = {one.resident_id for one in all_of(district, ReturnCredit)}
    assert owners == {district.town.residents[MINJI]}
