"""What goes into the services of events and what comes out."""

from lending.events.values.handed import (
    BackIn,
    EventCrateView,
    HallBoard,
    HandOutIn,
    RoomState,
)
from lending.events.values.kinds import (
    Answer,
    BackHow,
    DisputeDecision,
    EventKind,
    Stage,
    StatementWhy,
)
from lending.events.values.planned import (
    GUESTS,
    EventIn,
    EventView,
    KindSetting,
    PackIn,
    ProposedLine,
    RoomView,
    StoredCrate,
    Times,
)
from lending.events.values.stated import (
    CountedLine,
    CountIn,
    DisputeIn,
    DisputeView,
    ForeignLine,
    LineView,
    StatementView,
    ToCount,
)

__all__ = [
    "GUESTS",
    "Answer",
    "BackHow",
    "BackIn",
    "CountIn",
    "CountedLine",
    "DisputeDecision",
    "DisputeIn",
    "DisputeView",
    "EventCrateView",
    "EventIn",
    "EventKind",
    "EventView",
    "ForeignLine",
    "HallBoard",
    "HandOutIn",
    "KindSetting",
    "LineView",
    "PackIn",
    "ProposedLine",
    "RoomState",
    "RoomView",
    "Stage",
    "StatementView",
    "StatementWhy",
    "StoredCrate",
    "Times",
    "ToCount",
]
