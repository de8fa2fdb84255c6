"""Tables that people upload: CSV and XLSX read alike, hostile files refused."""

import io
import time
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
import xlsxwriter
from openpyxl import load_workbook

from lending.places import spreadsheets
from lending.places.texts import BadRows, Problem
from lending.places.uploads import Columns, read_rows

COLUMNS = Columns(("code", "name"), ("note",))
SHEET = "xl/worksheets/sheet1.xml"


def xlsx(*rows: tuple[Any, ...]) -> bytes:
    """A workbook whose first sheet holds these rows and whose second one must not be read."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet, other = book.add_worksheet(), book.add_worksheet()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, datetime):
                    form = book.add_format({"num_format": "yyyy-mm-dd"})
                    sheet.write_datetime(number, column, value.replace(tzinfo=None), form)
                else:
                    sheet.write(number, column, value)
        other.write(0, 0, "secret")
    return file.getvalue()


def changed(raw: bytes, part: str, text: bytes) -> bytes:
    """The same file with another part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, text if name == part else old.read(name))
    return out.getvalue()


def problems(file: bytes | str, columns: Columns = COLUMNS) -> list[tuple[int, str, Problem]]:
    with pytest.raises(BadRows) as caught:
        read_rows(file, columns)
    assert caught.value.field == "file"
    return [(one.line, one.field, one.problem) for one in caught.value.errors]


def test_a_spreadsheet_is_read_as_the_same_csv_would_be() -> None:
    day = datetime(2026, 11, 23, tzinfo=UTC)
    sheet = xlsx(
        ("Name", " CODE ", "note"),
        ("컵", 482109375518, day),
        (),
        ("x", "a-1", 2.5),
        ("y", True, None),
    )
    expected = [
        (2, {"name": "컵", "code": "482109375518", "note": "2026-11-23"}),
        (4, {"name": "x", "code": "a-1", "note": "2.5"}),
        (5, {"name": "y", "code": "True", "note": ""}),
    ]
    assert read_rows(sheet, COLUMNS) == expected
    text = "Name, CODE ,note\n컵,482109375518,2026-11-23\n\nx,a-1,2.5\ny,True,\n"
    assert read_rows(text, COLUMNS) == expected
    assert read_rows(text.replace("\n", ",,\n"), COLUMNS) == expected  # touched cells beside it
    assert read_rows(text.encode("cp949"), COLUMNS) == expected
    assert read_rows(text.encode("utf-8-sig"), COLUMNS) == expected


def test_rows_after_a_long_gap_are_not_lost() -> None:
    gap = [()] * 3000
    found = read_rows(xlsx(("code", "name"), *gap, ("a", "b")), COLUMNS)
    assert found == [(3002, {"code": "a", "name": "b"})]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], (1, "code", Problem.COLUMN_MISSING)),
        ([("code",), ("a",)], (1, "name", Problem.COLUMN_MISSING)),
        ([("code", "name", "colour"), ("a", "b", "c")], (1, "colour", Problem.COLUMN_UNKNOWN)),
        ([("code", "name", "code"), ("a", "b", "c")], (1, "code", Problem.TWICE)),
        ([("code", "name"), ("a", "b", "", "d")], (2, "?", Problem.TOO_MANY_VALUES)),
        ([("code", "name")], (1, "file", Problem.NO_ROWS)),
        ([("code", "name"), *[("a", "b")] * 4], (5, "file", Problem.TOO_MANY_PIECES)),
    ],
)
def test_a_table_of_another_form_is_named(rows: Any, expected: tuple[int, str, Problem]) -> None:
    columns = Columns(("code", "name"), ("note",), 3, Problem.TOO_MANY_PIECES)
    assert expected in problems(xlsx(*rows), columns)
    text = "\n".join(",".join(map(str, row)) for row in rows)
    assert expected in problems(text, columns)


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused_unread() -> None:
    good = xlsx(("code", "name"), ("a", "b"))
    bomb = changed(good, SHEET, b" " * (spreadsheets.MOST_UNPACKED + 1))
    assert len(bomb) < 100_000
    assert problems(bomb) == [(1, "file", Problem.TOO_BIG_INSIDE)]
    out = io.BytesIO(good)
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(spreadsheets.MOST_PARTS):
            archive.writestr(f"part{number}", b"")
    assert problems(out.getvalue()) == [(1, "file", Problem.TOO_BIG_INSIDE)]


@pytest.mark.parametrize(
    "declaration",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
@pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml"])
def test_xml_with_entities_is_refused(declaration: bytes, part: str) -> None:
    good = xlsx(("code", "name"), ("a", "b"))
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        text = archive.read(part)
    head, _, body = text.partition(b"?>")
    hostile = changed(good, part, head + b"?>" + declaration + body)
    assert problems(hostile) == [(1, "file", Problem.NOT_A_TABLE)]


def test_a_sheet_that_claims_cells_far_out_costs_nothing() -> None:
    good = xlsx(("code", "name"), ("a", "b"))
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        text = archive.read(SHEET)
    far = text.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"/></row></sheetData>')
    assert read_rows(changed(good, SHEET, far), COLUMNS) == [(2, {"code": "a", "name": "b"})]
    beyond = text.replace(
        b"</sheetData>", b'<row r="99999999"><c r="A99999999"/></row></sheetData>'
    )
    assert problems(changed(good, SHEET, beyond)) == [(1, "file", Problem.NOT_A_TABLE)]


def test_what_is_no_spreadsheet_is_refused() -> None:
    good = xlsx(("code", "name"), ("a", "b"))
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100
    assert problems(old) == [(1, "file", Problem.OLD_OR_LOCKED)]
    assert problems(good[: len(good) // 2]) == [(1, "file", Problem.NOT_A_TABLE)]
    assert problems(b"PK\x03\x04 and no more") == [(1, "file", Problem.NOT_A_TABLE)]
    assert problems(b"\xff\xfe\x00\x81") == [(1, "file", Problem.NOT_A_TABLE)]
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert problems(empty.getvalue()) == [(1, "file", Problem.NOT_A_TABLE)]


def test_the_reader_of_these_tests_agrees() -> None:
    """What xlsxwriter wrote is what openpyxl reads: the tests above rest on it."""
    book = load_workbook(io.BytesIO(xlsx(("code", "name"))))
    assert [cell.value for cell in book.worksheets[0][1]] == ["code", "name"]


def test_a_table_as_wide_as_a_file_may_be_large_costs_nothing() -> None:
    wide = ",".join(f"c{number}" for number in range(200_000)).encode()
    began = time.monotonic()
    assert problems(wide + b"\n1\n") == [(1, "file", Problem.NOT_A_TABLE)]
    assert time.monotonic() - began < 5
    too_many = b"code,name\n" + b"a,b,c,d\n" * 5000
    assert len(problems(too_many)) == COLUMNS.most_rows + 1
