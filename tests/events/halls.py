"""A funeral hall in the town: its rooms, its manager, crates of bowls, plates and cups."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from lending.db import run_transaction
from lending.events.counting.count import count_event
from lending.events.crates.bringing import bring_back
from lending.events.crates.handing import hand_out
from lending.events.planning import plan_event
from lending.events.reading import load_event, stage_of
from lending.events.rooms import add_room
from lending.events.statements.reading import confirm_statement, hall_link, load_statement
from lending.events.values import (
    BackIn,
    CountedLine,
    CountIn,
    EventCrateView,
    EventIn,
    EventKind,
    EventView,
    HandOutIn,
    PackIn,
    RoomView,
    Stage,
    StatementView,
)
from lending.events.verify import verify_events
from lending.events.worker import sweep_district
from lending.loop.verify import verify
from lending.people.actors import Actor, ActorKind
from lending.people.tables import Role
from lending.places.tables import Site, SiteKind
from lending.wares.verify import verify_counts
from tests.events.stores import HALL, HallStore
from tests.personas import DAY, WASH
from tests.wares.conftest import Wares

MANAGER = "실장"  # signs for crates by role


@dataclass
class Halls(HallStore):
    """Hae-in's hall with its events."""

    # -- what people do -----------------------------------------------------------------------

    def event_in(self, **more: Any) -> EventIn:
        begins = more.pop("from_at", self.now)
        values = {
            "id": uuid.uuid4(), "site": self.code, "kind": EventKind.FUNERAL, "from_at": begins,
            "until_at": begins + 2 * DAY, "room_id": self.rooms[0].id, "guests": 200,
        } | more  # fmt: skip
        return EventIn(**values)

    def plan(self, **more: Any) -> EventView:
        event = self.event_in(**more)
        return self.write(
            lambda s: plan_event(
                s, event, actor=self.loop.town.officer, keys=self.loop.keys, now=self.now
            )
        )

    def hand_in(self, event: EventView, packed: PackIn, **more: Any) -> HandOutIn:
        return HandOutIn(
            **{"id": uuid.uuid4(), "event_id": event.id, "crate": packed.crate, "signed": MANAGER,
               "at": self.now, "seal": packed.seal} | more
        )  # fmt: skip

    def hand(
        self, event: EventView, packed: PackIn, *, by: Actor | None = None, **more: Any
    ) -> EventCrateView:
        told = self.hand_in(event, packed, **more)
        view: EventCrateView = self.write(
            lambda s: hand_out(s, told, actor=by or self.haein, keys=self.loop.keys, now=self.now)
        )
        self.loop.now += DAY / 1440
        return view

    def out(self, event: EventView, cups: int = 0, **counted: int) -> PackIn:
        """A packed crate that has just been handed out."""
        packed = self.crate(event, cups, **counted)
        self.hand(event, packed)
        return packed

    def back(
        self, packed: PackIn, *, sealed: bool = False, by: Actor | None = None, **more: Any
    ) -> EventCrateView:
        told = BackIn(
            **{"id": uuid.uuid4(), "crate": packed.crate, "signed": MANAGER, "at": self.now,
               "sealed": sealed, "seal": packed.seal if sealed else None} | more
        )  # fmt: skip
        view: EventCrateView = self.write(
            lambda s: bring_back(s, told, actor=by or self.haein, keys=self.loop.keys, now=self.now)
        )
        self.loop.now += DAY / 1440
        return view

    def count(self, event: EventView, *, by: Actor | None = None, **more: Any) -> StatementView:
        """The centre's count; `lines` as {kind: (found, broken)}."""
        lines = tuple(
            CountedLine(kind, *numbers) for kind, numbers in more.pop("lines", {}).items()
        )
        values = {
            "id": uuid.uuid4(), "event_id": event.id, "lines": lines, "at": self.now,
            "site": self.loop.site(WASH),
        } | more  # fmt: skip
        count = CountIn(**values)
        view: StatementView = self.write(
            lambda s: count_event(
                s, count, actor=by or self.loop.town.jun, keys=self.loop.keys, now=self.now
            )
        )
        self.loop.now += DAY / 1440
        return view

    def confirm(self, statement: StatementView) -> StatementView:
        """The centre says that the statement is right; the hall has its link."""
        view: StatementView = self.write(
            lambda s: confirm_statement(
                s, statement_id=statement.id, actor=self.loop.town.jun, now=self.now
            )
        )
        self.link(statement.event)
        return view

    def link(self, event: EventView) -> str:
        secret: str = self.write(
            lambda s: hall_link(
                s, event_id=event.id, actor=self.loop.town.officer, keys=self.loop.keys
            )
        )
        self.links[event.id] = secret
        return secret

    def sweep(self) -> Any:
        """The worker's round."""
        district = self.loop.town.id
        return self.write(lambda s: sweep_district(s, district_id=district, now=self.now))

    # -- what is stored -----------------------------------------------------------------------

    def stage(self, event: EventView) -> Stage:
        return Stage(self.read(lambda s: stage_of(s, event_id=event.id)))

    def event(self, event: EventView, **more: Any) -> EventView:
        view: EventView = self.read(
            lambda s: load_event(
                s, event_id=event.id, actor=self.loop.town.officer, now=self.now, **more
            )
        )
        return view

    def latest(self, event: EventView) -> StatementView:
        """The latest version of an event's statement."""
        view: StatementView = self.read(
            lambda s: load_statement(
                s, event_id=event.id, actor=self.loop.town.officer, now=self.now
            )
        )
        return view

    def check(self) -> None:
        """`lending verify` finds nothing, in the log, in the ledger and of the events."""
        self.loop.check()
        assert list(verify(self.loop.engine)) == []
        assert self.read(lambda s: [*verify_counts(s), *verify_events(s)]) == []


def open_hall(wares: Wares, code: str = HALL) -> Halls:
    """The hall with two rooms and its manager."""
    loop = wares.loop
    with_prefix = loop.town.prefix + code

    def build(session: Session) -> tuple[int, list[RoomView]]:
        site = Site(
            district_id=loop.town.id, code=with_prefix, kind=SiteKind.HALL, name="서해 장례식장",
            name_en="Seohae funeral hall", created_at=loop.now - 500 * DAY,
        )  # fmt: skip
        session.add(site)
        session.flush()
        officer = loop.town.officer
        rooms = [
            add_room(session, site=with_prefix, name=name, actor=officer, now=loop.now)
            for name in ("1호실", "2호실")
        ]
        return site.id, rooms

    hall, rooms = run_transaction(loop.engine, build)
    loop.town.sites[code] = hall
    manager = Actor(ActorKind.DEVICE, Role.CAFE, loop.town.id, hall)
    return Halls(wares, hall, manager, rooms)


__all__ = ["HALL", "MANAGER", "Halls", "open_hall"]
