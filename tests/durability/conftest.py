"""A town with late people, tills on the telephone, a mail server and the real programs."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import load_keys
from lending.db import make_engine, transaction
from lending.people.tables import Role
from lending.people.tokens import create_token
from tests.conftest import LONG
from tests.durability.mailbox import Mailbox, start_mail_server
from tests.durability.tills import Till
from tests.late import found_waking_town, late_people
from tests.personas import DANA, MINJI, OFFICE, SORA, TOMAS, Loop
from tests.processes import Server, free_port

LATE = 400 if LONG else 60
CUPS = 6  # of each till
BORROWERS = (MINJI, DANA, TOMAS, SORA)


@pytest.fixture
def database(make_database: Callable[[], str]) -> str:
    """The URL of a database of this test's own."""
    return make_database()


@pytest.fixture
def town(database: str, tmp_path: Path) -> Iterator[Loop]:
    """The town with sixty people who are late with a cup (400 in the long form)."""
    engine = make_engine(database)
    loop = found_waking_town(engine, load_keys(tmp_path))
    late_people(loop, [f"late-{n}@example.org" for n in range(LATE)])
    yield loop
    engine.dispose()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox(blows=set(range(8, LATE - 20, 100)))


@pytest.fixture
def start(
    database: str, tmp_path: Path, town: Loop, mailbox: Mailbox
) -> Iterator[Callable[[], Server]]:
    """Starts the server on the town's database, each time on the same port; it mails by SMTP."""
    mail_port, port = free_port(), free_port()
    mail_server = start_mail_server(mailbox, mail_port)
    servers: list[Server] = []

    def start_one() -> Server:
        server = Server(
            database,
            tmp_path,
            port,
            LENDING_SMTP_URL=f"smtp://127.0.0.1:{mail_port}",
            LENDING_MAIL_FROM="cups@seohae.example",
            LENDING_WORKER_SECONDS="1",
            LENDING_LOG_LEVEL="warning",
        )
        servers.append(server)
        mailbox.victim = server.worker
        server.wait_ready()
        return server

    yield start_one
    for server in servers:
        server.end()
    mail_server.stop()


@pytest.fixture
def tills(town: Loop, start: Callable[[], Server]) -> Iterator[Callable[[int], list[Till]]]:
    """Opens four tills with clean cups of their own at a port."""
    opened: list[Till] = []

    def open_them(port: int) -> list[Till]:
        cups = town.clean_cups(CUPS * len(BORROWERS))
        with transaction(town.engine) as session:
            made = create_token(
                session, site=town.site(OFFICE), role=Role.OFFICER, now=datetime.now(UTC)
            )
        for number, borrower in enumerate(BORROWERS):
            own = cups[number * CUPS :][:CUPS]
            opened.append(Till(port, made.token, own, borrower))
            opened[-1].start()
        return opened

    yield open_them
    for till in opened:
        till.closing.set()
        till.join(30)
