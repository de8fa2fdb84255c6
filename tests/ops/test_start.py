"""What a start prints: the demo's sign-ins and a fresh token, or the first officer's link."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from config import Config
from lending.db import reading, transaction
from lending.demo.make import DemoMade
from lending.ops import start
from lending.people.first_officer import check_first_officer_link
from lending.people.sign_in import check_staff
from lending.people.tokens import find_token
from lending.places.districts import create_district, list_districts


@pytest.fixture
def here(config: Config, engine: Engine, tmp_path: Path) -> Config:
    """The settings of these tests with an instance folder of one test's own."""
    return replace(config, instance=tmp_path)


def token_in(lines: list[str]) -> str:
    place = next(number for number, line in enumerate(lines) if line.startswith("API token"))
    return lines[place + 1]


def test_a_demo_prints_sign_ins_that_open(here: Config, engine: Engine, demo: DemoMade) -> None:
    lines = start.prepare(here)
    passwords = {line.split()[-2]: line.split()[-1] for line in lines if " login " in line}
    assert passwords.keys() == {"mina", "jun", "officer", "courier", "bora", "haein", "suji"}
    with reading(engine) as session:
        for login, password in passwords.items():
            check_staff(session, login=login, password=password)
    text = "\n".join(lines)
    for part in ("010-0000-1001", "/demo/inbox", "/staff/sign-in", "Label sheet: http://"):
        assert part in text


def test_the_token_printed_before_is_revoked(here: Config, engine: Engine, demo: DemoMade) -> None:
    first, second = token_in(start.prepare(here)), token_in(start.prepare(here))
    now = datetime.now(UTC)
    with transaction(engine) as session:
        assert find_token(session, token=first, now=now) is None
        assert find_token(session, token=second, now=now) is not None


def test_a_demo_stays_on_this_machine(here: Config, demo: DemoMade) -> None:
    for changed in (
        replace(here, public_url="https://cups.example.kr"),
        replace(here, public_url="http://localhost.example.kr"),
        replace(here, bind="0.0.0.0"),
        replace(here, bind="192.168.0.7", demo=False),
    ):
        with pytest.raises(SystemExit) as refused:
            start.prepare(changed)
        assert isinstance(refused.value.code, str)
        assert len(refused.value.code.splitlines()) == 1
    for changed in (
        replace(here, public_url="http://127.0.0.1:9000"),
        replace(here, bind="::1"),
        replace(here, demo=False),
    ):
        assert start.prepare(changed)


def test_no_demo_is_made_for_a_public_address(here: Config, engine: Engine) -> None:
    with pytest.raises(SystemExit):
        start.prepare(replace(here, public_url="https://cups.example.kr"))
    with reading(engine) as session:
        assert list_districts(session) == []


def test_without_a_demo_the_first_officer_gets_a_link(here: Config, engine: Engine) -> None:
    public = replace(here, demo=False, public_url="https://cups.example.kr")
    link = start.prepare(public)[-1]
    assert link.startswith("https://cups.example.kr/first/")
    with reading(engine) as session:
        assert list_districts(session) == []
        secret = link.rsplit("/", 1)[1]
        check_first_officer_link(session, secret=secret, now=datetime.now(UTC))


def test_a_real_district_is_left_alone(here: Config, engine: Engine) -> None:
    with transaction(engine) as session:
        create_district(session, name="서구", now=datetime.now(UTC))
    lines = start.prepare(here)
    assert not any("Demo" in line for line in lines)
    with reading(engine) as session:
        assert [one.name for one in list_districts(session)] == ["서구"]
