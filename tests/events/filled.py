"""Events in every stage a page shows: planned, out, to be counted, disputed; a hall, a link."""

import io
import uuid
from dataclasses import dataclass

from PIL import Image

from lending.db import transaction
from lending.events.settings import set_kind
from lending.events.statements.answers import dispute_by_link
from lending.events.values import DisputeIn, EventKind, EventView, ForeignLine
from tests.events.halls import Halls, open_hall
from tests.personas import DAY, Loop
from tests.wares.conftest import Wares, add_counted


@dataclass(frozen=True)
class EventsMade:
    """What has an address of its own."""

    site: str
    planned: str
    out: str
    back: str
    disputed: str
    dispute: str
    secret: str
    waiting: str  # the hall's link to `back`


def fill_events(loop: Loop) -> EventsMade:
    """A hall of today; every kind of page of it has something to show."""
    with transaction(loop.engine) as session:
        bowl, plate = add_counted(session, loop, ["hall-bowl", "hall-plate"])
    halls = open_hall(Wares(loop, bowl, plate))
    for kind, per_100 in (("hall-bowl", 120), ("cup-355", 80)):
        _set(halls, kind, per_100)
    planned = halls.plan(from_at=halls.now + DAY / 2)
    halls.crate(cups=2)
    out, back, disputed = (halls.plan(room_id=halls.rooms[1].id) for _ in range(3))
    halls.out(out, cups=3)
    for event in (back, disputed):
        packed = halls.out(event, cups=3)
        halls.back(packed)
        halls.fetch(packed.crate)
    secret, dispute = _dispute(halls, disputed)
    return EventsMade(
        halls.code, str(planned.id), str(out.id), str(back.id), str(disputed.id), dispute, secret,
        halls.link(back),
    )  # fmt: skip


def _set(halls: Halls, kind: str, per_100: int) -> None:
    halls.write(
        lambda s: set_kind(
            s, kind=kind, event=EventKind.FUNERAL, per_100=per_100, price=1500, crate_pieces=80,
            actor=halls.loop.town.officer, now=halls.now,
        )
    )  # fmt: skip


def _dispute(halls: Halls, event: EventView) -> tuple[str, str]:
    file = io.BytesIO()
    Image.new("RGB", (320, 240), "#8ab").save(file, "JPEG")
    statement = halls.count(event, foreign=(ForeignLine("유리컵", 3),), photos=(file.getvalue(),))
    halls.confirm(statement)
    dispute = uuid.uuid4()
    told = [DisputeIn(dispute, 1, "모두 돌려 드렸어요", 0, file.getvalue())]
    secret = halls.links[event.id]
    halls.write(
        lambda s: dispute_by_link(
            s, secret=secret, version=1, disputes=told, name="실장", now=halls.now
        )
    )
    return secret, str(dispute)
