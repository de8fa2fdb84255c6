"""Terms in versions, and the due date they give: local days, opening days, extensions."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lending.errors import Code
from lending.loop.scans import Result
from lending.loop.steps import Action
from lending.loop.terms import TermBook, Terms
from lending.places.opening import Hours, announce_closures, set_opening
from tests.personas import DANA, DAY, HARU, MINJI, MINUTE, SORA, Loop, add_terms

SEOUL = ZoneInfo("Asia/Seoul")
WEEKDAYS = 0b0011111  # Monday to Friday


def due_day(loop: Loop, **more: object) -> date:
    """The local day on which a cup lent now is due."""
    cup = loop.clean_cup()
    due = loop.due(loop.lend(cup, **more).id)
    assert due.astimezone(SEOUL).strftime("%H:%M:%S") == "23:59:59"
    return due.astimezone(SEOUL).date()


def test_due_is_the_end_of_the_local_day_after_the_free_period(loop: Loop) -> None:
    assert due_day(loop) == date(2026, 3, 9)


def test_the_local_day_is_the_districts(loop: Loop) -> None:
    loop.now = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)  # 23:30 in Seoul
    assert due_day(loop) == date(2026, 3, 9)
    loop.now = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)  # 00:30 of the 3rd
    assert due_day(loop) == date(2026, 3, 10)


def test_due_moves_to_the_next_opening_day_of_the_lending_place(loop: Loop) -> None:
    loop.now -= 2 * DAY  # a Saturday, so that a week later is one too
    at = loop.now
    loop.write(
        lambda session: set_opening(
            session, site_id=loop.town.sites[HARU], hours=Hours(at, WEEKDAYS), now=at
        )
    )
    assert due_day(loop) == date(2026, 3, 9)
    assert due_day(loop, by=loop.town.yuna) == date(2026, 3, 7)


def test_a_closed_day_is_skipped_for_lends_after_its_announcement(loop: Loop) -> None:
    cup, another = loop.clean_cups(2)
    before = loop.lend(cup, MINJI)
    at = loop.now
    loop.write(
        lambda session: announce_closures(
            session, site_id=loop.town.sites[HARU], days=[date(2026, 3, 9)],
            today=date(2026, 3, 2), now=at,
        )
    )  # fmt: skip
    after = loop.lend(another, MINJI)
    assert loop.due(before.id).astimezone(SEOUL).date() == date(2026, 3, 9)
    assert loop.due(after.id).astimezone(SEOUL).date() == date(2026, 3, 10)
    loop.check()


def change_terms(loop: Loop, terms: Terms, since: datetime, kind: int | None = None) -> None:
    loop.write(lambda session: add_terms(session, loop.town.id, terms, since=since, kind=kind))


def test_the_version_in_force_when_the_lend_happened_counts(loop: Loop) -> None:
    start = loop.now
    change_terms(loop, Terms(free_days=7), start - 100 * DAY)
    cups = loop.clean_cups(3)
    early = loop.lend(cups[0])
    change_at = loop.now
    change_terms(loop, Terms(free_days=3), change_at)
    late = loop.lend(cups[1])
    told_late = loop.lend(cups[2], ask=False, at=change_at - MINUTE)
    days = [loop.due(one.id).astimezone(SEOUL).day for one in (early, late, told_late)]
    assert days == [9, 5, 9]


def test_a_replay_keeps_the_due_date(loop: Loop) -> None:
    start = loop.now
    cup = loop.clean_cup()
    lend = loop.lend(cup)
    due = loop.due(lend.id)
    change_terms(loop, Terms(free_days=1), loop.now)
    loop.stock(cup, at=start + timedelta(seconds=1))
    assert loop.due(lend.id) == due
    loop.check()


def test_a_kind_may_have_terms_of_its_own(loop: Loop) -> None:
    kind = loop.town.kinds["cup-473"]
    change_terms(loop, Terms(free_days=7), loop.now - DAY)
    change_terms(loop, Terms(free_days=3), loop.now - DAY, kind)
    own, common = loop.clean_cup(kind="cup-473"), loop.clean_cup(kind="cup-355")
    assert loop.due(loop.lend(own).id).astimezone(SEOUL).day == 5
    assert loop.due(loop.lend(common).id).astimezone(SEOUL).day == 9


def test_versions_are_looked_up_by_moment() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    book = TermBook([(None, at + DAY, Terms(free_days=2)), (None, at, Terms(free_days=1))])
    moments = (at - DAY, at, at + DAY - timedelta(microseconds=1), at + DAY, at + 9 * DAY)
    assert [book.at(None, moment).free_days for moment in moments] == [1, 1, 1, 2, 2]
    assert TermBook([]).at(5, at) == Terms()


def test_one_extension_of_seven_days_before_it_is_due(loop: Loop) -> None:
    cup = loop.clean_cup()
    lend = loop.lend(cup)
    extended = loop.extend(cup)
    assert (extended.result, extended.item.due_at) == (Result.RECORDED, loop.due(lend.id))
    assert loop.due(lend.id).astimezone(SEOUL).date() == date(2026, 3, 16)
    assert loop.extend(cup).error is Code.NOT_EXTENDABLE
    loop.check()


def test_no_extension_after_it_is_due(loop: Loop) -> None:
    cup = loop.lent_cup()
    loop.now += 8 * DAY
    assert loop.extend(cup).error is Code.NOT_EXTENDABLE


def test_nothing_to_extend_on_a_cup_that_is_not_out(loop: Loop) -> None:
    assert loop.extend(loop.clean_cup()).error is Code.NOT_EXTENDABLE


def test_an_extension_of_one_loan_is_never_anothers(loop: Loop) -> None:
    cup = loop.clean_cup()
    first = loop.lend(cup, MINJI)
    for step in (loop.give_back, loop.wash, loop.pass_):
        step(cup)
    loop.lend(cup, DANA)
    assert loop.extend(cup, of=first.id).error is Code.NOT_EXTENDABLE
    assert loop.item(cup).loan.extensions == 0


def test_a_loan_is_extended_in_the_call_that_makes_it(loop: Loop) -> None:
    cup, place = loop.clean_cup(), loop.site(HARU)
    receipts = loop.go(
        loop.scan(Action.STOCK, cup, at=loop.now - DAY, site=place),  # late: the story is replayed
        loop.scan(Action.LEND, cup, ask=True, site=place),
        loop.scan(Action.EXTEND, cup, ask=True, site=place),
    )
    assert [one.error for one in receipts] == [None, None, None]
    assert loop.item(cup).loan.extensions == 1
    loop.check()


def test_a_voided_extension_gives_the_old_due_date_back(loop: Loop) -> None:
    cup = loop.clean_cup()
    lend = loop.lend(cup)
    due = loop.due(lend.id)
    extended = loop.extend(cup)
    loop.void(cup, extended.id)
    assert (loop.due(lend.id), loop.item(cup).loan.extensions) == (due, 0)
    loop.check()


@pytest.mark.parametrize(
    ("terms", "borrower", "limit"),
    [
        (Terms(max_open=2), MINJI, 2),
        (Terms(max_open_unconfirmed=1), SORA, 1),
        (Terms(), DANA, 5),
        (Terms(), SORA, 2),
    ],
)
def test_the_limits_are_those_of_the_terms(
    loop: Loop, terms: Terms, borrower: str, limit: int
) -> None:
    change_terms(loop, terms, loop.now - DAY)
    cups = loop.clean_cups(limit + 1)
    asks = [loop.scan(Action.LEND, cup, ask=True, borrower=borrower) for cup in cups]
    errors = [one.error for one in loop.go(*asks, by=loop.town.mina)]
    assert errors == [None] * limit + [Code.TOO_MANY_OPEN]


def test_opening_days_replaced_before_they_begin_are_not_remembered(loop: Loop) -> None:
    site, later = loop.town.sites[HARU], loop.now + DAY

    def plan(weekdays: int) -> None:
        hours = Hours(later, weekdays)
        loop.write(lambda s: set_opening(s, site_id=site, hours=hours, now=loop.now))

    plan(WEEKDAYS)
    due_day(loop)  # the process has read the opening days
    plan(0b1000000)  # Sundays only
    loop.now = later + MINUTE
    assert due_day(loop).strftime("%A") == "Sunday"
