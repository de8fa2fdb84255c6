"""What the washing table shows between beeps: the day's counts, what waits longest, alerts."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.policy.limits import load_limits
from lending.loop.read.history import local_midnight
from lending.loop.read.stock import oldest_items
from lending.loop.scans import ItemView
from lending.loop.steps import Action, State
from lending.loop.tables import Item, ItemKind, Scan
from lending.notices.alerts import AlertView, open_alerts
from lending.people.actors import Actor
from lending.places.sites import SiteView
from lending.washing.batches.log import stands
from lending.washing.table.desk import view_lane
from lending.washing.table.outcomes import LaneView, SetView
from lending.washing.table.sets import open_sets

WAITING = (State.COLLECTED, State.RETURNED, State.DIRTY, State.WASHED)
HERE = (*WAITING, State.READY)
SHOWN = (Action.RECEIVE, Action.WASH, Action.PASS, Action.REWASH, Action.RETIRE)
INSPECTIONS = (Action.PASS, Action.REWASH, Action.RETIRE)
OLDEST = 12


@dataclass(frozen=True, slots=True)
class StateLine:
    """Pieces in one state at the centre: by kind, since when the longest waits, past its limit."""

    state: State
    count: int
    kinds: dict[str, int]
    since: datetime
    is_late: bool


@dataclass(frozen=True, slots=True)
class FirstPass:
    """Pieces inspected today, and how many of them passed at their first inspection of the day."""

    inspected: int
    passed: int


@dataclass(frozen=True, slots=True)
class Board:
    """`counts`: today's scans by action; `late` holds the codes of `oldest` past their limit."""

    lane: LaneView
    sets: list[SetView]
    counts: dict[Action, int]
    first_pass: FirstPass
    lines: list[StateLine]
    oldest: list[ItemView]
    late: set[str]
    alerts: list[AlertView]


def load_board(
    session: Session, *, actor: Actor, site: SiteView, lane_id: uuid.UUID | None, now: datetime
) -> Board:
    """The board of one centre as one operator sees it; a handful of statements."""
    limits = load_limits(session, district_id=site.district_id, now=now)
    latest = {state: now - timedelta(days=limits[state.value].days) for state in HERE}
    oldest = oldest_items(session, site_id=site.id, states=WAITING, limit=OLDEST)
    return Board(
        lane=view_lane(session, site_id=site.id, lane_id=lane_id, now=now),
        sets=open_sets(session, site_id=site.id, now=now),
        counts=counts_today(session, site=site, now=now),
        first_pass=first_pass_today(session, site=site, now=now),
        lines=_lines(session, site, latest),
        oldest=oldest,
        late={one.code for one in oldest if one.since < latest[one.state]},
        alerts=open_alerts(session, actor=actor, site_id=site.id, unseen=True),
    )


def counts_today(session: Session, *, site: SiteView, now: datetime) -> dict[Action, int]:
    """How many pieces took each step at a centre today; crates are none, what was taken back is
    left out."""
    midnight = local_midnight(session, district_id=site.district_id, now=now)
    query = (
        sa.select(Scan.action, sa.func.count())
        .outerjoin(Item, Item.id == Scan.item_id)
        .where(Scan.site_id == site.id, Scan.occurred_at >= midnight, Scan.action.in_(SHOWN))
        .where(Item.carrier.is_not(True), stands(Scan))
        .group_by(Scan.action)
    )
    counts: dict[Action, int] = {row[0]: row[1] for row in session.execute(query)}
    return counts


def first_pass_today(session: Session, *, site: SiteView, now: datetime) -> FirstPass:
    """First-pass yield of the local day: pieces whose first inspection today was a pass ÷ pieces
    inspected (domain.md §6); an inspection that was taken back is none."""
    midnight = local_midnight(session, district_id=site.district_id, now=now)
    turn = sa.func.row_number().over(
        partition_by=Scan.item_id, order_by=(Scan.occurred_at, Scan.seq, Scan.position, Scan.id)
    )
    ranked = (
        sa.select(Scan.action, turn.label("turn"))
        .where(Scan.site_id == site.id, Scan.occurred_at >= midnight)
        .join(Item, Item.id == Scan.item_id)
        .where(Scan.action.in_(INSPECTIONS), ~Item.carrier, stands(Scan))
        .subquery()
    )
    passed = sa.func.coalesce(sa.func.sum(sa.case((ranked.c.action == Action.PASS, 1), else_=0)), 0)
    query = sa.select(sa.func.count(), passed).where(ranked.c.turn == 1)
    inspected, first = session.execute(query).one()
    return FirstPass(inspected, int(first))


def _lines(session: Session, site: SiteView, latest: dict[State, datetime]) -> list[StateLine]:
    """What waits at the centre by state, crates left out."""
    query = (
        sa.select(
            Item.state, ItemKind.code, sa.func.count(),
            sa.func.min(Item.since, type_=Item.since.type),
        )
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(Item.district_id == site.district_id, Item.site_id == site.id, ~Item.carrier)
        .where(Item.state.in_(HERE))
        .group_by(Item.state, ItemKind.code)
        .order_by(ItemKind.code)
    )  # fmt: skip
    kinds: dict[State, dict[str, int]] = defaultdict(dict)
    since: dict[State, datetime] = {}
    for state, kind, count, oldest in session.execute(query):
        kinds[state][kind] = count
        since[state] = min(oldest, since.get(state, oldest))
    return [
        StateLine(state, sum(kinds[state].values()), kinds[state], since[state],
                  since[state] < latest[state])
        for state in HERE
        if state in kinds
    ]  # fmt: skip
