"""The shift on the wall: what waits, runs, is to be inspected and ready, what an hour got done, and
when the backlog ends; one short read of set-based statements, whatever the centre holds."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.policy.limits import load_limits
from lending.loop.steps import Action, State
from lending.loop.tables import Item, ItemKind, Scan, WashBatch
from lending.places.sites import SiteView
from lending.wares.balances import place_totals
from lending.wares.tables import CountedAccount, CountedMove
from lending.wares.ways import Condition, Why
from lending.washing.batches.log import stands
from lending.washing.batches.tables import BatchCount, BatchItem
from lending.washing.batches.views import BatchView, list_open_batches
from lending.washing.centre import load_plan
from lending.washing.table.board import FirstPass, first_pass_today

HOURS = 8  # shown, the one that runs included
HOUR = timedelta(hours=1)
WAITING = (State.RETURNED, State.COLLECTED, State.DIRTY)
PILES = {**dict.fromkeys(WAITING, "waiting"), State.WASHED: "to_inspect", State.READY: "ready"}
LOOSE = {Condition.DIRTY: "waiting", Condition.WASHED: "to_inspect", Condition.CLEAN: "ready"}


@dataclass(frozen=True, slots=True)
class PileLine:
    """Pieces of one kind; `since`: when the longest wait began, None for counted ware."""

    kind: str
    count: int
    since: datetime | None
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class HourLine:
    """What was made ready within an hour from `begins` on."""

    begins: datetime
    done: int


@dataclass(frozen=True, slots=True)
class Shift:
    """A centre at this moment. `per_hour`: the plan, 0 for none; `rate`: what `ends_at` reckons
    with; `ends_at`: when all that waits would be ready, None where nothing tells how fast."""

    waiting: list[PileLine]
    to_inspect: list[PileLine]
    ready: list[PileLine]
    machines: list[BatchView]
    hours: list[HourLine]
    last_hour: int
    per_hour: int
    rate: int
    ends_at: datetime | None
    first_pass: FirstPass

    @property
    def backlog(self) -> int:
        """All that is not ready yet."""
        running = sum(one.pieces + sum(one.counted.values()) for one in self.machines)
        return running + sum(line.count for line in (*self.waiting, *self.to_inspect))


def load_shift(session: Session, *, site: SiteView, now: datetime) -> Shift:
    """The centre's shift. The forecast reckons with what the last sixty minutes got done, or with
    the plan where that was nothing: backlog ÷ rate from now on."""
    piles = _load_piles(session, site, now)
    for name, lines in _load_loose(session, site).items():
        piles[name] += lines
    machines = list_open_batches(session, site_id=site.id)
    done, last_hour = _load_done(session, site, now)
    per_hour = load_plan(session, site_id=site.id)
    rate = last_hour or per_hour
    shift = Shift(
        waiting=piles["waiting"],
        to_inspect=piles["to_inspect"],
        ready=piles["ready"],
        machines=machines,
        hours=done,
        last_hour=last_hour,
        per_hour=per_hour,
        rate=rate,
        ends_at=None,
        first_pass=first_pass_today(session, site=site, now=now),
    )
    return replace(shift, ends_at=now + HOUR * shift.backlog / rate) if rate else shift


def _load_piles(session: Session, site: SiteView, now: datetime) -> dict[str, list[PileLine]]:
    """Pieces by pile and kind, those in a machine left out; who waits longest stands first."""
    limits = load_limits(session, district_id=site.district_id, now=now)
    in_machine = sa.exists().where(
        BatchItem.open, sa.or_(BatchItem.item_id == Item.id, BatchItem.item_id == Item.crate_id)
    )
    query = (
        sa.select(
            Item.state, ItemKind.code, sa.func.count(),
            sa.func.min(Item.since, type_=Item.since.type),
        )
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(Item.district_id == site.district_id, Item.site_id == site.id, ~Item.carrier)
        .where(Item.state.in_(PILES), ~in_machine)
        .group_by(Item.state, ItemKind.code)
    )  # fmt: skip
    piles: dict[str, dict[str, PileLine]] = {"waiting": {}, "to_inspect": {}, "ready": {}}
    for state, kind, count, since in session.execute(query):
        late = since < now - timedelta(days=limits[state.value].days)
        lines = piles[PILES[state]]
        known = lines.get(kind, PileLine(kind, 0, since))
        lines[kind] = PileLine(
            kind, known.count + count, min(known.since or since, since), known.is_late or late
        )
    return {
        name: sorted(lines.values(), key=lambda line: (line.since or now, line.kind))
        for name, lines in piles.items()
    }


def _load_loose(session: Session, site: SiteView) -> dict[str, list[PileLine]]:
    """Counted ware at the centre by pile and kind, what runs in a machine left out."""
    running: dict[str, int] = defaultdict(int)
    query = (
        sa.select(ItemKind.code, sa.func.sum(BatchCount.quantity))
        .join(ItemKind, ItemKind.id == BatchCount.kind_id)
        .join(WashBatch, WashBatch.id == BatchCount.batch_id)
        .where(WashBatch.site_id == site.id)
        .where(WashBatch.ended_at.is_(None), WashBatch.aborted_at.is_(None))
        .group_by(ItemKind.code)
    )
    for kind, quantity in session.execute(query):
        running[kind] = int(quantity)
    piles: dict[str, list[PileLine]] = defaultdict(list)
    for total in place_totals(session, district_id=site.district_id, site_id=site.id):
        pile = LOOSE.get(total.condition)
        count = total.loose + total.in_crates
        if total.condition is Condition.DIRTY:
            count -= running[total.kind]
        if pile is not None and count > 0:
            piles[pile].append(PileLine(total.kind, count, None))
    return piles


def _load_done(session: Session, site: SiteView, now: datetime) -> tuple[list[HourLine], int]:
    """What was passed in each of the last hours and within the last sixty minutes, tracked pieces
    and counted ware together; a pass that was taken back is none."""
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    begins = [this_hour - HOUR * back for back in reversed(range(HOURS))]
    spans = [(one, one + HOUR) for one in begins] + [(now - HOUR, now + HOUR)]
    pieces = (
        sa.select(*(_count_in(Scan.occurred_at, sa.literal(1), span) for span in spans))
        .join(Item, Item.id == Scan.item_id)
        .where(Scan.site_id == site.id, Scan.occurred_at >= begins[0])
        .where(Scan.action == Action.PASS, ~Item.carrier, stands(Scan))
    )
    here = sa.or_(CountedAccount.site_id == site.id, Item.site_id == site.id)
    loose = (
        sa.select(*(_count_in(CountedMove.at, CountedMove.quantity, span) for span in spans))
        .join(CountedAccount, CountedAccount.id == CountedMove.to_id)
        .outerjoin(Item, Item.id == CountedAccount.crate_id)
        .where(CountedMove.district_id == site.district_id, CountedMove.at >= begins[0])
        .where(CountedMove.why == Why.PASSED, here)
    )
    rows = [session.execute(query).one() for query in (pieces, loose)]
    counts = [int(one) + int(other) for one, other in zip(*rows, strict=True)]
    hours = [HourLine(begin, count) for begin, count in zip(begins, counts, strict=False)]
    return hours, counts[-1]


def _count_in(moment: Any, amount: Any, span: tuple[datetime, datetime]) -> sa.ColumnElement[int]:
    within = sa.and_(moment >= span[0], moment < span[1])
    return sa.func.coalesce(sa.func.sum(sa.case((within, amount), else_=0)), 0)
