"""A packed crate is sealed, opened again before it leaves, or not sent after all."""

from collections import Counter
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows
from lending.db import table_of
from lending.errors import Code, LendingError
from lending.loop.steps import Action
from lending.loop.tables import Scan
from lending.moving.packing.crates import (
    CLOCKS,
    Busy,
    CrateView,
    contents_of,
    counted_in,
    find_crate,
    view_crate,
)
from lending.moving.packing.pieces import check_place
from lending.people.actors import Actor
from lending.requests.acting import signature
from lending.requests.consignments import join_round, underway
from lending.requests.round_tables import Consignment, ConsignmentLine, Way
from lending.wares.tables import CountedAccount, CountedMove
from lending.wares.ways import Condition

SAME_HAND = timedelta(seconds=5)  # by which the moments of one tablet may be corrected differently


def seal_crate(session: Session, *, crate: str, actor: Actor, now: datetime) -> CrateView:
    """The crate is full or done: what is in it is written down, and it may be loaded. Again: nothing
    changes. `now`: when it was done.

    NOT_FOUND (crate), CONFLICT (crate) for one that nothing was packed into for a list, that is
    empty, whose contents somebody has changed since (the word was sent again, and it was opened
    meanwhile), or that holds what is not clean or on hold by now (`detail` names the first ten,
    counted ware by kind).
    """
    found = find_crate(session, code=crate, district_id=actor.district_id)
    row = underway(session, crate_id=found.id, lock=True)
    if row is None or row.way is not Way.OUT:
        raise LendingError(Code.CONFLICT, field="crate", detail=Busy.NO_LIST)
    check_place(session, row.from_site_id, actor)
    if row.sealed_at is None:
        if _is_changed_since(session, found.id, now):
            raise LendingError(Code.CONFLICT, field="crate", detail=Busy.CHANGED)
        seal(session, row, by=signature(actor), at=now, checked=True)
    return view_crate(session, crate_id=found.id)


def seal(session: Session, row: Consignment, *, by: str, at: datetime, checked: bool) -> None:
    """Writes down what is in the crate; `checked`: refused unless all of it may be sent."""
    inside = contents_of(session, crate_id=row.crate_id)
    counted = counted_in(session, crate_id=row.crate_id)
    if checked:
        bad = [piece.code for piece in inside if not piece.may_be_sent]
        bad += [line.kind for line in counted if line.condition is not Condition.CLEAN]
        if not (inside or counted):
            raise LendingError(Code.CONFLICT, field="crate", detail=Busy.EMPTY)
        if bad:
            raise LendingError(Code.CONFLICT, field="crate", detail=" ".join(bad[:10]))
    counts = Counter(piece.kind_id for piece in inside)
    for line in counted:
        counts[line.kind_id] += line.quantity
    row.sealed_at, row.sealed_by = at, by
    join_round(session, row)
    session.flush()
    lines = [
        {"consignment_id": row.id, "kind_id": kind, "pieces": pieces}
        for kind, pieces in sorted(counts.items())
        if pieces > 0
    ]
    insert_rows(session, table_of(ConsignmentLine), lines)


def reopen_crate(session: Session, *, crate: str, actor: Actor, now: datetime) -> CrateView:
    """A sealed crate is opened again before it is loaded; NOT_FOUND, CONFLICT (crate). Word of an
    opening from before it was sealed (it was sent again) changes nothing. `now`: when it was done."""
    row = _not_loaded(session, crate, actor)
    if row.sealed_at is not None and now + CLOCKS < row.sealed_at:
        return view_crate(session, crate_id=row.crate_id)
    row.sealed_at = row.sealed_by = None
    session.execute(sa.delete(ConsignmentLine).where(ConsignmentLine.consignment_id == row.id))
    session.flush()
    return view_crate(session, crate_id=row.crate_id)


def dissolve_crate(session: Session, *, crate: str, actor: Actor, now: datetime) -> CrateView:
    """The crate is not sent for its list after all; what is in it stays in it. The same word again
    changes nothing. NOT_FOUND, CONFLICT (crate) for one that is loaded or in use for no list."""
    found = find_crate(session, code=crate, district_id=actor.district_id)
    told = (Consignment.dissolved_at == now, Consignment.dissolved_by == signature(actor))
    query = sa.select(Consignment.id).where(Consignment.crate_id == found.id, *told)
    if session.scalar(query.limit(1)) is not None:
        return view_crate(session, crate_id=found.id)
    row = _not_loaded(session, crate, actor)
    row.dissolved_at, row.dissolved_by = now, signature(actor)
    session.flush()
    return view_crate(session, crate_id=row.crate_id)


def _is_changed_since(session: Session, crate_id: int, at: datetime) -> bool:
    """Whether anything was put into the crate or taken out of it after a moment."""
    later = at + SAME_HAND
    scans = sa.select(Scan.id).where(
        Scan.crate_id == crate_id,
        Scan.of.is_(None),
        Scan.action.in_([Action.PACK, Action.UNPACK]),
        Scan.occurred_at > later,
    )
    account = sa.select(CountedAccount.id).where(CountedAccount.crate_id == crate_id)
    moves = sa.select(CountedMove.id).where(
        sa.or_(CountedMove.from_id.in_(account), CountedMove.to_id.in_(account)),
        CountedMove.at > later,
    )
    return any(session.scalar(query.limit(1)) is not None for query in (scans, moves))


def _not_loaded(session: Session, crate: str, actor: Actor) -> Consignment:
    found = find_crate(session, code=crate, district_id=actor.district_id)
    row = underway(session, crate_id=found.id, lock=True)
    if row is None:
        raise LendingError(Code.CONFLICT, field="crate", detail=Busy.NO_LIST)
    if row.loaded_at is not None or row.way is not Way.OUT:
        raise LendingError(Code.CONFLICT, field="crate", detail=Busy.ON_ITS_WAY)
    check_place(session, row.from_site_id, actor)
    return row
