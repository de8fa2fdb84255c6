"""A machine's days as its people see them: set up, refused at, full, emptied, silent."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lending.db import transaction
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import Role
from lending.requests.tables import MachineStatus
from tests.browser.live import LiveServer, axe_violations
from tests.callers import PASSWORD
from tests.machine.buffer import Buffer
from tests.machine.line import Line
from tests.machine.machine import Machine
from tests.machines.conftest import ROBO, Machines, add_machines
from tests.personas import HARU, Loop

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")


@pytest.fixture
def machines(district: Loop) -> Machines:
    return add_machines(district)


@pytest.fixture
def sign_in(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop
) -> Callable[..., Page]:
    """Signs somebody of the staff in at a browser of their own."""

    def sign(login: str, role: Role, site: str | None = None, **more: int) -> Page:
        place = district.town.sites[site] if site else None
        with transaction(district.engine) as session:
            new = NewStaff(login, PASSWORD, role, place)
            add_staff(session, district_id=district.town.id, new=new, now=datetime.now(UTC))
        page = open_page(**more)
        page.goto(f"{live_server.url}/staff/sign-in")
        page.fill("[name=login]", login)
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    return sign


def test_a_machine_from_its_token_to_its_keepers_errand(
    machines: Machines,
    sign_in: Callable[..., Page],
    open_page: Callable[..., Page],
    live_server: LiveServer,
    tmp_path: Path,
) -> None:
    loop = machines.loop
    olga, mina = sign_in("olga", Role.OFFICER), sign_in("mina", Role.CAFE, HARU, width=820)
    # The officer finds the machine, gives it a keeper and its kinds, and makes its token.
    olga.goto(f"{live_server.url}/office/settings")
    olga.get_by_role("link", name="무인회수기 현황").click()
    olga.get_by_role("link", name="회수기 로보").click()
    expect(olga.get_by_text("아직 소식 없음")).to_be_visible()
    olga.select_option("[name=keeper]", HARU)
    olga.check("[name=accepts][value=cup-355]")
    olga.get_by_role("button", name="기계 설정 저장").click()
    expect(olga.get_by_text("기계는 다음 소식을 보낼 때 새 설정을 받아요.")).to_be_visible()
    olga.get_by_role("button", name="토큰 만들기").click()
    token = olga.locator(".secret").inner_text()
    assert axe_violations(olga) == []
    # The machine starts: it learns its settings and takes a cup.
    robo = Machine(Line(live_server.url, token), Buffer(tmp_path / "robo"), holds=2)
    assert robo.beat() and robo.settings["accepts"] == ["cup-355"] and robo.beat()
    first, second, third = loop.lent_cup(), loop.lent_cup(), loop.lent_cup()
    assert robo.put_in(first, "cup-355") and robo.put_in(second, "cup-355")
    # It is full: the next person is told where to go, on its screen and on the cup's page.
    assert not robo.put_in(third, "cup-355")
    assert "카페 하루" in " ".join(robo.screen)
    phone = open_page(width=390, height=844, cookies={"lang": "en"})
    phone.goto(f"{live_server.url}/i/{third}")
    expect(phone.get_by_text("Robo machine could not take it.")).to_be_visible()
    expect(phone.locator(".refused-places")).to_contain_text("Café Haru")
    assert axe_violations(phone) == []
    # Its keeper is told, and sees which machine it is.
    robo.beat()
    loop.now = datetime.now(UTC)
    machines.watch()
    mina.goto(f"{live_server.url}/scan")
    mina.goto(f"{live_server.url}/machines")
    expect(mina.get_by_text("기계 1대가 가득 찼어요")).to_be_visible()
    expect(mina.get_by_text("지금 비워 주세요.")).to_be_visible()
    mina.get_by_role("button", name="확인").click()
    expect(mina.get_by_text("확인했어요")).to_be_visible()
    assert axe_violations(mina) == []
    # Emptied: the alert goes by itself, and the officer reads what happened.
    robo.empty()
    robo.beat()
    machines.watch()
    mina.reload()
    expect(mina.get_by_text("잘 돌아가요")).to_be_visible()
    expect(mina.get_by_text("기계 1대가 가득 찼어요")).to_have_count(0)
    olga.goto(f"{live_server.url}/office/machines/{machines.sites[ROBO].id}")
    expect(olga.get_by_text("새 설정으로 일해요")).to_be_visible()
    expect(olga.get_by_role("region", name="받지 못한 것 목록")).to_contain_text("가득 참")
    robo.buffer.close()


def test_a_silent_machine_and_the_rules_of_all(
    machines: Machines, sign_in: Callable[..., Page], live_server: LiveServer
) -> None:
    loop = machines.loop
    machines.beat(now=datetime.now(UTC) - timedelta(minutes=7), fullness=3)
    olga = sign_in("olga", Role.OFFICER, width=390, height=844)
    olga.goto(f"{live_server.url}/office/machines")
    expect(olga.get_by_text("잘 돌아가요")).to_be_visible()
    olga.fill("[name=silent_minutes]", "1")
    olga.locator("form[action*=rules]").evaluate("form => form.noValidate = true")
    olga.get_by_role("button", name="기준 바꾸기").click()
    expect(olga.locator(".field-error")).to_be_visible()
    olga.fill("[name=silent_minutes]", "5")
    olga.get_by_role("button", name="기준 바꾸기").click()
    expect(olga.get_by_text("기준을 바꿨어요.")).to_be_visible()
    loop.now = datetime.now(UTC)
    machines.watch()
    olga.reload()
    expect(olga.get_by_text("소식 끊김")).to_be_visible()
    olga.goto(f"{live_server.url}/office")
    expect(olga.get_by_role("link", name="무인회수기의 소식이 끊겼어요")).to_be_visible()
    with loop.engine.connect() as connection:
        assert (
            connection.execute(sa.select(sa.func.count()).select_from(MachineStatus)).scalar() == 1
        )
