"""The month's report as CSV and as XLSX."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence

import xlsxwriter

from lending.loop.drop_counts import NUMBERS as CLAIMS
from lending.loop.steps import ROUND
from lending.reports.month import NUMBERS
from lending.reports.report import MonthReport
from lending.spreadsheets import TEXTS_STAY_TEXTS, make_plain

Cell = str | int | float | None
Words = Callable[[str], str]


def sections_of(report: MonthReport) -> Iterator[tuple[str, list[str], list[Sequence[Cell]]]]:
    """(name, columns, rows) of each table of the report, under names for programs."""
    yield (
        "places",
        ["site", "site_name", "kind", *NUMBERS],
        [
            (line.site, line.site_name, line.kind, *(getattr(line, name) for name in NUMBERS))
            for line in report.lines
        ],
    )
    yield (
        "missed_steps",
        ["site", "site_name", *(step.value for step in ROUND), "missed", "expected", "rate"],
        [
            (
                line.site,
                line.site_name,
                *(line.by_step.get(step, 0) for step in ROUND),
                line.missed,
                line.expected,
                _share(line.rate),
            )
            for line in report.missed
        ],
    )
    yield (
        "claims",
        ["site", "site_name", *CLAIMS],
        [
            (line.site, line.site_name, *(getattr(line, name) for name in CLAIMS))
            for line in report.claims
        ],
    )
    yield (
        "return_rates",
        ["measure", "part", "whole", "value"],
        list(_rates(report)),
    )
    yield (
        "uses_per_piece",
        ["uses_from", "uses_to", "pieces"],
        [(bar.first, bar.last, bar.count) for bar in report.uses],
    )


def write_csv(report: MonthReport) -> bytes:
    """All tables below each other, each under its name; with the mark by which spreadsheets know
    UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["month", str(report.month)])
    writer.writerow(["made_at", report.at.isoformat(timespec="seconds")])
    for name, columns, rows in sections_of(report):
        writer.writerow([])
        writer.writerow([name])
        writer.writerow(columns)
        writer.writerows([make_plain(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(report: MonthReport, *, title: str, words: Words) -> bytes:
    """One sheet per table; `words` names sheets and columns in the reader's language."""
    file = io.BytesIO()
    options = {"in_memory": True} | TEXTS_STAY_TEXTS
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"title": title, "created": report.at.replace(tzinfo=None)})
        head = book.add_format({"bold": True, "bg_color": "#EEF2F7", "bottom": 1})
        number = book.add_format({"num_format": "#,##0"})
        share = book.add_format({"num_format": "0.0%"})
        decimal = book.add_format({"num_format": "0.00"})
        for name, columns, rows in sections_of(report):
            sheet = book.add_worksheet(words(name)[:31])
            sheet.write_row(0, 0, [words(column) for column in columns], head)
            sheet.freeze_panes(1, 0)
            for at, row in enumerate(rows, start=1):
                for column, cell in enumerate(row):
                    is_share = isinstance(cell, float) and not str(row[0]).startswith("uses_")
                    form = share if is_share else decimal if isinstance(cell, float) else number
                    named = name == "return_rates" and column == 0
                    text = words(str(cell)) if named else cell
                    sheet.write(at, column, text, None if isinstance(cell, str) else form)
            sheet.set_column(0, len(columns) - 1, 14)
    return file.getvalue()


def _rates(report: MonthReport) -> Iterator[Sequence[Cell]]:
    for within in report.within:
        name = f"returned_within_{within.days}_days"
        yield name, within.back, within.loans, _share(within.rate)
    rates = report.rates
    back, kept = rates.matured - rates.lost_loans, rates.pieces - rates.lost_pieces
    yield "per_loan", back, rates.matured, _share(rates.per_loan)
    yield "per_stock", kept, rates.pieces, _share(rates.per_stock)
    yield "uses_all", None, rates.pieces, _share(rates.uses_all)
    yield "uses_existing", None, None, _share(rates.uses_existing)
    yield "uses_lost", None, rates.lost_pieces, _share(rates.uses_lost)


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
