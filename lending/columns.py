"""How a choice is stored: the words of a StrEnum as text that the database checks."""

from enum import StrEnum

import sqlalchemy as sa


def by_value(enum: type[StrEnum], *, length: int = 24) -> sa.Enum:
    """The column type of a StrEnum: its values, not its names, in at most `length` letters."""
    return sa.Enum(
        enum, native_enum=False, length=length, values_callable=lambda e: [m.value for m in e]
    )
