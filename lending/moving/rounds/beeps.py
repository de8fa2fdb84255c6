"""What a scanner tells of a crate on its way, and the answer."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lending.moving.packing.crates import CrateView


class Move(StrEnum):
    """What befalls a crate on its way."""

    LOAD = "load"  # into the van, at the centre
    DELIVER = "deliver"  # set down at its place
    RECEIVE = "receive"  # taken in there
    TAKE = "take"  # from a place into the van
    BRING = "bring"  # out of the van at the centre


@dataclass(frozen=True, slots=True)
class Beep:
    """One scan of a crate on its way. `at`: when, by the corrected clock; `site`: where (a code,
    None for the actor's own or the crate's own way); `to`: where it goes, for a crate that was not
    packed by a list, or one taken outside a round; `ask`: it can still be refused."""

    id: uuid.UUID
    move: Move
    crate: str
    at: datetime
    site: str | None = None
    to: str | None = None
    round_id: uuid.UUID | None = None
    ask: bool = False
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class MoveAnswer:
    """The crate as it stands; `carried`: pieces that moved with it; `again`: known already."""

    crate: CrateView
    carried: int = 0
    again: bool = False
