"""What a heartbeat changes of a machine's state; pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lending.machines.settings import Settings
from lending.machines.tables import Event

CHANGES_EVERY = timedelta(minutes=1)  # a loose contact does not fill the table of changes
ROOM_MARGIN = 10  # per cent below "full" from which a machine has room again: no flicker
COOL_MARGIN = 5.0  # °C


@dataclass(frozen=True, slots=True)
class Beat:
    """What a machine tells of itself: per cent, °C (None: it cannot tell), its software's version,
    its words for what is wrong, the version of the settings that it works by ("": none yet)."""

    fullness: int | None = None
    temperature: float | None = None
    software: str = ""
    errors: tuple[str, ...] = ()
    settings: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """What the newest changes of a machine said."""

    full: bool = False
    hot: bool = False
    fault: bool = False
    software: str = ""


@dataclass(frozen=True, slots=True)
class Before:
    """A machine as its last heartbeat left it; `changed_at` of the newest change."""

    full: bool
    hot: bool
    silent: bool
    noted: Noted
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """A machine after a heartbeat, and the changes to be written: (event, detail)."""

    full: bool
    hot: bool
    noted: Noted
    changes: tuple[tuple[Event, str], ...]


def judge_beat(beat: Beat, before: Before | None, settings: Settings, *, now: datetime) -> Judged:
    """The state after a heartbeat. Full and hot end only well below where they began; what a
    sensor does not tell stays as it was. Changes wait until a minute after the last one."""
    was_full, was_hot = (before.full, before.hot) if before else (False, False)
    full = _passes(beat.fullness, settings.full_at, ROOM_MARGIN, was_full)
    hot = _passes(beat.temperature, settings.hot_at, COOL_MARGIN, was_hot)
    as_told = Noted(full, hot, bool(beat.errors), beat.software)
    changes: list[tuple[Event, str]] = []
    if before is None or before.silent:
        changes.append((Event.ONLINE, ""))
    if before is not None and now - before.changed_at < CHANGES_EVERY and not before.silent:
        return Judged(full, hot, before.noted, tuple(changes))
    noted = before.noted if before else Noted(software=beat.software)
    return Judged(full, hot, as_told, (*changes, *_differences(noted, as_told, beat)))


def _passes(value: float | None, limit: float, margin: float, was: bool) -> bool:
    if value is None:
        return was
    return value >= limit or (was and value > limit - margin)


def _differences(noted: Noted, now: Noted, beat: Beat) -> list[tuple[Event, str]]:
    found: list[tuple[Event, str]] = []
    if now.full != noted.full:
        found.append((Event.FULL if now.full else Event.ROOM, ""))
    if now.hot != noted.hot:
        found.append((Event.HOT if now.hot else Event.COOL, ""))
    if now.fault != noted.fault:
        what = (Event.FAULT, "\n".join(beat.errors)) if now.fault else (Event.FAULT_OVER, "")
        found.append(what)
    if now.software != noted.software:
        found.append((Event.SOFTWARE, now.software))
    return found
