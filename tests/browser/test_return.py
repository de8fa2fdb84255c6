"""The tablet above a box: cups held up or typed, thanked for one by one, and no way out of it."""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, Playwright, expect
from sqlalchemy.orm import Session

from lending.boxes.tables import ReturnCredit
from lending.db import transaction
from lending.loop.codes import make_code
from lending.loop.steps import Action, State
from lending.loop.tables import Item, Review, Scan
from lending.people.members import member_code
from lending.people.residents import unseal_secret
from lending.people.tables import Resident
from lending.photos.tables import Photo
from lending.places.spots import Spot, place_site
from lending.places.tables import District
from lending.web.identity import DEVICE_COOKIE
from tests.browser.conftest import CHROMIUM, FLAGS, LiveServer, axe_violations, open_browser
from tests.browser.films import camera_flags, film_cup, film_tray
from tests.browser.till import gun, kept, pair_device_at
from tests.personas import BOX, MINJI, NABI, Loop

HELP = "032-560-1234"
# The service worker has put the page away with all it names.
IS_KEPT = """async () => {
  const keys = await (await caches.open("station /return")).keys();
  return keys.some((key) => new URL(key.url).pathname === "/return");
}"""
TABLET = {"width": 1024, "height": 768}
UPRIGHT = {"width": 768, "height": 1024}


@pytest.fixture
def tablet(district: Loop, engine: sa.Engine) -> str:
    """The credential of a tablet paired to the box."""
    with transaction(engine) as session:
        session.execute(sa.update(District).values(helpdesk=HELP))
    return pair_device_at(BOX, district, engine)


@pytest.fixture
def open_box(
    open_page: Callable[..., Page], live_server: LiveServer, tablet: str
) -> Callable[..., Page]:
    """Opens the return screen without a camera; it says so and goes on."""

    def open_one(*, clock: bool = False, **more: Any) -> Page:
        page = open_page(**TABLET | {"cookies": {DEVICE_COOKIE: tablet}} | more)
        if clock:
            page.clock.install()
        return show_box(page, live_server)

    return open_one


def show_box(page: Page, server: LiveServer) -> Page:
    page.goto(f"{server.url}/return")
    page.wait_for_selector("#box[data-ready='1']", state="attached")
    return page


@contextmanager
def filmed(driver: Playwright, film: Path, server: LiveServer, tablet: str) -> Iterator[Page]:
    """The return screen of a tablet whose camera shows this film."""
    with open_browser(driver, *camera_flags(film)) as browser:
        context = browser.new_context(viewport=TABLET)
        context.add_cookies([{"name": DEVICE_COOKIE, "value": tablet, "url": server.url}])
        yield show_box(context.new_page(), server)


def told(page: Page, word: str | re.Pattern[str]) -> None:
    """The stage shows this word."""
    expect(page.locator("#word")).to_have_text(word)


def give(page: Page, code: str) -> None:
    """A cup whose number is typed in one go."""
    page.fill("#typed", code)
    page.press("#typed", "Enter")


def press(page: Page, digits: str) -> None:
    """The large keys, one after the other."""
    for digit in digits:
        page.click(f"[data-key='{digit}']")


def all_of(district: Loop, table: type[Any]) -> list[Any]:
    with Session(district.engine) as session:
        return list(session.scalars(sa.select(table)))


def returns(district: Loop, code: str) -> int:
    """How often a cup was recorded as returned at the box."""
    with Session(district.engine) as session:
        query = sa.select(sa.func.count()).where(
            Scan.code == code,
            Scan.action == Action.RETURN,
            Scan.site_id == district.town.sites[BOX],
        )
        return session.scalar(query) or 0


def sent(page: Page) -> None:
    """Nothing waits in the browser any more."""
    eventually(page, lambda: kept(page) == [])


def place(district: Loop, site: str, *spot: float) -> None:
    """How much the place's box holds, and where it lies."""
    where = {"district_id": district.town.id, "site_id": district.town.sites[site]}
    district.write(lambda s: place_site(s, **where, spot=Spot(*spot)))


def eventually(page: Page, check: Callable[[], bool]) -> None:
    """`check` becomes true within ten seconds."""
    for _ in range(100):
        if check():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come to be")


# -- with the camera ------------------------------------------------------------------------------


def test_a_cup_held_up_is_thanked_for_once(
    playwright_driver: Playwright, live_server: LiveServer, district: Loop, tablet: str, tmp_path: Path
) -> None:  # fmt: skip
    cup = district.lent_cup()
    with filmed(playwright_driver, film_cup(tmp_path, cup), live_server, tablet) as page:
        told(page, "고마워요! 반납했어요")
        expect(page.locator("#line")).to_have_text(re.compile(r"반납함 · \d+월 \d+일 \(.\) 오[전후] \d+:\d\d"))  # fmt: skip
        expect(page.locator("#count")).to_have_text("이번에 1개 반납했어요")
        expect(page.locator("#cups li")).to_have_text([f"··{cup[-4:]}"])
        sent(page)
        # It stays before the camera: the same return.
        looks = int(page.locator("#video").get_attribute("data-looks") or 0)
        page.wait_for_function("n => Number(video.dataset.looks) > n + 10", arg=looks)
        expect(page.locator("#count")).to_have_text("이번에 1개 반납했어요")
    assert (district.item(cup).state, returns(district, cup)) == (State.RETURNED, 1)
    assert district.item(cup).site == district.town.sites[BOX]


def test_several_cups_in_one_picture(
    playwright_driver: Playwright, live_server: LiveServer, district: Loop, tablet: str, tmp_path: Path
) -> None:  # fmt: skip
    cups = district.clean_cups(12)
    with filmed(playwright_driver, film_tray(tmp_path, cups), live_server, tablet) as page:
        expect(page.locator("#count")).to_have_text("이번에 12개 반납했어요", timeout=20_000)
        sent(page)
    assert [returns(district, cup) for cup in cups] == [1] * 12
    with Session(district.engine) as session:
        states = session.scalars(sa.select(Item.state).where(Item.code.in_(cups))).all()
    assert set(states) == {State.RETURNED}


def test_an_unknown_cup_is_told_of_with_a_photo(
    playwright_driver: Playwright, live_server: LiveServer, district: Loop, tablet: str, tmp_path: Path
) -> None:  # fmt: skip
    stranger = make_code()
    with filmed(playwright_driver, film_cup(tmp_path, stranger), live_server, tablet) as page:
        # Held up: put in and kept, and the server does not know it.
        told(page, "처음 보는 컵이에요")
        expect(page.locator("#line")).to_contain_text("넣어 주시고 알려 주세요")
        page.click("#photo")
        expect(page.locator("#still")).to_be_visible()
        press(page, "4821")
        page.click("#go")
        told(page, "고마워요! 담당자에게 알렸어요")
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
    open_box: Callable[..., Page], district: Loop
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


def test_by_keyboard_alone(open_box: Callable[..., Page], district: Loop) -> None:
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
    open_box: Callable[..., Page], district: Loop
) -> None:
    box = open_box()
    box.click("#report")
    expect(box.locator("#photo")).to_be_disabled()
    press(box, "482")
    box.click("#go")
    told(box, "고마워요! 담당자에게 알렸어요")
    eventually(box, lambda: len(all_of(district, Review)) == 1)
    [entry] = all_of(district, Review)
    assert (entry.subject, entry.note) == ("unreadable_return", "482")
    assert entry.site_id == district.town.sites[BOX]
    expect(box.locator("#typed")).to_have_value("")


def test_a_member_qr_beside_the_cups(
    open_box: Callable[..., Page], district: Loop, live_server: LiveServer
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


def test_a_member_qr_waits_for_its_returns(open_box: Callable[..., Page], district: Loop) -> None:
    cup = district.lent_cup()
    box = open_box(service_workers="block")
    asked: list[str] = []
    box.on("request", lambda request: asked.append(request.url.rpartition("/return/")[2]))
    box.route("**/station/scans", lambda route: route.abort())
    show_member_qr(box, district)
    give(box, cup)
    told(box, "고마워요! 반납했어요")
    box.click("#done")
    box.evaluate("dispatchEvent(new Event('online'))")
    box.wait_for_timeout(400)
    assert "member" not in asked and len(extras(box)) == 1
    box.unroute("**/station/scans")
    box.evaluate("dispatchEvent(new Event('online'))")
    eventually(box, lambda: extras(box) == [])
    assert len(all_of(district, ReturnCredit)) == 1


def show_member_qr(page: Page, district: Loop) -> str:
    """Minji's phone before the reader, until the box has taken it; what it showed."""
    with Session(district.engine) as session:
        row = session.get(Resident, district.town.residents[MINJI])
        assert row is not None and row.member_secret is not None
        secret = unseal_secret(district.keys, row.id, row.member_secret)
        code = member_code(secret, row.member_number, datetime.now(UTC))
    for _ in range(3):  # a busy machine stumbles while it types so long a text: shot again
        gun(page, code)
        page.wait_for_timeout(300)
        if page.inner_text("#word") == "회원 QR을 확인했어요":
            break
    told(page, "회원 QR을 확인했어요")
    return code


def extras(page: Page) -> list[dict[str, Any]]:
    """What waits beside the returns."""
    found: list[dict[str, Any]] = page.evaluate(
        """() => new Promise((resolve) => {
          const opening = indexedDB.open("return");
          opening.onsuccess = () => {
            const reading = opening.result.transaction("extras").objectStore("extras").getAll();
            reading.onsuccess = () => (opening.result.close(), resolve(reading.result));
          };
        })"""
    )
    return found


# -- without a network ----------------------------------------------------------------------------


@contextmanager
def persistent(
    driver: Playwright, folder: Path, server: LiveServer, tablet: str
) -> Iterator[BrowserContext]:
    """A browser whose profile outlives it."""
    context = driver.chromium.launch_persistent_context(
        folder, executable_path=CHROMIUM, headless=True, args=list(FLAGS), viewport=TABLET
    )
    context.add_cookies([{"name": DEVICE_COOKIE, "value": tablet, "url": server.url}])
    try:
        yield context
    finally:
        context.close()


def test_it_opens_cold_without_a_network_and_sends_later(
    playwright_driver: Playwright, live_server: LiveServer, district: Loop, tablet: str, tmp_path: Path
) -> None:  # fmt: skip
    before, during, cold = (district.lent_cup() for _ in range(3))
    with persistent(playwright_driver, tmp_path, live_server, tablet) as context:
        page = show_box(context.new_page(), live_server)
        eventually(page, lambda: page.evaluate(IS_KEPT))
        give(page, before)
        sent(page)
        context.set_offline(True)
        give(page, during)
        told(page, "고마워요! 반납했어요")
        page.click("#report")
        press(page, "77")
        page.click("#go")
        told(page, "고마워요! 담당자에게 알렸어요")
        expect(page.locator("#waiting")).to_have_text(
            re.compile(r"아직 보내지 못한 기록 2건 \(.*부터\) · 이 기기에 안전하게 저장됨")
        )
        assert returns(district, during) == 0
    # The power goes and comes back; the network does not. Not even the server is there.
    live_server.stop()
    try:
        with persistent(playwright_driver, tmp_path, live_server, tablet) as context:
            page = show_box(context.new_page(), live_server)
            press(page, cold)
            page.click("#go")
            told(page, "고마워요! 반납했어요")
            expect(page.locator("#waiting")).to_contain_text("기록 3건")
            assert len(kept(page)) == 2
            live_server.start()
            page.evaluate("dispatchEvent(new Event('online'))")
            sent(page)
            eventually(page, lambda: len(all_of(district, Review)) == 1)
            expect(page.locator("#waiting")).to_be_hidden()
    finally:
        if live_server.process is None:
            live_server.start()
    assert [returns(district, cup) for cup in (before, during, cold)] == [1, 1, 1]
    [entry] = all_of(district, Review)
    assert entry.note == "77"


def test_a_report_whose_answer_was_lost_stands_once(
    open_box: Callable[..., Page], district: Loop
) -> None:
    box = open_box(service_workers="block")
    lost = []

    def lose(route) -> None:
        if len(lost) < 3:
            lost.append(route.request.post_data_json["id"])
            route.fetch()
            route.abort()
        else:
            route.continue_()

    box.route("**/return/report", lose)
    box.click("#report")
    box.click("#go")
    told(box, "고마워요! 담당자에게 알렸어요")
    for _ in range(3):
        box.evaluate("dispatchEvent(new Event('online'))")
        box.wait_for_timeout(250)
    eventually(box, lambda: extras(box) == [])
    assert len(lost) == 3 and len(set(lost)) == 1
    assert [str(one.scan_id) for one in all_of(district, Review)] == lost[:1]


def test_a_browser_that_keeps_nothing_takes_no_cup(
    open_box: Callable[..., Page], district: Loop
) -> None:
    cup = district.lent_cup()
    box = open_box()
    box.evaluate(
        """() => {
          IDBObjectStore.prototype.put = function () {
            throw new DOMException("the disk is full", "QuotaExceededError");
          };
        }"""
    )
    give(box, cup)
    told(box, "지금은 반납을 기록할 수 없어요")
    expect(box.locator("#line")).to_contain_text(HELP)
    expect(box.locator("#visit")).to_be_hidden()
    assert district.item(cup).state is State.LENT


# -- nobody stays, nothing leads out --------------------------------------------------------------


def test_after_twenty_seconds_everything_begins_anew(
    open_box: Callable[..., Page], district: Loop
) -> None:
    cup = district.lent_cup()
    box = open_box(clock=True)
    box.click("[data-language='en']")
    give(box, cup)
    told(box, "Thank you! It is returned")
    press(box, "48")
    box.clock.fast_forward(13_500)
    expect(box.locator("#ending")).to_be_hidden()
    box.clock.fast_forward(1_000)
    expect(box.locator("#ending")).to_be_visible()
    box.click("#report")  # somebody is still there
    expect(box.locator("#ending")).to_be_hidden()
    box.clock.fast_forward(19_000)
    told(box, "Put it in, and tell us")
    box.clock.fast_forward(1_500)
    told(box, "컵의 QR을 카메라에 보여 주세요")
    expect(box.locator("html")).to_have_attribute("lang", "ko")
    expect(box.locator("#visit")).to_be_hidden()
    expect(box.locator("#typed")).to_have_value("")
    expect(box.locator("#report-tools")).to_be_hidden()
    expect(box.locator("#go")).to_have_text("반납하기")


def test_no_link_and_no_key_leads_out(
    open_box: Callable[..., Page], district: Loop, live_server: LiveServer
) -> None:
    box = open_box()
    here = f"{live_server.url}/return"
    assert box.locator("a, area, iframe, object, embed, [target]").count() == 0
    assert box.locator("form[action]").count() == 0
    asked: list[str] = []
    box.on("request", lambda request: asked.append(request.url))
    box.context.on("page", lambda page: asked.append(f"a second page: {page.url}"))
    box.evaluate("history.back()")
    for key in ("Alt+ArrowLeft", "Alt+ArrowRight", "Backspace", "F1", "Control+n", "Control+l", "Control+o", "Control+p"):  # fmt: skip
        box.keyboard.press(key)
    box.evaluate("history.go(-1)")
    box.click("#typed", button="middle")
    for name in ("contextmenu", "dragstart", "drop", "dragover", "selectstart", "auxclick"):
        refused = box.evaluate(
            """name => !document.querySelector("#word").dispatchEvent(
              new Event(name, { bubbles: true, cancelable: true }))""",
            name,
        )
        assert refused, name
    assert box.evaluate("getComputedStyle(document.querySelector('#word')).userSelect") == "none"
    for button in box.locator("button:visible").all():
        if button.is_enabled() and button.is_visible():
            button.click()
    box.wait_for_timeout(200)
    assert box.url == here
    assert box.evaluate("document.querySelector('#box').dataset.ready") == "1"
    elsewhere = [url for url in asked if not url.startswith((live_server.url, "blob:", "data:"))]
    assert not elsewhere
    documents = box.evaluate("performance.getEntriesByType('navigation').length")
    assert documents == 1  # the page was never left
    if box.locator("#report-cancel").is_visible():  # every button was pressed: also "report"
        box.click("#report-cancel")
    give(box, district.lent_cup())
    told(box, "Thank you! It is returned")  # … and "English"


def test_what_is_said_aloud_can_be_switched_off(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop, tablet: str
) -> None:
    page = open_page(**TABLET, cookies={DEVICE_COOKIE: tablet})
    page.add_init_script(
        """window.said = [];
        speechSynthesis.speak = (sentence) => window.said.push([sentence.lang, sentence.text]);"""
    )
    show_box(page, live_server)

    def said() -> list[list[str]]:
        found: list[list[str]] = page.evaluate("window.said")
        return found

    give(page, district.lent_cup())
    eventually(page, lambda: len(said()) > 0)
    assert said()[-1] == ["ko-KR", "고마워요. 컵 1개 반납했어요. 컵을 반납함에 넣어 주세요."]
    page.click("[data-language='en']")
    eventually(page, lambda: said()[-1][0] == "en-US")
    page.click("#speech")
    expect(page.locator("#speech")).to_have_attribute("aria-pressed", "false")
    before = len(said())
    give(page, district.lent_cup())
    expect(page.locator("#spoken")).to_contain_text("Cups returned: 2")  # screen readers still hear
    assert len(said()) == before
    page.reload()
    expect(page.locator("#speech")).to_have_attribute("aria-pressed", "false")


def test_a_full_box_says_so_and_takes_the_cup_all_the_same(
    open_box: Callable[..., Page], district: Loop
) -> None:
    place(district, BOX, 2, 37.5453, 126.6760)
    place(district, NABI, 0, 37.5470, 126.6790)
    cups = [district.lent_cup() for _ in range(3)]
    district.give_back(cups[0], by=district.town.machine)
    box = open_box()
    expect(box.locator("#full")).to_be_hidden()
    box.context.set_offline(True)
    give(box, cups[1])
    expect(box.locator("#full")).to_have_text(
        "반납함이 가득 찼어요 – 자리가 있는 가까운 곳: 카페 나비 (330 m). 들어가면 넣어도 반납으로 기록돼요."
    )
    give(box, cups[2])
    expect(box.locator("#count")).to_have_text("이번에 2개 반납했어요")
    box.context.set_offline(False)
    sent(box)
    assert [returns(district, cup) for cup in cups] == [1, 1, 1]
    box.reload()
    box.click("[data-language='en']")
    expect(box.locator("#full")).to_contain_text("The nearest with room is Café Nabi (330 m)")


def test_a_revoked_tablet_keeps_what_it_has(
    open_box: Callable[..., Page], district: Loop, engine: sa.Engine
) -> None:
    cup = district.lent_cup()
    box = open_box()
    with transaction(engine) as session:
        session.execute(sa.text("UPDATE device SET revoked_at = paired_at, credential_hash = NULL"))
    give(box, cup)
    told(box, "고마워요! 반납했어요")
    expect(box.locator("#waiting")).to_contain_text("이 기기의 연결이 끝났어요")
    [waiting] = kept(box)
    assert uuid.UUID(waiting["id"]) and waiting["code"] == cup
    assert returns(district, cup) == 0


# -- for everybody --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [TABLET, UPRIGHT, {"width": 390, "height": 844}])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_axe_finds_nothing_and_targets_are_large(
    open_box: Callable[..., Page], district: Loop, size: dict[str, int], language: str
) -> None:
    place(district, BOX, 1, 37.5453, 126.6760)
    place(district, NABI, 0, 37.5470, 126.6790)
    district.give_back(district.lent_cup(), by=district.town.machine)  # full: one more line
    box = open_box(**size)
    expect(box.locator("#full")).to_be_visible()
    states: list[Callable[[], None]] = [
        lambda: box.click(f"[data-language='{language}']"),
        lambda: press(box, "482109375519"),
        lambda: give(box, district.lent_cup()),
        lambda: box.click("#report"),
    ]
    for bring_about in states:
        bring_about()
        box.wait_for_timeout(250)  # colours come to rest
        assert axe_violations(box) == []
        small = box.evaluate(
            """() => [...document.querySelectorAll("button, input")]
              .filter((one) => one.offsetParent)
              .map((one) => [one.id || one.textContent, one.getBoundingClientRect()])
              .filter(([, { width, height }]) => width < 64 || height < 64)
              .map(([name]) => name)"""
        )
        assert small == []
        if size["height"] >= 768 and size["width"] >= 700:
            hidden = box.evaluate(
                """() => [...document.querySelectorAll("button, input, #help")]
                  .filter((one) => one.offsetParent)
                  .filter((one) => {
                    const { x, y, width, height } = one.getBoundingClientRect();
                    const top = document.elementFromPoint(x + width / 2, y + height - 3);
                    return y + height > innerHeight || !(top && (one.contains(top) || top.contains(one)));
                  }).map((one) => one.id || one.textContent)"""
            )
            assert hidden == []  # everything is in reach without scrolling
        wide = box.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
