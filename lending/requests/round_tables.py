"""Tables of what is on the move: requests for collection, crates sent, rounds and their stops.

They lie below the capabilities: places ask, the round drives, alerts watch over what stays out.
"""

import uuid
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base
from lending.loop.steps import State
from lending.requests.pickups.tables import Pickup

_OPEN_REQUEST = sa.text("done_at IS NULL AND withdrawn_at IS NULL")
_ON_ITS_WAY = sa.text("received_at IS NULL AND dissolved_at IS NULL")
OPEN_FOR = timedelta(days=2)  # a round nobody ended stands in the driver's list so long


class CollectWhy(StrEnum):
    """Why a place wants to be collected from."""

    FULL = "full"  # the box or basket is full
    SURPLUS = "surplus"  # more clean ware than needed
    OTHER = "other"


class Way(StrEnum):
    """Where a crate goes: out with clean ware, or back to the centre."""

    OUT = "out"
    BACK = "back"


# The state a crate is in as long as it is on its way; any other: it was seen since.
UNDERWAY = {Way.OUT: State.SHIPPED, Way.BACK: State.COLLECTED}


class StopOutcome(StrEnum):
    DONE = "done"
    NOBODY = "nobody"  # nobody was there; what it asked for stays asked


class CollectRequest(Base):
    """A place asks for collection; one open request at a time for each reason."""

    __tablename__ = "collect_request"
    __table_args__ = (
        sa.CheckConstraint("crates >= 0", name="crates"),
        sa.Index(
            "uq_collect_request_open",
            "site_id",
            "why",
            unique=True,
            postgresql_where=_OPEN_REQUEST,
            sqlite_where=_OPEN_REQUEST,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"), index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    why: Mapped[CollectWhy] = mapped_column(by_value(CollectWhy))
    crates: Mapped[int] = mapped_column(sa.Integer, default=0)  # 0: not said
    note: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]  # "staff:12" or "device:3"
    round_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("round.id"))
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]


class Round(Base):
    """One van's way from the centre to its stops and back."""

    __tablename__ = "round"
    __table_args__ = (
        sa.CheckConstraint("crates > 0", name="crates"),
        sa.Index(None, "district_id", "day"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))  # where it begins and ends
    day: Mapped[date] = mapped_column(sa.Date)
    van: Mapped[str]
    crates: Mapped[int] = mapped_column(sa.Integer)  # the van holds
    leaves_at: Mapped[datetime]
    back_at: Mapped[datetime]
    metres: Mapped[int] = mapped_column(sa.Integer)
    planned_at: Mapped[datetime]
    planned_by: Mapped[str]
    begun_at: Mapped[datetime | None]
    begun_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class Stop(Base):
    """A place the round calls at, with what is to be left and taken, and how it went.

    One for a pick-up (`pickup_id`) calls where the asker said; `site_id` is then where it was lent,
    and nothing of that place's own is done there.
    """

    __tablename__ = "stop"
    __table_args__ = (sa.UniqueConstraint("round_id", "position"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    round_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("round.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"), index=True)
    pickup_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Pickup.id), index=True)
    position: Mapped[int] = mapped_column(sa.Integer)  # from 1
    planned_for: Mapped[datetime]
    leave: Mapped[int] = mapped_column(sa.Integer)  # crates
    take: Mapped[int] = mapped_column(sa.Integer)
    outcome: Mapped[StopOutcome | None] = mapped_column(by_value(StopOutcome))
    note: Mapped[str] = mapped_column(default="")
    told_id: Mapped[uuid.UUID | None]  # what told it: the photo is kept about this id
    told_at: Mapped[datetime | None]  # when it was so, by the driver's corrected clock
    told_by: Mapped[str | None]
    recorded_at: Mapped[datetime | None]


class Consignment(Base):
    """A crate on its way between the centre and a place; a crate is on one way at a time."""

    __tablename__ = "consignment"
    __table_args__ = (
        sa.CheckConstraint("from_site_id != to_site_id", name="way"),
        sa.Index(
            "uq_consignment_underway",
            "crate_id",
            unique=True,
            postgresql_where=_ON_ITS_WAY,
            sqlite_where=_ON_ITS_WAY,
        ),
        sa.Index(
            "ix_consignment_district_underway",
            "district_id",
            postgresql_where=_ON_ITS_WAY,
            sqlite_where=_ON_ITS_WAY,
        ),
        sa.Index(None, "round_id"),
        sa.Index(None, "crate_id", "opened_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # of what was first packed, or took it
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    crate_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"))
    way: Mapped[Way] = mapped_column(by_value(Way))
    from_site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    to_site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    packing_id: Mapped[uuid.UUID | None] = mapped_column(index=True)  # its packing list
    round_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("round.id"))
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    sealed_at: Mapped[datetime | None]
    sealed_by: Mapped[str | None]
    loaded_at: Mapped[datetime | None]
    loaded_by: Mapped[str | None]
    delivered_at: Mapped[datetime | None]  # set down there, not yet taken in
    delivered_by: Mapped[str | None]
    received_at: Mapped[datetime | None]
    received_by: Mapped[str | None]
    dissolved_at: Mapped[datetime | None]  # given up before it was loaded
    dissolved_by: Mapped[str | None]


class ConsignmentLine(Base):
    """What was in a crate when it was sealed or taken, by kind."""

    __tablename__ = "consignment_line"
    __table_args__ = (sa.CheckConstraint("pieces > 0", name="pieces"),)

    consignment_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("consignment.id"), primary_key=True
    )
    kind_id: Mapped[int] = mapped_column(sa.ForeignKey("item_kind.id"), primary_key=True)
    pieces: Mapped[int] = mapped_column(sa.Integer)


class Emptying(Base):
    """A box was emptied without its bag being scanned: all that lay in it went along."""

    __tablename__ = "emptying"
    __table_args__ = (sa.Index(None, "site_id", "at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # of the telling: sent again, it is one
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    at: Mapped[datetime]  # when it was so, by the corrected clock
    pieces: Mapped[int] = mapped_column(sa.Integer)  # known ones it collected
    recorded_at: Mapped[datetime]
    by: Mapped[str]


class WatchHours(Base):
    """After how many hours an alert is raised, where a district wants another number than ours."""

    __tablename__ = "watch_hours"

    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"), primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)  # a kind of alert
    hours: Mapped[int] = mapped_column(sa.Integer)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


def to_come(today: date) -> sa.ColumnElement[bool]:
    """SQL over Round: still to be driven, or under way. One that nobody ended is over after two days:
    what was to go with it waits for another."""
    return sa.and_(Round.ended_at.is_(None), Round.day >= today - OPEN_FOR)


def waits_for_round(round_id: Any, today: date) -> sa.ColumnElement[bool]:
    """SQL: nothing is on a round that is still to come (`round_id`: the column that says so)."""
    over = sa.select(Round.id).where(~to_come(today))
    return sa.or_(round_id.is_(None), round_id.in_(over))
