"""The officer's loan pages: lists, one loan, and what can be done about it."""

import re
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.events.alerts import DISPUTE
from lending.loop.care.remind import notice_row
from lending.loop.codes import format_code
from lending.loop.tables import Forgiveness, Loan
from lending.notices.raising import Raised, raise_alerts
from lending.notices.tables import (
    AlertOwner,
    Message,
    MessageState,
    Notice,
    NoticeKind,
    NoticeState,
    Purpose,
)
from tests.callers import Caller
from tests.office.conftest import post, text_of
from tests.personas import MINJI, NABI, Loop
from tests.town import MONDAY


def loan_of(loop: Loop, cup: str) -> uuid.UUID:
    return loop.loans(cup)[0].id


def test_the_overview_counts_stock_loans_and_reviews(officer: Caller, loop: Loop) -> None:
    loop.clean_cups(2)
    late = loop.lent_cup()
    page = text_of(officer.open("/office"))
    assert "1 나가 있는 컵" in page
    assert "1 기한이 지난 컵" in page
    assert "2 깨끗한 컵" in page
    assert "카페 하루" in page
    listed = officer.open("/office/loans?overdue=1").text
    assert format_code(late) in listed


def test_the_list_is_narrowed_by_place_and_band(officer: Caller, loop: Loop) -> None:
    cup = loop.lent_cup()
    listed = officer.open("/office/loans").text
    assert format_code(cup) in listed
    assert "컵 355 mL" in listed
    assert "cup-355" not in listed
    assert format_code(cup) in officer.open("/office/loans?band=30%2B").text
    assert format_code(cup) not in officer.open("/office/loans?band=1-3").text
    assert format_code(cup) not in officer.open(f"/office/loans?site={loop.site(NABI)}").text
    assert officer.open("/office/loans?site=NOWHERE").status_code == 404
    assert officer.open("/office/loans?after=zzz").status_code == 422


def test_a_loan_is_extended_before_it_is_due_and_only_as_often_as_allowed(
    officer: Caller, today_loop: Loop
) -> None:
    cup = today_loop.lent_cup()
    lend = loan_of(today_loop, cup)
    before = today_loop.due(lend)
    first = post(officer, f"/office/loans/{lend}/extend")
    assert (first.status_code, first.location) == (302, f"/office/loans/{lend}")
    assert (today_loop.due(lend) - before).days == 7
    assert "연장했어요" in officer.open(f"/office/loans/{lend}").text
    post(officer, f"/office/loans/{lend}/extend")
    assert "더 연장할 수 없는" in officer.open(f"/office/loans/{lend}").text
    assert today_loop.loans(cup)[0].extensions == 1
    today_loop.check()


def test_a_loan_past_due_is_not_extended(officer: Caller, loop: Loop) -> None:
    lend = loan_of(loop, loop.lent_cup())
    post(officer, f"/office/loans/{lend}/extend")
    assert "더 연장할 수 없는" in officer.open(f"/office/loans/{lend}").text
    assert officer.open(f"/office/loans/{uuid.uuid4()}/extend", "POST").status_code == 404


def test_a_loan_is_forgiven_with_a_reason(officer: Caller, loop: Loop) -> None:
    lend = loan_of(loop, loop.lent_cup())
    refused = post(officer, f"/office/loans/{lend}/forgive", reason="  ")
    assert refused.status_code == 422
    assert post(officer, f"/office/loans/{lend}/forgive", reason="입원").status_code == 302
    with Session(loop.engine) as session:
        row = session.scalars(sa.select(Forgiveness)).one()
        assert (row.lend_id, row.reason) == (lend, "입원")
        assert row.staff_id is not None
    assert "입원" in officer.open(f"/office/loans/{lend}").text


def test_remind_now_queues_one_message_for_a_persons_cups(officer: Caller, loop: Loop) -> None:
    lends = [loan_of(loop, loop.lent_cup(MINJI)) for _ in range(2)]
    anonymous = loan_of(loop, loop.lent_cup(None))
    answer = post(officer, "/office/loans/remind", lend=[*lends, anonymous])
    assert answer.status_code == 302
    page = officer.open("/office/loans").text
    assert "2건을 알려요" in page
    assert "1건은 알리지 못해요" in page
    with Session(loop.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Message)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(Notice)) == 2
    post(officer, f"/office/loans/{lends[0]}/remind")
    assert "1건은 알리지 못해요" in officer.open(f"/office/loans/{lends[0]}").text


def test_nothing_chosen_is_said_so(officer: Caller) -> None:
    post(officer, "/office/loans/remind")
    assert "먼저 골라 주세요" in officer.open("/office/loans").text
    post(officer, "/office/loans/remind", lend=["x"])
    assert "먼저 골라 주세요" in officer.open("/office/loans").text


def test_an_action_leads_back_to_our_own_pages_only(officer: Caller, loop: Loop) -> None:
    lend = loan_of(loop, loop.lent_cup())
    back = post(officer, f"/office/loans/{lend}/remind", next="//evil.example")
    assert back.location == f"/office/loans/{lend}"


def test_unreachable_loans_and_doubtful_messages_are_listed(officer: Caller, loop: Loop) -> None:
    cup = loop.lent_cup(None)
    reached = loop.lent_cup(MINJI)
    message = uuid.uuid4()
    with Session(loop.engine.execution_options(writes=True)) as session:
        session.execute(
            sa.insert(Message),
            [
                {
                    "id": message,
                    "district_id": loop.town.id,
                    "resident_id": loop.town.residents[MINJI],
                    "contact_kind": "phone",
                    "purpose": Purpose.REMINDER,
                    "state": MessageState.MAYBE_SENT,
                    "not_before": loop.now,
                    "created_at": loop.now,
                    "error": "the worker stopped while sending",
                }
            ],
        )
        row = notice_row(
            loan_of(loop, reached), NoticeKind.FINAL, NoticeState.MAYBE_SENT, loop.town.id, loop.now
        )
        session.execute(sa.insert(Notice), [row | {"message_id": message}])
        session.commit()
    page = officer.open("/office/loans/unreachable").text
    assert format_code(cup) in page
    assert format_code(reached) in page
    assert "보냈는지 확실하지 않음" in page
    assert "누구인지 모름" in page
    assert post(officer, f"/office/messages/{message}/again").status_code == 302
    with Session(loop.engine) as session:
        assert session.scalar(sa.select(Notice.state)) is NoticeState.WAITING
    assert format_code(reached) not in officer.open("/office/loans/unreachable").text


def test_a_loans_page_tells_its_story_and_no_person(officer: Caller, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    lend = loan_of(loop, cup)
    loop.give_back(cup)
    page = officer.open(f"/office/loans/{lend}").text
    assert format_code(cup) in page
    assert "반납" in page
    assert "지금 알리기" not in page
    assert str(loop.town.residents[MINJI]) not in page
    # Ids and codes are random digits; a contact's stand by themselves.
    assert not re.search(r"(?<!\w)6789(?!\w)", page.replace(format_code(cup), ""))
    assert officer.open(f"/office/loans/{uuid.uuid4()}").status_code == 404
    with Session(loop.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Loan)) == 1


def test_an_alert_of_the_officers_is_not_said_to_be_the_places(officer: Caller, loop: Loop) -> None:
    found = {(loop.town.sites[NABI], DISPUTE): Raised(1, AlertOwner.OFFICER)}
    with Session(loop.engine) as session, session.begin():
        raise_alerts(
            session,
            district_id=loop.town.officer.district_id,
            prefix=DISPUTE,
            found=found,
            now=MONDAY,
        )
    page = text_of(officer.open("/office"))
    row = page[page.index("이의를 냈어요") :]
    assert "그 장소" not in row
    assert row.index("구 담당자") < row.index("봤어요")
