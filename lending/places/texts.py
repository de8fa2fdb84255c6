"""Checks of what people type as a name or a code, and the rows of a CSV file."""

import csv
import io
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lending.errors import Code, LendingError

MOST_ROWS = 1000
_CODE = re.compile(r"[A-Z][A-Z0-9-]{1,19}")


class Problem(StrEnum):
    """What is wrong with something typed; the `detail` of an error, put into words by the pages."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    CONTROL_CHARACTER = "control_character"
    BAD_SITE_CODE = "bad_site_code"  # 2 to 20 letters, digits and hyphens, a letter first
    BAD_KIND_CODE = "bad_kind_code"  # 2 to 30 small letters, digits and hyphens, a letter first
    BAD_LOGIN = "bad_login"  # 2 to 60 small letters, digits and . _ @ -
    EASY_TO_GUESS = "easy_to_guess"
    IN_USE = "in_use"
    TWICE = "twice"  # the same in an earlier line of the file
    NO_SUCH_SITE = "no_such_site"
    SITE_NEEDED = "site_needed"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_ROLE = "unknown_role"
    UNKNOWN_LANGUAGE = "unknown_language"
    UNKNOWN_ZONE = "unknown_zone"
    OUT_OF_RANGE = "out_of_range"
    IN_THE_PAST = "in_the_past"
    IN_THE_FUTURE = "in_the_future"
    BEFORE_START = "before_start"
    NUMBER_ONLY = "number_only"  # a reading is typed without its unit
    BOTH_OR_NONE = "both_or_none"
    LAST_OFFICER = "last_officer"
    NOBODYS = "nobodys"
    NOT_BLANK = "not_blank"
    # a file as a whole
    NOT_A_TABLE = "not_a_table"
    COLUMN_MISSING = "column_missing"
    COLUMN_UNKNOWN = "column_unknown"
    TOO_MANY_VALUES = "too_many_values"
    TOO_MANY_ROWS = "too_many_rows"
    NO_ROWS = "no_rows"


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in one line of a file (the header is line 1); `field` names the column."""

    line: int
    field: str
    problem: Problem


class BadRows(LendingError):
    """A file of which nothing was taken over, with everything that is wrong in it."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        first = errors[0]
        detail = f"line {first.line}, {first.field}: {first.problem}"
        super().__init__(Code.INVALID, field="file", detail=detail)
        self.errors = tuple(errors)


def read_text(text: str, field: str, *, longest: int = 100, empty: bool = False) -> str:
    """`text` without blanks around it; INVALID when empty, too long or with control characters."""
    text = text.strip()
    if not text and not empty:
        raise LendingError(Code.INVALID, field=field, detail=Problem.EMPTY)
    if len(text) > longest:
        raise LendingError(Code.INVALID, field=field, detail=Problem.TOO_LONG)
    # Control characters and halves of a surrogate pair: PostgreSQL cannot store all of them.
    if any(
        ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 or 0xD800 <= ord(sign) < 0xE000 for sign in text
    ):
        raise LendingError(Code.INVALID, field=field, detail=Problem.CONTROL_CHARACTER)
    return text


def is_site_code(text: str) -> bool:
    """Whether the text has the form of a site's code."""
    return _CODE.fullmatch(text) is not None


def read_site_code(text: str) -> str:
    """A site's code: 2 to 20 capitals, digits and hyphens, a letter first; else INVALID."""
    code = text.strip().upper()
    if not is_site_code(code):
        raise LendingError(Code.INVALID, field="code", detail=Problem.BAD_SITE_CODE)
    return code


def read_csv(
    text: str, *, required: Collection[str], optional: Collection[str] = ()
) -> list[tuple[int, dict[str, str]]]:
    """Line number and values of each row of a CSV file with a header; BadRows when it has no such
    form. A byte order mark (spreadsheets write one) and empty lines are passed over."""
    if "\0" in text:
        raise BadRows([RowError(1, "file", Problem.NOT_A_TABLE)])
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    header = [name.strip().lower() for name in reader.fieldnames or ()]
    problems = [
        RowError(1, name, Problem.COLUMN_MISSING) for name in required if name not in header
    ]
    known = {*required, *optional}
    problems += [
        RowError(1, name or "?", Problem.COLUMN_UNKNOWN) for name in header if name not in known
    ]
    if problems:
        raise BadRows(problems)
    reader.fieldnames = header
    rows = []
    try:
        for row in reader:
            if None in row:
                problems.append(RowError(reader.line_num, "?", Problem.TOO_MANY_VALUES))
                continue
            values = {name: (value or "").strip() for name, value in row.items()}
            if any(values.values()):
                rows.append((reader.line_num, values))
            if len(rows) > MOST_ROWS:
                raise BadRows([RowError(reader.line_num, "file", Problem.TOO_MANY_ROWS)])
    except csv.Error as error:
        raise BadRows([RowError(reader.line_num, "file", Problem.NOT_A_TABLE)]) from error
    if not rows and not problems:
        problems.append(RowError(1, "file", Problem.NO_ROWS))
    if problems:
        raise BadRows(problems)
    return rows
