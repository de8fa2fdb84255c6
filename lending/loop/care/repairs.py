"""Repairs of the log: voids and added facts, marked with the review entry that asked for them."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import LendingError
from lending.loop.care.decisions import PROPOSED, STUCK
from lending.loop.policy.limits import load_limits, site_to_move, waits_too_long
from lending.loop.record import record_scans
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action, State
from lending.loop.tables import Item, Loan, Scan
from lending.people.actors import Actor
from lending.people.keys import Keys
from lending.places.tables import Site

MOST_AT_ONCE = 1000


def mark(entry_id: int) -> str:
    """The note of every scan that a review entry caused."""
    return f"review {entry_id}"


def void_scans(
    session: Session,
    entries: Mapping[uuid.UUID, int],
    *,
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> None:
    """Voids scans; `entries`: review entry by scan id. Raises what the writer refuses."""
    query = (
        sa.select(Scan.id, Scan.code, Site.code)
        .join(Site, Site.id == Scan.site_id)
        .where(Scan.id.in_(entries))
    )
    scans = [
        ScanIn(uuid.uuid4(), Action.VOID, code, now, site=site, of=scan, note=mark(entries[scan]))
        for scan, code, site in session.execute(query).all()
    ]
    _record(session, scans, actor=actor, keys=keys, now=now)


def record_of_loans(
    session: Session,
    action: Action,
    said: Mapping[uuid.UUID, tuple[int, int, datetime]],
    *,
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> None:
    """Records an action that names its loan, for loans still open; `said`: the review entry, the
    site's id and the time by lend. Raises what the writer refuses."""
    query = (
        sa.select(Loan.id, Item.code)
        .join(Item, Item.id == Loan.item_id)
        .where(Loan.id.in_(said), Loan.closed_at.is_(None))
    )
    sites: sa.Select[*tuple[Any, ...]] = sa.select(Site.id, Site.code).where(
        Site.id.in_({site for _, site, _ in said.values()})
    )
    codes = {row.id: row.code for row in session.execute(sites)}
    scans = []
    for lend, code in session.execute(query).all():
        entry, site, at = said[lend]
        scans.append(
            ScanIn(
                uuid.uuid4(), action, code, at, site=codes[site], of=lend, clock_error=0.0,
                note=mark(entry),
            )
        )  # fmt: skip
    _record(session, scans, actor=actor, keys=keys, now=now)


def repair_stuck(
    session: Session,
    *,
    entry_id: int,
    site_id: int,
    subject: str,
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> None:
    """Records the proposed step for the pieces that the entry is about: those that wait past the
    limit and are told of at the site; 1,000 at most. A shipped one arrives where it was going."""
    state = State(subject.removeprefix(STUCK))
    limits = load_limits(session, district_id=actor.district_id, now=now)
    going = Item.to_site_id if state is State.SHIPPED else sa.null()
    waiting = (
        sa.select(Item.code, Site.code)
        .join(Site, Site.id == sa.func.coalesce(going, Item.site_id))
        .where(
            Item.district_id == actor.district_id,
            site_to_move(limits) == site_id,
            waits_too_long(state, limits, now),
        )
        .order_by(Item.id)
        .limit(MOST_AT_ONCE)
    )
    scans = [
        ScanIn(uuid.uuid4(), PROPOSED[state], code, now, site=site, note=mark(entry_id))
        for code, site in session.execute(waiting).all()
    ]
    _record(session, scans, actor=actor, keys=keys, now=now)


def undo(
    session: Session,
    *,
    entry_id: int,
    scan_id: uuid.UUID | None,
    at: datetime,
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> None:
    """Voids every scan that the decision on an entry, taken at `at`, has recorded."""
    made = Scan.note == mark(entry_id)
    own = sa.select(Site.id).where(Site.district_id == actor.district_id)
    ways = [sa.select(Scan.id).where(Scan.site_id.in_(own), Scan.occurred_at == at, made)]
    if scan_id is not None:
        ways.append(sa.select(Scan.id).where(Scan.of == scan_id, made))
    ids = {row.id for way in ways for row in session.execute(way)}
    ids -= set(session.scalars(sa.select(Scan.of).where(Scan.of.in_(ids))))  # undone before
    void_scans(session, dict.fromkeys(ids, entry_id), actor=actor, keys=keys, now=now)


def _record(
    session: Session, scans: Sequence[ScanIn], *, actor: Actor, keys: Keys, now: datetime
) -> None:
    if not scans:
        return
    receipts = record_scans(session, scans, actor=actor, keys=keys, now=now)
    _raise_refused((r.error, r.field) for r in receipts if r.result is Result.REFUSED)


def _raise_refused(refused: Iterable[tuple[object, str | None]]) -> None:
    for error, field in refused:
        raise LendingError(error, field=field)  # type: ignore[arg-type]
