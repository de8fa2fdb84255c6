"""What events go through, in words that are stored."""

from enum import StrEnum


class EventKind(StrEnum):
    FUNERAL = "funeral"
    EVENT = "event"


class Stage(StrEnum):
    """How far an event is; worked out from what was recorded, never set."""

    PLANNED = "planned"
    PACKED = "packed"  # crates are packed for it
    OUT = "out"  # crates are at the event
    BACK = "back"  # all its crates are back, or seen elsewhere; the count is awaited
    COUNTED = "counted"  # the statement is not agreed yet
    SETTLED = "settled"
    CANCELLED = "cancelled"


class BackHow(StrEnum):
    """How a crate's time at an event ended."""

    SEALED = "sealed"  # unopened: clean, as if it had never been out
    OPENED = "opened"
    SEEN = "seen"  # nobody said so: it was scanned elsewhere since
    UNDONE = "undone"  # the hand-out was a mistake


class StatementWhy(StrEnum):
    COUNT = "count"
    RECOUNT = "recount"
    DECISION = "decision"  # what the hall disputed was decided
    FOUND = "found"  # pieces with a code came in after the count


class Answer(StrEnum):
    """What the hall says of a statement."""

    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    ACCEPTED = "accepted"  # its time went by without a word


class DisputeDecision(StrEnum):
    UPHELD = "upheld"  # the line stands as it is
    CORRECTED = "corrected"
