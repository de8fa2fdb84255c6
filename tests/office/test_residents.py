"""People at the desk: found by the full contact only, every look logged, erased on request."""

from datetime import UTC, datetime

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.loop.codes import format_code
from lending.people.cards import bind_card, print_cards
from lending.people.tables import AccessLog, Card, Resident
from tests.callers import Caller
from tests.office.conftest import post, text_of
from tests.personas import DANA, MINJI, SORA, Loop, found_town

WHY = "본인이 전화함"


def find(officer: Caller, contact: str, reason: str = WHY):
    return post(officer, "/office/residents", contact=contact, reason=reason)


def log(loop: Loop) -> list[AccessLog]:
    with Session(loop.engine) as session:
        return list(session.scalars(sa.select(AccessLog).order_by(AccessLog.id)))


def test_a_person_is_found_by_the_full_contact_and_each_look_is_logged(
    officer: Caller, loop: Loop
) -> None:
    cup = loop.lent_cup(MINJI)
    answer = find(officer, "+82 10 2345 6789")
    assert (answer.status_code, answer.location) == (302, "/office/residents/open")
    page = text_of(officer.open("/office/residents/open"))
    assert "010-****-6789" in page
    assert "2345-6789" not in page
    assert format_code(cup) in page
    assert WHY in page
    minji = loop.town.residents[MINJI]
    looks = [(one.what, one.resident_id, one.reason) for one in log(loop)]
    assert looks == [("search", minji, WHY), ("resident", minji, WHY)]
    assert all(one.address == "127.0.0.1" and one.staff_id for one in log(loop))
    shown = text_of(officer.open("/office/access-log"))
    assert "staff-officer" in shown
    assert str(minji)[:8] in shown
    assert "010-2345" not in shown


def test_part_of_a_contact_finds_nobody_and_every_try_is_logged(
    officer: Caller, loop: Loop
) -> None:
    for text in ("6789", "2345-6789", "minji"):
        assert find(officer, text).status_code == 422
    assert log(loop) == []  # nothing that could name anybody was asked
    missing = find(officer, SORA)
    assert missing.status_code == 422
    assert "빌린 분이 없어요" in missing.text
    assert [(one.what, one.resident_id) for one in log(loop)] == [("search", None)]
    assert officer.open("/office/residents/open").location == "/office/residents"


def test_a_reason_is_needed(officer: Caller, loop: Loop) -> None:
    assert find(officer, MINJI, " ").status_code == 422
    assert log(loop) == []


def test_another_districts_people_are_not_found(
    officer: Caller, loop: Loop, engine: sa.Engine
) -> None:
    with transaction(engine) as session:
        found_town(session, loop.keys, prefix="X")
        session.execute(sa.delete(Resident).where(Resident.district_id == loop.town.id))
    assert find(officer, MINJI).status_code == 422


def test_a_look_ends_when_the_officer_is_done_and_after_half_an_hour(
    officer: Caller, loop: Loop
) -> None:
    find(officer, MINJI)
    post(officer, "/office/residents/close")
    assert officer.open("/office/residents/open").status_code == 302
    find(officer, MINJI)
    with officer.client.session_transaction() as cookies:
        cookies["looking_at"][2] = int(datetime.now(UTC).timestamp()) - 1
        cookies.modified = True
    assert officer.open("/office/residents/open").status_code == 302
    assert post(officer, "/office/residents/erase", confirm="지우기").status_code == 404


def test_erasure_needs_the_typed_word_and_leaves_nobodys_loans(officer: Caller, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    find(officer, MINJI)
    assert post(officer, "/office/residents/erase", confirm="네").status_code == 422
    assert post(officer, "/office/residents/erase", confirm="지우기").status_code == 302
    assert find(officer, MINJI).status_code == 422
    assert [one.what for one in log(loop)].count("erase") == 1
    assert loop.item(cup).loan is not None
    loop.check()
    assert "누구인지 모름" in officer.open("/office/loans/unreachable").text


def test_a_lost_card_is_replaced_in_one_step(
    officer: Caller, loop: Loop, engine: sa.Engine
) -> None:
    minji, dana = loop.town.residents[MINJI], loop.town.residents[DANA]
    with transaction(engine) as session:
        old, blank, foreign = print_cards(session, district_id=loop.town.id, count=3, now=loop.now)
        for card, owner in ((old, minji), (foreign, dana)):
            bind_card(session, district_id=loop.town.id, card=card, resident_id=owner, now=loop.now)
    assert find(officer, old).status_code == 302  # a card's holder is found by it too
    wrong = post(officer, "/office/residents/card", old=foreign, new=blank)
    assert wrong.status_code == 422
    taken = post(officer, "/office/residents/card", old=old, new=foreign)
    assert taken.status_code == 422
    assert "빈 카드를 골라" in taken.text
    assert post(officer, "/office/residents/card", old=old, new=blank).status_code == 302
    with Session(engine) as session:
        cards = {card.code: card for card in session.scalars(sa.select(Card))}
    assert cards[old].revoked_at is not None
    assert cards[blank].resident_id == minji
    assert cards[foreign].resident_id == dana


def test_a_paused_person_is_marked(officer: Caller, app: Flask, loop: Loop) -> None:
    from lending.loop.care.remind import notice_row
    from lending.notices.tables import Notice, NoticeKind, NoticeState

    lend = loop.loans(loop.lent_cup(MINJI))[0].id
    find(officer, MINJI)
    assert "새 대여를 쉬고" not in officer.open("/office/residents/open").text
    with transaction(loop.engine) as session:
        row = notice_row(lend, NoticeKind.LATE_FIRST, NoticeState.SENT, loop.town.id, loop.now)
        session.execute(sa.insert(Notice), [row | {"sent_at": loop.now}])
    assert "새 대여를 쉬고" in officer.open("/office/residents/open").text
    post(officer, f"/office/loans/{lend}/forgive", reason="입원", next="/office/residents/open")
    assert "새 대여를 쉬고" not in officer.open("/office/residents/open").text


def test_no_address_names_a_resident(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if str(rule).startswith("/office/residents"):
            assert not rule.arguments, rule
