"""The first sheet of an XLSX file as lines of texts; files made to hurt are refused."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from lending.places.texts import BadRows, Problem, RowError

MOST_UNPACKED = 32_000_000  # bytes; ten thousand rows of ten columns are about 8 MB of XML
MOST_PARTS = 500
MOST_COLUMNS = 100
LAST_ROW = 1_048_576  # of the format


def is_spreadsheet(raw: bytes) -> bool:
    """Whether the file is a ZIP, as every XLSX is."""
    return raw.startswith(b"PK\x03\x04")


def is_old_office_file(raw: bytes) -> bool:
    """Whether it is of the form of .xls, in which an XLSX under a password comes too."""
    return raw.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def read_sheet(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    """(row number, texts without the empty ones at the end) of the first sheet, row by row.

    Numbers lose their `.0`, so that a code typed as a number is its digits. BadRows (file) for what
    cannot be read, for a file that unpacks to more than 32 MB, and for XML with entities.
    """
    # Not with the modules: 0.2 s that only who uploads a spreadsheet has to wait.
    from openpyxl import load_workbook
    from openpyxl.xml import DEFUSEDXML

    if not DEFUSEDXML:
        raise RuntimeError("defusedxml is missing: spreadsheets of others are not read without")
    _check_unpacked(raw)
    # What others' files hold can fail in openpyxl with nearly any exception.
    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size may be wrong
        rows = sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)
        for number, values in enumerate(rows, start=1):
            if number > LAST_ROW:
                raise ValueError("a sheet without an end")
            yield number, trimmed([_text(value) for value in values])
    except Exception as error:
        raise _refusal(Problem.NOT_A_TABLE) from error


def _check_unpacked(raw: bytes) -> None:
    """zipfile never unpacks more of a part than its directory says, so the directory decides."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _refusal(Problem.NOT_A_TABLE) from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise _refusal(Problem.TOO_BIG_INSIDE)
    if any(part.flag_bits & 1 for part in parts):
        raise _refusal(Problem.OLD_OR_LOCKED)


def _refusal(problem: Problem) -> BadRows:
    return BadRows([RowError(1, "file", problem)])


def trimmed(texts: list[str]) -> list[str]:
    """Without the empty ones at the end, which spreadsheets write wherever a cell was touched."""
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()
