"""The rows of an uploaded table, CSV or XLSX, each under the number by which its sender knows it."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lending.places.spreadsheets import (
    MOST_COLUMNS,
    is_old_office_file,
    is_spreadsheet,
    read_sheet,
    trimmed,
)
from lending.places.texts import BadRows, Problem, RowError

Row = tuple[int, dict[str, str]]  # line number and values by column
ENCODINGS = ("utf-8-sig", "cp949")  # the second is what Korean spreadsheets save as CSV


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns a table must and may have, and how many rows it may have at most."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    most_rows: int = 1000
    too_many: Problem = Problem.TOO_MANY_ROWS


def read_rows(file: bytes | str, columns: Columns) -> list[Row]:
    """The rows of a file whose first line names the columns, in any order and case.

    Empty lines and the mark that spreadsheets set before UTF-8 are passed over. BadRows with all
    that is wrong of its form.
    """
    try:
        lines = _lines_of(file)
        _, header = next(lines, (1, []))
        names = [name.lower() for name in header]
        if problems := _check_header(names, columns):
            raise BadRows(problems)
        return _read_body(lines, names, columns)
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadRows([RowError(1, "file", Problem.NOT_A_TABLE)]) from error


def _lines_of(file: bytes | str) -> Iterator[tuple[int, list[str]]]:
    if isinstance(file, bytes):
        if is_spreadsheet(file):
            return read_sheet(file)
        if is_old_office_file(file):
            raise BadRows([RowError(1, "file", Problem.OLD_OR_LOCKED)])
        file = _decode(file)
    if "\0" in file:
        raise BadRows([RowError(1, "file", Problem.NOT_A_TABLE)])
    return _csv_lines(file.removeprefix("\ufeff"))


def _decode(raw: bytes) -> str:
    try:
        return raw.decode(ENCODINGS[0])
    except UnicodeDecodeError:
        return raw.decode(ENCODINGS[1])


def _csv_lines(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    for values in reader:
        yield reader.line_num, trimmed([value.strip() for value in values])


def _check_header(names: Sequence[str], columns: Columns) -> list[RowError]:
    if len(names) > MOST_COLUMNS:  # not one of ours, and each would be told as a fault of its own
        return [RowError(1, "file", Problem.NOT_A_TABLE)]
    known = {*columns.required, *columns.optional}
    problems = [
        RowError(1, name, Problem.COLUMN_MISSING) for name in columns.required if name not in names
    ]
    problems += [
        RowError(1, name or "?", Problem.COLUMN_UNKNOWN) for name in names if name not in known
    ]
    twice = {name for name in names if names.count(name) > 1}
    return problems + [RowError(1, name, Problem.TWICE) for name in sorted(twice & known)]


def _read_body(
    lines: Iterator[tuple[int, list[str]]], names: Sequence[str], columns: Columns
) -> list[Row]:
    rows: list[Row] = []
    problems: list[RowError] = []
    for number, values in lines:
        if not any(values):
            continue
        if len(values) > len(names) and any(values[len(names) :]):
            problems.append(RowError(number, "?", Problem.TOO_MANY_VALUES))
            if len(problems) > columns.most_rows:
                break
            continue
        filled = [*values, *("" for _ in names[len(values) :])]
        rows.append((number, dict(zip(names, filled, strict=False))))
        if len(rows) > columns.most_rows:
            raise BadRows([RowError(number, "file", columns.too_many)])
    if not rows and not problems:
        problems.append(RowError(1, "file", Problem.NO_ROWS))
    if problems:
        raise BadRows(problems)
    return rows
