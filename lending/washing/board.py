"""What the washing table shows between beeps: the day's counts, what waits longest, alerts."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.loop.limits import load_limits
from lending.loop.read.history import local_midnight, today_counts
from lending.loop.read.stock import StockLine, oldest_items, oldest_waiting, stock_of_sites
from lending.loop.scans import ItemView
from lending.loop.steps import Action, State
from lending.loop.tables import Scan
from lending.notices.alerts import AlertView, open_alerts
from lending.people.actors import Actor
from lending.places.sites import SiteView
from lending.washing.desk import view_lane
from lending.washing.outcomes import LaneView, SetView
from lending.washing.sets import open_sets

WAITING = (State.COLLECTED, State.RETURNED, State.DIRTY, State.WASHED)
HERE = (*WAITING, State.READY)
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
        counts=today_counts(session, site_id=site.id, now=now),
        first_pass=first_pass_today(session, site=site, now=now),
        lines=_lines(session, actor, site, latest),
        oldest=oldest,
        late={one.code for one in oldest if one.since < latest[one.state]},
        alerts=open_alerts(session, actor=actor, site_id=site.id, unseen=True),
    )


def first_pass_today(session: Session, *, site: SiteView, now: datetime) -> FirstPass:
    """First-pass yield of the local day: pieces whose first inspection today was a pass ÷ pieces
    inspected (domain.md §6); an inspection that was taken back is none."""
    midnight = local_midnight(session, district_id=site.district_id, now=now)
    void = aliased(Scan)
    taken_back = sa.exists().where(void.of == Scan.id, void.action == Action.VOID).correlate(Scan)
    turn = sa.func.row_number().over(
        partition_by=Scan.item_id, order_by=(Scan.occurred_at, Scan.seq, Scan.position, Scan.id)
    )
    ranked = (
        sa.select(Scan.action, turn.label("turn"))
        .where(Scan.site_id == site.id, Scan.occurred_at >= midnight)
        .where(Scan.action.in_(INSPECTIONS), Scan.item_id.is_not(None), ~taken_back)
        .subquery()
    )
    passed = sa.func.coalesce(sa.func.sum(sa.case((ranked.c.action == Action.PASS, 1), else_=0)), 0)
    query = sa.select(sa.func.count(), passed).where(ranked.c.turn == 1)
    inspected, first = session.execute(query).one()
    return FirstPass(inspected, int(first))


def _lines(
    session: Session, actor: Actor, site: SiteView, latest: dict[State, datetime]
) -> list[StateLine]:
    stock = stock_of_sites(session, actor=actor, site=site.code).items
    here: list[StockLine] = [line for line in stock if line.site == site.code]
    waiting = oldest_waiting(session, district_id=site.district_id, states=HERE, site_id=site.id)
    lines = [
        StateLine(
            one.state, one.count, {line.kind: line.count for line in here if line.state is one.state},
            one.since, one.since < latest[one.state],
        )
        for one in waiting
    ]  # fmt: skip
    return sorted(lines, key=lambda line: HERE.index(line.state))
