"""The district office of a town: its departments, bookings and cards, for the tests."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lending.db import reading
from lending.offices.bookings import book, cancel_booking, change_booking
from lending.offices.cards import give_card
from lending.offices.departments import add_department
from lending.offices.handing import bring_back, hand_out, take_back_unused
from lending.offices.month import month_of_departments
from lending.offices.reading import load_booking
from lending.offices.values import BookingIn, BookingView, Handed, HandIn, MonthLine
from lending.offices.worker import sweep_district
from lending.people.actors import Actor
from lending.people.cards import print_cards
from lending.places.spans import Month
from tests.personas import OFFICE, Loop

SEOUL = ZoneInfo("Asia/Seoul")
HOUR = timedelta(hours=1)


def local(month: int, day: int, hour: int = 9) -> datetime:
    """A moment of 2026 in Seoul."""
    return datetime(2026, month, day, hour, tzinfo=SEOUL).astimezone(UTC)


@dataclass
class Office:
    """The office with Hana, who works there, and two departments."""

    loop: Loop
    hana: Actor
    general: int  # 총무과
    culture: int  # 문화과

    @property
    def site(self) -> str:
        return self.loop.site(OFFICE)

    def book(self, department: int | None = None, **more: Any) -> uuid.UUID:
        """A booking for tomorrow, of two cups unless told otherwise."""
        booking: BookingView = self.loop.write(
            partial(book, new=self.wish(department, **more), actor=self.hana, now=self.loop.now)
        )
        return booking.id

    def wish(
        self,
        department: int | None = None,
        *,
        id: uuid.UUID | None = None,
        begins: datetime | None = None,
        ends: datetime | None = None,
        wanted: Mapping[str, int] | None = None,
        title: str = "주간 회의",
        place: str = "3층 회의실",
    ) -> BookingIn:
        begins = begins or self.loop.now + timedelta(days=1)
        return BookingIn(
            id or uuid.uuid4(), department or self.general, title, begins,
            ends or begins + 3 * HOUR, place, wanted or {"cup-355": 2},
        )  # fmt: skip

    def change(self, wish: BookingIn) -> BookingView:
        do = partial(change_booking, new=wish, actor=self.hana, now=self.loop.now)
        booking: BookingView = self.loop.write(do)
        return booking

    def cancel(self, booking: uuid.UUID) -> BookingView:
        do = partial(cancel_booking, booking_id=booking, actor=self.hana, now=self.loop.now)
        done: BookingView = self.loop.write(do)
        return done

    def look(self, booking: uuid.UUID) -> BookingView:
        with reading(self.loop.engine) as session:
            return load_booking(session, booking_id=booking, actor=self.hana, now=self.loop.now)

    def hand(self, code: str, booking: uuid.UUID | None = None, **more: Any) -> Handed:
        """Hana scans a piece, crate or bag out."""
        hand = HandIn(
            more.pop("id", None) or uuid.uuid4(),
            code,
            more.pop("at", self.loop.now),
            booking,
            **more,
        )
        handed: Handed = self.loop.write(self._by(hand_out, hand=hand))
        self.loop.now += timedelta(minutes=1)
        return handed

    def back(self, code: str, *, id: uuid.UUID | None = None, at: datetime | None = None) -> Handed:
        handed: Handed = self.loop.write(
            self._by(
                bring_back, id=id or uuid.uuid4(), code=code, at=at or self.loop.now, site=None
            )
        )
        self.loop.now += timedelta(minutes=1)
        return handed

    def unused(self, booking: uuid.UUID, lend: uuid.UUID, id: uuid.UUID | None = None) -> None:
        self.loop.write(
            self._by(take_back_unused, id=id or uuid.uuid4(), lend_id=lend, booking_id=booking)
        )
        self.loop.now += timedelta(minutes=1)

    def _by(self, do: Any, **more: Any) -> Any:
        return partial(do, actor=self.hana, keys=self.loop.keys, now=self.loop.now, **more)

    def new_card(self, department: int | None = None) -> str:
        """A staff card, printed and given to a department."""
        officer, now = self.loop.town.officer, self.loop.now

        def give(session: Session) -> str:
            (code,) = print_cards(session, district_id=self.loop.town.id, count=1, now=now)
            give_card(
                session, department_id=department or self.general, card=code, actor=officer, now=now
            )
            return code

        code: str = self.loop.write(give)
        return code

    def month(self, number: int = 3) -> dict[tuple[str, str], MonthLine]:
        with reading(self.loop.engine) as session:
            lines = month_of_departments(
                session, month=Month(2026, number), zone=SEOUL, actor=self.hana, now=self.loop.now
            )
        return {(line.department, line.kind): line for line in lines}

    def sweep(self) -> Mapping[str, int]:
        done: Mapping[str, int] = self.loop.write(
            partial(sweep_district, district_id=self.loop.town.id, now=self.loop.now)
        )
        return done


def open_office(loop: Loop) -> Office:
    """The office with two departments."""
    hana = replace(loop.town.mina, site_id=loop.town.sites[OFFICE])
    ids = [
        loop.write(
            partial(
                add_department, site=loop.site(OFFICE), name=name, name_en=english,
                actor=loop.town.officer, now=loop.now,
            )
        ).id
        for name, english in (("총무과", "General affairs"), ("문화과", "Culture"))
    ]  # fmt: skip
    return Office(loop, hana, *ids)
