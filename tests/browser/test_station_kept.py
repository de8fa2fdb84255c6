"""Records that stay in the tablet and are named, and whose tablet it is."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lending.db import transaction
from lending.loop.steps import State
from lending.people.devices import list_devices, revoke_device
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import Role
from lending.web.identity import DEVICE_COOKIE
from tests.browser.live import LiveServer
from tests.browser.offline import a_record, in_queue
from tests.browser.till import gun, keep, kept, knows, label, pair_tablet, told, waiting
from tests.callers import PASSWORD
from tests.personas import HARU, NABI, Loop


def test_what_is_refused_for_good_is_listed_until_somebody_has_seen_it(
    open_station: Callable[..., Page], district: Loop
) -> None:
    cup = district.lent_cup()
    till = open_station()
    wrong = cup[:-1] + str((int(cup[-1]) + 1) % 10)
    keep(till, a_record(wrong), a_record(cup, order=2))
    till.reload()
    button = till.get_by_role("button", name="받지 못한 기록 1건 보기")
    button.click()
    expect(till.locator("#refused-list")).to_contain_text("번호")
    assert district.item(cup).state is State.RETURNED  # the other one spoilt nothing
    till.get_by_role("button", name="확인했어요").click()
    expect(button).to_be_hidden()
    [seen] = kept(till, "refused")
    assert seen["noted"]["at"]
    till.reload()
    knows(till)
    expect(button).to_be_hidden()


def test_another_places_records_stay_and_are_named(
    open_station: Callable[..., Page], district: Loop
) -> None:
    cup = district.lent_cup()
    till = open_station()
    sent: list[Any] = []
    till.on("request", lambda one: "/station/scans" in one.url and sent.append(one.post_data_json))
    keep(till, a_record(cup, site=NABI))
    till.reload()
    knows(till)
    expect(till.locator("#others")).to_contain_text("1건은")
    gun(till, label(cup))
    told(till, "반납 완료")
    in_queue(till, 1)
    waiting(till, 0)
    assert all(one["site"] == HARU for one in sent)


def test_a_revoked_tablet_keeps_its_scans_until_it_is_paired_again(
    open_station: Callable[..., Page], live_server: LiveServer, district: Loop, engine: sa.Engine,
) -> None:  # fmt: skip
    cup = district.lent_cup()
    till = open_station()
    with transaction(engine) as session:
        [device] = list_devices(session, district_id=district.town.id, limit=10)
        revoke_device(
            session, district_id=district.town.id, device_id=device.id, now=datetime.now(UTC)
        )
    gun(till, label(cup))
    told(till, "반납 완료")
    expect(till.locator("#signed-out")).to_be_visible()
    waiting(till, 1)
    again = pair_tablet(district, engine)
    till.context.add_cookies([{"name": DEVICE_COOKIE, "value": again, "url": live_server.url}])
    till.evaluate("window.dispatchEvent(new Event('focus'))")
    waiting(till, 0)
    assert district.item(cup).state is State.RETURNED


def test_staff_make_the_tablet_their_places_own(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop, engine: sa.Engine
) -> None:
    with transaction(engine) as session:
        mina = NewStaff("mina", PASSWORD, Role.CAFE, district.town.sites[HARU])
        add_staff(session, district_id=district.town.id, new=mina, now=datetime.now(UTC))
    page = open_page()
    page.goto(f"{live_server.url}/staff/sign-in?next=/scan")
    page.fill("input[name=login]", "mina")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/scan")
    knows(page)
    page.get_by_role("button", name="이 태블릿을 우리 매장 기기로 등록").click()
    told(page, "이 매장의 기기로 등록했어요")
    expect(page.locator("#enrol")).to_be_hidden()
    with transaction(engine) as session:
        assert len(list_devices(session, district_id=district.town.id, limit=10)) == 1
