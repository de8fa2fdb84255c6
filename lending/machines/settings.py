"""What a machine works by: told to it in the answer to a heartbeat, known again by its version."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from functools import lru_cache
from typing import Any

import orjson

from lending.people.envelopes import public_key
from lending.people.keys import Keys
from lending.places.days import EVERY_DAY
from lending.places.tables import SiteKind

KINDS = (SiteKind.MACHINE, SiteKind.BOX)  # places that speak as machines
FULL_AT = 90  # per cent
HOT_AT = 60  # °C [I]
EVERY_SECONDS = 60  # between two heartbeats


@dataclass(frozen=True, slots=True)
class Settings:
    """`accepts`: codes of kinds, None for every kind; `weekdays`: bit 0 is Monday; `opens` and
    `closes`: the district's local time, or neither; `closed_days`: announced ones of the next two
    months ("2026-10-05"), in order."""

    accepts: tuple[str, ...] | None = None
    takes_bottles: bool = False
    weekdays: int = EVERY_DAY
    opens: time | None = None
    closes: time | None = None
    full_at: int = FULL_AT
    hot_at: int = HOT_AT
    closed_days: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """Twelve signs that differ when anything of the settings does."""
        told = orjson.dumps(self.told(), option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(told).hexdigest()[:12]

    def told(self) -> dict[str, Any]:
        """The settings as a machine reads them."""
        return {
            "accepts": self.accepts,
            "bottles": self.takes_bottles,
            "open_weekdays": [day for day in range(7) if self.weekdays >> day & 1],
            "opens": self.opens and f"{self.opens:%H:%M}",
            "closes": self.closes and f"{self.closes:%H:%M}",
            "closed_days": self.closed_days,
            "full_at": self.full_at,
            "hot_at": self.hot_at,
            "heartbeat_seconds": EVERY_SECONDS,
        }


def read_settings(
    *,
    accepts: Sequence[str] | None,
    takes_bottles: bool | None,
    full_at: int | None,
    hot_at: int | None,
    weekdays: int | None,
    opens: time | None,
    closes: time | None,
    closed_days: str | None,
) -> Settings:
    """Settings out of a Machine and an Opening, of which either may be missing (all None), and the
    closed days, with commas between them in any order."""
    return Settings(
        tuple(accepts) if accepts else None,
        bool(takes_bottles),
        EVERY_DAY if weekdays is None else weekdays,
        opens,
        closes,
        full_at or FULL_AT,
        hot_at or HOT_AT,
        tuple(sorted(closed_days.split(","))) if closed_days else (),
    )


@lru_cache(maxsize=4)
def sealing_key(keys: Keys) -> str:
    """What a machine seals persons with before it stores them; deriving it takes a while."""
    return public_key(keys)
