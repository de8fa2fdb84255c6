"""Proves that hand-outs, counts and statements are what the log and the ledger say."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.events.tables import Event, EventCrate, EventLine, Statement, StatementLine
from lending.events.values import Answer, BackHow
from lending.loop.tables import ItemKind, Loan
from lending.wares.tables import CountedMove
from lending.wares.ways import Why

ROWS = 2_000  # fetched at a time: bounds the memory whatever the number of events
_NEVER_OUT = (BackHow.SEALED, BackHow.UNDONE)


@dataclass(frozen=True, slots=True)
class EventDifference:
    """Something of an event that is not what the log or the ledger says."""

    of: str
    what: str
    stored: int
    told: int

    def __str__(self) -> str:
        return f"{self.of}: {self.what} is {self.stored}, the records say {self.told}"


def verify_events(session: Session) -> Iterator[EventDifference]:
    """Every difference, on the session's snapshot: counted ware of each hand-out against its moves,
    its end against its loan, statements against the ledger, what is settled against its answer."""
    yield from _hand_outs(session)
    yield from _loans(session)
    yield from _statements(session)
    yield from _settled(session)


def _hand_outs(session: Session) -> Iterator[EventDifference]:
    """What went out with a crate is what its line says; it came back once, as its end says."""
    query = (
        sa.select(
            EventLine.event_crate_id, ItemKind.code, EventLine.counted, EventCrate.back_how,
            EventCrate.counted_in, _moved(Why.HANDED), _moved(Why.UNOPENED), _moved(Why.CAME_BACK),
        )
        .select_from(EventLine)
        .join(EventCrate, EventCrate.id == EventLine.event_crate_id)
        .join(ItemKind, ItemKind.id == EventLine.kind_id)
        .order_by(EventLine.event_crate_id, EventLine.kind_id)
    )  # fmt: skip
    for row in session.execute(query, execution_options={"yield_per": ROWS}):
        id, kind, counted, how, counted_in, handed, unopened, came_back = row
        of = f"hand-out {id}, {kind}"
        was_counted = counted_in is not None
        never_out = how in _NEVER_OUT and not was_counted
        yield from _differ(of, "what went out", counted, int(handed))
        yield from _differ(of, "what came back unopened", counted * never_out, int(unopened))
        yield from _differ(of, "what came back to count", counted * was_counted, int(came_back))


def _loans(session: Session) -> Iterator[EventDifference]:
    """A crate that never was out has no loan; every other has one, closed once it is back."""
    query = (
        sa.select(EventCrate.id, EventCrate.back_how, Loan.id, Loan.closed_at)
        .select_from(EventCrate)
        .outerjoin(Loan, Loan.id == EventCrate.id)
        .where(EventCrate.back_how.is_not(None))
        .order_by(EventCrate.id)
    )
    for id, how, loan, closed_at in session.execute(query, execution_options={"yield_per": ROWS}):
        of, never_out = f"hand-out {id}", how in _NEVER_OUT
        yield from _differ(of, "being lent", int(not never_out), int(loan is not None))
        if loan is not None and not never_out:
            yield from _differ(of, "being back", 1, int(closed_at is not None))


def _statements(session: Session) -> Iterator[EventDifference]:
    """The latest version of each event says of counted ware what the ledger says."""
    newer = aliased(Statement)
    latest = ~sa.exists().where(
        newer.event_id == Statement.event_id, newer.version > Statement.version
    )
    query = (
        sa.select(
            Statement.event_id, ItemKind.code, StatementLine.missing - StatementLine.surplus,
            StatementLine.broken, _booked(Why.SHORT), _booked(Why.TURNED_UP), _booked(Why.BROKEN),
            _booked(Why.NOT_BROKEN),
        )
        .select_from(Statement)
        .join(StatementLine, StatementLine.statement_id == Statement.id)
        .join(ItemKind, ItemKind.id == StatementLine.kind_id)
        .where(latest, ItemKind.counted)
        .order_by(Statement.event_id, StatementLine.position)
    )  # fmt: skip
    for row in session.execute(query, execution_options={"yield_per": ROWS}):
        event, kind, missing, broken, short, turned_up, broke, not_broken = row
        of = f"event {event}, {kind}"
        yield from _differ(of, "missing", missing, int(short) - int(turned_up))
        yield from _differ(of, "broken", broken, int(broke) - int(not_broken))


def _settled(session: Session) -> Iterator[EventDifference]:
    """An event with a statement is settled exactly when the hall agreed to the latest one."""
    newest = (
        sa.select(Statement.answer)
        .where(Statement.event_id == Event.id)
        .order_by(Statement.version.desc())
        .limit(1)
        .correlate(Event)
        .scalar_subquery()
    )
    has = sa.exists().where(Statement.event_id == Event.id)
    query = sa.select(Event.id, Event.settled_at, newest).where(has).order_by(Event.id)
    agreed = (Answer.CONFIRMED, Answer.ACCEPTED)
    for id, settled_at, answer in session.execute(query, execution_options={"yield_per": ROWS}):
        yield from _differ(
            f"event {id}", "being settled", int(settled_at is not None), int(answer in agreed)
        )


def _differ(of: str, what: str, stored: int, told: int) -> Iterator[EventDifference]:
    if stored != told:
        yield EventDifference(of, what, stored, told)


def _moved(why: Why) -> Any:
    """SQL over EventLine: pieces of its kind that moved so with its crate."""
    return _sum(
        CountedMove.ref == EventLine.event_crate_id, CountedMove.kind_id == EventLine.kind_id,
        why=why, of=EventLine,
    )  # fmt: skip


def _booked(why: Why) -> Any:
    """SQL over Statement and its line: pieces of its kind that the event's statements moved so."""
    return _sum(
        CountedMove.ref == Statement.event_id, CountedMove.kind_id == StatementLine.kind_id,
        why=why, of=(Statement, StatementLine),
    )  # fmt: skip


def _sum(*which: sa.ColumnElement[bool], why: Why, of: Any) -> Any:
    query = sa.select(sa.func.coalesce(sa.func.sum(CountedMove.quantity), 0))
    tables = of if isinstance(of, tuple) else (of,)
    return query.where(*which, CountedMove.why == why).correlate(*tables).scalar_subquery()
