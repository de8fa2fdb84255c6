"""What happens by itself: write-offs, pauses, retention."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code
from lending.loop.care.lapse import lose_id
from lending.loop.erase import erase_person
from lending.loop.scans import Result
from lending.loop.steps import Outcome, State
from lending.loop.tables import Refusal, ScanBorrower
from lending.notices.tables import Notice, NoticeState
from lending.people.tables import Card, Resident
from tests.drops import lend_of, say_not_me
from tests.mail import Mail
from tests.personas import DAY, HARU, MINJI, SORA, Loop, add_resident


def test_a_loan_is_written_off_after_a_warning_in_time(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    for day in (6, 7, 10, 14, 21):
        mail.go(day)
    mail.at(37)  # due on day 7 at the end of the day: 30 days later is day 38
    assert mail.upkeep()["lost"] == 0
    mail.at(38)
    assert mail.upkeep()["lost"] == 1
    assert loop.item(cup).state is State.LOST
    assert loop.loans(cup)[0].lost_at == loop.now
    assert loop.stored(cup).piece.last_id == lose_id(lend_of(loop, cup))
    loop.now += DAY
    assert mail.upkeep()["lost"] == 0
    loop.check()


def test_no_write_off_before_a_notice_was_sent_three_days_earlier(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    mail.at(50)
    assert mail.upkeep()["lost"] == 0
    mail.go(50)
    mail.at(53, hour=9)
    assert mail.upkeep()["lost"] == 0
    mail.at(53, hour=11)
    assert mail.upkeep()["lost"] == 1
    assert loop.item(cup).state is State.LOST


def test_a_notice_only_logged_warns_nobody(loop: Loop) -> None:
    """Without a sender that reaches people neither a pause nor a write-off can follow."""
    mail = Mail(loop)  # no demo, no sender set up: the log
    cup = loop.lent_cup(MINJI)
    mail.at(10)
    mail.sweep()
    assert mail.send() == {"sent": 1}
    mail.at(60)
    assert mail.upkeep()["lost"] == 0
    assert loop.item(cup).state is State.LENT
    with Session(loop.engine) as session:
        notice = session.scalars(sa.select(Notice).where(Notice.message_id.is_not(None))).one()
        assert (notice.state, notice.sent_at) == (NoticeState.SENT, None)


def test_anonymous_loans_are_written_off_by_their_date(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(None)
    mail.at(38)
    assert mail.upkeep()["lost"] == 1
    assert loop.item(cup).state is State.LOST


def test_no_write_off_while_somebodys_word_waits(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    mail.go(30)
    mail.at(36)
    say_not_me(loop, cup)
    mail.at(40)
    assert mail.upkeep()["lost"] == 0


def test_a_voided_write_off_is_not_made_again(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(None)
    mail.at(38)
    mail.upkeep()
    loop.void(cup, lose_id(lend_of(loop, cup)), by=loop.town.officer, site=loop.site(HARU))
    assert loop.item(cup).state is State.LENT
    loop.now += DAY
    assert mail.upkeep()["lost"] == 0
    with Session(loop.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Refusal)) == 0


def test_a_late_return_reverses_the_write_off(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(None)
    mail.at(40)
    mail.upkeep()
    loop.give_back(cup)
    assert loop.item(cup).state is State.RETURNED
    assert loop.loans(cup)[0].outcome is Outcome.RETURNED
    loop.check()


def test_the_pause_follows_the_warning_and_ends_with_the_return(mail: Mail, loop: Loop) -> None:
    late, fresh = loop.clean_cups(2)
    loop.lend(late, MINJI)
    mail.go(7)
    mail.at(11)
    receipt = loop.lend(fresh, MINJI)
    assert (receipt.result, receipt.error) == (Result.REFUSED, Code.BORROWER_PAUSED)
    loop.give_back(late)
    assert loop.lend(fresh, MINJI).result is Result.RECORDED


def test_erasure_on_request_leaves_the_anonymous_story(mail: Mail, loop: Loop) -> None:
    cup, out = loop.clean_cups(2)
    loop.lend(cup, MINJI)
    loop.lend(out, MINJI)
    loop.give_back(cup)
    mail.go(7)
    before = loop.stored(cup), loop.stored(out)
    person = loop.town.residents[MINJI]
    assert loop.write(lambda s: erase_person(s, resident_id=person, now=loop.now))
    assert not loop.write(lambda s: erase_person(s, resident_id=person, now=loop.now))
    assert (loop.stored(cup), loop.stored(out)) == before
    with Session(loop.engine) as session:
        assert session.scalars(sa.select(ScanBorrower)).all() == []
        assert session.get(Resident, person) is None
    assert mail.inbox() == []
    assert mail.messages() == []
    assert mail.go(14) == []  # the open loan is nobody's
    loop.check()
    loop.give_back(out)
    loop.check()


def test_the_link_is_cut_and_the_person_goes_after_the_retention_time(
    mail: Mail, loop: Loop
) -> None:
    person = loop.write(
        lambda s: add_resident(s, loop.keys, loop.town.id, SORA, now=loop.now, confirmed=False)
    )
    cup, lost = loop.clean_cup(), loop.lent_cup(None)
    loop.lend(cup, SORA)
    loop.give_back(cup)
    returned = loop.now
    loop.now = returned + 89 * DAY
    assert mail.upkeep() == {"erased": 3, "lost": 1}  # those who had never borrowed
    loop.now = returned + 91 * DAY
    assert mail.upkeep() == {"cut": 1, "erased": 1}
    with Session(loop.engine) as session:
        assert session.get(Resident, person) is None
    assert loop.loans(cup)[0].outcome is Outcome.RETURNED
    assert loop.item(lost).state is State.LOST
    loop.check()


def test_an_open_loan_keeps_its_link_and_a_written_off_one_for_its_pause(
    mail: Mail, loop: Loop
) -> None:
    loop.lent_cup(MINJI)
    mail.go(30)
    mail.at(40)
    assert mail.upkeep()["lost"] == 1
    mail.at(40 + 89)
    assert mail.upkeep()["cut"] == 0
    mail.at(40 + 91)
    assert mail.upkeep()["cut"] == 1


def test_a_card_without_contact_stays(mail: Mail, loop: Loop) -> None:
    def add(session: Session) -> None:
        person = add_resident(session, loop.keys, loop.town.id, None, now=loop.now)
        session.add(
            Card(
                district_id=loop.town.id, code="X1", resident_id=person, printed_at=loop.now,
                bound_at=loop.now,
            )
        )  # fmt: skip

    loop.write(add)
    loop.now += 400 * DAY
    assert mail.upkeep()["erased"] == 3
    with Session(loop.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Card)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(Resident)) == 1
