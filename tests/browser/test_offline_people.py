"""The queue belongs to the tablet and its place: whoever signs in or out, it waits and is sent."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Route, expect

from lending.db import transaction
from lending.people.devices import list_devices, make_pairing, revoke_device
from lending.people.sessions import end_staff_sessions
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import Role
from tests.browser.live import LiveServer
from tests.browser.offline import (
    all_sent,
    fill_offline,
    in_queue,
    landed_once,
    lent_cups,
    nudge,
    records_of,
    stored_scans,
    with_server,
)
from tests.browser.till import go_offline, gun, knows, told, waiting
from tests.callers import PASSWORD
from tests.personas import HARU, NABI, Loop

OpenPage = Callable[..., Page]


def sign_in(page: Page, login: str) -> None:
    """On the sign-in page, by password; ends on the station."""
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/scan")
    knows(page)


@pytest.fixture
def staff(district: Loop, engine: sa.Engine) -> dict[str, int]:
    """Mina of café Haru and Yuna of café Nabi, with passwords; their ids."""
    places = {"mina": HARU, "yuna": NABI}
    with transaction(engine) as session:
        return {
            login: add_staff(
                session,
                district_id=district.town.id,
                new=NewStaff(login, PASSWORD, Role.CAFE, district.town.sites[site]),
                now=datetime.now(UTC),
            )
            for login, site in places.items()
        }


def test_a_session_that_ends_keeps_the_queue_and_another_places_staff_never_send_it(
    open_page: OpenPage, live_server: LiveServer, district: Loop, engine: sa.Engine,
    staff: dict[str, int],
) -> None:  # fmt: skip
    began = datetime.now(UTC)
    cups = lent_cups(district, 4)
    page = open_page(service_workers="block")
    page.goto(f"{live_server.url}/staff/sign-in?next=/scan")
    sign_in(page, "mina")
    go_offline(page)
    gun(page, *cups[:3])
    records = in_queue(page, 3)
    assert {one["by"] for one in records} == {staff["mina"]}
    with transaction(engine) as session:
        end_staff_sessions(session, staff_id=staff["mina"])
    page.context.set_offline(False)
    # Signed out: nothing is lost, the next step is named, and scanning goes on.
    link = page.locator("#signed-out a")
    expect(link).to_be_visible()
    waiting(page, 3)
    # Somebody of another place signs in on this tablet: theirs is sent, this is not, and is named.
    link.click()
    sign_in(page, "yuna")
    expect(page.locator("#others")).to_have_text(
        "카페 하루의 기록 3건은 카페 하루 계정으로 로그인하면 보내요"
    )
    gun(page, cups[3])
    told(page, "반납 완료")
    assert in_queue(page, 3) == records
    waiting(page, 0)
    [hers] = stored_scans(district, began)
    assert hers.code == cups[3]
    # Mina again: all of it goes, in her name.
    page.get_by_role("button", name="로그아웃").click()
    page.goto(f"{live_server.url}/staff/sign-in?next=/scan")
    sign_in(page, "mina")
    all_sent(page)
    expect(page.locator("#others")).to_be_hidden()
    sent = [row for row in stored_scans(district, began) if row.code != cups[3]]
    assert [str(row.id) for row in sent] == [one["id"] for one in records]
    assert {district.item(cup).site for cup in cups[:3]} == {district.town.sites[HARU]}


def test_a_tablet_that_is_revoked_in_the_middle_keeps_the_rest_until_it_is_paired_again(
    open_station: OpenPage, live_server: LiveServer, district: Loop, engine: sa.Engine
) -> None:
    began = datetime.now(UTC)
    cups = lent_cups(district, 300)
    records = records_of(cups * 2, began=began)
    page = open_station()
    fill_offline(page, records)
    calls: list[int] = []

    def revoke(route: Route) -> None:
        calls.append(len(route.request.post_data_json["scans"]))
        if len(calls) == 2:
            revoke_all(district, engine)
        route.continue_()

    page.route("**/station/scans", revoke)
    with_server(page)
    nudge(page)
    expect(page.locator("#signed-out")).to_be_visible()
    waiting(page, 100)
    assert calls[:2] == [500, 100]
    gun(page, cups[0])  # nobody can be asked, and still nothing is refused
    told(page, "반납 완료")
    before = {record["id"] for record in records}
    [last] = [record for record in in_queue(page, 101) if record["id"] not in before]
    pair_again(page, live_server, district, engine)
    all_sent(page)
    landed_once(district, began, [*records, last])


def revoke_all(district: Loop, engine: sa.Engine) -> None:
    now = datetime.now(UTC)
    with transaction(engine) as session:
        for device in list_devices(session, district_id=district.town.id, limit=10):
            revoke_device(session, district_id=district.town.id, device_id=device.id, now=now)


def pair_again(page: Page, server: LiveServer, district: Loop, engine: sa.Engine) -> None:
    """The officer's new QR, scanned with this tablet."""
    with transaction(engine) as session:
        pairing = make_pairing(
            session, district_id=district.town.id, site_id=district.town.sites[HARU],
            name="counter", by=None, now=datetime.now(UTC),
        )  # fmt: skip
    page.goto(f"{server.url}/pair/#{pairing.secret}")
    page.click("#pair-go")
    page.wait_for_url("**/scan")
