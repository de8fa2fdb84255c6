"""Writers of one SQLite file take turns, among threads and among processes."""

import fcntl
import threading
from pathlib import Path

import sqlalchemy as sa

from lending.db import make_engine, transaction


def test_a_writer_waits_for_the_turn_of_another_process(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'some.sqlite3'}")
    with transaction(engine) as session:
        session.execute(sa.text("CREATE TABLE written (number INTEGER)"))

    def write() -> None:
        with transaction(engine) as session:
            session.execute(sa.text("INSERT INTO written VALUES (1)"))

    writer = threading.Thread(target=write)
    # An own opening of the file stands for another process: the lock belongs to the opening.
    with (tmp_path / "some.sqlite3-turn").open("r+") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        writer.start()
        writer.join(0.2)
        assert writer.is_alive()
    writer.join(10)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM written")) == 1
    engine.dispose()
