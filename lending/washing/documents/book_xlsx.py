"""The hygiene book of a month as XLSX: a summary by day, the batches, the tests."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import xlsxwriter

from lending.spreadsheets import TEXTS_STAY_TEXTS
from lending.washing.documents.totals import Totals
from lending.washing.documents.words import (
    NO_MACHINE,
    VERDICTS,
    atp_of,
    detergent,
    recall_of,
    verdict_of,
    warmest,
    write_clock,
    write_counts,
    write_moment,
)
from lending.washing.hygiene.book import BatchLine, BookDay, HygieneBook, TestLine

Cell = str | int | float | None

# (title, width in characters)
DAYS = (
    ("날짜", 12), ("배치", 8), ("컵·용기", 10), ("그릇", 10), ("검사한 컵", 10), ("한 번에 통과", 12),
    ("위생 검사", 10), ("부적합", 8), ("결과 기다림", 11),
)  # fmt: skip
BATCHES = (
    ("날짜", 12), ("시작", 8), ("끝", 8), ("세척기", 14), ("프로그램", 16), ("담당", 16),
    ("컵·용기", 10), ("종류별", 30), ("그릇(낱개로 세지 않음)", 26), ("상자", 7), ("최고 온도(°C)", 13),
    ("기준 온도(°C)", 13), ("세제(g/L)", 10), ("검사한 컵", 10), ("통과", 8), ("ATP", 9),
    ("ATP 기준", 9), ("판정", 12), ("회수", 18), ("메모", 30), ("배치 번호", 38),
)  # fmt: skip
TESTS = (
    ("시료를 뜬 때", 17), ("검사", 16), ("무엇을", 22), ("값", 10), ("단위", 8), ("기준", 9),
    ("판정", 12), ("검사 기관", 18), ("결과가 나온 때", 17), ("다음 검사", 12), ("회수", 18),
    ("검사 번호", 38),
)  # fmt: skip
HEAD = 3  # rows above each table: title, place, made at


def write_book_xlsx(
    file: BinaryIO, book: HygieneBook, *, kinds: Mapping[str, str], made_at: datetime
) -> Totals:
    """Writes the book to `file`, row by row: a month of any size takes the memory of a day.

    `kinds`: names of kinds of ware by code. Texts are written as texts, so that none of them is
    ever run as a formula.
    """
    zone = ZoneInfo(book.zone)
    options = {"constant_memory": True} | TEXTS_STAY_TEXTS
    totals = Totals()
    with xlsxwriter.Workbook(file, options) as workbook:
        title = f"위생 대장 {book.year}년 {book.month}월"
        workbook.set_properties({"title": title, "created": made_at.replace(tzinfo=None)})
        parts = (("요약", DAYS), ("배치", BATCHES), ("검사", TESTS))
        made = f"만든 때 {write_moment(made_at, zone)}"
        days, batches, tests = (
            _Sheet(workbook, name, columns, (title, f"{book.site_name} ({book.site})", made))
            for name, columns in parts
        )
        for day in book.days:
            totals.add(day)
            for line in day.batches:
                batches.add(_batch(line, day.day, zone, kinds))
            machines = {line.batch.id: line for line in day.batches}
            for test in totals.tests_of(day):
                tests.add(_test(test, machines.get(test.batch_id) if test.batch_id else None, zone))
            days.add(_day(totals.days[-1].numbers, day))
        days.add(["합계", *totals.sum])
    return totals


class _Sheet:
    """A sheet that is written downwards, its head first."""

    def __init__(
        self,
        workbook: Any,
        name: str,
        columns: Sequence[tuple[str, int]],
        head: Sequence[str],
    ) -> None:
        self.sheet = workbook.add_worksheet(name)
        self.row = HEAD + 1
        self.formats = {
            str: workbook.add_format({"valign": "top"}),
            int: workbook.add_format({"num_format": "#,##0", "valign": "top"}),
            float: workbook.add_format({"valign": "top"}),
        }
        bold = workbook.add_format({"bold": True, "font_size": 14})
        top = workbook.add_format({"bold": True, "bg_color": "#E4EEF8", "bottom": 1})
        for at, (_title, width) in enumerate(columns):
            self.sheet.set_column(at, at, width)
        self.sheet.freeze_panes(HEAD + 1, 1)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)  # A4
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(HEAD)
        for at, text in enumerate(head):
            self.sheet.write_string(at, 0, text, bold if at == 0 else None)
        for at, (text, _width) in enumerate(columns):
            self.sheet.write_string(HEAD, at, text, top)

    def add(self, cells: Sequence[Cell]) -> None:
        """One row; None is left empty."""
        for at, cell in enumerate(cells):
            if isinstance(cell, str):
                self.sheet.write_string(self.row, at, cell, self.formats[str])
            elif cell is not None:
                self.sheet.write_number(self.row, at, cell, self.formats[type(cell)])
        self.row += 1


def _day(numbers: Sequence[int], day: BookDay) -> list[Cell]:
    return [day.day.isoformat(), *numbers]


def _batch(line: BatchLine, day: date, zone: ZoneInfo, kinds: Mapping[str, str]) -> list[Cell]:
    batch, atp = line.batch, atp_of(line)
    is_day = batch.day is not None
    return [
        day.isoformat(),
        "" if is_day else write_clock(batch.started_at, zone),
        "" if is_day else write_clock(batch.ended_at, zone),
        batch.machine or NO_MACHINE,
        batch.programme or "",
        line.operator,
        batch.pieces,
        write_counts(batch.kinds, kinds),
        write_counts(batch.counted, kinds),
        batch.crates,
        warmest(batch),
        batch.min_temperature,
        detergent(batch),
        line.inspected,
        line.passed,
        atp.value if atp else None,
        atp.limit if atp else None,
        VERDICTS[line.verdict],
        recall_of(line.tests),
        batch.note,
        str(batch.id),
    ]


def _test(test: TestLine, line: BatchLine | None, zone: ZoneInfo) -> list[Cell]:
    of = "세척장 전체" if test.machine_id is None else "세척기 자체"
    if line is not None:
        of = f"{line.batch.machine or NO_MACHINE} {write_clock(line.batch.started_at, zone)} 배치"
    return [
        write_moment(test.sampled_at, zone),
        test.name,
        of,
        test.value,
        test.unit,
        test.limit,
        verdict_of(test),
        test.lab,
        write_moment(test.result_at, zone),
        test.next_due.isoformat() if test.next_due else "",
        recall_of([test]),
        str(test.id),
    ]
