"""The board of loans: bands of age, what the list holds, and whom no message reaches."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.care.mercy import forgive_loan
from lending.loop.care.remind import notice_row
from lending.loop.tables import Loan
from lending.notices.tables import Notice, NoticeKind, NoticeState
from lending.office.loan_board import (
    Band,
    Reach,
    count_bands,
    list_board,
    list_unreachable,
)
from lending.people.erasure import erase_resident
from tests.personas import DANA, DAY, MINJI, NABI, Loop

# Days past due → the band it belongs to, by hand: 1–3, 4–7, 8–14, 15–30 and more.
AGES = {
    -1: Band.ON_TIME,
    0: Band.ON_TIME,
    0.5: Band.DAYS_3,
    3: Band.DAYS_3,
    3.01: Band.DAYS_7,
    7: Band.DAYS_7,
    8: Band.DAYS_14,
    14: Band.DAYS_14,
    14.5: Band.DAYS_30,
    30: Band.DAYS_30,
    30.1: Band.MORE,
    300: Band.MORE,
}


def test_each_age_stands_in_its_band_and_in_its_list(loop: Loop) -> None:
    cup = loop.lent_cup()
    due = loop.due(loop.loans(cup)[0].id)
    with Session(loop.engine) as session:
        for age, band in AGES.items():
            now = due + timedelta(days=age)
            counts = count_bands(session, district_id=loop.town.id, now=now)
            assert {one.band: one.count for one in counts if one.count} == {band: 1}, age
            for other in Band:
                page = list_board(session, actor=loop.town.officer, now=now, band=other)
                assert len(page.items) == (other is band), (age, other)


def test_what_is_written_off_stands_apart(loop: Loop) -> None:
    cup = loop.lent_cup()
    loop.lose(cup)
    with Session(loop.engine) as session:
        counts = count_bands(session, district_id=loop.town.id, now=loop.now + 100 * DAY)
        assert {one.band: one.count for one in counts if one.count} == {Band.LOST: 1}
        actor = loop.town.officer
        assert not list_board(session, actor=actor, now=loop.now).items
        assert list_board(session, actor=actor, now=loop.now, band=Band.LOST).items


def test_the_list_goes_by_due_date_in_pages_and_by_place(loop: Loop) -> None:
    cups = [loop.lent_cup()]
    loop.now += DAY
    cups.append(loop.lent_cup())
    loop.now += DAY
    at_nabi = loop.clean_cup(NABI)
    loop.lend(at_nabi, DANA, by=loop.town.yuna)
    loop.give_back(loop.lent_cup(DANA))
    actor = loop.town.officer
    with Session(loop.engine) as session:
        first = list_board(session, actor=actor, now=loop.now, limit=2)
        second = list_board(session, actor=actor, now=loop.now, limit=2, after=_key(first.next))
        assert [line.code for line in first.items + second.items] == [*cups, at_nabi]
        assert second.next is None
        here = list_board(session, actor=actor, now=loop.now, site=loop.site(NABI))
        assert [line.code for line in here.items] == [at_nabi]
        assert not list_board(session, actor=actor, now=loop.now, overdue=True).items
        late = list_board(session, actor=actor, now=loop.now + 30 * DAY, overdue=True)
        assert len(late.items) == 3


def test_whom_no_message_reaches(loop: Loop) -> None:
    nobody, erased, doubtful, reached = (
        loop.lent_cup(None),
        loop.lent_cup(DANA),
        loop.lent_cup(MINJI),
        loop.lent_cup(MINJI),
    )
    with Session(loop.engine.execution_options(writes=True)) as session:
        erase_resident(session, resident_id=loop.town.residents[DANA], now=loop.now)
        for cup, state in ((doubtful, NoticeState.MAYBE_SENT), (reached, NoticeState.SENT)):
            lend = loop.loans(cup)[0].id
            row = notice_row(lend, NoticeKind.FINAL, state, loop.town.id, loop.now)
            session.execute(sa.insert(Notice), [row])
        session.commit()
        page = list_unreachable(session, actor=loop.town.officer)
    assert {line.code: line.reach for line in page.items} == {
        nobody: Reach.NOBODY,
        erased: Reach.NOBODY,
        doubtful: Reach.MAYBE_SENT,
    }


def test_forgiven_loans_are_marked_once(loop: Loop) -> None:
    lend = loop.loans(loop.lent_cup())[0].id
    actor, now = loop.town.officer, loop.now

    def forgive(session: Session) -> bool:
        return forgive_loan(session, lend_id=lend, reason="hospital", actor=actor, now=now)

    assert loop.write(forgive) is True
    assert loop.write(forgive) is False
    with Session(loop.engine) as session:
        assert list_board(session, actor=actor, now=now).items[0].forgiven
        assert session.scalar(sa.select(sa.func.count()).select_from(Loan)) == 1


def _key(key: tuple[object, ...] | None) -> list[object]:
    assert key is not None
    return [part.isoformat() if hasattr(part, "isoformat") else part for part in key]
