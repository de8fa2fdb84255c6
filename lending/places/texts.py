"""Checks of what people type as a name or a code, and the rows of a CSV file."""

import csv
import io
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lending.errors import Code, LendingError

MOST_ROWS = 1000
_CODE = re.compile(r"[A-Z][A-Z0-9-]{1,19}")


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in one line of a file (the header is line 1); `field` names the column."""

    line: int
    field: str
    detail: str


class BadRows(LendingError):
    """A file of which nothing was taken over, with everything that is wrong in it."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        first = errors[0]
        detail = f"line {first.line}, {first.field}: {first.detail}"
        super().__init__(Code.INVALID, field="file", detail=detail)
        self.errors = tuple(errors)


def read_text(text: str, field: str, *, longest: int = 100, empty: bool = False) -> str:
    """`text` without blanks around it; INVALID when empty, too long or with control characters."""
    text = text.strip()
    if not text and not empty:
        raise LendingError(Code.INVALID, field=field, detail="empty")
    if len(text) > longest:
        raise LendingError(Code.INVALID, field=field, detail=f"longer than {longest}")
    # Control characters and halves of a surrogate pair: PostgreSQL cannot store all of them.
    if any(
        ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 or 0xD800 <= ord(sign) < 0xE000 for sign in text
    ):
        raise LendingError(Code.INVALID, field=field, detail="control character")
    return text


def read_site_code(text: str) -> str:
    """A site's code: 2 to 20 capitals, digits and hyphens, a letter first; else INVALID."""
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        detail = "2 to 20 letters, digits and hyphens, a letter first"
        raise LendingError(Code.INVALID, field="code", detail=detail)
    return code


def read_csv(
    text: str, *, required: Collection[str], optional: Collection[str] = ()
) -> list[tuple[int, dict[str, str]]]:
    """Line number and values of each row of a CSV file with a header; BadRows when it has no such
    form. A byte order mark (spreadsheets write one) and empty lines are passed over."""
    if "\0" in text:
        raise BadRows([RowError(1, "file", "not a text file")])
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    header = [name.strip().lower() for name in reader.fieldnames or ()]
    problems = [RowError(1, name, "column missing") for name in required if name not in header]
    known = {*required, *optional}
    problems += [RowError(1, name or "?", "unknown column") for name in header if name not in known]
    if problems:
        raise BadRows(problems)
    reader.fieldnames = header
    rows = []
    try:
        for row in reader:
            if None in row:
                problems.append(RowError(reader.line_num, "?", "more values than columns"))
                continue
            values = {name: (value or "").strip() for name, value in row.items()}
            if any(values.values()):
                rows.append((reader.line_num, values))
            if len(rows) > MOST_ROWS:
                raise BadRows([RowError(reader.line_num, "file", f"more than {MOST_ROWS} rows")])
    except csv.Error as error:
        raise BadRows([RowError(reader.line_num, "file", str(error))]) from error
    if not rows and not problems:
        problems.append(RowError(1, "file", "no rows"))
    if problems:
        raise BadRows(problems)
    return rows
