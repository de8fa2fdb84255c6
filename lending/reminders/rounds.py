"""The worker's rounds over every district: reminders, alerts and what happens by itself with time."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.db import run_transaction
from lending.loop.care.drop_sweep import (
    ask_about_claims,
    give_up_claims,
    reopen_doubted_claims,
    settle_seen_claims,
)
from lending.loop.care.lapse import write_off_loans
from lending.loop.care.remind import collect_notices
from lending.loop.care.review import settle_overdue_reviews
from lending.loop.erase import cut_old_links, erase_unneeded
from lending.loop.loans.clock_stops import sweep_stops
from lending.people.keys import Keys
from lending.places.rounds import Clock, Stop, each_district, never, sweep_districts
from lending.reminders.alerts import sweep_alerts
from lending.reminders.correct import plan_corrections
from lending.reminders.plan import plan_notices

BATCHES_A_ROUND = 5  # of 1,000 loans: bounded work, and every loan's turn comes round by round


@dataclass(slots=True)
class Memory:
    """Where the last round stopped, by task and district; a new worker begins anywhere."""

    places: dict[tuple[str, int], Any] = field(default_factory=dict)


def sweep_reminders(
    engine: Engine, *, clock: Clock, memory: Memory, stop: Stop = never
) -> Counter[str]:
    """One round: reminders and corrections planned, and put into messages."""
    counts: Counter[str] = Counter()

    def plan(session: Session, district: int, place: Any) -> Any:
        done = plan_notices(session, district_id=district, now=clock(), after=place)
        return done.planned, done.next

    def correct(session: Session, district: int, place: Any) -> Any:
        done = plan_corrections(session, district_id=district, now=clock(), after=place)
        return done.corrected, done.next

    def confirm(session: Session, district: int, place: Any) -> Any:
        reopen_doubted_claims(session, district_id=district, now=clock())
        done = settle_seen_claims(session, district_id=district, now=clock())
        return done, True if done else None

    for district in each_district(engine):
        counts["confirmed"] += _go_on(engine, memory, ("confirm", district), confirm, stop)
        counts["planned"] += _go_on(engine, memory, ("plan", district), plan, stop)
        counts["corrected"] += _go_on(engine, memory, ("correct", district), correct, stop)
        while not stop():
            collected = run_transaction(
                engine, partial(collect_notices, district_id=district, now=clock())
            )
            counts["collected"] += collected
            if not collected:
                break
    return +counts


def sweep_all_alerts(engine: Engine, *, clock: Clock, stop: Stop = never) -> Counter[str]:
    """One round of staff alerts."""
    counts: Counter[str] = Counter()
    for done in sweep_districts(engine, sweep_alerts, clock=clock, stop=stop):
        counts.update(
            opened=done.opened,
            closed=done.closed,
            escalated=done.escalated,
            reviewed=done.reviewed,
        )
    return +counts


def let_time_pass(engine: Engine, *, keys: Keys, clock: Clock, stop: Stop = never) -> Counter[str]:
    """Everything that falls due by itself, all of it: write-offs, automatic outcomes, erasure."""
    counts: Counter[str] = Counter()

    def go_on(session: Session, district: int, place: Any) -> Any:
        done = sweep_stops(session, district_id=district, keys=keys, now=clock())
        return done, True if done else None

    def lose(session: Session, district: int, place: Any) -> Any:
        done = write_off_loans(session, district_id=district, keys=keys, now=clock(), after=place)
        return done.lost, done.next

    def ask(session: Session, district: int, place: Any) -> Any:
        done = ask_about_claims(session, district_id=district, now=clock())
        return done, True if done else None

    def give_up(session: Session, district: int, place: Any) -> Any:
        done = give_up_claims(session, district_id=district, keys=keys, now=clock())
        return done, True if done else None

    def settle(session: Session, district: int, place: Any) -> Any:
        done = settle_overdue_reviews(session, district_id=district, keys=keys, now=clock())
        return done, True if done else None

    def cut(session: Session, district: int, place: Any) -> Any:
        done = cut_old_links(session, district_id=district, now=clock(), after=place)
        return done.cut, done.next

    def erase(session: Session, district: int, place: Any) -> Any:
        done = erase_unneeded(session, district_id=district, now=clock())
        return done, True if done else None

    for district in each_district(engine):
        tasks = {
            "clocks": go_on, "lost": lose, "asked": ask, "given_up": give_up, "settled": settle, "cut": cut,
            "erased": erase,
        }  # fmt: skip
        for name, task in tasks.items():
            counts[name] += _go_on(engine, Memory(), (name, district), task, stop, batches=None)
    return +counts


def _go_on(
    engine: Engine,
    memory: Memory,
    key: tuple[str, int],
    task: Callable[..., tuple[int, Any]],
    stop: Stop,
    batches: int | None = BATCHES_A_ROUND,
) -> int:
    """Runs a task batch by batch, each its own transaction, from where the last round stopped."""
    done = 0
    left = batches
    while not stop() and left != 0:
        place = memory.places.get(key)
        count, place = run_transaction(engine, partial(task, district=key[1], place=place))
        done += count
        memory.places[key] = place
        if place is None:
            break
        left = None if left is None else left - 1
    return done
