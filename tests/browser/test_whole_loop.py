"""The whole loop as people walk it: phone, till, courier, washing centre, and the cup goes out again."""

import json
import os
import re
import subprocess
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
import sqlalchemy as sa
import zxingcpp
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from lending.labels.sheets import CELL_HEIGHT, CELL_WIDTH, SheetText, cell_corner, write_sheets
from lending.loop.codes import format_code
from lending.loop.commands import Command, command_text
from lending.loop.steps import State
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import FAKE_CAMERA, LiveServer, open_browser
from tests.browser.till import READY, eventually, gun, pair_device_at, told
from tests.mail import make_demo
from tests.personas import HARU, SORA, WASH, Loop
from tests.processes import LENDING

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True}
TABLET = {"viewport": {"width": 1180, "height": 820}, "permissions": ["camera"]}
A4_HEIGHT = 297.0
DOTS = 12  # per millimetre, as an office printer draws
GREY = (120, 120, 120)

Opener = Callable[..., BrowserContext]


@pytest.fixture
def cups(district: Loop) -> list[str]:
    """Two clean cups at Mina's café; the district is a demo, so messages go to the inbox."""
    make_demo(district)
    return district.clean_cups(2)


@pytest.fixture
def open_context(
    playwright_driver: Playwright, live_server: LiveServer, cups: list[str], tmp_path: Path
) -> Iterator[Opener]:
    """Devices of several people in one browser, whose camera sees the second cup's printed label."""
    film = print_label(tmp_path, live_server.url, cups)
    flags = (*FAKE_CAMERA, f"--use-file-for-fake-video-capture={film}")
    errors: list[str] = []
    with open_browser(playwright_driver, *flags) as browser:

        def open_one(device: str = "", **more) -> BrowserContext:
            context = browser.new_context(**more)
            context.on("weberror", lambda error: errors.append(str(error.error)))
            cookie = {"name": DEVICE_COOKIE, "value": device, "url": live_server.url}
            context.add_cookies([cookie] if device else [])
            return context

        yield open_one
    assert not errors


@pytest.fixture
def lending(live_server: LiveServer) -> Callable[..., str]:
    """Runs `lending …` beside the server, on its database; what it printed."""

    def run(*words: str) -> str:
        done = subprocess.run(
            [LENDING, *words],
            env=os.environ | live_server.environ | {"LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    return run


@pytest.fixture
def worker(live_server: LiveServer) -> Iterator[None]:
    """The process that sends messages."""
    settings = live_server.environ | {"LENDING_WORKER_SECONDS": "1"}
    environ, nowhere = os.environ | settings, subprocess.DEVNULL
    process = subprocess.Popen([LENDING, "worker"], env=environ, stdout=nowhere)
    yield
    process.terminate()
    process.wait(15)


@pytest.mark.usefixtures("worker")
def test_a_cup_goes_round_the_whole_loop(
    open_context: Opener,
    live_server: LiveServer,
    lending: Callable[..., str],
    engine: sa.Engine,
    district: Loop,
    cups: list[str],
) -> None:
    url, (cup, second) = live_server.url, cups
    courier = lending("token", "create", "--site", WASH, "--role", "courier").splitlines()[-1]
    phone = open_context(**PHONE).new_page()
    till = open_context(pair_device_at(HARU, district, engine), **TABLET).new_page()
    table = open_context(pair_device_at(WASH, district, engine), **TABLET).new_page()

    # A person nobody knows signs in on the phone, reads the notice and shows the member QR.
    sign_in(phone, url)
    expect(phone.get_by_text("지금 빌린 컵이 없어요.")).to_be_visible()

    # The café lends one cup by the barcode gun and one by the camera.
    till.goto(f"{url}/scan")
    till.wait_for_selector(READY, state="attached")
    gun(till, read_qr(phone))
    expect(till.locator("#person-label")).to_have_text("4321")
    beep(till, url, cup, "대여 완료")
    till.click("#camera")
    expect(till.locator("#person-cups")).to_have_text("컵 2개", timeout=30_000)
    expect(till.locator("#stage-cup")).to_contain_text(format_code(second))
    till.click("#camera")
    phone.goto(f"{url}/my")
    expect(phone.get_by_role("heading", name="빌린 컵 2개")).to_be_visible()

    # Anyone brings them back: two beeps, nobody shown.
    gun(till, command_text(Command.FINISH))
    expect(till.locator("#person")).to_be_hidden()
    for one in cups:
        beep(till, url, one, "반납 완료")
    phone.reload()
    expect(phone.get_by_text("지금 빌린 컵이 없어요.")).to_be_visible()

    # The courier takes them along; the centre washes them by the codes on its wall.
    carry(url, courier, "collect", cups, site=HARU)
    wash(table, url, cups)
    carry(url, courier, "ship", cups, site=WASH, to=HARU)

    # The café takes the clean cups in, and the same person borrows the same cup again.
    till.click("#stocking")
    for one in cups:
        beep(till, url, one, "깨끗한 컵 받기")
    till.click("#stocking")
    gun(till, read_qr(phone))
    expect(till.locator("#person-label")).to_have_text("4321")
    beep(till, url, cup, "대여 완료")
    expect(till.locator("#person-cups")).to_have_text("컵 1개")

    # Everybody can see what became of the cup, only the borrower when it is due.
    stranger = open_context(**PHONE).new_page()
    for page, is_due in ((stranger, False), (phone, True)):
        page.goto(f"{url}/i/{cup}")
        # Uses before the last wash, and washes: nobody learns whether it is out now.
        expect(page.locator(".figure-value")).to_have_text(["1", "2"])
        expect(page.get_by_text("내가 빌렸어요.")).to_be_visible(visible=is_due)
    assert "Everything stored" in lending("verify")
    assert district.gaps(cup) == district.gaps(second) == []
    assert (district.item(cup).state, district.item(second).state) == (State.LENT, State.READY)
    assert (district.item(cup).uses, district.item(cup).washes) == (2, 2)


def sign_in(phone: Page, url: str) -> None:
    """By contact and the code from the demo's inbox, through the notice, to the member QR."""
    phone.goto(f"{url}/my")
    phone.get_by_label("휴대폰 번호 또는 이메일").fill(SORA)
    phone.get_by_role("button", name="인증번호 받기").click()
    with phone.expect_popup() as opened:
        phone.get_by_role("link", name="받은 메시지 보기").click()
    inbox = opened.value
    inbox.wait_for_url("**/demo/inbox")

    def arrived() -> bool:
        inbox.reload()
        return inbox.locator(".inbox-text").count() > 0

    eventually(inbox, arrived, 60)
    code = re.search(r"\d{6}", inbox.locator(".inbox-text").first.inner_text())
    assert code
    inbox.close()
    phone.get_by_role("textbox", name="인증번호").fill(code[0])
    phone.get_by_role("button", name="들어가기").click()
    phone.get_by_label("읽었어요. 저는 만 14세 이상이에요.").check()
    phone.get_by_role("button", name="시작하기").click()


def read_qr(phone: Page) -> str:
    """What the café's scanner reads off the phone's screen."""
    phone.wait_for_selector("#qr svg")
    picture = Image.open(BytesIO(phone.locator("#qr").screenshot()))
    return zxingcpp.read_barcodes(picture)[0].text


def beep(till: Page, url: str, cup: str, word: str) -> None:
    """A cup's label under the barcode gun; waits for what the till says about this cup."""
    gun(till, f"{url}/i/{cup}")
    expect(till.locator("#stage-cup")).to_contain_text(format_code(cup))
    told(till, word)


def wash(table: Page, url: str, cups: list[str]) -> None:
    """A set through receive, wash and pass; the screen is never touched."""
    table.goto(f"{url}/wash")
    table.wait_for_selector("#table[data-ready='1']", state="attached")
    gun(table, command_text(Command.RECEIVE))
    for number, cup in enumerate(cups, 1):
        gun(table, f"{url}/i/{cup}")
        expect(table.locator("#stage-count")).to_have_text(f"{number}개")
    for command, word in ((Command.WASH, "세척"), (Command.PASS, "검사 통과")):
        gun(table, command_text(command))
        told(table, word)
        expect(table.locator("#stage-count")).to_have_text(f"{len(cups)}개")
    gun(table, command_text(Command.FINISH))
    told(table, "마침")


def carry(url: str, token: str, action: str, cups: list[str], **more: str) -> None:
    """The courier's program reports what was just loaded, one call for all cups."""
    now = datetime.now(UTC).isoformat()
    fact = {"action": action, "at": now, "intent": "fact"} | more
    scans = [fact | {"id": str(uuid.uuid4()), "code": cup} for cup in cups]
    request = urllib.request.Request(
        f"{url}/api/v1/scans",
        data=json.dumps({"sent_at": now, "scans": scans}).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        receipts = json.load(answer)["receipts"]
    assert [one["result"] for one in receipts] == ["recorded"] * len(cups), receipts


def print_label(folder: Path, url: str, cups: list[str]) -> Path:
    """A film of one picture: the second label, cut from the printed sheet, lying on a grey table."""
    sheet = BytesIO()
    write_sheets(sheet, cups, SheetText(url, "컵 355 mL", "서해구"))
    page = pypdfium2.PdfDocument(sheet.getvalue())[0]
    paper = page.render(scale=DOTS * 25.4 / 72).to_pil().convert("RGB")
    left, bottom = cell_corner(1)
    top = A4_HEIGHT - bottom - CELL_HEIGHT
    cell = (left, top, left + CELL_WIDTH, top + CELL_HEIGHT)
    label = paper.crop(tuple(round(edge * DOTS) for edge in cell))
    table = Image.new("RGB", (1280, 720), GREY)
    table.paste(label.rotate(7, expand=True, fillcolor=GREY), (430, 150))
    film = folder / "label.mjpeg"
    table.save(film, "JPEG", quality=85)
    return film
