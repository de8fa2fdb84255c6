"""What was sent to an event and what of it has been seen since, by kind."""

import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.events.stages import USED
from lending.events.tables import EventCrate, EventLine
from lending.loop.loans.occasions import loans_of
from lending.loop.steps import Action, Outcome, State
from lending.loop.tables import Item, ItemKind, Loan, Scan

_BACK = (Outcome.RETURNED, Outcome.IMPLIED, Outcome.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class KindSeen:
    """A kind at an event. `found` and `broken`: of tracked ware what its scans say, of counted ware
    nothing; `strangers`: pieces that were in its crates, but not sent to it."""

    kind_id: int
    kind: str
    name: str
    name_en: str
    counted: bool
    carrier: bool
    sent: int = 0
    found: int = 0
    broken: int = 0
    strangers: int = 0


@dataclass(slots=True)
class _Tally:
    sent: int = 0
    found: int = 0
    broken: int = 0
    strangers: int = 0


def kinds_seen(session: Session, *, event_id: uuid.UUID) -> list[KindSeen]:
    """Every kind that went to an event or was found in its crates: counted ware, tracked ware, then
    the crates themselves, each by name. Crates that came back unopened and what is in them never
    went. Six statements."""
    tallies: dict[int, _Tally] = {}
    for kind, pieces in session.execute(_counted(event_id)):
        tallies.setdefault(kind, _Tally()).sent += int(pieces)
    broken = set(session.scalars(_broken(event_id)))
    for loan in loans_of(session, [event_id])[event_id]:
        tally = tallies.setdefault(loan.kind_id, _Tally())
        tally.sent += 1
        if loan.outcome is Outcome.RETIRED or loan.lend_id in broken:
            tally.broken += 1
        elif loan.outcome in _BACK:
            tally.found += 1
    for kind, pieces in session.execute(_strangers(event_id)):
        tallies.setdefault(kind, _Tally()).strangers += int(pieces)
    query = (
        sa.select(ItemKind)
        .where(ItemKind.id.in_(tallies))
        .order_by(ItemKind.carrier, ItemKind.counted.desc(), ItemKind.name, ItemKind.id)
    )
    return [_kind(kind, tallies[kind.id]) for kind in session.scalars(query)]


def uncounted_lines(
    session: Session, *, event_id: uuid.UUID, still_out: bool
) -> list[tuple[uuid.UUID, int, int]]:
    """(hand-out, kind id, pieces) of counted ware that no count has taken in yet; `still_out`: also
    of crates that are not back."""
    opened: sa.ColumnElement[bool] = EventCrate.back_how.in_(USED)
    if still_out:
        opened = sa.or_(opened, EventCrate.back_at.is_(None))
    query = (
        sa.select(EventLine.event_crate_id, EventLine.kind_id, EventLine.counted)
        .select_from(EventLine)
        .join(EventCrate, EventCrate.id == EventLine.event_crate_id)
        .where(EventCrate.event_id == event_id, EventCrate.counted_in.is_(None), opened)
        .where(EventLine.counted > 0)
        .order_by(EventLine.event_crate_id, EventLine.kind_id)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def back_of_kind(event_id: Any, kind_id: Any, *correlated: Any) -> Any:
    """SQL: pieces with a code of a kind that are back from an event, whole or broken, as `kinds_seen`
    tells them; `correlated`: the tables of the query around it that these columns are of."""
    back = sa.or_(Loan.outcome.in_([*_BACK, Outcome.RETIRED]), _is_broken())
    return (
        sa.select(sa.func.count())
        .select_from(Loan)
        .join(Item, Item.id == Loan.item_id)
        .where(Loan.occasion_id == event_id, Item.kind_id == kind_id, back)
        .correlate(*correlated)
        .scalar_subquery()
    )


def _kind(kind: ItemKind, tally: _Tally) -> KindSeen:
    return KindSeen(
        kind.id, kind.code, kind.name, kind.name_en, kind.counted, kind.carrier, tally.sent,
        tally.found, tally.broken, tally.strangers,
    )  # fmt: skip


def _counted(event_id: uuid.UUID) -> sa.Select[*tuple[Any, ...]]:
    opened = sa.or_(EventCrate.back_at.is_(None), EventCrate.back_how.in_(USED))
    return (
        sa.select(EventLine.kind_id, sa.func.sum(EventLine.counted))
        .select_from(EventLine)
        .join(EventCrate, EventCrate.id == EventLine.event_crate_id)
        .where(EventCrate.event_id == event_id, opened, EventLine.counted > 0)
        .group_by(EventLine.kind_id)
    )


def _broken(event_id: uuid.UUID) -> sa.Select[uuid.UUID]:
    query = sa.select(Loan.id).join(Item, Item.id == Loan.item_id)
    return query.where(Loan.occasion_id == event_id, _is_broken())


def _is_broken() -> sa.ColumnElement[bool]:
    """SQL over Loan and its Item: the piece was put out of use before it was lent again."""
    later = aliased(Loan)
    again = sa.exists().where(later.item_id == Loan.item_id, later.opened_at > Loan.opened_at)
    return sa.and_(Item.state == State.RETIRED, ~again.correlate(Loan))


def _strangers(event_id: uuid.UUID) -> sa.Select[*tuple[Any, ...]]:
    """Pieces received from a crate of the event, after it went there and before it went on."""
    later = aliased(EventCrate)
    went_on = (
        sa.select(sa.func.min(later.handed_at))
        .where(later.crate_id == EventCrate.crate_id, later.handed_at > EventCrate.handed_at)
        .correlate(EventCrate)
        .scalar_subquery()
    )
    sent = sa.exists().where(Loan.item_id == Scan.item_id, Loan.occasion_id == event_id)
    return (
        sa.select(Item.kind_id, sa.func.count(sa.distinct(Item.id)))
        .select_from(EventCrate)
        .join(Scan, Scan.crate_id == EventCrate.crate_id)
        .join(Item, Item.id == Scan.item_id)
        .where(EventCrate.event_id == event_id, EventCrate.back_how.in_(USED))
        .where(Scan.action == Action.RECEIVE, Scan.of.is_(None))
        .where(Scan.occurred_at >= EventCrate.handed_at)
        .where(sa.or_(went_on.is_(None), Scan.occurred_at < went_on), ~sent)
        .group_by(Item.kind_id)
    )
