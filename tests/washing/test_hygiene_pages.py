"""The pages of hygiene over HTTP: a sample and its value, limits, bad input."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from lending.washing.hygiene.tables import HygieneTest, TestKind
from tests.callers import Caller
from tests.washing.centre import Centre
from tests.washing.hygiene_desk import jun as jun
from tests.washing.hygiene_desk import officer as officer
from tests.washing.hygiene_desk import post, rows, sample
from tests.washing.hygiene_desk import today as today


def test_a_sample_and_its_value_are_one_form(today: Centre, jun: Caller) -> None:
    batch = today.washed(*today.loop.new_cups(2), machine="A")
    form = jun.open(f"/wash/hygiene/new?batch={batch}").text
    assert f'value="batch:{batch}" selected' in form
    answer = sample(jun, batch, "45.5")
    page = jun.open(answer.location).text
    assert "45.5 RLU" in page and "합격" in page and "staff-wash" in page
    listed = jun.open("/wash/hygiene").text
    assert "45.5 RLU" in listed and "아직 한 적이 없어요" in listed


def test_the_form_sent_twice_is_one_test(today: Centre, jun: Caller) -> None:
    batch = today.washed(*today.loop.new_cups(1))
    id = str(uuid.uuid4())
    first, second = (sample(jun, batch, "45", id=id) for _ in range(2))
    assert first.location == second.location
    assert len(rows(today, HygieneTest)) == 1


@pytest.mark.parametrize("value", ["45 RLU", "마흔", "-1", "1_000", "1,5", "nan", "1e9"])
def test_a_value_that_is_no_number_says_what_to_type_and_does_nothing(
    today: Centre, jun: Caller, value: str
) -> None:
    batch = today.washed(*today.loop.new_cups(1))
    answer = sample(jun, batch, value)
    assert answer.status_code == 422
    assert re.search("숫자만 써 주세요|범위를 벗어났어요", answer.text)
    assert f'value="{value}"' in answer.text  # as typed, to be put right
    assert rows(today, HygieneTest) == []
    assert today.look(batch).awaits_result is False


def test_bad_forms_are_refused_whole(today: Centre, jun: Caller) -> None:
    batch = today.washed(*today.loop.new_cups(1))
    later = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    for wrong in (
        {"kind": "moon"}, {"subject": "batch:x"}, {"subject": f"batch:{uuid.uuid4()}"},
        {"subject": "machine:99"}, {"subject": "machine:99999999999"}, {"sampled_at": later},
        {"sampled_at": "0001-01-01T00:00"}, {"note": "a\x00b"}, {"id": "x"},
        {"scope": "moon"}, {"retest_of": str(uuid.uuid4())},
    ):  # fmt: skip
        assert sample(jun, batch, "45", **wrong).status_code in (404, 422), wrong
    assert rows(today, HygieneTest) == []


def test_a_sample_within_the_minute_its_batch_began_is_taken(today: Centre, jun: Caller) -> None:
    today.loop.now = datetime.now(UTC) - timedelta(seconds=5)
    batch = today.begin()
    local = datetime.now(UTC) + timedelta(hours=9)  # Seoul
    assert sample(jun, batch, "", sampled_at=local.strftime("%Y-%m-%dT%H:%M")).status_code == 302


def test_lab_results_come_later_and_tell_when_they_are_due_again(
    today: Centre, jun: Caller
) -> None:
    answer = sample(jun, None, kind="e-coli", lab="인천보건환경연구원")
    page = jun.open(answer.location).text
    assert "결과를 기다리고 있어요" in page and "인천보건환경연구원" in page
    assert post(jun, f"{answer.location}/result", id=uuid.uuid4(), value="0").status_code == 302
    [test] = rows(today, HygieneTest)
    assert test.passed and test.next_due is not None
    assert f"{test.next_due.year}년" in jun.open("/wash/hygiene").text
    other = post(jun, f"{answer.location}/result", id=uuid.uuid4(), value="9")
    assert other.status_code == 422  # it has one: that is entered again instead


def test_an_officer_sets_limits_and_the_plan(today: Centre, officer: Caller) -> None:
    kind = "/wash/hygiene/settings/kinds/atp"
    values = {"name": "ATP", "name_en": "ATP", "unit": "RLU", "months": "1", "active": "1"}
    wrong = post(officer, kind, **values, limit="20 RLU")
    assert wrong.status_code == 422 and "숫자만 써 주세요" in wrong.text
    assert post(officer, kind, **values, limit="20").status_code == 302
    [atp] = [one for one in rows(today, TestKind) if one.code == "atp"]
    assert (atp.limit, atp.months) == (20, 1)
    plan = {"sample_every": "5", "escalate_minutes": "10"}
    assert post(officer, "/wash/hygiene/settings", **plan).status_code == 302
    page = officer.open("/wash/hygiene/settings").text
    assert 'value="5"' in page and 'value="10"' in page and "20 RLU" in page
    for bad in ({"sample_every": "-1"}, {"escalate_minutes": "2000"}, {"sample_every": "x"}):
        assert post(officer, "/wash/hygiene/settings", **plan | bad).status_code == 422
    new = {"code": "coliform", "name": "대장균군", "limit": "1", "unit": "CFU", "months": "0"}
    assert post(officer, "/wash/hygiene/settings/kinds", **new).status_code == 302
    assert post(officer, "/wash/hygiene/settings/kinds", **new).status_code == 422  # in use
    assert officer.open("/wash/hygiene/settings/kinds/moon").status_code == 404
