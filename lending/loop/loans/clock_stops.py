"""Clock stops: while one goes on, a loan is neither late nor reminded of nor written off."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows
from lending.db import fetch, table_of
from lending.loop.care.remind import notice_row
from lending.loop.loans.standing_still import StopWhy
from lending.loop.loans.stopped import lock_pieces
from lending.loop.record import record_scans
from lending.loop.scans import ScanIn
from lending.loop.steps import Action
from lending.loop.system import system_actor
from lending.loop.tables import ClockStop, Item, Loan, ScanBorrower
from lending.notices.tables import Notice, NoticeKind, NoticeState
from lending.people.keys import Keys
from lending.people.upserts import insert_or
from lending.places.tables import Site

NEARLY_DUE = timedelta(days=1)  # a loan due by then gets fresh days when a span is over
BATCH = 1000  # stops that one sweep ends


def stop_clocks(
    session: Session,
    *,
    lend_ids: Collection[uuid.UUID],
    ref: uuid.UUID,
    why: StopWhy,
    now: datetime,
    until: datetime | None = None,
    anew: bool = False,
) -> int:
    """Stops the clocks of these loans as far as they are open, until `until` or `end_stops`; how
    many. `ref`: the refusal or request that it is for. The same again is the same stop, and one
    that has ended does not begin anew, or only so (`anew`): it ended with a loan that is open again.
    """
    query: sa.Select[*tuple[Any, ...]] = sa.select(Loan.id, Loan.item_id, Loan.district_id).where(
        Loan.id.in_(lend_ids), Loan.closed_at.is_(None)
    )
    rows = [
        {
            "id": stop_id(ref, row.id, why), "district_id": row.district_id, "lend_id": row.id,
            "item_id": row.item_id, "ref": ref, "why": why, "from_at": now, "until": until,
            "ended_at": None,
        }
        for row in (fetch(session, query) if lend_ids else ())
    ]  # fmt: skip
    if anew and rows:
        session.execute(
            sa.update(ClockStop)
            .where(ClockStop.id.in_([row["id"] for row in rows]), ClockStop.ended_at.is_not(None))
            .values(ended_at=None)
            .execution_options(synchronize_session=False)
        )
    return insert_rows(session, table_of(ClockStop), rows, skip_known=True)


def stop_id(ref: uuid.UUID, lend_id: uuid.UUID, why: StopWhy) -> uuid.UUID:
    """The id of the stop of one loan for one refusal or request."""
    return uuid.uuid5(ref, f"{why} {lend_id}")


def end_stops(
    session: Session,
    *,
    ref: uuid.UUID,
    why: StopWhy | None = None,
    lend_ids: Collection[uuid.UUID] | None = None,
    fresh: bool,
    keys: Keys,
    now: datetime,
) -> list[uuid.UUID]:
    """Ends what still goes on of `ref` (of one reason, of some loans); the loans still open.

    `fresh`: nothing was found where the piece should have been: each of those loans gets the fresh
    days of its terms (`resume_days`), and its borrower one message.
    """
    query = _going_on().where(ClockStop.ref == ref)
    if why is not None:
        query = query.where(ClockStop.why == why)
    if lend_ids is not None:
        query = query.where(ClockStop.lend_id.in_(lend_ids))
    rows = _locked(session, query)
    _end(session, rows, now)
    still_open = {row.lend_id: row for row in rows if row.loan and row.closed_at is None}
    if fresh and still_open:
        _resume(session, list(still_open.values()), keys=keys, now=now)
        _tell_missing(session, list(still_open.values()), now)
    return sorted(still_open)


def sweep_stops(session: Session, *, district_id: int, keys: Keys, now: datetime) -> int:
    """Ends a batch of the stops whose time is over or whose loan is closed; how many.

    A loan that is due within a day, or was due while its clock stood, gets fresh days.
    """
    over = sa.or_(ClockStop.until <= now, Loan.closed_at.is_not(None), Loan.id.is_(None))
    query = _going_on().where(ClockStop.district_id == district_id, over)
    rows = _locked(session, query.order_by(ClockStop.until, ClockStop.id).limit(BATCH))
    _end(session, rows, now)
    soon = now + NEARLY_DUE
    ending = {row.id for row in rows}
    waiting = {
        row.lend_id: row
        for row in rows
        if row.closed_at is None and row.due_at and row.due_at < soon
    }
    if waiting:
        others = sa.select(ClockStop.lend_id).where(
            ClockStop.lend_id.in_(waiting), ClockStop.ended_at.is_(None), ~ClockStop.id.in_(ending)
        )
        stopped = set(session.scalars(others))
        free = [row for lend, row in waiting.items() if lend not in stopped]
        _resume(session, free, keys=keys, now=now)
    return len(rows)


def _going_on() -> sa.Select[*tuple[Any, ...]]:
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            ClockStop.id, ClockStop.lend_id, ClockStop.item_id, ClockStop.district_id,
            Loan.id.label("loan"), Loan.closed_at, Loan.due_at, Item.code, Site.code.label("site"),
        )
        .outerjoin(Loan, Loan.id == ClockStop.lend_id)
        .join(Item, Item.id == ClockStop.item_id)
        .outerjoin(Site, Site.id == Loan.site_id)
        .where(ClockStop.ended_at.is_(None))
    )  # fmt: skip
    return query


def _locked(session: Session, query: sa.Select[*tuple[Any, ...]]) -> Sequence[Any]:
    """The stops found, read again under the locks of their pieces."""
    rows = fetch(session, query)
    if not rows:
        return []
    lock_pieces(session, sorted({row.item_id for row in rows}))
    still = {row.id: row for row in fetch(session, query)}
    return [still[row.id] for row in rows if row.id in still]


def _end(session: Session, rows: Sequence[Any], now: datetime) -> None:
    if rows:
        session.execute(
            sa.update(ClockStop)
            .where(ClockStop.id.in_([row.id for row in rows]), ClockStop.ended_at.is_(None))
            .values(ended_at=now)
            .execution_options(synchronize_session=False)
        )


def _resume(session: Session, rows: Sequence[Any], *, keys: Keys, now: datetime) -> None:
    """Fresh days; the scan's id follows from the stop, so that two workers record one."""
    scans = [
        ScanIn(
            uuid.uuid5(row.id, "resume"), Action.RESUME, row.code, now, site=row.site,
            of=row.lend_id,
        )
        for row in rows
    ]  # fmt: skip
    if scans:
        actor = system_actor(rows[0].district_id)
        record_scans(session, scans, actor=actor, keys=keys, now=now)


def _tell_missing(session: Session, rows: Sequence[Any], now: datetime) -> None:
    """One message per loan; a second bag that lacked the same piece is told of anew."""
    somebodys = sa.select(ScanBorrower.scan_id).where(
        ScanBorrower.scan_id.in_([row.lend_id for row in rows]),
        ScanBorrower.resident_id.is_not(None),
    )
    told = set(session.scalars(somebodys))
    found = [
        notice_row(row.lend_id, NoticeKind.NOT_IN_BAG, NoticeState.WAITING, row.district_id, now)
        for row in rows
        if row.lend_id in told
    ]
    if not found:
        return
    anew = {"state": NoticeState.WAITING, "created_at": now, "message_id": None, "sent_at": None}
    insert = insert_or(session, Notice)
    session.execute(insert.on_conflict_do_update(index_elements=["id"], set_=anew), found)
