"""Rounds: opened from a plan, shown as a driver's list, begun and ended."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.tables import Item
from lending.moving.packing.crates import CrateView, view_crates
from lending.moving.rounds.drivers import take_wheel
from lending.moving.rounds.pickups import give_pickups
from lending.moving.rounds.plans import PlannedRound, RoundPlan
from lending.moving.rounds.views import RoundView, view_rounds
from lending.moving.supply.orders import local_today
from lending.people.actors import Actor
from lending.places.tables import District
from lending.requests.acting import signature
from lending.requests.round_tables import (
    CollectRequest,
    Consignment,
    Round,
    Stop,
    Way,
    waits_for_round,
)
from lending.requests.watch import is_missing


@dataclass(frozen=True, slots=True)
class RoundResult:
    """What a round sent and what of it arrived; `missing`: sent or taken, and seen nowhere since.
    Crates that came home because they could not be delivered are not counted."""

    round_id: uuid.UUID
    sent: int
    received: int
    taken: int
    brought: int
    missing: tuple[CrateView, ...]
    not_loaded: tuple[CrateView, ...]


def open_rounds(
    session: Session, plan: RoundPlan, *, request_id: uuid.UUID, actor: Actor, now: datetime
) -> list[RoundView]:
    """Stores a plan: the waiting crates and requests of its stops are on these rounds from now on.
    The same request id again gives the same rounds.

    CONFLICT (plan) when rounds of that day were opened since it was made, or a pick-up of it waits
    for no round any more; INVALID (plan) for one without rounds; NOT_FOUND (plan) for another
    district's.
    """
    if plan.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="plan")
    if not plan.rounds:
        raise LendingError(Code.INVALID, field="plan")
    ids = [uuid.uuid5(request_id, f"round {number}") for number in range(len(plan.rounds))]
    take_planners_turn(session, plan.district_id)
    if session.get(Round, ids[0]) is None:
        since = sa.select(Round.id).where(
            Round.district_id == plan.district_id,
            Round.day == plan.day,
            Round.planned_at >= plan.made_at,
        )
        if session.scalar(since.limit(1)) is not None:
            raise LendingError(Code.CONFLICT, field="plan")
        today = local_today(session, district_id=plan.district_id, now=now)
        for round_id, planned in zip(ids, plan.rounds, strict=True):
            _store(session, plan, planned, round_id, signature(actor), now, today)
    return view_rounds(session, plan.district_id, Round.id.in_(ids))


def take_planners_turn(session: Session, district_id: int) -> None:
    """Whoever gives anything to a round of this district waits here for the one before."""
    district = sa.select(District.id).where(District.id == district_id)
    session.execute(district.with_for_update(key_share=True))  # scans go on meanwhile


def list_rounds(session: Session, *, district_id: int, day: date) -> list[RoundView]:
    """The rounds of a day, by when they leave; about eight statements."""
    return view_rounds(session, district_id, Round.day == day)


def load_round(session: Session, *, round_id: uuid.UUID, district_id: int) -> RoundView:
    """One round, all a driver needs for it without a network; NOT_FOUND (round)."""
    found = view_rounds(session, district_id, Round.id == round_id)
    if not found:
        raise LendingError(Code.NOT_FOUND, field="round")
    return found[0]


def begin_round(
    session: Session, *, round_id: uuid.UUID, at: datetime, actor: Actor, drives: bool = False
) -> RoundView:
    """The van leaves; the first time counts. `drives`: the actor is at the wheel, and is the round's
    driver where it has none. NOT_FOUND (round)."""
    row = get_round(session, round_id=round_id, district_id=actor.district_id)
    if row.begun_at is None:
        row.begun_at, row.begun_by = at, signature(actor)
        session.flush()
        if drives:
            take_wheel(session, round_id=round_id, at=at, actor=actor)
    return load_round(session, round_id=round_id, district_id=actor.district_id)


def end_round(session: Session, *, round_id: uuid.UUID, at: datetime, actor: Actor) -> RoundResult:
    """The van is back; the first time counts. What was asked for and not done is asked for again,
    and what was packed and not loaded waits for another round. NOT_FOUND (round)."""
    row = get_round(session, round_id=round_id, district_id=actor.district_id)
    if row.ended_at is None:
        row.ended_at, row.ended_by = at, signature(actor)
        session.flush()
    return load_result(session, round_id=round_id, district_id=actor.district_id)


def load_result(session: Session, *, round_id: uuid.UUID, district_id: int) -> RoundResult:
    """What was sent and not received, now; NOT_FOUND (round)."""
    get_round(session, round_id=round_id, district_id=district_id, lock=False)
    own = Consignment.round_id == round_id
    crates = view_crates(session, own)
    lost = set(
        session.scalars(
            sa.select(Consignment.id)
            .join(Item, Item.id == Consignment.crate_id)
            .where(own, is_missing())
        )
    )
    sent = [one for one in crates if one.way is Way.OUT and one.loaded_at is not None]
    taken = [one for one in crates if one.way is Way.BACK]
    missing = [one for one in crates if one.consignment_id in lost]
    out = sum(one.way is Way.OUT for one in missing)
    return RoundResult(
        round_id, len(sent), len(sent) - out, len(taken), len(taken) - len(missing) + out,
        tuple(missing), tuple(one for one in crates if one.loaded_at is None),
    )  # fmt: skip


def get_round(
    session: Session, *, round_id: uuid.UUID, district_id: int, lock: bool = True
) -> Round:
    """The row, locked to be changed; NOT_FOUND (round)."""
    row = session.get(
        Round, round_id, with_for_update=True if lock else None, populate_existing=lock
    )  # fmt: skip
    if row is None or row.district_id != district_id:
        raise LendingError(Code.NOT_FOUND, field="round")
    return row


def _store(
    session: Session,
    plan: RoundPlan,
    planned: PlannedRound,
    round_id: uuid.UUID,
    by: str,
    now: datetime,
    today: date,
) -> None:
    row = Round(
        id=round_id,
        district_id=plan.district_id,
        site_id=plan.depot_id,
        day=plan.day,
        van=planned.van.name,
        crates=planned.van.crates,
        leaves_at=planned.leaves_at,
        back_at=planned.back_at,
        metres=planned.metres,
        planned_at=now,
        planned_by=by,
    )
    session.add(row)
    session.flush()
    stops = [
        Stop(
            id=uuid.uuid5(round_id, f"stop {position}"),
            district_id=plan.district_id,
            round_id=round_id,
            site_id=stop.wish.site.id,
            position=position,
            planned_for=stop.planned_for,
            leave=stop.leave,
            take=stop.take,
            pickup_id=stop.wish.pickup.request.id if stop.wish.pickup else None,
        )
        for position, stop in enumerate(planned.stops, 1)
    ]
    session.add_all(stops)
    session.flush()
    leave: dict[int, int] = {}
    for stop in stops:
        if stop.pickup_id is not None:
            continue
        leave[stop.site_id] = leave.get(stop.site_id, 0) + stop.leave
    _attach(session, row, leave, today)
    asked = [stop.pickup_id for stop in stops if stop.pickup_id is not None]
    give_pickups(session, asked, drive=row, today=today)


def _attach(session: Session, drive: Round, leave: Mapping[int, int], today: date) -> None:
    """Waiting crates go onto the round, the first packed first, as many as it leaves at each site
    (`leave`: by site id), and so do the open requests of its sites."""
    waiting = (
        sa.select(Consignment.id, Consignment.to_site_id)
        .where(
            Consignment.to_site_id.in_(leave),
            Consignment.from_site_id == drive.site_id,
            Consignment.way == Way.OUT,
            waits_for_round(Consignment.round_id, today),
            Consignment.loaded_at.is_(None),
            Consignment.received_at.is_(None),
            Consignment.dissolved_at.is_(None),
        )
        .order_by(Consignment.opened_at, Consignment.id)
    )
    round_id, left = drive.id, dict(leave)
    taken: list[uuid.UUID] = []
    for consignment, site in session.execute(waiting):
        if left[site] > 0:
            left[site] -= 1
            taken.append(consignment)
    quietly = {"synchronize_session": False}
    session.execute(
        sa.update(Consignment).where(Consignment.id.in_(taken)).values(round_id=round_id),
        execution_options=quietly,
    )
    session.execute(
        sa.update(CollectRequest)
        .where(
            CollectRequest.site_id.in_(leave),
            CollectRequest.done_at.is_(None),
            CollectRequest.withdrawn_at.is_(None),
            waits_for_round(CollectRequest.round_id, today),
        )
        .values(round_id=round_id),
        execution_options=quietly,
    )
    session.expire_all()
