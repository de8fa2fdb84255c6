"""Checks of what people type as a name or a code, and what can be wrong in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lending.errors import Code, LendingError

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
    A_CONTACT = "a_contact"  # a telephone number or an e-mail address where nobody's belongs
    NOT_BLANK = "not_blank"
    NOT_AN_ADDRESS = "not_an_address"  # of a callback: https, a public host, port 443 or 8443
    NOT_A_CODE = "not_a_code"
    BAD_CHECK_DIGIT = "bad_check_digit"
    ALREADY_A_PIECE = "already_a_piece"
    OTHER_KIND = "other_kind"  # the label was printed for another kind
    COUNTED_KIND = "counted_kind"
    UNKNOWN_SORT = "unknown_sort"  # not tracked, counted or crate
    HAS_PIECES = "has_pieces"
    PART_KIND = "part_kind"  # only a tracked kind has a part, and only a counted kind is one
    # a file as a whole
    NOT_A_TABLE = "not_a_table"
    OLD_OR_LOCKED = "old_or_locked"  # .xls, or a spreadsheet under a password
    TOO_BIG_INSIDE = "too_big_inside"  # small as sent, huge once unpacked
    COLUMN_MISSING = "column_missing"
    COLUMN_UNKNOWN = "column_unknown"
    TOO_MANY_VALUES = "too_many_values"
    TOO_MANY_ROWS = "too_many_rows"  # more than 1,000
    TOO_MANY_PIECES = "too_many_pieces"  # more than 10,000
    NO_ROWS = "no_rows"


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in one line of a file (the header is line 1); `field` names the column."""

    line: int
    field: str
    problem: Problem
    value: str = ""  # what stands there, where that helps to find it


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
