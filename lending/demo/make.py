"""Makes the demo in one transaction: either the whole district with its history, or nothing."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.db import run_transaction
from lending.demo.desk import Desk
from lending.demo.equipment import equip_centre
from lending.demo.found import Founded, add_residents, found_district
from lending.demo.history import Say, write_history
from lending.demo.past_notices import note_past_notices
from lending.demo.plan import (
    BAG,
    BAGS,
    CENTRE,
    CONTAINER,
    CONTAINERS,
    CRATE,
    CRATES,
    CUPS,
    KST,
    Scale,
)
from lending.demo.today import finish_today
from lending.demo.town import Person, Town, moment
from lending.loop.pieces.claims import register_items
from lending.loop.tables import Scan
from lending.people.keys import Keys
from lending.places.districts import list_districts

MAKING = 4821_0938  # of two servers on one database one makes the demo


@dataclass(frozen=True, slots=True)
class DemoMade:
    """What was made; the passwords (by login) are stored nowhere in the database."""

    district_id: int
    passwords: dict[str, str]
    scans: int
    refused: int


def make_demo(
    engine: Engine, *, keys: Keys, now: datetime, say: Say, scale: Scale | None = None
) -> DemoMade | None:
    """The demo district in an empty database; None when there is a district already.

    The same scale and moment make the same history, but for the codes on the cups, which are as
    random as any, and the passwords.
    """
    wanted = scale or Scale()
    return run_transaction(
        engine, lambda session: _make(session, keys=keys, now=now, say=say, scale=wanted)
    )


def _make(
    session: Session, *, keys: Keys, now: datetime, say: Say, scale: Scale
) -> DemoMade | None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(MAKING)))
    if list_districts(session):
        return None
    rng = Random(scale.seed)  # noqa: S311 - the same demo again, no secret
    first = moment(now.astimezone(KST).date() - timedelta(days=scale.days), 5)
    founded = found_district(session, now=first)
    borrowers = add_residents(
        session,
        keys=keys,
        district_id=founded.district_id,
        count=scale.residents,
        rng=rng,
        now=first,
    )
    town = Town(scale, rng, [Person(borrower) for borrower in borrowers], first.date())
    _register(session, founded, town, first)
    desk = Desk(session, founded, keys, now)
    equip_centre(desk, town, first)
    written = write_history(town, desk, say=say)
    finish_today(desk, town)
    note_past_notices(session, district_id=founded.district_id, now=now)
    scans = session.scalar(sa.select(sa.func.count()).select_from(Scan)) or 0
    return DemoMade(founded.district_id, founded.passwords, scans, written.refused)


def _register(session: Session, founded: Founded, town: Town, now: datetime) -> None:
    """New cups at the washing centre, the kinds mixed; containers, crates and bags."""

    def register(kind: str, count: int) -> list[str]:
        return register_items(
            session,
            kind=kind,
            count=count,
            site=CENTRE,
            actor=founded.actors[CENTRE],
            now=now,
            request_id=uuid.UUID(int=town.rng.getrandbits(128), version=4),
        )

    for kind, percent in CUPS.items():
        codes = register(kind, max(1, town.scale.cups * percent // 100))
        town.kinds |= dict.fromkeys(codes, kind)
    town.dirty = list(town.kinds)
    town.rng.shuffle(town.dirty)
    town.crates, town.bags = register(CRATE, CRATES), register(BAG, BAGS)
    town.containers = register(CONTAINER, town.part(CONTAINERS))
