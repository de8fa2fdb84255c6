"""The pages of a recall over HTTP: from the failed value to its end, and who sees it."""

import re
import uuid
from datetime import UTC, datetime, timedelta

from flask import Flask

from lending.db import transaction
from lending.loop.steps import State
from lending.washing.hygiene.tables import Recall
from tests.callers import Caller, device_caller
from tests.personas import DANA, HARU, MINJI, MINUTE, WASH
from tests.washing.centre import Centre, out_to, told
from tests.washing.hygiene_desk import jun as jun
from tests.washing.hygiene_desk import officer as officer
from tests.washing.hygiene_desk import post, rows, sample
from tests.washing.hygiene_desk import today as today


def recalled(centre: Centre) -> tuple[str, str, list[str], uuid.UUID]:
    """(address of a recall just opened, of its test, cups, batch): here, at Haru, and lent."""
    loop = centre.loop
    cups = loop.new_cups(3)
    batch = centre.passed(*cups)
    out_to(loop, cups[1])
    out_to(loop, cups[2])
    loop.lend(cups[2], MINJI)
    test = centre.sample(batch)
    recall = centre.result(test, 2000).recall_id
    return f"/wash/hygiene/recalls/{recall}", f"/wash/hygiene/tests/{test}", cups, batch


def test_a_failed_value_leads_to_the_recall_which_names_nobody(today: Centre, jun: Caller) -> None:
    loop = today.loop
    cup, lent = loop.new_cups(2)
    batch = today.passed(cup, lent)
    out_to(loop, lent)
    loop.lend(lent, DANA)
    loop.now = datetime.now(UTC) - timedelta(minutes=1)
    answer = sample(jun, batch, "2000")
    assert "/wash/hygiene/recalls/" in answer.location
    page = jun.open(answer.location).text
    assert "다음 할 일" in page and "값을 다시 적거나" in page
    assert "담당자에게도 올라갔어요" not in page
    for secret in (DANA, "010", "5678"):
        assert secret not in re.sub(r'value="[^"]*"|[0-9a-f-]{36}', "", page) or secret == "010"
    assert told(loop) == 0
    assert "확정 전" in jun.open("/wash/hygiene").text


def test_a_typed_2000_for_200_alarms_nobody(today: Centre, jun: Caller) -> None:
    recall, test, cups, _ = recalled(today)
    assert post(jun, f"{test}/again", id=uuid.uuid4(), value="200").status_code == 302
    assert "값을 잘못 적은 것이었어요" in jun.open(recall).text
    assert today.loop.item(cups[1]).hold is None
    assert told(today.loop) == 0
    assert post(jun, f"{recall}/confirm").status_code == 409


def test_confirmed_people_are_told_and_released_after_a_good_retest(
    today: Centre, jun: Caller
) -> None:
    recall, test, cups, batch = recalled(today)
    assert post(jun, f"{recall}/confirm").status_code == 409  # one value alone
    again = post(jun, f"{test}/again", id=uuid.uuid4(), value="1900")
    assert again.status_code == 302
    page = jun.open(recall).text
    assert "빌렸던 1명에게 알림이 가요" in page
    assert post(jun, f"{recall}/confirm").status_code == 302
    assert told(today.loop) == 1
    assert "알림 1건을 보내요" in jun.open(recall).text
    assert post(jun, f"{recall}/release", reason="x").status_code == 422  # no retest yet
    first = test.rsplit("/", 1)[1]
    form = jun.open(f"/wash/hygiene/new?retest={first}").text
    assert f'name="retest_of" value="{first}"' in form and f"batch:{batch}" in form
    sample(jun, batch, "45", retest_of=first)
    assert "푸는 까닭" in jun.open(recall).text
    empty = post(jun, f"{recall}/release", reason=" ")
    assert empty.status_code == 422 and "이 칸을 채워 주세요" in empty.text
    post(jun, f"{recall}/release", reason="다시 검사해 45 RLU")
    page = jun.open(recall).text
    assert "끝난 회수예요" in page and "다시 검사해 45 RLU" in page
    assert today.loop.item(cups[1]).hold is None


def test_what_is_back_is_washed_again_or_retired(today: Centre, jun: Caller) -> None:
    recall, _, cups, _ = recalled(today)
    loop = today.loop
    [stranger] = loop.new_cups(1)
    loop.now = datetime.now(UTC) - timedelta(minutes=2)
    assert post(jun, f"{recall}/rewash").status_code == 422  # nothing scanned
    post(jun, f"{recall}/rewash", here="1")
    assert loop.item(cups[0]).state is State.DIRTY
    loop.now += MINUTE
    loop.collect(cups[1])
    loop.receive(cups[1])
    codes = f"https://cup.kr/i/{cups[1]}\r\n{stranger}\n12\n"
    post(jun, f"{recall}/retire", codes=codes)
    page = jun.open(recall).text
    assert "1개를 폐기했어요" in page and "이 회수에서 붙잡고 있는 컵이 아니에요" in page
    assert "읽지 못한 번호예요" in page
    assert loop.item(cups[1]).state is State.RETIRED
    assert loop.item(stranger).state is State.DIRTY
    [row] = rows(today, Recall)
    assert row.closed_at is None  # one is with its borrower still


def test_the_live_part_tells_what_has_come_back(today: Centre, jun: Caller) -> None:
    recall, _, cups, _ = recalled(today)
    live = jun.open(f"{recall}/live").text
    assert "<html" not in live and "3개 가운데 1개가 돌아왔어요" in live
    today.loop.now = datetime.now(UTC) - timedelta(minutes=2)
    today.loop.collect(cups[1])
    today.loop.receive(cups[1])
    assert "3개 가운데 2개가 돌아왔어요" in jun.open(f"{recall}/live").text


def test_unconfirmed_for_half_an_hour_it_shows_as_passed_up(today: Centre, jun: Caller) -> None:
    recall, _, _, _ = recalled(today)
    assert "담당자에게도 올라갔어요" in jun.open(recall).text  # opened two hours ago


def test_only_the_centre_sees_it(today: Centre, jun: Caller, app: Flask) -> None:
    recall, test, _, _ = recalled(today)
    with transaction(today.loop.engine) as session:
        haru = device_caller(app, session, today.loop.town, HARU)
        tablet = device_caller(app, session, today.loop.town, WASH)
    for path in ("/wash/hygiene", recall, test, f"{recall}/live", "/wash/hygiene/book"):
        assert haru.open(path).status_code == 403, path
        assert tablet.open(path).status_code == 200, path
    assert post(haru, f"{recall}/confirm").status_code == 403
    assert jun.open("/wash/hygiene/settings").status_code == 403
    for path in (f"/wash/hygiene/recalls/{uuid.uuid4()}", f"/wash/hygiene/tests/{uuid.uuid4()}"):
        assert jun.open(path).status_code == 404
