"""The review page: like cases settled together, decisions carried out and taken back."""

import re

from lending.loop.codes import make_code
from tests.callers import Caller
from tests.drops import ask_desk, drop, reviews
from tests.office.conftest import post, text_of
from tests.personas import MINJI, NABI, Loop


def claim(loop: Loop, *cups: str) -> list[int]:
    for cup in cups:
        drop(loop, cup)
    ask_desk(loop)
    return [review.id for review in reviews(loop)]


def test_an_entry_shows_its_place_age_and_proposal(officer: Caller, loop: Loop) -> None:
    claim(loop, loop.lent_cup(MINJI))
    page = text_of(officer.open("/office/review"))
    assert "이미 돌려줬다고 해요" in page
    assert "카페 하루" in page
    assert "컵 355 mL" in page
    assert "cup-355" not in page
    assert "돌려준 걸로 기록 (제안)" in page
    assert "확인할 일이 없어요" in text_of(officer.open(f"/office/review?site={loop.site(NABI)}"))


def test_only_a_registered_piece_has_a_link(officer: Caller, loop: Loop) -> None:
    """A code that no piece has is shown, but has no page to go to."""
    unknown = make_code()
    loop.give_back(unknown)
    claim(loop, cup := loop.lent_cup(MINJI))
    page = officer.open("/office/review").text
    assert "등록되지 않은 컵이에요" in page and unknown[:4] in page
    linked = re.findall(r'href="(/i/\d+)"', page)
    assert linked == [f"/i/{cup}"]
    assert officer.client.get(linked[0]).status_code == 200


def test_like_cases_are_settled_together_and_taken_back(officer: Caller, loop: Loop) -> None:
    cups = [loop.lent_cup(MINJI) for _ in range(3)]
    entries = claim(loop, *cups)
    assert "이곳의 같은 일 3건을 함께" in officer.open("/office/review").text
    form = {"decision": "return", "together": "1"}
    assert post(officer, f"/office/review/{entries[0]}", **form).status_code == 302
    assert all(loop.item(cup).loan is None for cup in cups)
    loop.check()
    assert "확인할 일이 없어요" in officer.open("/office/review").text
    assert "반납으로 기록" in officer.open("/office/review?settled=1").text
    assert post(officer, f"/office/review/{entries[0]}/reopen").status_code == 302
    assert sum(loop.item(cup).loan is not None for cup in cups) == 1


def test_what_the_subject_does_not_offer_changes_nothing(officer: Caller, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    (entry,) = claim(loop, cup)
    post(officer, f"/office/review/{entry}", decision="void")
    post(officer, f"/office/review/{entry}", decision="nonsense")
    post(officer, "/office/review/999999", decision="return")
    assert officer.open("/office/review").text.count("결정하지 못했어요") == 3
    assert loop.item(cup).loan is not None
    assert post(officer, "/office/review/999999/reopen").status_code == 404
