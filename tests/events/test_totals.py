"""A statement's totals count ware; the crates it was in are told apart."""

import dataclasses
import re

import pypdfium2
from flask import Flask
from flask.testing import FlaskClient

from lending.events.documents.paper import PaperLine
from tests.events.pages import text_of
from tests.events.papers import make_paper, write_pdf
from tests.events.stated import Counted


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_page_and_the_paper_leave_crates_out_of_the_totals(
    counted: Counted, app: Flask, client: FlaskClient
) -> None:
    halls, event, _, statement = counted
    halls.confirm(statement)
    assert [line.sent for line in statement.crates] == [1]
    address = f"/events/s/{halls.links[event.id]}"
    page = plain(client.get(address).text)
    assert "보낸 그릇 52개 가운데 47개가 온전히 돌아왔어요." in page
    assert "부족 4개 · 파손 1개" in page and "합계 (상자 빼고) 52 47 1 4" in page
    [text] = text_of(client.get(f"{address}/statement.pdf").data)
    text = " ".join(text.split())
    assert "보낸 그릇 52개 가운데 47개가" in text and "합계 (상자 빼고) 52 47 1 4" in text
    assert "보냄 1 · 돌아옴 1" in text


def colour_of_band(pdf: bytes) -> tuple[int, int, int]:
    """Of the band's left end, where nothing is written."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        picture = document[0].render(scale=1).to_pil().convert("RGB")
    finally:
        document.close()
    found: tuple[int, int, int] = picture.getpixel(
        (20 * picture.width // 210, 64 * picture.height // 297)
    )
    return found


def test_the_band_is_green_only_where_crates_came_back_too() -> None:
    whole = dataclasses.replace(make_paper(0), lines=[PaperLine("그릇", 10, 10, 0, 0)])
    crate = PaperLine("상자", 2, 1, 0, 1, is_crate=True)
    lacks = dataclasses.replace(whole, lines=[*whole.lines, crate])
    short = dataclasses.replace(whole, lines=[PaperLine("그릇", 10, 9, 0, 1)])
    green, crates, pieces = (colour_of_band(write_pdf(one)) for one in (whole, lacks, short))
    assert green != crates == pieces


def test_a_crate_that_alone_is_missing_is_said(counted: Counted, client: FlaskClient) -> None:
    halls, *_ = counted
    event = halls.plan()
    packed, lost = halls.out(event, bowl=5), halls.out(event, bowl=5)
    halls.back(packed)
    halls.fetch(packed.crate)
    halls.sweep()
    halls.confirm(halls.count(event, lines={"bowl": (10, 0)}, anyway=True))
    assert lost.crate
    address = f"/events/s/{halls.links[event.id]}"
    page = plain(client.get(address).text)
    assert "상자 부족 1개" in page and "모두 돌아왔어요" not in page
    [text] = text_of(client.get(f"{address}/statement.pdf").data)
    assert "상자 1개 부족" in text and "모두 돌아왔어요" not in text and "보냄 2 · 돌아옴 1" in text


def test_a_paper_of_very_many_kinds_and_crates_stays_one_page() -> None:
    for kinds in (1, 14, 25, 80):
        paper = make_paper(kinds)
        crate = PaperLine("상자", 7, 6, 0, 1, is_crate=True)
        [text] = text_of(write_pdf(dataclasses.replace(paper, lines=[*paper.lines, crate])))
        assert f"{kinds * 100:,}" in text and f"{kinds * 100 + 7:,}" not in text, kinds
