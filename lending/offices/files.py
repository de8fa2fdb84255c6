"""The departments' month as CSV and as XLSX."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import xlsxwriter

from lending.offices.values import MonthLine
from lending.places.spans import Month
from lending.spreadsheets import TEXTS_STAY_TEXTS, make_plain

COLUMNS = (
    "department", "kind", "pieces", "uses", "by_card", "returned", "missing", "out",
)  # fmt: skip
Words = Callable[[str], str]


def write_csv(lines: Sequence[MonthLine], *, month: Month, at: datetime) -> bytes:
    """One line per department and kind, under names for programs; with the mark by which
    spreadsheets know UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["month", str(month)])
    writer.writerow(["made_at", at.isoformat(timespec="seconds")])
    writer.writerow([])
    writer.writerow(COLUMNS)
    writer.writerows([make_plain(cell) for cell in row] for row in _rows(lines))
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(
    lines: Sequence[MonthLine], *, month: Month, at: datetime, title: str, words: Words
) -> bytes:
    """One sheet; `words` names the columns in the reader's language."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True} | TEXTS_STAY_TEXTS) as book:
        book.set_properties({"title": title, "created": at.replace(tzinfo=None)})
        head = book.add_format({"bold": True, "bg_color": "#EEF2F7", "bottom": 1})
        number = book.add_format({"num_format": "#,##0"})
        sheet = book.add_worksheet(str(month))
        sheet.write_row(0, 0, [words(column) for column in COLUMNS], head)
        sheet.freeze_panes(1, 0)
        for line, row in enumerate(_rows(lines), start=1):
            for column, cell in enumerate(row):
                sheet.write(line, column, cell, None if isinstance(cell, str) else number)
        sheet.set_column(0, 1, 22)
        sheet.set_column(2, len(COLUMNS) - 1, 12)
    return file.getvalue()


def _rows(lines: Sequence[MonthLine]) -> Iterator[Sequence[str | int]]:
    for one in lines:
        yield (
            one.department, one.kind_name, one.pieces, one.uses, one.by_card, one.returned,
            one.missing, one.out,
        )  # fmt: skip
