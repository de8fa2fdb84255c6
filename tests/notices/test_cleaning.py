"""After an erasure no file of the database and no log holds the contact, sealed or not."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import make_engine, transaction
from lending.loop.erase import erase_person
from lending.loop.verify import verify
from lending.notices.cleaning import clean_files
from lending.notices.drafts import Draft, queue_message
from lending.notices.tables import Erasure, Purpose
from lending.people.contacts import read_contact
from lending.people.keys import Keys
from lending.people.profile import change_language
from lending.people.residents import contact_digest, new_resident
from lending.people.tables import Resident
from tests import personas
from tests.mail import Mail, make_demo
from tests.personas import DANA, MINJI, RESIDENTS, Loop


@pytest.fixture
def fresh(make_database: Callable[[], str], keys: Keys) -> Iterator[tuple[Loop, str]]:
    """A town in a database whose files are its own."""
    url = make_database()
    engine = make_engine(url)
    if engine.dialect.name == "sqlite":

        @sa.event.listens_for(engine, "connect")
        def leave_deleted_bytes(connection: Any, _record: Any) -> None:
            # Some builds of SQLite overwrite what is deleted by themselves; others do not.
            connection.execute("PRAGMA secure_delete=OFF")

    with transaction(engine) as session:
        town = personas.found_town(session, keys)
    yield Loop(engine, keys, town), url
    engine.dispose()


def live_through(loop: Loop) -> None:
    """A resident's life: lends, messages, changes of the row, codes, a crowd around."""
    make_demo(loop)
    mail = Mail(loop)
    crowd = [
        new_resident(
            loop.keys, district_id=loop.town.id, contact=read_contact(f"010-3000-{n:04}"),
            now=loop.now,
        )
        for n in range(300)
    ]  # fmt: skip
    loop.write(lambda s: s.execute(sa.insert(Resident), crowd))
    person = loop.town.residents[MINJI]
    for cup in loop.clean_cups(2):
        loop.lend(cup, MINJI)
    for language in ("en", "ko") * 3:  # moves the row about
        loop.write(lambda s, to=language: change_language(s, resident_id=person, language=to))
    draft = Draft(read_contact(MINJI), Purpose.LOGIN_CODE, "code", loop.now + timedelta(minutes=5))
    loop.write(
        lambda s: queue_message(
            s, keys=loop.keys, district_id=loop.town.id, draft=draft, now=loop.now
        )
    )
    mail.send()
    mail.go(10)


def secrets_of(loop: Loop, contact: str) -> list[bytes]:
    """Everything that could lead back to a contact: plain, digest, sealed, number, id."""
    with Session(loop.engine) as session:
        row = session.get(Resident, loop.town.residents[contact])
        assert row is not None and row.contact_sealed and row.member_secret
        return [
            read_contact(contact).normal.encode(),
            contact_digest(loop.keys, read_contact(contact)),
            row.contact_sealed,
            row.member_secret,
            row.member_number.encode(),
        ]


def test_the_files_hold_nothing_of_an_erased_person(
    fresh: tuple[Loop, str], backend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    loop, url = fresh
    live_through(loop)
    erased, kept = secrets_of(loop, MINJI), secrets_of(loop, DANA)
    person = loop.town.residents[MINJI]
    loop.write(lambda s: erase_person(s, resident_id=person, now=loop.now))
    if backend == "postgresql":
        assert clean_files(loop.engine, now=loop.now)
        return
    path = Path(url.removeprefix("sqlite:///"))

    def bytes_of_all() -> bytes:
        return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))

    assert any(secret in bytes_of_all() for secret in erased[1:])  # deleted, and still there
    assert clean_files(loop.engine, now=loop.now)
    left = bytes_of_all()
    assert not [secret for secret in erased if secret in left]
    assert all(secret in left for secret in kept[1:])
    assert read_contact(MINJI).normal.encode() not in left
    said = capsys.readouterr()
    for contact in RESIDENTS:
        assert read_contact(contact).normal not in said.out + said.err
    loop.check()


def test_cleaning_waits_for_readers_and_happens_once(fresh: tuple[Loop, str], backend: str) -> None:
    loop, _ = fresh
    assert clean_files(loop.engine, now=loop.now)  # nothing to do
    person = loop.town.residents[DANA]
    loop.write(lambda s: erase_person(s, resident_id=person, now=loop.now))
    if backend == "sqlite":
        with Session(loop.engine) as reader:
            reader.scalar(sa.select(sa.func.count()).select_from(Resident))
            assert not clean_files(loop.engine, now=loop.now)
    assert clean_files(loop.engine, now=loop.now)
    with Session(loop.engine) as session:
        assert session.scalars(sa.select(Erasure.cleaned_at)).all() == [loop.now]


def test_the_log_holds_after_an_erasure(fresh: tuple[Loop, str]) -> None:
    loop, _ = fresh
    live_through(loop)
    for person in loop.town.residents.values():
        loop.write(lambda s, person=person: erase_person(s, resident_id=person, now=loop.now))
    assert list(verify(loop.engine)) == []
