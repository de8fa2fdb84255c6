"""A caller's “I dropped it” at the desk: taken, shown, counted per place; the evidence in the queue."""

import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from lending.loop.care.drop_sweep import give_up_claims
from lending.loop.dropped import ClaimOutcome, SaidBy
from tests.callers import Caller
from tests.drops import ask_desk, claims, drop, lend_of, reviews
from tests.office.conftest import post, text_of
from tests.personas import DANA, DAY, HARU, MINJI, NABI, Loop


def test_a_callers_word_stops_the_clock(officer: Caller, today_loop: Loop) -> None:
    loop = today_loop
    loop.now -= timedelta(hours=1)
    cup = loop.lent_cup(MINJI)
    path = f"/office/loans/{lend_of(loop, cup)}"
    page = text_of(officer.open(path))
    assert "돌려줬다고 적기" in page and "카페 나비" in page
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Seoul")).date()
    wrong = post(officer, f"{path}/dropped", site=loop.site(NABI), day=today + timedelta(days=2))
    assert wrong.status_code == 422 and "f-day-error" in wrong.text
    assert claims(loop) == []
    answer = post(officer, f"{path}/dropped", site=loop.site(NABI), day=today.isoformat())
    assert answer.location == path
    (claim,) = claims(loop)
    assert (claim.said_by, claim.site_id) == (SaidBy.STAFF, loop.town.sites[NABI])
    page = text_of(officer.open(path))
    assert "기한과 알림을 멈췄어요" in page and "본인이 가지고 있대요" in page
    assert "돌려줬다고 적기" not in page
    assert post(officer, f"{path}/found").location == path
    assert claims(loop)[0].outcome is ClaimOutcome.WITHDRAWN
    assert "본인이 가지고 있었어요" in text_of(officer.open(path))


def test_only_open_loans_of_the_district(officer: Caller, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    lend = lend_of(loop, cup)
    loop.give_back(cup)
    for one in (lend, uuid.uuid4()):
        assert post(officer, f"/office/loans/{one}/found").status_code == 404
    assert claims(loop) == []


def test_the_queue_shows_what_is_known(officer: Caller, loop: Loop) -> None:
    cup, other = loop.lent_cup(MINJI), loop.lent_cup(DANA)
    silent = loop.lent_cup(DANA)
    drop(loop, cup, NABI)
    drop(loop, silent, HARU)
    loop.now += DAY
    loop.give_back(other, by=loop.town.yuna)
    loop.collect(other, NABI)
    ask_desk(loop)
    page = text_of(officer.open("/office/review"))
    assert "말한 곳: 카페 나비" in page
    assert "그 뒤 비운 때" in page and "수거 기사" in page and "찍힌 컵 1개" in page
    assert "그 뒤로 이곳에서 수거한 기록이 없어요." in page
    assert "본인이 앱에서" in page
    assert "돌려준 걸로 기록 (제안)" in page and "기한 다시 세기" in page


def test_what_was_never_found_counts_against_the_place(officer: Caller, today_loop: Loop) -> None:
    loop = today_loop
    loop.now -= 31 * DAY
    for place, cups in ((HARU, 2), (NABI, 1)):
        for _ in range(cups):
            drop(loop, loop.lent_cup(None), place)
    loop.now = datetime.now(UTC)
    loop.write(lambda s: give_up_claims(s, district_id=loop.town.id, keys=loop.keys, now=loop.now))
    page = officer.open(f"/office/sites/{loop.town.sites[HARU]}").text
    assert '<span class="figure-value">2</span><span class="figure-words">끝내 찾지 못하고' in page
    month = text_of(officer.open("/office/month"))
    assert "돌려줬다고 한 컵" in month
    assert "카페 하루 0 0 0 2" in month and "카페 나비 0 0 0 1" in month
    assert reviews(loop) == []
    loop.check()


def test_the_numbers_of_claims_are_terms(officer: Caller, loop: Loop) -> None:
    page = text_of(officer.open("/office/terms"))
    for words in ("확인할 일에 올리기까지 7일", "찾지 못한 채 마치기까지 30일", "더 주는 날 3일"):
        assert words in page
