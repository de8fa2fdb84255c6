"""What “I dropped it there” does: the clock stops at once; a third unproven word stops none."""

import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.errors import Code, LendingError
from lending.loop.care.drop_views import claims_of_loans
from lending.loop.care.drops import Dropped, moment_of_day, say_dropped
from lending.loop.dropped import ClaimOutcome, SaidBy
from lending.loop.scans import Result
from lending.loop.steps import Action, Outcome
from lending.notices.tables import Notice, NoticeKind, NoticeState
from tests.drops import claims, confirm, drop, lend_of, withdraw
from tests.personas import DANA, DAY, HARU, MINJI, NABI, WASH, Loop


def warn(loop: Loop, cup: str, at: datetime) -> None:
    """A reminder about the cup went out then."""
    with transaction(loop.engine) as session:
        session.add(
            Notice(
                id=uuid.uuid4(), district_id=loop.town.id, lend_id=lend_of(loop, cup), sent_at=at,
                kind=NoticeKind.LATE_FIRST, state=NoticeState.SENT, created_at=at,
            )
        )  # fmt: skip


def test_a_claim_leaves_the_open_count(loop: Loop) -> None:
    cups = loop.clean_cups(7)
    for cup in cups[:5]:
        loop.lend(cup, MINJI)
    assert loop.lend(cups[5], MINJI).error is Code.TOO_MANY_OPEN
    assert drop(loop, cups[0]).stops_clock
    assert loop.lend(cups[5], MINJI).result is Result.RECORDED
    assert loop.lend(cups[6], MINJI).error is Code.TOO_MANY_OPEN
    loop.check()


def test_a_claim_lifts_the_pause_and_taking_it_back_brings_it_again(loop: Loop) -> None:
    late, fresh, another = loop.clean_cups(3)
    loop.lend(late, MINJI)
    loop.now += 20 * DAY
    warn(loop, late, loop.now - 5 * DAY)
    assert loop.lend(fresh, MINJI).error is Code.BORROWER_PAUSED
    due = loop.due(lend_of(loop, late))
    drop(loop, late)
    assert loop.lend(fresh, MINJI).result is Result.RECORDED
    assert withdraw(loop, late)
    assert loop.due(lend_of(loop, late)) == due  # no fresh days
    assert loop.lend(another, MINJI).error is Code.BORROWER_PAUSED
    assert [claim.outcome for claim in claims(loop)] == [ClaimOutcome.WITHDRAWN]
    assert not withdraw(loop, late)


def test_saying_it_again_changes_nothing(loop: Loop) -> None:
    cup = loop.lent_cup()
    first = drop(loop, cup)
    again = drop(loop, cup, NABI)
    assert (first.new, again.new, again.stops_clock) == (True, False, True)
    (claim,) = claims(loop)
    assert claim.site_id == loop.town.sites[HARU]


def test_only_an_open_loan_can_be_claimed(loop: Loop) -> None:
    cup = loop.lent_cup()
    lend = lend_of(loop, cup)
    loop.give_back(cup)
    dropped = Dropped(None, loop.now, SaidBy.RESIDENT)
    for which in (lend, uuid.uuid4()):
        assert loop.write(
            lambda s, which=which: say_dropped(s, lend_ids=[which], dropped=dropped, now=loop.now)
        ) == []  # fmt: skip
    assert claims(loop) == []


def test_a_moment_before_the_lend_or_to_come_is_refused(loop: Loop) -> None:
    cup = loop.lent_cup()
    for at in (loop.loans(cup)[0].opened_at - timedelta(seconds=1), loop.now + DAY):
        with pytest.raises(LendingError) as refused:
            drop(loop, cup, at=at)
        assert (refused.value.code, refused.value.field) == (Code.INVALID, "day")
    assert claims(loop) == []


def test_a_day_becomes_a_moment(loop: Loop) -> None:
    zone = ZoneInfo("Asia/Seoul")
    opened = datetime(2024, 10, 14, 5, tzinfo=UTC)  # 14:00 in Seoul
    now = datetime(2024, 10, 16, 1, tzinfo=UTC)
    at = {
        day: moment_of_day(opened.date().replace(day=day), zone=zone, opened_at=opened, now=now)
        for day in (14, 15, 16)
    }
    assert at[14] == opened  # its noon was before the lend
    assert at[15] == datetime(2024, 10, 15, 3, tzinfo=UTC)
    assert at[16] == now
    for day in (13, 17):
        with pytest.raises(LendingError):
            moment_of_day(opened.date().replace(day=day), zone=zone, opened_at=opened, now=now)


@pytest.mark.parametrize(
    ("action", "site", "outcome"),
    [
        (Action.RETURN, HARU, Outcome.RETURNED),
        (Action.COLLECT, HARU, Outcome.IMPLIED),
        (Action.RECEIVE, WASH, Outcome.IMPLIED),
        (Action.WASH, WASH, Outcome.IMPLIED),
        (Action.STOCK, NABI, Outcome.IMPLIED),
    ],
)
def test_any_sighting_confirms(loop: Loop, action: Action, site: str, outcome: Outcome) -> None:
    cup = loop.lent_cup()
    drop(loop, cup)
    assert confirm(loop) == 0
    loop.one(action, cup, ask=False, site=loop.site(site))
    assert confirm(loop) == 1
    assert confirm(loop) == 0
    assert [claim.outcome for claim in claims(loop)] == [ClaimOutcome.CONFIRMED]
    assert loop.loans(cup)[0].outcome is outcome
    loop.check()


def test_a_lend_to_somebody_else_is_no_proof(loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    drop(loop, cup)
    loop.lend(cup, DANA, ask=False)
    assert loop.loans(cup)[0].outcome is Outcome.SUPERSEDED
    assert confirm(loop) == 0
    assert claims(loop)[0].settled_at is None
    loop.check()


def test_a_voided_lend_takes_its_claim_along(loop: Loop) -> None:
    cup = loop.lent_cup()
    drop(loop, cup)
    loop.void(cup, lend_of(loop, cup), by=loop.town.officer, site=loop.site(HARU))
    assert confirm(loop) == 1
    assert [claim.outcome for claim in claims(loop)] == [ClaimOutcome.WITHDRAWN]


def test_the_third_unproven_word_stops_no_clock(loop: Loop) -> None:
    cups = [loop.lent_cup(MINJI) for _ in range(4)]
    assert [drop(loop, cup).stops_clock for cup in cups[:3]] == [True, True, False]
    loop.give_back(cups[0])
    confirm(loop)
    assert drop(loop, cups[3]).stops_clock is False  # two words are still without a proof
    assert claims_by_cup(loop, cups) == [True, True, False, False]
    other = loop.lent_cup(DANA)
    assert drop(loop, other).stops_clock


def test_proven_words_and_old_ones_are_not_held_against_anybody(loop: Loop) -> None:
    cups = [loop.lent_cup(MINJI) for _ in range(2)]
    for cup in cups:
        drop(loop, cup)
        loop.give_back(cup)
    confirm(loop)
    for _ in range(2):
        assert drop(loop, loop.lent_cup(MINJI)).stops_clock
    loop.now += 91 * DAY
    assert drop(loop, loop.lent_cup(MINJI)).stops_clock


def test_several_cups_at_once_count_one_by_one(loop: Loop) -> None:
    cups = [loop.lent_cup(MINJI) for _ in range(3)]
    lends = [lend_of(loop, cup) for cup in cups]
    dropped = Dropped(loop.town.sites[HARU], loop.now, SaidBy.LINK)
    taken = loop.write(lambda s: say_dropped(s, lend_ids=lends, dropped=dropped, now=loop.now))
    assert [one.stops_clock for one in taken] == [True, True, False]


def test_an_anonymous_loan_can_be_claimed_by_staff(loop: Loop) -> None:
    for _ in range(3):
        assert drop(loop, loop.lent_cup(None)).stops_clock


def claims_by_cup(loop: Loop, cups: list[str]) -> list[bool]:
    lends = [lend_of(loop, cup) for cup in cups]
    with Session(loop.engine) as session:
        found = claims_of_loans(session, lends)
    return [found[lend].stops_clock for lend in lends]
