"""Backup, wipe, restore: the same rows, clean stories, residents who can still be reached."""

import stat
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config import load_keys
from lending.db import make_engine, reading, transaction
from lending.demo.found import RESIDENT
from lending.demo.make import DemoMade
from lending.loop.pieces.claims import register_items
from lending.loop.tables import Item, Scan
from lending.loop.verify import verify
from lending.ops.archive import BadArchive
from lending.ops.backup import back_up
from lending.ops.restore import NotEmpty, OtherSchema, restore
from lending.ops.schema import all_tables
from lending.people.actors import Actor, ActorKind
from lending.people.borrowers import find_resident
from lending.people.contacts import read_contact
from lending.people.residents import load_reachable
from lending.people.tables import Resident, Role
from lending.people.tokens import create_token
from lending.photos.keep import Snapshot, keep_photo
from lending.requests.tables import ReturnCredit
from tests.databases import Databases, empty_database
from tests.ops.conftest import AFTERNOON


def quiet(done: int, total: int) -> None:
    pass


@pytest.fixture
def backup(engine: Engine, demo: DemoMade, instance: Path, tmp_path: Path) -> Path:
    """A backup of the demo, with a photo and a return that counts for somebody."""
    _add_photo_and_credit(engine, demo.district_id)
    file = tmp_path / "town.backup"
    back_up(engine, keys_file=instance / "keys.json", out=file, now=AFTERNOON, progress=quiet)
    return file


@pytest.fixture
def elsewhere(make_database: Callable[[], str]) -> Iterator[Engine]:
    """Another migrated database, empty."""
    engine = make_engine(make_database())
    yield engine
    engine.dispose()


def rows_of(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with reading(engine) as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(sa.select(table))), key=repr)
            for table in all_tables()
        }


def test_after_a_wipe_everything_is_back_and_everybody_reachable(
    engine: Engine, backup: Path, demo: DemoMade, tmp_path: Path
) -> None:
    before = rows_of(engine)
    assert before["photo"] and before["return_credit"]
    empty_database(engine, [table.name for table in reversed(all_tables())])
    keys_file = tmp_path / "new machine" / "keys.json"

    header = restore(engine, keys_file=keys_file, source=backup, replace=False, progress=quiet)

    assert header.made_at == AFTERNOON
    assert rows_of(engine) == before
    assert list(verify(engine)) == []
    keys, contact = load_keys(keys_file.parent), read_contact(RESIDENT)
    with reading(engine) as session:
        found = find_resident(session, keys=keys, district_id=demo.district_id, contact=contact)
        assert found is not None
        reachable = load_reachable(session, keys=keys, resident_ids=[found])
    assert reachable[found].contact == contact


def test_it_can_be_restored_into_the_other_kind_of_database(
    backup: Path, engine: Engine, backend: str, databases: Databases, tmp_path: Path
) -> None:
    other = "postgresql" if backend == "sqlite" else "sqlite"
    url = databases.make(other, "other_kind")
    there = make_engine(url)
    try:
        restore(
            there, keys_file=tmp_path / "keys.json", source=backup, replace=False, progress=quiet
        )
        assert rows_of(there) == rows_of(engine)
        assert list(verify(there)) == []
    finally:
        there.dispose()
        databases.drop(url)


def test_new_rows_take_new_numbers_after_a_restore(
    elsewhere: Engine, backup: Path, demo: DemoMade, tmp_path: Path
) -> None:
    restore(
        elsewhere, keys_file=tmp_path / "keys.json", source=backup, replace=False, progress=quiet
    )
    with reading(elsewhere) as session:
        highest = session.scalar(sa.select(sa.func.max(Item.id))) or 0
    officer = Actor(ActorKind.STAFF, Role.OFFICER, demo.district_id)
    with transaction(elsewhere) as session:
        made = register_items(
            session, kind="cup-355", count=2, site="WASH", actor=officer, now=AFTERNOON
        )
    with reading(elsewhere) as session:
        ids = session.scalars(sa.select(Item.id).where(Item.code.in_(made))).all()
    assert sorted(ids) == [highest + 1, highest + 2]


def test_a_district_is_replaced_only_when_asked(
    engine: Engine, backup: Path, instance: Path
) -> None:
    before = rows_of(engine)
    keys_file = instance / "keys.json"
    with pytest.raises(NotEmpty):
        restore(engine, keys_file=keys_file, source=backup, replace=False, progress=quiet)
    with transaction(engine) as session:
        create_token(session, site="OFFICE", role=Role.OFFICER, now=AFTERNOON)
    restore(engine, keys_file=keys_file, source=backup, replace=True, progress=quiet)
    assert rows_of(engine) == before


def test_only_the_owner_may_read_it_and_it_overwrites_nothing(
    engine: Engine, backup: Path, instance: Path
) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    content = backup.read_bytes()
    with pytest.raises(FileExistsError):
        back_up(engine, keys_file=instance / "keys.json", out=backup, now=AFTERNOON, progress=quiet)
    assert backup.read_bytes() == content
    assert [path.name for path in backup.parent.iterdir()] == [backup.name]


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_file_cut_short_changes_nothing(
    elsewhere: Engine, backup: Path, tmp_path: Path, share: float
) -> None:
    content = backup.read_bytes()
    backup.write_bytes(content[: int(len(content) * share)])
    keys_file = tmp_path / "keys.json"
    with pytest.raises(BadArchive):
        restore(elsewhere, keys_file=keys_file, source=backup, replace=False, progress=quiet)
    assert not any(rows_of(elsewhere).values())
    assert not keys_file.exists()


def test_a_backup_of_another_version_is_refused(
    engine: Engine, elsewhere: Engine, demo: DemoMade, instance: Path, tmp_path: Path
) -> None:
    file = tmp_path / "older.backup"
    _set_schema(engine, "0000")
    try:
        back_up(engine, keys_file=instance / "keys.json", out=file, now=AFTERNOON, progress=quiet)
    finally:
        _set_schema(engine, _schema(elsewhere))
    with pytest.raises(OtherSchema):
        restore(
            elsewhere, keys_file=tmp_path / "keys.json", source=file, replace=False, progress=quiet
        )


def test_the_keys_of_before_are_kept_beside_the_restored_ones(
    elsewhere: Engine, backup: Path, instance: Path, tmp_path: Path
) -> None:
    load_keys(tmp_path)
    before = (tmp_path / "keys.json").read_bytes()
    restore(
        elsewhere, keys_file=tmp_path / "keys.json", source=backup, replace=False, progress=quiet
    )
    assert (tmp_path / "keys.json").read_bytes() == (instance / "keys.json").read_bytes()
    (kept,) = tmp_path.glob("keys-before-*.json")
    assert kept.read_bytes() == before


def _add_photo_and_credit(engine: Engine, district_id: int) -> None:
    with transaction(engine) as session:
        site, scan = session.execute(sa.select(Scan.site_id, Scan.id).limit(1)).one()
        shot = Snapshot(bytes(range(256)) * 900, district_id, site, uuid.uuid4())
        assert keep_photo(session, shot, now=AFTERNOON)
        resident = session.scalars(sa.select(Resident.id).limit(1)).one()
        session.add(
            ReturnCredit(scan_id=scan, district_id=district_id, resident_id=resident, at=AFTERNOON)
        )


def _schema(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.scalar(sa.text("SELECT version_num FROM alembic_version")))


def _set_schema(engine: Engine, number: str) -> None:
    with engine.connect().execution_options(writes=True) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :n"), {"n": number})
        connection.commit()
