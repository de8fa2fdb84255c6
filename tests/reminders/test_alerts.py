"""Staff alerts: low clean cups, what waits too long, whose they are, seen, one step up."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import LendingError
from lending.loop.loans.due import load_terms
from lending.loop.policy.defaults import write_default_terms
from lending.loop.policy.limits import DEFAULT_LIMITS, load_limits
from lending.loop.tables import StateLimit, TermVersion
from lending.loop.terms import Terms
from lending.notices.alerts import mark_seen
from lending.notices.beats import SILENT_AFTER, WATCHED, beat, worker_silent
from lending.people.actors import Actor
from lending.reminders.alerts import AlertCounts
from tests.personas import DAY, HARU, NABI, WASH, Loop
from tests.reminders.alarms import alerts, kinds, sweep, want_clean

pytestmark = pytest.mark.usefixtures("nobody_wants_clean_cups")


def test_clean_cups_low_opens_counts_and_closes(loop: Loop) -> None:
    want_clean(loop, 3, at=HARU)
    cups = loop.clean_cups(2)
    sweep(loop)
    assert kinds(loop, loop.town.mina) == [("clean_low", 2)]
    assert kinds(loop, loop.town.yuna) == []
    assert kinds(loop, loop.town.officer) == []  # the place's own, not yet a step up
    loop.hold(cups[0])  # no cup to lend
    sweep(loop)
    assert kinds(loop, loop.town.mina) == [("clean_low", 1)]
    loop.clean_cups(2)
    assert sweep(loop).closed == 1
    assert kinds(loop, loop.town.mina) == []


@pytest.mark.parametrize(
    ("steps", "days", "state", "place"),
    [
        ((), 3, "dirty", WASH),
        (("wash",), 2, "washed", WASH),
        (("wash", "pass_", "ship"), 2, "shipped", HARU),  # the destination's
        (("wash", "pass_", "ship", "stock"), 60, "ready", HARU),
        (("give_back",), 7, "returned", HARU),
        (("give_back", "collect"), 2, "collected", HARU),
        (("hold",), 14, "held", WASH),
    ],
)
def test_what_waits_past_its_limit_is_told_to_its_owner(
    loop: Loop, steps: tuple[str, ...], days: int, state: str, place: str
) -> None:
    (cup,) = loop.new_cups()
    for step in steps:
        getattr(loop, step)(cup)
    loop.now += days * DAY - timedelta(minutes=10)
    sweep(loop)
    owner = {HARU: loop.town.mina, WASH: loop.town.jun}[place]
    assert kinds(loop, owner) == []
    loop.now += timedelta(minutes=10)
    sweep(loop)
    assert kinds(loop, owner) == [(f"waiting_{state}", 1)]
    assert sweep(loop) == AlertCounts(0, 0, 0, 0)


def test_limits_and_owners_are_rows_with_versions(loop: Loop) -> None:
    loop.new_cups()
    loop.write(
        lambda s: s.add_all(
            StateLimit(district_id=loop.town.id, state="dirty", valid_from=at, days=days, owner=who)
            for at, days, who in [
                (loop.now, 1, "officer"),
                (loop.now + 5 * DAY, 30, "place"),
            ]
        )
    )
    loop.now += DAY
    sweep(loop)
    assert kinds(loop, loop.town.officer) == [("waiting_dirty", 1)]
    assert kinds(loop, loop.town.jun) == []
    loop.now += 5 * DAY
    assert sweep(loop).closed == 1


def test_an_alert_nobody_has_seen_goes_one_step_up(loop: Loop) -> None:
    loop.new_cups()
    loop.now += 3 * DAY
    sweep(loop)
    loop.now += DAY - timedelta(minutes=1)
    assert sweep(loop).escalated == 0
    loop.now += timedelta(minutes=1)
    assert sweep(loop).escalated == 1
    assert kinds(loop, loop.town.officer) == [("waiting_dirty", 1)]
    assert sweep(loop).escalated == 0


def test_a_seen_alert_stays_where_it_is(loop: Loop) -> None:
    loop.new_cups()
    loop.now += 3 * DAY
    sweep(loop)
    (alert,) = alerts(loop, loop.town.jun, unseen=True)

    def see(actor: Actor) -> None:
        loop.write(lambda s: mark_seen(s, alert_id=alert.id, actor=actor, now=loop.now))

    with pytest.raises(LendingError):
        see(loop.town.mina)  # another place's
    see(loop.town.jun)
    seen_at = loop.now
    loop.now += 2 * DAY
    see(loop.town.officer)  # the first time counts
    assert sweep(loop).escalated == 0
    assert alerts(loop, loop.town.jun, unseen=True) == []
    assert [view.seen_at for view in alerts(loop, loop.town.jun)] == [seen_at]
    by_site = alerts(loop, loop.town.officer, site_id=loop.town.sites[WASH])
    assert [view.id for view in by_site] == [alert.id]


def test_a_new_district_begins_with_every_term_and_limit(loop: Loop) -> None:
    for _ in range(2):
        loop.write(lambda s: write_default_terms(s, district_id=loop.town.id, now=loop.now))
    with Session(loop.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(TermVersion)) == 1
        assert load_terms(session, loop.town.id).at(None, loop.now) == Terms()
        states = session.scalars(sa.select(StateLimit.state)).all()
        assert sorted(states) == sorted(DEFAULT_LIMITS)
        limits = load_limits(session, district_id=loop.town.id, now=loop.now)
        assert limits == DEFAULT_LIMITS


def test_a_silent_worker_is_noticed_after_a_quarter_of_an_hour(loop: Loop) -> None:
    since = loop.now

    def silent() -> bool:
        with Session(loop.engine) as session:
            return worker_silent(session, now=loop.now, since=since)

    loop.now += SILENT_AFTER - timedelta(seconds=1)
    assert not silent()  # the server itself has just begun
    loop.now += timedelta(seconds=1)
    assert silent()
    for job in WATCHED:
        loop.write(lambda s, job=job: beat(s, job=job, now=loop.now))
    assert not silent()
    loop.now += SILENT_AFTER - timedelta(seconds=1)
    loop.write(lambda s: beat(s, job=WATCHED[0], now=loop.now))
    assert not silent()
    loop.now += timedelta(seconds=1)
    assert silent()  # one kind of work alone stands still


def test_both_cafes_have_their_own(loop: Loop) -> None:
    want_clean(loop, 1, at=HARU)
    want_clean(loop, 1, at=NABI)
    sweep(loop)
    assert kinds(loop, loop.town.mina) == kinds(loop, loop.town.yuna) == [("clean_low", 0)]
