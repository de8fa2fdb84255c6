"""Words about statements: an event that was counted, what the hall says, what the office decides."""

import uuid
from typing import Any

import pytest
import sqlalchemy as sa

from lending.events.statements.answers import (
    answer_by_link,
    dispute_by_link,
    find_by_link,
)
from lending.events.statements.disputes import decide_dispute
from lending.events.values import (
    DisputeDecision,
    DisputeIn,
    EventView,
    PackIn,
    StatementView,
)
from lending.loop.care.decisions import EVENT_DISPUTE
from lending.loop.tables import Review
from lending.notices.tables import Alert
from tests.events.halls import MANAGER, Halls

Counted = tuple[Halls, EventView, PackIn, StatementView]


@pytest.fixture
def counted(halls: Halls) -> Counted:
    """50 bowls and 2 cups went; 46 bowls came back, 1 broke, 3 and a cup are missing."""
    event = halls.plan()
    packed = halls.out(event, cups=2, bowl=50)
    halls.back(packed)
    halls.fetch(packed.crate)
    halls.sweep()
    statement = halls.count(
        event, lines={"bowl": (46, 1)}, received=packed.codes[:1], crate=packed.crate,
        photos=(b"jpeg",),
    )  # fmt: skip
    return halls, event, packed, statement


def see(halls: Halls, event: EventView) -> StatementView:
    secret = halls.link(event)
    view: StatementView = halls.read(lambda s: find_by_link(s, secret=secret, now=halls.now))
    return view


def say_right(halls: Halls, event: EventView, version: int, name: str = MANAGER) -> StatementView:
    secret = halls.links[event.id]
    view: StatementView = halls.write(
        lambda s: answer_by_link(s, secret=secret, version=version, name=name, now=halls.now)
    )
    return view


def dispute(halls: Halls, event: EventView, *disputes: DisputeIn, version: int = 1) -> Any:
    secret = halls.links[event.id]
    return halls.write(
        lambda s: dispute_by_link(
            s, secret=secret, version=version, disputes=disputes, name=MANAGER, now=halls.now
        )
    )


def decide(halls: Halls, id: uuid.UUID, decision: DisputeDecision, **more: Any) -> StatementView:
    view: StatementView = halls.write(
        lambda s: decide_dispute(
            s, dispute_id=id, decision=decision, actor=halls.loop.town.officer, now=halls.now,
            **more,
        )
    )  # fmt: skip
    return view


def alerts(halls: Halls) -> dict[str, int]:
    halls.sweep()
    query = sa.select(Alert.kind, Alert.count).where(Alert.closed_at.is_(None))
    return {row[0]: row[1] for row in halls.read(lambda s: s.execute(query).all())}


def reviews(halls: Halls) -> list[Any]:
    query = sa.select(Review.id, Review.scan_id, Review.site_id, Review.settled_at)
    query = query.where(Review.subject == EVENT_DISPUTE).order_by(Review.id)
    return list(halls.read(lambda s: s.execute(query).all()))


def position(statement: StatementView, kind: str) -> int:
    return next(line.position for line in statement.lines if line.kind == kind)
