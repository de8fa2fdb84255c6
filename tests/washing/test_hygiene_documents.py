"""A batch's certificate and the month's book, read back from the files that people get."""

import io
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pypdfium2
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from lending.db import transaction
from lending.loop.tables import ItemKind, WashBatch
from lending.people.tables import Role
from lending.washing.batches.lifecycle import note_stage
from lending.washing.batches.machines import ProgrammeIn, add_programme
from lending.washing.batches.tables import Measure, Stage
from tests.callers import Caller, staff_caller
from tests.personas import MINUTE
from tests.washing.centre import Centre

FORMULA = '=HYPERLINK("http://x.kr";"x")'


@pytest.fixture
def today(centre: Centre) -> Centre:
    centre.loop.now = datetime.now(UTC) - timedelta(hours=3)
    return centre


@pytest.fixture
def jun(today: Centre, app: Flask) -> Caller:
    with transaction(today.loop.engine) as session:
        return staff_caller(app, session, today.loop.town, Role.WASH)


def text_of(pdf: bytes) -> list[str]:
    """The text of each page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


def month(centre: Centre) -> str:
    return centre.loop.now.astimezone().strftime("%Y-%m")


def a_batch(centre: Centre, value: float | None = 45.5, *, note: str = "") -> uuid.UUID:
    """A batch with its programme, stages, readings, pieces passed, and a sample."""
    loop = centre.loop
    cups = loop.new_cups(3)
    name = f"표준 {uuid.uuid4().hex[:4]}"
    programme = ProgrammeIn(name, ["pre_wash", "wash", "rinse"], "80", "2.5")
    made = centre.write(add_programme, programme, actor=loop.town.officer)
    batch = centre.begin("1호", programme_id=made.id, note=note)
    for stage in (Stage.PRE_WASH, Stage.WASH):
        centre.write(note_stage, batch_id=batch, stage=stage, at=loop.now, actor=centre.jun)
    centre.read(batch, "82.5", Measure.TEMPERATURE)
    centre.read(batch, "3", Measure.DETERGENT)
    loop.now += MINUTE
    centre.put(batch, *cups)
    centre.finish(batch)
    for cup in cups[:2]:
        loop.pass_(cup)
    loop.rewash(cups[2])
    test = centre.sample(batch)
    if value is not None:
        centre.result(test, value)
    return batch


def get(caller: Caller, path: str) -> bytes:
    answer = caller.open(path)
    assert answer.status_code == 200, path
    return bytes(answer.data)


def test_a_certificate_says_all_of_its_batch_on_one_page(today: Centre, jun: Caller) -> None:
    batch = a_batch(today)
    [text] = text_of(get(jun, f"/wash/hygiene/certificates/{batch}.pdf"))
    for words in (
        "세척·위생 확인서", "적합", "1호", "표준", "애벌", "헹굼", "82.5 °C", "80 °C 이상", "3 g/L",
        "ATP", "45.5 RLU", "200 RLU 이하", "2 / 3개", "3개", batch.hex[:8].upper(),
        f"/certificate/{batch}",
    ):  # fmt: skip
        assert words in text, words


@pytest.mark.parametrize(
    ("value", "verdict"), [(2000, "부적합"), (None, "결과 기다림"), (200, "적합")]
)
def test_a_certificate_tells_the_verdict_as_it_is(
    today: Centre, jun: Caller, value: float | None, verdict: str
) -> None:
    [text] = text_of(get(jun, f"/wash/hygiene/certificates/{a_batch(today, value)}.pdf"))
    assert verdict in text
    assert ("회수 중" in text) == (value == 2000)


def test_a_batch_that_runs_or_is_not_there_has_none(today: Centre, jun: Caller) -> None:
    running = today.begin("1호")
    assert jun.open(f"/wash/hygiene/certificates/{running}.pdf").status_code == 409
    assert jun.open(f"/wash/hygiene/certificates/{uuid.uuid4()}.pdf").status_code == 404


def test_whoever_scans_the_certificate_sees_the_same_values_and_no_person(
    today: Centre, jun: Caller, client: FlaskClient
) -> None:
    batch = a_batch(today)
    page = client.get(f"/certificate/{batch}")
    assert page.status_code == 200
    for words in ("적합해요", "45.5 RLU", "82.5 °C", "2 / 3", batch.hex[:8].upper()):
        assert words in page.text
    assert "staff-wash" not in page.text and "login" not in page.text
    failed = a_batch(today, None)
    test = today.sample(failed)
    recall = today.result(test, 2000).recall_id
    assert recall is not None
    unsaid = client.get(f"/certificate/{failed}").text
    assert "결과를 기다리고 있어요" in unsaid and "2,000" not in unsaid  # typed wrong, maybe
    today.loop.now += MINUTE
    today.again(test, 1900)
    assert "1,900" not in client.get(f"/certificate/{failed}").text
    today.confirm(recall)
    said = client.get(f"/certificate/{failed}").text
    assert "위생 검사를 다시 하고 있어요" in said and "1,900 RLU" in said
    assert client.get(f"/certificate/{uuid.uuid4()}").status_code == 404


def sheets(data: bytes) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_the_book_has_every_batch_and_test_of_the_month(today: Centre, jun: Caller) -> None:
    batches = [a_batch(today), a_batch(today, 2000)]
    today.result(today.sample(kind="water"), 20)
    book = sheets(get(jun, f"/wash/hygiene/book.xlsx?month={month(today)}"))
    assert list(book) == ["요약", "배치", "검사"]
    head, *lines = book["배치"][3:]
    found = [dict(zip(head, line, strict=True)) for line in lines]
    assert [one["배치 번호"] for one in found] == [str(one) for one in batches]
    first = found[0]
    assert (first["최고 온도(°C)"], first["세제(g/L)"], first["ATP"]) == (82.5, 3, 45.5)
    assert (first["컵·용기"], first["검사한 컵"], first["통과"], first["판정"]) == (3, 3, 2, "적합")
    assert (found[1]["판정"], found[1]["회수"]) == ("부적합", "회수 중")
    assert len(book["검사"]) == 4 + 3
    assert book["요약"][-1][:2] == ("합계", 2)
    pages = text_of(get(jun, f"/wash/hygiene/book.pdf?month={month(today)}"))
    whole = "\n".join(pages)
    for words in ("위생 대장", "45.5 RLU", "2,000 RLU", "부적합", "수질", "한 달 합계", "배치 2개"):
        assert words in whole, words


def test_a_text_never_becomes_a_formula(today: Centre, jun: Caller) -> None:
    a_batch(today, note=FORMULA)
    with transaction(today.loop.engine) as session:
        session.execute(sa.update(ItemKind).values(name=FORMULA))
    data = get(jun, f"/wash/hygiene/book.xlsx?month={month(today)}")
    cells = [
        cell
        for sheet in openpyxl.load_workbook(io.BytesIO(data))
        for row in sheet.iter_rows()
        for cell in row
    ]
    held = [cell for cell in cells if FORMULA in str(cell.value)]
    assert len(held) == 2
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert all(cell.hyperlink is None for cell in cells)


def test_the_page_of_the_book_shows_days_and_leads_to_certificates(
    today: Centre, jun: Caller
) -> None:
    batch = a_batch(today)
    page = jun.open("/wash/hygiene/book").text
    assert f"/wash/hygiene/certificates/{batch}.pdf" in page
    assert "배치 1개" in page and "book.xlsx?month=" in page
    empty = jun.open("/wash/hygiene/book?month=2020-02").text
    assert "이 달에는 적힌 것이 없어요" in empty and "book.xlsx" not in empty
    for wrong in ("2026-13", "x", "2026-1", "9999-01", "2026-11-01"):
        assert jun.open(f"/wash/hygiene/book?month={wrong}").status_code == 422
    assert jun.open("/wash/hygiene/book.exe").status_code == 404
    assert "이 달에는 적힌 것이 없어요" in "".join(
        text_of(get(jun, "/wash/hygiene/book.pdf?month=2020-02"))
    )


@pytest.fixture
def full_month(today: Centre) -> int:
    """620 batches of an earlier month, without pieces."""
    site, began = today.site(), datetime(2026, 1, 1, 0, 0, tzinfo=UTC)
    rows = [
        {
            "id": uuid.uuid4(), "district_id": site.district_id, "site_id": site.id,
            "implicit": False, "started_at": began + timedelta(hours=24 * day, minutes=40 * n),
            "ended_at": began + timedelta(hours=24 * day, minutes=40 * n + 30),
            "recorded_at": began, "begun_by": "system:0", "awaits_result": False,
        }
        for day in range(31)
        for n in range(20)
    ]  # fmt: skip
    with transaction(today.loop.engine) as session:
        session.execute(sa.insert(WashBatch), rows)
    return len(rows)


def test_a_full_month_is_written_in_a_bounded_number_of_statements(
    full_month: int, jun: Caller
) -> None:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    sa.event.listen(sa.engine.Engine, "before_cursor_execute", note)
    try:
        data = get(jun, "/wash/hygiene/book.xlsx?month=2026-01")
    finally:
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", note)
    book = sheets(data)
    assert len(book["배치"]) >= 4 + full_month - 20  # the first day began in Seoul's morning
    assert len(seen) < 31 * 15 + 30  # by day, never by batch
    pages = text_of(get(jun, "/wash/hygiene/book.pdf?month=2026-01"))
    assert len(pages) >= 20
    assert all("위생 대장 2026년 1월" in page for page in pages)
