"""The statement as a paper: one page that says all."""

import io

import pytest
from flask.testing import FlaskClient

from lending.events.settings import set_kind
from lending.events.values import EventKind
from tests.callers import Caller
from tests.events.halls import Halls
from tests.events.pages import (
    confirmed,
    photo,
    text_of,
)
from tests.events.papers import make_paper, write_pdf

pytestmark = pytest.mark.usefixtures("today")


def test_the_paper_is_one_page_that_says_all(
    halls: Halls, people: dict[str, Caller], client: FlaskClient
) -> None:
    halls.write(
        lambda s: set_kind(
            s, kind="bowl", event=EventKind.FUNERAL, per_100=100, price=1500, crate_pieces=None,
            actor=halls.loop.town.officer, now=halls.now,
        )
    )  # fmt: skip
    event, address = confirmed(
        halls, people, what=["유리컵"], pieces=["3"], photos=(io.BytesIO(photo()), "a.jpg")
    )
    paths = (f"{address}/statement.pdf", f"/events/{event.id}/statement.pdf")
    for caller, path in ((Caller("hall", client), paths[0]), (people["centre"], paths[1])):
        answer = caller.open(path)
        assert answer.mimetype == "application/pdf"
        [text] = text_of(answer.data)
        for words in (
            "회수·부족 확인서", "부족 1개 · 파손 2개", "서해 장례식장", "1호실", "200명", "bowl", "100",
            "97", "1,500", "4,500", "유리컵 3개", "확인을 기다려요", event.id.hex[:8].upper(),
            "보냄 1 · 돌아옴 1",
        ):  # fmt: skip
            assert words in text, words
        assert ("tablet" in text) is (path == paths[1])  # who counted is told to staff alone
        [english] = text_of(caller.open(f"{path}?lang=en").data)
        for words in ("Shortfall statement", "1 missing · 2 broken", "Seohae funeral hall"):
            assert words in english, words


def test_a_paper_of_very_many_kinds_stays_one_page_and_adds_up() -> None:
    for kinds in (1, 9, 14, 25, 80):
        [text] = text_of(write_pdf(make_paper(kinds)))
        assert f"{kinds * 100:,}" in text, kinds
        assert ("그 밖의" in text) == (kinds > 19), kinds
