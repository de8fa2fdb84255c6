"""Which reminder of a loan is the latest due at a moment; pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from lending.loop.terms import Terms
from lending.notices.tables import NoticeKind

# In the order they fall due.
STAGES = (
    NoticeKind.DUE_TOMORROW,
    NoticeKind.DUE_TODAY,
    NoticeKind.LATE_FIRST,
    NoticeKind.LATE_SECOND,
    NoticeKind.FINAL,
)


def begins_on(kind: NoticeKind, terms: Terms) -> int:
    """The local day, counted from the due day, on which a reminder falls due."""
    return {
        NoticeKind.DUE_TOMORROW: -terms.remind_before_days,
        NoticeKind.DUE_TODAY: 0,
        NoticeKind.LATE_FIRST: terms.late_first_days,
        NoticeKind.LATE_SECOND: terms.late_second_days,
        NoticeKind.FINAL: terms.final_days,
    }[kind]


def days_late(due_at: datetime, now: datetime, zone: ZoneInfo) -> int:
    """Local days since the due day: 0 on the day itself, -1 the day before."""
    return (now.astimezone(zone).date() - due_at.astimezone(zone).date()).days


def stages_due(
    due_at: datetime, terms: Terms, *, now: datetime, zone: ZoneInfo
) -> tuple[NoticeKind, ...]:
    """Every reminder that has fallen due by now, the latest last; empty before the first."""
    late = days_late(due_at, now, zone)
    return tuple(kind for kind in STAGES if begins_on(kind, terms) <= late)
