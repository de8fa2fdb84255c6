"""A resident's phone: the member QR made on it, also without a network; self-scan; every page."""

import re
import secrets
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa
import zxingcpp
from flask import Flask
from PIL import Image
from playwright.sync_api import Error, Page, expect

from lending.db import transaction
from lending.notices.drafts import open_draft
from lending.notices.outbox import claim_messages
from lending.people.contacts import ContactKind
from lending.people.members import (
    check_member_code,
    make_member_number,
    member_code,
    member_digits,
    read_member_code,
)
from lending.people.profile import agree_terms, load_profile
from lending.web.identity import RESIDENT_COOKIE, resident_cookie
from tests.browser.conftest import LiveServer, axe_violations
from tests.personas import MINJI, SORA, Loop

PHONE = {"width": 390, "height": 844, "device_scale_factor": 2, "has_touch": True}


@pytest.fixture
def cookie(app: Flask, district: Loop) -> str:
    """Minji's session; she was given the notice."""
    minji = district.town.residents[MINJI]
    with transaction(district.engine) as session:
        agree_terms(session, resident_id=minji, how="test", now=district.now)
    with app.app_context():
        return resident_cookie(minji, epoch=0)


@pytest.fixture
def phone(open_page: Callable[..., Page], cookie: str) -> Page:
    return open_page(cookies={RESIDENT_COOKIE: cookie}, **PHONE)


def read_qr(page: Page) -> str:
    """What a scanner sees of the QR on the screen."""
    picture = Image.open(BytesIO(page.locator("#qr").screenshot()))
    [found] = zxingcpp.read_barcodes(picture)
    return found.text


def is_minjis(loop: Loop, shown: str, at: datetime) -> bool:
    with transaction(loop.engine) as session:
        profile = load_profile(session, keys=loop.keys, resident_id=loop.town.residents[MINJI])
    claim = read_member_code(shown)
    assert claim is not None
    return claim.number == profile.number and check_member_code(profile.secret, claim, at)


def wait_until(page: Page, promise: str) -> None:
    """Waits until what a promise gives is true (wait_for_function takes any promise for true)."""
    for _ in range(200):
        if page.evaluate(f"async () => Boolean(await {promise})"):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came true: {promise}")


def wait_until_kept(page: Page) -> None:
    """The phone has all that the QR needs without a network."""
    wait_until(page, "caches.match('/my/offline', {cacheName: 'my'})")


def test_the_phones_codes_are_the_servers_byte_for_byte(
    phone: Page, live_server: LiveServer
) -> None:
    """Many secrets and minutes, leading zeros in the digits among them."""
    cases = []
    for number in range(200):
        minute = 28_000_000 + 7919 * number
        at = datetime.fromtimestamp(minute * 60, UTC)
        secret, member = secrets.token_bytes(32), make_member_number()
        wanted = [member_code(secret, member, at), member_digits(secret, member, at)]
        cases.append((b64encode(secret).decode(), member, minute, wanted))
    assert any("-0" in wanted[1] for *_, wanted in cases)
    phone.goto(live_server.url)
    made = phone.evaluate(
        """async (cases) => {
            const made = await import("/static/residents/member.js");
            return Promise.all(cases.map(async ([secret, number, minute]) => {
                const key = await made.importKey(secret);
                return [await made.memberCode(key, number, minute),
                        await made.memberDigits(key, number, minute)];
            }));
        }""",
        cases,
    )
    assert made == [wanted for *_, wanted in cases]


def test_the_qr_on_the_screen_is_the_member(
    phone: Page, live_server: LiveServer, district: Loop
) -> None:
    phone.goto(f"{live_server.url}/my")
    phone.wait_for_selector("#qr svg")
    now = datetime.now(UTC)
    assert is_minjis(district, read_qr(phone), now)
    phone.get_by_role("button", name="숫자로 보기").click()
    expect(phone.locator("#qr")).to_be_hidden()
    digits = phone.locator("#digits").get_attribute("data-digits") or ""
    assert is_minjis(district, digits, now)
    assert is_minjis(district, phone.locator("#digits").inner_text().replace("\n", ""), now)
    phone.get_by_role("button", name="QR로 보기").click()
    expect(phone.locator("#qr svg")).to_be_visible()


def test_the_qr_is_new_every_minute(phone: Page, live_server: LiveServer, district: Loop) -> None:
    phone.clock.install()
    phone.goto(f"{live_server.url}/my")
    phone.wait_for_selector("#qr svg")
    first = read_qr(phone)
    phone.clock.run_for(61_000)
    expect(phone.locator("#qr")).not_to_have_attribute("data-code", first)
    later = datetime.now(UTC) + timedelta(seconds=61)
    assert is_minjis(district, read_qr(phone), later)


def test_a_phone_with_a_wrong_clock_shows_the_right_code(
    phone: Page, live_server: LiveServer, district: Loop
) -> None:
    phone.clock.install(time=datetime.now(UTC) + timedelta(hours=9))
    phone.goto(f"{live_server.url}/my")
    phone.wait_for_selector("#qr svg")
    assert is_minjis(district, read_qr(phone), datetime.now(UTC))


def test_the_qr_works_without_a_network(
    phone: Page, live_server: LiveServer, district: Loop
) -> None:
    phone.goto(f"{live_server.url}/my")
    wait_until_kept(phone)
    live_server.stop()
    try:
        phone.reload()
        phone.wait_for_selector("#qr svg")
        assert is_minjis(district, read_qr(phone), datetime.now(UTC))
        expect(phone.get_by_text("인터넷에 연결되어 있지 않아요.")).to_be_visible()
        assert phone.evaluate("document.fonts.ready.then(() => document.fonts.size > 0)")
        assert axe_violations(phone) == []
    finally:
        live_server.start()
    phone.goto(f"{live_server.url}/my")
    expect(phone.get_by_text("지금 빌린 컵이 없어요.")).to_be_visible()


def test_signing_out_wipes_the_member_from_the_phone(phone: Page, live_server: LiveServer) -> None:
    phone.goto(f"{live_server.url}/my")
    wait_until_kept(phone)
    phone.goto(f"{live_server.url}/my/settings")
    phone.get_by_role("button", name="이 휴대폰에서 로그아웃").click()
    phone.wait_for_url("**/my/sign-in")
    wait_until(
        phone,
        "Promise.all([indexedDB.databases(), caches.keys(), "
        "navigator.serviceWorker.getRegistrations()]).then(all => all.every(one => !one.length))",
    )
    live_server.stop()
    try:
        with pytest.raises(Error):
            phone.goto(f"{live_server.url}/my")
    finally:
        live_server.start()


def test_without_a_secure_context_the_server_makes_the_code(
    phone: Page, live_server: LiveServer, district: Loop
) -> None:
    """A phone on plain http in a café's network has no WebCrypto."""
    phone.add_init_script("Object.defineProperty(crypto, 'subtle', {value: undefined})")
    phone.goto(f"{live_server.url}/my")
    phone.wait_for_selector("#qr svg")
    assert is_minjis(district, read_qr(phone), datetime.now(UTC))


def test_a_stranger_signs_in_and_scans_a_cup(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop
) -> None:
    """From the cup's QR through the door and the notice to the confirmation for the staff."""
    cup, second = district.clean_cups(2)
    phone = open_page(**PHONE)
    phone.goto(f"{live_server.url}/i/{cup}")
    phone.get_by_role("link", name="이 컵 빌리기").click()
    phone.get_by_label("휴대폰 번호 또는 이메일").fill(SORA)
    phone.get_by_role("button", name="인증번호 받기").click()
    phone.get_by_role("textbox", name="인증번호").fill(sent_code(district))
    phone.get_by_role("button", name="들어가기").click()
    phone.get_by_label("읽었어요. 저는 만 14세 이상이에요.").check()
    phone.get_by_role("button", name="시작하기").click()
    phone.wait_for_url(f"**/i/{cup}")
    phone.get_by_role("button", name="이 컵 빌리기").click()
    expect(phone.get_by_role("heading", name="빌렸어요")).to_be_visible()
    expect(phone.locator(".borrowed-count")).to_have_text("컵 1개")
    clock = phone.locator("#clock")
    expect(clock).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
    before = clock.inner_text()
    expect(clock).not_to_have_text(before)
    phone.goto(f"{live_server.url}/i/{second}")
    phone.get_by_role("button", name="이 컵 빌리기").click()
    expect(phone.locator(".borrowed-count")).to_have_text("컵 2개")
    phone.get_by_role("link", name="내 컵 보기").click()
    expect(phone.get_by_role("heading", name="빌린 컵 2개")).to_be_visible()
    assert district.loans(cup)[0].closed_at is None


def sent_code(loop: Loop) -> str:
    """The one-time code that waits in the outbox."""
    with transaction(loop.engine) as session:
        [message] = claim_messages(session, kinds=list(ContactKind), limit=9, now=datetime.now(UTC))
    found = re.search(r"\d{6}", open_draft(loop.keys, message)[1])
    assert found
    return found[0]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_page_is_accessible_and_fits(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop, cookie: str, lang: str
) -> None:
    """axe finds nothing, and nothing has to be scrolled sideways on a small phone or a desk."""
    district.now = datetime.now(UTC) - timedelta(minutes=30)
    out, back, ready = district.clean_cups(3)
    lent = district.lend(out)
    district.lend(back)
    district.give_back(back)
    with transaction(district.engine) as session:
        session.execute(sa.text("UPDATE district SET helpdesk = '032-560-0000', is_demo = true"))
    signed = open_page(cookies={RESIDENT_COOKIE: cookie, "lang": lang}, **PHONE)
    stranger = open_page(cookies={"lang": lang}, **PHONE)
    pages = [
        (stranger, "/my/sign-in"), (stranger, f"/i/{ready}"), (stranger, "/i/123456789012"),
        (stranger, "/i/"), (stranger, "/demo/inbox"), (signed, "/my"), (signed, "/my/history"),
        (signed, "/my/settings"), (signed, "/my/erase"), (signed, f"/my/cups/{lent.id}/returned"),
        (signed, f"/i/{ready}"), (signed, f"/i/{out}"), (signed, f"/my/borrowed/{lent.id}"),
        (signed, "/my/not-borrowed/cup"), (signed, "/my/not-borrowed/pause"),
        (signed, "/my/offline"),
    ]  # fmt: skip
    for page, path in pages:
        page.goto(live_server.url + path)
        page.wait_for_load_state("networkidle")
        assert axe_violations(page) == [], path
        for width in (360, 1280, PHONE["width"]):
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{path} is {wide} px wide"
    with transaction(district.engine) as session:
        session.execute(sa.text("UPDATE resident SET terms_agreed_at = NULL"))
    signed.goto(f"{live_server.url}/my/welcome")
    assert axe_violations(signed) == []
    stranger.goto(f"{live_server.url}/my/sign-in")
    stranger.locator("[name=contact]").fill(SORA)
    stranger.locator("main button[type=submit]").click()
    stranger.wait_for_url("**/my/sign-in/code**")
    assert axe_violations(stranger) == []
