"""A session's end: what was noted is held against the log and the ledger, and what is off is told."""

import uuid
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import table_of
from lending.loop.care.decisions import STOCKTAKING
from lending.loop.tables import Item, Review
from lending.loop.write.reviews import SETTLE_AFTER
from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.wares.figures import count_wares
from lending.wares.ledger import require_all
from lending.wares.stocktaking.notes import STANDING
from lending.wares.stocktaking.result import StocktakeResult, load_result
from lending.wares.stocktaking.sessions import close, lock_session
from lending.wares.stocktaking.tables import StockLine, StockPiece, StockSession, Verdict
from lending.wares.values import MOST_AT_ONCE, FigureIn
from lending.wares.ways import Condition, at_place, in_crate

PIECES = table_of(StockPiece)


def end_session(
    session: Session,
    *,
    session_id: uuid.UUID,
    actor: Actor,
    now: datetime,
    staff_id: int | None = None,
) -> StocktakeResult:
    """Ends a session; ended again it gives the same result. Errors as `load_session`.

    The place need not stand still meanwhile: a piece that went on by a scan of its own since it was
    noted was there, and one that the log has here counts as missing only if nobody has seen it
    since the session began. Quantities become figures at the time they were typed; differences are
    moves with who and when. What nobody counted stays as it is. Anything off opens one entry in the
    review queue.
    """
    row = lock_session(session, session_id, actor)
    if row.ended_at is None:
        close(row, actor, now, staff_id)
        session.flush()
        _judge_noted(session, row)
        _add_missing(session, row)
        _take_figures(session, row, actor, now)
        if not load_result(session, session_id=session_id, actor=actor).is_right:
            _open_review(session, row, now)
    return load_result(session, session_id=session_id, actor=actor)


def _judge_noted(session: Session, row: StockSession) -> None:
    here = sa.and_(Item.site_id == row.site_id, Item.state.in_(STANDING))
    went_on = Item.last_at > StockPiece.noted_at
    was_there = sa.exists().where(Item.id == StockPiece.item_id, here | went_on)
    verdict = sa.case(
        (StockPiece.item_id.is_(None), Verdict.UNKNOWN.value),
        (was_there, Verdict.PRESENT.value),
        else_=Verdict.UNEXPECTED.value,
    )
    session.execute(
        sa.update(StockPiece)
        .where(StockPiece.session_id == row.id)
        .values(verdict=verdict)
        .execution_options(synchronize_session=False)
    )


def _add_missing(session: Session, row: StockSession) -> None:
    noted = sa.exists().where(StockPiece.session_id == row.id, StockPiece.item_id == Item.id)
    missing = sa.select(
        sa.literal(row.id, PIECES.c.session_id.type),
        Item.code,
        Item.id,
        sa.literal(Verdict.MISSING.value),
    ).where(
        Item.district_id == row.district_id,
        Item.site_id == row.site_id,
        Item.state.in_(STANDING),
        Item.last_at < row.begun_at,
        ~noted,
    )
    insert = insert_or(session, StockPiece)
    names = ["session_id", "code", "item_id", "verdict"]
    session.execute(insert.from_select(names, missing).on_conflict_do_nothing())


def _take_figures(session: Session, row: StockSession, actor: Actor, now: datetime) -> None:
    lines = session.scalars(
        sa.select(StockLine)
        .where(StockLine.session_id == row.id, StockLine.taken_back_at.is_(None))
        .order_by(StockLine.at, StockLine.id)
    ).all()
    figures = list(_figures(row, lines))
    for start in range(0, len(figures), MOST_AT_ONCE):
        part = figures[start : start + MOST_AT_ONCE]
        require_all(count_wares(session, part, actor=actor, now=now))


def _figures(row: StockSession, lines: Iterable[StockLine]) -> Iterable[FigureIn]:
    """One figure for each kind, condition and crate: its lines added up, at the time of the last."""
    by_account: dict[tuple[int, Condition, int | None], list[StockLine]] = {}
    for line in lines:
        by_account.setdefault((line.kind_id, line.condition, line.crate_id), []).append(line)
    for (kind, condition, crate), told in by_account.items():
        account = at_place(row.site_id, condition) if crate is None else in_crate(crate, condition)
        id = uuid.uuid5(row.id, f"{kind} {condition} {crate}")
        quantity, last = sum(line.quantity for line in told), told[-1]
        yield FigureIn(id, kind, account, quantity, last.at, ref=row.id, staff_id=last.staff_id)


def _open_review(session: Session, row: StockSession, now: datetime) -> None:
    entry = {
        "district_id": row.district_id,
        "site_id": row.site_id,
        "subject": STOCKTAKING,
        "scan_id": row.id,
        "opened_at": now,
        "settle_by": now + SETTLE_AFTER,
    }
    session.execute(insert_or(session, Review).values(entry).on_conflict_do_nothing())
