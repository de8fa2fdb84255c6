"""/office/platforms as an officer uses it: keys once, shops, trials, what was not told."""

import re

import pytest
from flask import Flask

from lending.db import transaction
from lending.delivery.platforms.tables import Platform, PlatformShop, Webhook
from lending.people.tables import Role
from tests.callers import Caller, staff_caller
from tests.delivery.platforms.world import SHOP, PlatformWorld
from tests.personas import NABI, Loop, found_town

PAGE = "/office/platforms"
GOOD = "https://platform.example/told"


@pytest.fixture
def sol(app: Flask, loop: Loop) -> Caller:
    """The district's officer at her desk."""
    with transaction(loop.engine) as session:
        return staff_caller(app, session, loop.town, Role.OFFICER)


def secrets_in(html: str) -> list[str]:
    return re.findall(r'<code class="secret" tabindex="0">([^<]+)</code>', html)


def test_keys_are_shown_once_and_stored_nowhere(sol: Caller, loop: Loop) -> None:
    made = sol.open(PAGE, "POST", data={"name": "배달하루", "callback_url": GOOD})
    token, secret = secrets_in(made.text)
    assert (made.status_code, token[:6], secret[:11]) == (200, "reuse_", "reuse_sign_")
    with transaction(loop.engine) as session:
        [row] = session.query(Platform)
        assert secret.encode() not in row.secret_sealed
        number = row.id
    page = sol.open(f"{PAGE}/{number}").text
    assert secrets_in(page) == []
    assert GOOD in page
    listed = sol.open(PAGE).text
    assert "배달하루" in listed
    assert "platform.example" in listed


@pytest.mark.parametrize(
    "data",
    [
        {"name": "", "callback_url": GOOD},
        {"name": "x\x00", "callback_url": GOOD},
        {"name": "x", "callback_url": "http://platform.example/"},
        {"name": "x", "callback_url": "https://127.0.0.1/"},
        {"name": "x", "callback_url": "https://169.254.169.254/latest"},
        {"name": "x", "callback_url": "https://db.internal/"},
        {"name": "x", "callback_url": "x" * 501},
    ],
)
def test_a_wrong_name_or_address_is_refused(sol: Caller, loop: Loop, data) -> None:
    answer = sol.open(PAGE, "POST", data=data)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    with transaction(loop.engine) as session:
        assert session.query(Platform).count() == 0


def test_an_officer_changes_names_shops_and_keys(sol: Caller, world: PlatformWorld) -> None:
    one = f"{PAGE}/{world.made.platform_id}"
    assert SHOP in sol.open(one).text
    assert sol.open(f"{one}/shops", "POST", data={"shop": "s-2", "site": NABI}).status_code == 302
    wrong = sol.open(f"{one}/shops", "POST", data={"shop": "s-3", "site": "WASH"})
    assert wrong.status_code == 422
    assert sol.open(f"{one}/shops/forget", "POST", data={"shop": SHOP}).status_code == 302
    with transaction(world.loop.engine) as session:
        assert [row.shop for row in session.query(PlatformShop)] == ["s-2"]
    changed = sol.open(one, "POST", data={"name": "배달별", "callback_url": GOOD, "active": "1"})
    assert changed.status_code == 302
    page = sol.open(one).text
    assert "배달별" in page
    assert GOOD in page
    assert sol.open(one, "POST", data={"name": "배달별", "callback_url": ""}).status_code == 302
    assert "멈춰 있어요" in sol.open(one).text
    new = secrets_in(sol.open(f"{one}/keys", "POST").text)
    assert len(new) == 2
    assert new[0] != world.made.token
    assert "옛 열쇠는" in sol.open(one).text
    assert len(secrets_in(sol.open(f"{one}/keys", "POST", data={"at_once": "1"}).text)) == 2
    assert "옛 열쇠는" not in sol.open(one).text


def test_what_was_not_told_and_a_trial(sol: Caller, world: PlatformWorld) -> None:
    one = f"{PAGE}/{world.made.platform_id}"
    world.receiver.answers = [503]
    world.say("A-1")
    world.tell()
    page = sol.open(one).text
    assert "HTTP 503" in page
    assert "응답이 없어요" in page
    assert sol.open(f"{one}/trial", "POST").status_code == 302
    assert world.count(Webhook) == 2
    assert "시험" in sol.open(f"{one}?all=1").text


def test_a_long_list_has_pages(sol: Caller, world: PlatformWorld) -> None:
    for number in range(60):
        world.say(f"A-{number:02}")
    one = f"{PAGE}/{world.made.platform_id}"
    page = sol.open(f"{one}?all=1").text
    assert page.count('<th scope="row">A-') == 50
    following = re.search(r'href="([^"]+)" rel="next"', page)
    assert following is not None
    rest = sol.open(following[1].replace("&amp;", "&")).text
    assert rest.count('<th scope="row">A-') == 10
    for wrong in ("x", "WyJ4IiwieSJd", "W10"):
        assert sol.open(f"{one}?after={wrong}").status_code == 422


def test_another_districts_platform_is_not_there(
    app: Flask, sol: Caller, world: PlatformWorld
) -> None:
    with transaction(world.loop.engine) as session:
        there = found_town(session, world.loop.keys, prefix="X-")
        row = session.get_one(Platform, world.made.platform_id)
        row.district_id = there.id
    one = f"{PAGE}/{world.made.platform_id}"
    assert sol.open(one).status_code == 404
    for path, data in (
        ("", {"name": "x", "callback_url": ""}), ("/keys", {}), ("/trial", {}),
        ("/shops", {"shop": "a", "site": NABI}), ("/shops/forget", {"shop": SHOP}),
    ):  # fmt: skip
        assert sol.open(one + path, "POST", data=data).status_code in {404, 422}, path
    with transaction(world.loop.engine) as session:
        assert [row.shop for row in session.query(PlatformShop)] == [SHOP]
        assert session.get_one(Platform, world.made.platform_id).name == "배달하루"
