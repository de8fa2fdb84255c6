"""Settings come from the environment alone; keys are made once, whoever starts first."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config import Config, load_keys


def test_nothing_set_gives_a_demo_on_this_machine() -> None:
    config = Config.from_environ({})
    assert config.database_url.startswith("sqlite:////")
    assert config.database_url.endswith("/instance/lending.sqlite3")
    assert (config.public_url, config.bind, config.port) == (
        "http://localhost:8000",
        "127.0.0.1",
        8000,
    )
    assert config.demo
    assert not config.is_https


def test_the_public_address_follows_the_port_unless_it_is_set() -> None:
    assert Config.from_environ({"PORT": "9001"}).public_url == "http://localhost:9001"
    told = Config.from_environ({"LENDING_PUBLIC_URL": "https://cup.example.kr/", "PORT": "9001"})
    assert told.public_url == "https://cup.example.kr"
    assert told.is_https


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_uses_psycopg(scheme: str) -> None:
    config = Config.from_environ({"LENDING_DATABASE_URL": f"{scheme}://u@h/d"})
    assert config.database_url == "postgresql+psycopg://u@h/d"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "eighty"),
        ("LENDING_DEMO", "perhaps"),
        ("LENDING_DATABASE_URL", "mysql://h/d"),
        ("LENDING_PUBLIC_URL", "cup.example.kr"),
        ("LENDING_SENDER", "pigeon"),
        ("LENDING_WORKERS", "-1"),
    ],
)
def test_a_senseless_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        Config.from_environ({name: value})


def test_keys_are_made_once_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    keys = load_keys(tmp_path / "new")
    path = tmp_path / "new" / "keys.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_keys(tmp_path / "new") == keys
    assert [file.name for file in path.parent.iterdir()] == ["keys.json"]


def test_of_many_first_starts_all_get_the_same_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: load_keys(tmp_path), range(32)))
    assert len(made) == 1
