"""What a recall's borrowers read: once, calm, only after it is confirmed, and no reminder of a loan."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.loans.stopped import warned_at
from lending.loop.tables import Loan
from tests.mail import Mail, make_demo
from tests.personas import DANA, MINJI, MINUTE, Loop
from tests.washing.centre import Centre


def test_borrowers_are_told_after_the_confirmation_once_and_in_one_message(
    centre: Centre, loop: Loop
) -> None:
    make_demo(loop)
    mail = Mail(loop)
    cups = loop.new_cups(3)
    batch = centre.passed(*cups)
    for cup, who in zip(cups, (MINJI, MINJI, DANA), strict=True):
        loop.ship(cup)
        loop.stock(cup)
        loop.lend(cup, who)
    loop.give_back(cups[2])
    test = centre.sample(batch)
    recall = centre.result(test, 2000).recall_id
    assert recall is not None
    mail.sweep()
    mail.send()
    assert mail.inbox() == []
    loop.now += MINUTE
    centre.again(test, 2000)
    assert centre.confirm(recall) == 3
    mail.sweep()
    mail.send()
    texts = [entry.text for entry in mail.inbox()]
    assert len(texts) == 2
    assert sum("컵 2개: 위생 점검" in text for text in texts) == 1
    assert sum("컵 1개: 위생 점검" in text for text in texts) == 1
    assert all("까지" not in text for text in texts)
    loop.now += MINUTE
    mail.sweep()
    mail.send()
    assert len(mail.inbox()) == 2  # no correction to who had brought it back, and nothing twice
    with Session(loop.engine) as session:
        warned = session.scalars(sa.select(warned_at()).select_from(Loan)).all()
    assert warned == [None] * 3  # it pauses nobody


def test_what_was_found_good_before_it_was_sent_is_not_sent(centre: Centre, loop: Loop) -> None:
    make_demo(loop)
    mail = Mail(loop)
    [cup] = loop.new_cups()
    batch = centre.passed(cup)
    loop.ship(cup)
    loop.stock(cup)
    loop.lend(cup)
    test = centre.sample(batch)
    recall = centre.result(test, 2000).recall_id
    assert recall is not None
    loop.now += MINUTE
    centre.result(centre.sample(batch, retest_of=test), 1000)
    assert centre.confirm(recall) == 1
    centre.result(centre.sample(batch, retest_of=test), 10)
    centre.release(recall)
    loop.now += MINUTE
    mail.sweep()
    mail.send()
    assert mail.inbox() == []
