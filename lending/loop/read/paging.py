"""Pages of lists: cut by the sort key of the last row shown, never by counting rows from the top."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from lending.errors import Code, LendingError

T = TypeVar("T")
KeyPart = str | int | float | None  # what a cursor can carry, as it came from outside
Key = tuple[Any, ...]

DEFAULT_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `next` is the sort key of its last row, None on the last page."""

    items: list[T]
    next: Key | None = None


def read_key(after: Sequence[KeyPart] | None, *kinds: type) -> Key | None:
    """The sort key in a cursor, one part per kind (datetime, UUID, int or str); INVALID if not."""
    if after is None:
        return None
    if len(after) != len(kinds):
        raise LendingError(Code.INVALID, field="cursor")
    try:
        return tuple(_READERS[kind](part) for kind, part in zip(kinds, after, strict=True))
    except (ValueError, OverflowError) as error:
        raise LendingError(Code.INVALID, field="cursor") from error


def beyond(
    columns: Sequence[Any], key: Key | None, *, falling: bool = False
) -> sa.ColumnElement[bool]:
    """The rows behind a key in the order of these columns; all rows when there is no key."""
    if key is None:
        return sa.true()
    shown = sa.tuple_(*columns)
    last = sa.tuple_(
        *(sa.literal(part, column.type) for part, column in zip(key, columns, strict=True))
    )
    return shown < last if falling else shown > last


def cut(
    rows: Sequence[Any], limit: int, view: Callable[[Any], T], key: Callable[[Any], Key]
) -> Page[T]:
    """A page out of up to `limit` + 1 rows: one row more than shown tells that there is a next."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page([view(row) for row in shown], key(shown[-1]) if more else None)


def _read_moment(part: KeyPart) -> datetime:
    moment = datetime.fromisoformat(_read_text(part))
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment.astimezone(UTC)


def _read_text(part: KeyPart) -> str:
    if not isinstance(part, str) or "\x00" in part:
        raise ValueError("not a text")
    return part


def _read_number(part: KeyPart) -> int:
    if not isinstance(part, int) or not -(2**63) <= part < 2**63:
        raise ValueError("not a number")
    return part


_READERS: dict[type, Callable[[KeyPart], Any]] = {
    datetime: _read_moment,
    uuid.UUID: lambda part: uuid.UUID(_read_text(part)),
    int: _read_number,
    str: _read_text,
}
