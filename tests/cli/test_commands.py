"""The command line: what a person types, reads and gets as an exit code."""

import csv
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from sqlalchemy.engine import Engine

from lending.cli import main
from lending.db import reading, transaction
from lending.demo.make import make_demo
from lending.demo.plan import TINY
from lending.loop.codes import is_item_code
from lending.loop.tables import Item, TermVersion
from lending.people.keys import Keys
from lending.people.sign_in import check_staff
from lending.people.tables import Role
from lending.people.tokens import find_token

AFTERNOON = datetime(2026, 9, 17, 6, 30, tzinfo=UTC)
Run = Callable[..., Result]


@pytest.fixture
def environ(engine: Engine, database_url: str, instance: Path) -> dict[str, str]:
    return {
        "LENDING_DATABASE_URL": database_url,
        "LENDING_INSTANCE": str(instance),
        "LANG": "C.UTF-8",
        "LC_ALL": "",
        "LC_MESSAGES": "",
    }


@pytest.fixture
def run(environ: dict[str, str]) -> Run:
    def run_one(*words: str, lang: str = "C.UTF-8") -> Result:
        return CliRunner().invoke(main, words, env=environ | {"LANG": lang})

    return run_one


@pytest.fixture
def town(engine: Engine, keys: Keys) -> None:
    assert make_demo(engine, keys=keys, now=AFTERNOON, say=lambda line: None, scale=TINY)


@pytest.mark.usefixtures("town")
def test_a_token_stands_alone_on_the_last_line(run: Run, engine: Engine) -> None:
    said = run("token", "create", "--site", "cafe-01", "--role", "cafe", "--name", "till")
    assert said.exit_code == 0
    with transaction(engine) as session:
        actor = find_token(session, token=said.stdout.splitlines()[-1], now=AFTERNOON)
    assert actor is not None
    assert actor.role is Role.CAFE
    listed = run("token", "list").stdout
    assert "till" in listed
    assert said.stdout.splitlines()[-1] not in listed


@pytest.mark.usefixtures("town")
def test_an_unknown_site_is_one_sentence_and_no_success(run: Run) -> None:
    said = run("token", "create", "--site", "NOWHERE", "--role", "cafe")
    assert said.exit_code == 1
    assert said.stdout == ""
    assert said.stderr == "There is no site NOWHERE: see lending site list.\n"
    korean = run("token", "create", "--site", "NOWHERE", "--role", "cafe", lang="ko_KR.UTF-8")
    assert korean.stderr.startswith("NOWHERE라는 장소가 없습니다")


@pytest.mark.usefixtures("town")
def test_a_revoked_token_opens_nothing(run: Run, engine: Engine) -> None:
    token = run("token", "create", "--site", "WASH", "--role", "wash").stdout.splitlines()[-1]
    number = run("token", "list").stdout.split()[0]
    assert run("token", "revoke", number).exit_code == 0
    with transaction(engine) as session:
        assert find_token(session, token=token, now=AFTERNOON) is None
    assert run("token", "revoke", number).exit_code == 1
    assert "revoked" in run("token", "list").stdout


def test_a_district_is_made_named_and_given_sites_and_staff(run: Run, engine: Engine) -> None:
    assert run("site", "add", "CAFE-9", "카페 새싹", "--kind", "cafe").stderr.startswith(
        "There is no district yet"
    )
    assert run("district", "create", "서해구").exit_code == 0
    assert run("district", "rename", "새 서구", "--english", "New Seo-gu").exit_code == 0
    assert "새 서구" in run("district", "list").stdout
    assert run("site", "add", "CAFE-9", "카페 새싹", "--kind", "cafe").exit_code == 0
    assert run("site", "add", "cafe-9", "카페 둘", "--kind", "cafe").exit_code == 1
    assert run("site", "list").stdout.split() == ["CAFE-9", "cafe", "카페", "새싹"]
    said = run("staff", "add", "lena", "--role", "cafe", "--site", "CAFE-9")
    assert said.exit_code == 0
    with reading(engine) as session:
        check_staff(session, login="lena", password=said.stdout.splitlines()[-1])
        assert session.scalar(sa.select(sa.func.count()).select_from(TermVersion)) == 1
    assert run("staff", "add", "lena", "--role", "cafe", "--site", "CAFE-9").exit_code == 1


@pytest.mark.usefixtures("town")
def test_verify_names_a_difference_and_rebuild_repairs_it(run: Run, engine: Engine) -> None:
    assert run("verify").exit_code == 0
    with transaction(engine) as session:
        code = session.scalars(sa.select(Item.code).order_by(Item.id)).first()
        session.execute(sa.update(Item).where(Item.code == code).values(uses=Item.uses + 1))
    said = run("verify")
    assert said.exit_code == 1
    assert [line.split(":")[0] for line in said.stdout.splitlines()] == [code]
    assert run("rebuild").stdout == "1 items repaired.\n"
    assert run("verify").exit_code == 0


@pytest.mark.usefixtures("town")
def test_codes_are_exported_for_engraving(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "codes.csv"
    assert run("codes", "export", "--kind", "cup-414", "--out", str(out)).exit_code == 0
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == TINY.cups * 30 // 100
    assert all(is_item_code(row["code"]) for row in rows)
    assert rows[0]["address"].endswith(f"/i/{rows[0]['code']}")
    for kind in ("saucer", "plate"):  # no such kind; one that is counted and has no codes
        said = run("codes", "export", "--kind", kind, "--out", str(tmp_path / "none.csv"))
        assert said.exit_code == 1
        assert len(said.stderr.splitlines()) == 1


@pytest.mark.usefixtures("town")
def test_backup_and_restore_verify_and_say_what_they_did(run: Run, tmp_path: Path) -> None:
    file = str(tmp_path / "town.backup")
    assert run("backup", file).exit_code == 0
    again = run("backup", file)
    assert again.exit_code == 1
    assert again.stderr.splitlines()[-1].endswith("exists already.")
    refused = run("restore", file)
    assert refused.exit_code == 1
    assert "--replace" in refused.stderr
    restored = run("restore", file, "--replace")
    assert restored.exit_code == 0
    assert restored.stdout.endswith("Everything stored is what the scans say.\n")
    (tmp_path / "other").write_text("something else")
    assert run("restore", str(tmp_path / "other"), "--replace").exit_code == 1


def test_a_missing_database_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "none.sqlite3"
    environ = {"LENDING_DATABASE_URL": f"sqlite:///{path}", "LENDING_INSTANCE": str(tmp_path)}
    said = CliRunner().invoke(main, ["site", "list"], env=environ | {"LANG": "C", "LC_ALL": ""})
    assert said.exit_code == 1
    assert said.stderr == "The database is not ready yet: run scripts/serve once.\n"
    assert not path.exists()


@pytest.mark.usefixtures("town")
def test_the_installed_command_works_beside_a_writer(
    engine: Engine, environ: dict[str, str]
) -> None:
    command = Path(sys.executable).parent / "lending"
    with reading(engine):  # somebody is at work
        said = subprocess.run(
            [command, "site", "list"], env=os.environ | environ, capture_output=True, text=True
        )
    assert said.returncode == 0
    assert said.stderr == ""
    assert said.stdout.splitlines()[0].split()[0] == "BOX-01"
