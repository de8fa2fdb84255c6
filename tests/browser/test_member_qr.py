"""The member QR: made on the phone, also without a network, and gone with the sign-in."""

import secrets
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Error, Page, expect

from lending.db import transaction
from lending.people.members import (
    check_member_code,
    make_member_number,
    member_code,
    member_digits,
    read_member_code,
)
from lending.people.profile import load_profile
from lending.web.identity import RESIDENT_COOKIE
from tests.browser.live import PHONE, LiveServer, axe_violations
from tests.browser.till import eventually
from tests.personas import MINJI, Loop


@pytest.fixture
def phone(open_page: Callable[..., Page], minji: str) -> Page:
    return open_page(cookies={RESIDENT_COOKIE: minji}, **PHONE)


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
    eventually(page, lambda: page.evaluate(f"async () => Boolean(await {promise})"))


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
