"""“I dropped it”: on /my, on a cup's page, at a place's own QR; what is shown next; taking it back."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from lending.db import transaction
from lending.loop.care.decisions import Decision
from lending.loop.care.drop_sweep import settle_seen_claims
from lending.loop.codes import format_code
from lending.loop.dropped import ClaimOutcome, SaidBy
from lending.places.tables import Site
from tests.callers import Caller
from tests.drops import ask_desk, claims, reviews, settle
from tests.personas import BOX, HARU, NABI, WASH, Loop
from tests.residents.conftest import lend, local_day, recently, warn


def drop(caller: Caller, loop: Loop, loan: uuid.UUID, site: str = NABI, day: int = 0) -> object:
    form = {"site": loop.site(site), "day": local_day(day)}
    return caller.open(f"/my/cups/{loan}/dropped", "POST", data=form)


def test_said_on_my_the_clock_stops_and_the_next_steps_are_told(loop: Loop, minji: Caller) -> None:
    _, loan = lend(loop, days=13)
    warn(loop, loan)
    assert "쉬고 있어요" in minji.open("/my").text
    assert "카페 나비" in minji.open(f"/my/cups/{loan}/dropped").text
    assert drop(minji, loop, loan, day=-1).location == "/my"
    page = minji.open("/my").text
    for words in (
        "알림과 기한을 멈췄어요", "확인 중", "카페 나비에", "더 하실 일은 없어요",
        "찾았어요, 제가 갖고 있어요", "지금 5개 더 빌릴 수 있어요",
    ):  # fmt: skip
        assert words in page
    assert "쉬고 있어요" not in page  # the pause is lifted
    assert f"{loan}/extend" not in page and f"{loan}/dropped" not in page
    (claim,) = claims(loop)
    assert (claim.lend_id, claim.site_id) == (loan, loop.town.sites[NABI])
    assert (claim.said_by, claim.stops_clock) == (SaidBy.RESIDENT, True)
    assert drop(minji, loop, loan).location == "/my"  # twice is once
    assert len(claims(loop)) == 1
    loop.check()


def test_only_ones_own_open_loan(loop: Loop, minji: Caller, dana: Caller, stranger: Caller) -> None:
    cup, loan = lend(loop, days=2)
    for path in (f"/my/cups/{loan}/dropped", f"/my/cups/{loan}/found"):
        form = {"site": loop.site(NABI), "day": local_day(0)}
        assert stranger.open(path, "POST", data=form).status_code in (302, 401, 403)
    assert drop(dana, loop, loan).status_code == 404
    assert dana.open(f"/my/cups/{loan}/dropped").status_code == 404
    assert dana.open(f"/p/{loop.site(BOX)}/dropped/{loan}", "POST").status_code == 404
    loop.give_back(cup)
    assert drop(minji, loop, loan).status_code == 404
    assert claims(loop) == []


@pytest.mark.parametrize(
    ("site", "day", "field"),
    [("", 0, "site"), ("NOWHERE", 0, "site"), (None, 3, "day"), (None, -40, "day")],
)
def test_it_wants_a_place_and_a_possible_day(
    loop: Loop, minji: Caller, site: str | None, day: int, field: str
) -> None:
    _, loan = lend(loop, days=2)
    form = {"site": loop.site(HARU) if site is None else site, "day": local_day(day)}
    answer = minji.open(f"/my/cups/{loan}/dropped", "POST", data=form)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert claims(loop) == []


def test_elsewhere_is_a_place_too(loop: Loop, minji: Caller) -> None:
    _, loan = lend(loop, days=2)
    form = {"site": "-", "day": local_day(-1)}
    assert minji.open(f"/my/cups/{loan}/dropped", "POST", data=form).location == "/my"
    assert claims(loop)[0].site_id is None
    assert "돌려주셨다고 하셨어요" in minji.open("/my").text


def test_found_after_all_the_clock_goes_on_as_before(loop: Loop, minji: Caller) -> None:
    _, loan = lend(loop, days=13)
    due = loop.due(loan)
    warn(loop, loan)
    drop(minji, loop, loan)
    assert minji.open(f"/my/cups/{loan}/found", "POST").location == "/my"
    page = minji.open("/my").text
    assert "처음 그대로예요" in page and "쉬고 있어요" in page
    assert loop.due(loan) == due
    assert claims(loop)[0].outcome is ClaimOutcome.WITHDRAWN
    assert drop(minji, loop, loan).location == "/my"  # and may be said again
    assert len(claims(loop)) == 2


def test_a_cup_that_was_seen_is_shown_as_found(loop: Loop, minji: Caller, dana: Caller) -> None:
    cup, loan = lend(loop, days=3)
    recently(loop, hours=1)
    drop(minji, loop, loan)
    assert "더 하실 일은 없어요" in minji.open("/my").text
    loop.now = datetime.now(UTC)
    loop.collect(cup, NABI)
    for swept in (False, True):  # at once, and after the worker's round
        if swept:
            loop.write(lambda s: settle_seen_claims(s, district_id=loop.town.id, now=loop.now))
        page = minji.open("/my").text
        assert '<p class="alert-title">찾았어요</p>' in page
        assert format_code(cup) in page
        assert "찾았어요</p>" not in dana.open("/my").text
    other, _ = lend(loop, days=1)
    loop.give_back(other)
    page = minji.open("/my").text
    assert other not in page and format_code(other) not in page  # nothing was said of it


def test_a_cup_that_was_not_found_asks_for_another_look(loop: Loop, minji: Caller) -> None:
    _, loan = lend(loop, days=13)
    drop(minji, loop, loan)
    loop.now = datetime.now(UTC) - timedelta(days=7)
    ask_desk(loop)
    assert reviews(loop) == []  # a week has not passed by the real clock
    loop.now = datetime.now(UTC)
    ask_desk(loop)
    loop.now = datetime.now(UTC)
    settle(loop, reviews(loop)[0].id, Decision.REJECT)
    page = minji.open("/my").text
    assert "말씀하신 곳에서 아직 찾지 못했어요" in page
    assert "3일 남음" in page
    loop.check()


def test_the_third_time_the_desk_looks_and_says_so_softly(loop: Loop, minji: Caller) -> None:
    loans = [lend(loop, days=2)[1] for _ in range(3)]
    for loan in loans:
        drop(minji, loop, loan)
    page = minji.open("/my").text
    assert "이번에는 담당자가 직접 살펴볼게요. 기한은 그대로예요." in page
    assert [claim.stops_clock for claim in claims(loop)] == [True, True, False]
    assert "지금 4개 더 빌릴 수 있어요" in page
    assert [review.scan_id for review in reviews(loop)] == [loans[2]]


def test_said_on_the_cups_own_page(loop: Loop, minji: Caller, dana: Caller) -> None:
    cup, loan = lend(loop, days=2)
    assert f"/my/cups/{loan}/dropped" in minji.open(f"/i/{cup}").text
    assert "dropped" not in dana.open(f"/i/{cup}").text
    drop(minji, loop, loan)
    page = minji.open(f"/i/{cup}").text
    assert "확인하고 있어요" in page and f"/my/cups/{loan}/found" in page


# -- a place's own QR ------------------------------------------------------------------------------


def test_a_place_tells_what_it_is_and_takes_a_word_in_one_tap(
    loop: Loop, minji: Caller, stranger: Caller
) -> None:
    (_, first), (_, second) = lend(loop, days=3), lend(loop, days=2)
    path = f"/p/{loop.site(BOX)}"
    page = stranger.open(path).text
    assert "반납함" in page and "로그인하고 알리기" in page
    assert f"/my/sign-in?next={path}" in page.replace("%2F", "/")
    page = minji.open(path.lower()).text  # however it is written
    taps = re.findall(r'action="(/p/[^"]+/dropped/[0-9a-f-]{36})"', page)
    assert taps == [f"{path}/dropped/{loan}" for loan in (first, second)]
    assert minji.open(taps[0], "POST").location == path
    page = minji.open(path).text
    assert "알림과 기한을 멈췄어요" in page
    assert taps[0] not in page and taps[1] in page
    (claim,) = claims(loop)
    assert (claim.lend_id, claim.site_id) == (first, loop.town.sites[BOX])
    assert claim.dropped_at == claim.said_at


def test_nothing_out_is_calm_at_a_place(loop: Loop, minji: Caller) -> None:
    assert "지금 빌린 컵이 없어요." in minji.open(f"/p/{loop.site(BOX)}").text


@pytest.mark.parametrize("code", ["NOWHERE", "%00", "9" * 300, "반납함", WASH])
def test_a_place_that_takes_no_cups_is_not_found(loop: Loop, stranger: Caller, code: str) -> None:
    answer = stranger.open(f"/p/{loop.site(WASH) if code == WASH else code}")
    assert answer.status_code == 404
    assert "없는 곳이에요" in answer.text and "다른 반납처" in answer.text


def test_a_closed_place_is_not_found(loop: Loop, stranger: Caller) -> None:
    with transaction(loop.engine) as session:
        session.execute(sa.update(Site).where(Site.id == loop.town.sites[BOX]).values(active=False))
    assert stranger.open(f"/p/{loop.site(BOX)}").status_code == 404


def test_saying_it_too_often_is_slowed(loop: Loop, minji: Caller) -> None:
    _, loan = lend(loop, days=2)
    answers = [drop(minji, loop, loan).status_code for _ in range(62)]
    assert answers[0] == 302 and 429 in answers


def test_the_notice_comes_first(loop: Loop, tomas: Caller) -> None:
    path = f"/p/{loop.site(BOX)}"
    assert tomas.open(path).status_code == 200
    answer = tomas.open(f"{path}/dropped/{uuid.uuid4()}", "POST")
    assert answer.location == f"/my/welcome?next={path}".replace("/p/", "%2Fp%2F") or (
        answer.location == f"/my/welcome?next={path}"
    )


def test_the_pages_speak_english(loop: Loop, minji: Caller) -> None:
    _, loan = lend(loop, days=2)
    minji.client.set_cookie("lang", "en")
    assert "I left it here" in minji.open(f"/p/{loop.site(BOX)}").text
    drop(minji, loop, loan)
    assert "Found it, I have it" in minji.open("/my").text
