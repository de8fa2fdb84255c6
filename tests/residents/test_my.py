"""/my: cups out in the district's words, extending, saying returned, pause, history."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from lending.db import transaction
from lending.loop.codes import format_code
from lending.loop.tables import Item, Loan
from tests.callers import Caller
from tests.personas import Loop
from tests.residents.conftest import lend, recently, warn


@pytest.mark.parametrize(
    ("days", "korean", "english"),
    [(4, "3일 남음", "3 days left"), (6, "내일까지", "Due tomorrow"), (7, "오늘까지", "Due today"),
     (8, "1일 지났어요", "1 day past")],
)  # fmt: skip
def test_days_left_in_the_districts_words(
    loop: Loop, minji: Caller, days: int, korean: str, english: str
) -> None:
    cup, _ = lend(loop, days=0)
    set_due_day(loop, 7 - days)
    page = minji.open("/my").text
    assert korean in page
    assert "카페 하루" in page
    assert format_code(cup) in page
    minji.client.set_cookie("lang", "en")
    page = minji.open("/my").text
    assert english in page
    assert "Café Haru" in page


def set_due_day(loop: Loop, days: int) -> None:
    """Makes all loans due at the end of the local day so many days from today."""
    local = datetime.now(ZoneInfo("Asia/Seoul")) + timedelta(days=days)
    due = local.replace(hour=23, minute=59, second=59, microsecond=0)
    with transaction(loop.engine) as session:
        for table in (Item, Loan):
            session.execute(sa.update(table).values(due_at=due))


def test_nothing_out_is_calm(minji: Caller) -> None:
    page = minji.open("/my").text
    assert "지금 빌린 컵이 없어요." in page
    assert "한 번에 5개까지, 지금 5개 더 빌릴 수 있어요." in page


def test_other_peoples_cups_are_not_shown(loop: Loop, dana: Caller) -> None:
    cup, _ = lend(loop, days=1)
    page = dana.open("/my").text
    assert cup not in page and format_code(cup) not in page


def test_extend_once(loop: Loop, minji: Caller) -> None:
    _, loan = lend(loop, days=2)
    due = loop.due(loan)
    assert "7일 더 쓰기" in minji.open("/my").text
    answer = minji.open(f"/my/cups/{loan}/extend", "POST")
    assert answer.location == "/my"
    assert loop.due(loan) == due + timedelta(days=7)
    page = minji.open("/my").text
    assert "연장했어요." in page
    assert "7일 더 쓰기" not in page
    minji.open(f"/my/cups/{loan}/extend", "POST")
    assert "더 연장할 수 없는 컵이에요." in minji.open("/my").text
    assert loop.due(loan) == due + timedelta(days=7)
    loop.check()


def test_a_late_cup_or_anothers_is_not_extended(loop: Loop, minji: Caller, dana: Caller) -> None:
    _, loan = lend(loop, days=9)
    due = loop.due(loan)
    assert "더 쓰기" not in minji.open("/my").text
    minji.open(f"/my/cups/{loan}/extend", "POST")
    dana.open(f"/my/cups/{loan}/extend", "POST")
    assert loop.due(loan) == due
    cup, young = lend(loop, days=1)
    due = loop.due(young)
    assert dana.open(f"/my/cups/{young}/extend", "POST").location == "/my"
    assert "이미 반납된 컵이에요." in dana.open("/my").text
    assert loop.due(young) == due
    loop.give_back(cup)
    minji.open(f"/my/cups/{young}/extend", "POST")
    assert "이미 반납된 컵이에요." in minji.open("/my").text


def test_a_pause_is_said_softly_with_what_ends_it(loop: Loop, minji: Caller) -> None:
    cup, loan = lend(loop, days=13)
    assert "쉬고 있어요" not in minji.open("/my").text  # nobody was told yet
    warn(loop, loan)
    page = minji.open("/my").text
    assert "새로 빌리기는 잠시 쉬고 있어요." in page
    assert "아래 컵을 돌려주면 바로 다시 빌릴 수 있어요." in page
    assert "연체" not in page
    loop.give_back(cup)
    assert "쉬고 있어요" not in minji.open("/my").text


def test_history_comes_newest_first_a_page_at_a_time(loop: Loop, minji: Caller) -> None:
    recently(loop, days=5)
    cups = loop.clean_cups(25)
    for cup in cups:
        loop.lend(cup, ask=False)
        loop.give_back(cup)
    first = minji.open("/my/history").text
    shown = re.findall(r"\d{4}-\d{4}-\d{4}", first)
    grouped = [format_code(cup) for cup in reversed(cups)]
    assert shown == grouped[:20]
    following = re.search(r'href="(/my/history\?after=[^"]+)"', first)
    assert following
    second = minji.open(following[1]).text
    assert re.findall(r"\d{4}-\d{4}-\d{4}", second) == grouped[20:]
    assert minji.open("/my/history?after=x").status_code == 422
