"""A backup with crates, sets and counted ware comes back whole, in either kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from lending.db import make_engine, reading, transaction
from lending.loop.tables import ItemKind
from lending.loop.verify import verify
from lending.ops.backup import back_up
from lending.ops.restore import restore
from lending.ops.schema import all_tables
from lending.wares.verify import verify_counts
from lending.wares.ways import in_crate
from tests.databases import Databases
from tests.personas import HARU
from tests.wares.conftest import CLEAN, Wares, add_counted


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Engine]:
    """Another migrated database, empty, of either kind."""
    url = databases.make(request.param, "wares_back")
    engine = make_engine(url)
    yield engine
    engine.dispose()
    databases.drop(url)


def rows_of(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with reading(engine) as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(sa.select(table))), key=repr)
            for table in all_tables()
        }


def test_pieces_older_than_their_crate_and_kinds_older_than_their_lid(
    wares: Wares, instance: Path, elsewhere: Engine, tmp_path: Path
) -> None:
    loop = wares.loop
    with transaction(loop.engine) as session:
        [lid] = add_counted(session, loop, ["lid"])
        session.get_one(ItemKind, loop.town.kinds["cup-473"]).part_id = lid
    cups = loop.passed_cups(3)
    crate = loop.new_crate()  # registered after what is packed into it
    loop.pack(crate, *cups)
    wares.buy(20, in_crate(loop.item_id(crate), CLEAN))
    wares.buy(5, wares.at(HARU))
    wares.count(wares.figure(4, wares.at(HARU)))
    file, keys = tmp_path / "town.backup", instance / "keys.json"
    quiet = lambda done, total: None  # noqa: E731
    back_up(loop.engine, keys_file=keys, out=file, now=loop.now, progress=quiet)
    new_keys = tmp_path / "there" / "keys.json"
    restore(elsewhere, keys_file=new_keys, source=file, replace=False, progress=quiet)
    assert rows_of(elsewhere) == rows_of(loop.engine)
    restore(elsewhere, keys_file=new_keys, source=file, replace=True, progress=quiet)
    assert rows_of(elsewhere) == rows_of(loop.engine)
    assert list(verify(elsewhere)) == []
    with reading(elsewhere) as session:
        assert list(verify_counts(session)) == []
