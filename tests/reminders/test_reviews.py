"""Entries that need a head: decided, settled by themselves, taken up again."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.care.decisions import Decision
from lending.loop.dropped import ClaimOutcome
from lending.loop.steps import Gap, State
from lending.loop.tables import Forgiveness, ScanBorrower
from tests.drops import ask_desk, claims, drop, lend_of, reopen, reviews, say_not_me, settle
from tests.mail import Mail
from tests.personas import DAY, MINJI, SORA, Loop


def test_words_about_loans_are_believed_after_fourteen_days_and_reversible(
    mail: Mail, loop: Loop
) -> None:
    cup = loop.lent_cup(MINJI)
    review = say_not_me(loop, cup)
    loop.now += 13 * DAY
    assert mail.upkeep()["settled"] == 0
    loop.now += 2 * DAY
    assert mail.upkeep()["settled"] == 1
    assert reviews(loop)[0].settled_how == "automatic"
    with Session(loop.engine) as session:
        assert session.scalars(sa.select(Forgiveness.lend_id)).all() == [lend_of(loop, cup)]
    reopen(loop, review)
    with Session(loop.engine) as session:
        assert session.scalars(sa.select(Forgiveness)).all() == []


def test_not_me_taken_up_again_leaves_a_decided_claim_alone(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    drop(loop, cup)
    ask_desk(loop)
    settle(loop, reviews(loop)[0].id, Decision.REJECT)
    decided = claims(loop)[0].settled_at
    review = say_not_me(loop, cup)
    settle(loop, review, Decision.FORGIVE)
    reopen(loop, review)
    (claim,) = claims(loop)
    assert (claim.outcome, claim.settled_at) == (ClaimOutcome.NOT_FOUND, decided)


def test_words_about_a_loan_that_closed_settle_themselves(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    say_not_me(loop, cup)
    loop.give_back(cup)
    mail.upkeep()
    assert reviews(loop)[0].settled_how == "vanished"


def test_not_me_detaches_the_person_for_good(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(SORA)
    review = say_not_me(loop, cup)
    settle(loop, review, Decision.DETACH)
    with Session(loop.engine) as session:
        assert session.scalars(sa.select(ScanBorrower.resident_id)).all() == [None]
    assert not any(mail.go(day) for day in range(5, 30))
    with pytest.raises(LendingError) as refused:
        reopen(loop, review)
    assert refused.value.code is Code.CONFLICT


def test_like_cases_are_settled_together(loop: Loop) -> None:
    cups = loop.new_cups(3)
    for cup in cups:
        loop.lend(cup, MINJI, ask=False)
    loop.lend(loop.new_cups(1)[0], MINJI, ask=False, by=loop.town.yuna)
    entries = reviews(loop)
    assert {entry.subject for entry in entries} == {Gap.UNCLEAN_LEND}
    assert settle(loop, entries[0].id, Decision.NOTED, together=True) == 3
    assert [entry.settled_how for entry in reviews(loop)] == ["noted"] * 3 + [None]


def test_a_wrong_scan_is_voided_by_review(loop: Loop) -> None:
    (cup,) = loop.new_cups()
    loop.lend(cup, MINJI, ask=False)
    (entry,) = reviews(loop)
    settle(loop, entry.id, Decision.VOID)
    assert loop.item(cup).state is State.DIRTY
    assert loop.loans(cup) == []
    assert reviews(loop)[0].settled_how == "void"
    reopen(loop, entry.id)
    assert loop.item(cup).state is State.LENT
    loop.check()


def test_decisions_are_refused_where_they_make_no_sense(loop: Loop) -> None:
    (cup,) = loop.new_cups()
    loop.lend(cup, MINJI, ask=False)
    (entry,) = reviews(loop)
    for decision, actor, code in [
        (Decision.FORGIVE, loop.town.officer, Code.INVALID),
        (Decision.NOTED, loop.town.yuna, Code.NOT_FOUND),  # another place's
    ]:
        with pytest.raises(LendingError) as refused:
            settle(loop, entry.id, decision, actor=actor)
        assert refused.value.code is code
    assert settle(loop, entry.id, Decision.NOTED, actor=loop.town.mina) == 1
    with pytest.raises(LendingError):
        settle(loop, entry.id, Decision.NOTED)


def test_what_could_not_be_resolved_is_erased_when_settled(loop: Loop) -> None:
    cup = loop.clean_cup()
    loop.lend(cup, "0505-123-4567", ask=False)  # a safe number: nobody's
    (entry,) = reviews(loop)
    assert entry.subject == Gap.BORROWER_UNRESOLVED
    with Session(loop.engine) as session:
        assert session.scalars(sa.select(ScanBorrower.sealed)).one() is not None
    settle(loop, entry.id, Decision.NOTED)
    with Session(loop.engine) as session:
        assert session.scalars(sa.select(ScanBorrower.sealed)).one() is None
