"""What a view may reach of the running application: configuration, keys, database and clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from config import Config
from lending import db
from lending.people.keys import Keys

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Services:
    """Made once in create_app and never changed. `started`: when this server began to answer."""

    config: Config
    keys: Keys
    engine: sa.Engine
    started: datetime


def services() -> Services:
    """The services of the application that answers this request."""
    found = current_app.extensions["lending"]
    assert isinstance(found, Services)
    return found


def write(work: Callable[[Session], T]) -> T:
    """Run `work(session)` as one transaction and commit it; the value it returned.

    `work` may run more than once, when another writer was faster: it must have no effect
    outside the session.
    """
    return db.run_transaction(services().engine, work)


@contextmanager
def reading() -> Iterator[Session]:
    """One read snapshot for the block: `with reading() as session: …`."""
    with db.reading(services().engine) as session:
        yield session


@contextmanager
def glancing() -> Iterator[Session]:
    """A session without a transaction, for one short look: `with glancing() as session: …`.

    Cheaper than `reading`; two statements in it may see different states.
    """
    with db.glancing(services().engine) as session:
        yield session


def now() -> datetime:
    """The time of this moment in UTC: the only clock of the edge."""
    return datetime.now(UTC)
