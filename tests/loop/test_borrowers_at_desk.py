"""Borrowers as the till judges them: limits, the pause, unknown contacts, and what is kept of them."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code
from lending.loop.judge import OpenLoanOf, pauses
from lending.loop.policy.tables import Forgiveness
from lending.loop.scans import Result
from lending.loop.steps import Action, Gap
from lending.loop.tables import Item, ScanBorrower
from lending.loop.terms import Terms
from lending.notices.tables import Notice, NoticeKind, NoticeState
from lending.people.cards import print_cards
from lending.people.tables import Resident
from tests.personas import DANA, DAY, HARU, MINJI, MONDAY, SORA, TOMAS, Loop

SAFE_NUMBER = "050-1234-5678"


def residents(loop: Loop) -> int:
    with Session(loop.engine) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Resident)) or 0


def blank_card(loop: Loop) -> str:
    (card,) = loop.write(
        lambda session: print_cards(session, district_id=loop.town.id, count=1, now=loop.now)
    )
    return str(card)


@pytest.mark.parametrize(("contact", "limit"), [(MINJI, 5), (DANA, 5), (TOMAS, 5), (SORA, 2)])
def test_so_many_cups_by_the_defaults(loop: Loop, contact: str, limit: int) -> None:
    cups = loop.clean_cups(limit + 1)
    for cup in cups[:limit]:
        assert loop.lend(cup, contact).result is Result.RECORDED
    refused = loop.lend(cups[limit], contact)
    assert (refused.result, refused.error) == (Result.REFUSED, Code.TOO_MANY_OPEN)
    loop.give_back(cups[0])
    assert loop.lend(cups[limit], contact).result is Result.RECORDED


def test_without_any_contact_one_cup(loop: Loop) -> None:
    cups, card = loop.clean_cups(2), blank_card(loop)
    assert loop.lend(cups[0], card).result is Result.RECORDED
    assert loop.lend(cups[1], card).error is Code.TOO_MANY_OPEN


def test_a_group_takes_up_to_ten(loop: Loop) -> None:
    cups = loop.clean_cups(11)
    asks = [loop.scan(Action.LEND, cup, ask=True, borrower=MINJI, override="group") for cup in cups]
    errors = [one.error for one in loop.go(*asks, by=loop.town.mina)]
    assert errors == [None] * 10 + [Code.TOO_MANY_OPEN]


def test_an_unknown_contact_becomes_an_unconfirmed_resident(loop: Loop) -> None:
    cup, before = loop.clean_cup(), residents(loop)
    receipt = loop.lend(cup, SORA)
    assert (receipt.result, receipt.borrower, receipt.open_loans) == (Result.RECORDED, "4321", 1)
    assert residents(loop) == before + 1


def test_a_refused_lend_leaves_no_resident(loop: Loop) -> None:
    (dirty,), before = loop.new_cups(), residents(loop)
    assert loop.lend(dirty, SORA).error is Code.NOT_CLEAN
    assert residents(loop) == before


@pytest.mark.parametrize("raw", ["not a person", SAFE_NUMBER, "12", "482109375518"])
def test_nobody_to_be_found_is_refused_and_as_a_fact_kept_for_review(loop: Loop, raw: str) -> None:
    cup = loop.clean_cup()
    assert loop.lend(cup, raw).error is Code.BORROWER_UNKNOWN
    fact = loop.lend(cup, raw, ask=False)
    assert (fact.result, fact.gaps) == (Result.RECORDED, (Gap.BORROWER_UNRESOLVED,))
    with Session(loop.engine) as session:
        row = session.get_one(ScanBorrower, fact.id)
    assert row.resident_id is None and row.sealed is not None
    assert raw.encode() not in row.sealed


def test_a_lend_to_nobody_in_particular_is_allowed(loop: Loop) -> None:
    cup = loop.clean_cup()
    assert loop.lend(cup, None).result is Result.RECORDED
    assert loop.loans(cup)[0].closed_at is None


def late(loop: Loop, days: float, warned: float | None) -> tuple[str, uuid.UUID]:
    """A cup that Minji has had out until `days` after it was due; a notice went out before."""
    cup, another = loop.clean_cups(2)
    lend = loop.lend(cup, MINJI).id
    due = loop.due(lend)
    loop.now = due + timedelta(days=days)
    if warned is not None:
        notice = Notice(
            id=uuid.uuid4(), district_id=loop.town.id, lend_id=lend, kind=NoticeKind.DUE_TODAY,
            state=NoticeState.SENT, created_at=due, sent_at=loop.now - timedelta(days=warned),
        )  # fmt: skip
        loop.write(lambda session: session.add(notice))
    return another, lend


def test_three_days_late_and_warned_pauses_new_loans(loop: Loop) -> None:
    another, _ = late(loop, days=3.01, warned=3)
    assert loop.lend(another, MINJI).error is Code.BORROWER_PAUSED
    assert loop.lend(another, DANA).result is Result.RECORDED


@pytest.mark.parametrize(("days", "warned"), [(2.9, 5), (9, None), (9, 2.9)])
def test_no_pause_too_early_or_unwarned(loop: Loop, days: float, warned: float | None) -> None:
    another, _ = late(loop, days, warned)
    assert loop.lend(another, MINJI).result is Result.RECORDED


def test_staff_lift_a_pause_with_a_reason(loop: Loop) -> None:
    another, _ = late(loop, days=5, warned=4)
    assert loop.lend(another, MINJI, override="is ill, asked").result is Result.RECORDED


def test_a_group_is_no_way_around_a_pause(loop: Loop) -> None:
    another, _ = late(loop, days=5, warned=4)
    assert loop.lend(another, MINJI, override="group").error is Code.BORROWER_PAUSED


def test_a_return_ends_the_pause(loop: Loop) -> None:
    another, lend = late(loop, days=5, warned=4)
    with Session(loop.engine) as session:
        cup = session.scalars(sa.select(Item.code).where(Item.loan_id == lend)).one()
    loop.give_back(cup)
    assert loop.lend(another, MINJI).result is Result.RECORDED


def test_forgiveness_ends_the_pause(loop: Loop) -> None:
    another, lend = late(loop, days=5, warned=4)
    row = Forgiveness(lend_id=lend, district_id=loop.town.id, reason="flood", at=loop.now)
    loop.write(lambda session: session.add(row))
    assert loop.lend(another, MINJI).result is Result.RECORDED


def test_the_pause_ends_sixty_days_after_the_write_off() -> None:
    lost = MONDAY + 30 * DAY
    loan = OpenLoanOf(MONDAY, lost_at=lost, warned_at=MONDAY)
    assert pauses(loan, lost + 60 * DAY, Terms())
    assert not pauses(loan, lost + 60 * DAY + timedelta(seconds=1), Terms())


def test_a_pause_counts_from_the_end_of_the_third_day() -> None:
    loan = OpenLoanOf(MONDAY, warned_at=MONDAY)
    assert not pauses(loan, MONDAY + 3 * DAY, Terms())
    assert pauses(loan, MONDAY + 3 * DAY + timedelta(seconds=1), Terms())


def test_a_fact_is_never_held_up_by_a_pause(loop: Loop) -> None:
    another, _ = late(loop, days=5, warned=4)
    assert loop.lend(another, MINJI, ask=False).result is Result.RECORDED


def test_the_till_hears_who_borrows_by_four_signs_only(loop: Loop) -> None:
    receipt = loop.lend(loop.clean_cup(), MINJI)
    assert receipt.borrower == "6789"
    again = loop.give_back(loop.lent_cup(MINJI), site=HARU)
    assert again.borrower is None
