"""Tables of what places ask for, what the officer gives them, and what is packed for it."""

import uuid
from datetime import date, datetime, time
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base
from lending.requests.round_tables import (
    CollectRequest,
    Consignment,
    ConsignmentLine,
    Round,
    Stop,
    WatchHours,
)

__all__ = [
    "Allotment", "BagRoom", "CollectRequest", "Consignment", "ConsignmentLine", "CrateSize", "PackingList", "Round",
    "RoundDriver", "StandingOrder", "Stop", "SupplyLevel", "SupplyOrder", "Vehicle", "WatchHours",
]  # fmt: skip

_STANDS = sa.text("ended_at IS NULL")


class OrderWhy(StrEnum):
    TAP = "tap"  # somebody asked for it
    STANDING = "standing"
    LEVEL = "level"  # the stock fell under its level


class StandingOrder(Base):
    """So many pieces on each of these weekdays, until it is ended; a change is a new one."""

    __tablename__ = "standing_order"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name="weekdays"),
        sa.Index(
            "uq_standing_order_stands",
            "site_id",
            "kind_id",
            unique=True,
            postgresql_where=_STANDS,
            sqlite_where=_STANDS,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"), index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    kind_id: Mapped[int] = mapped_column(sa.ForeignKey("item_kind.id"))
    quantity: Mapped[int] = mapped_column(sa.Integer)
    weekdays: Mapped[int] = mapped_column(sa.SmallInteger)  # bit 0 is Monday
    set_at: Mapped[datetime]
    set_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class SupplyLevel(Base):
    """Where the clean stock of a kind falls under `least`, the place is filled up to `fill_to`."""

    __tablename__ = "supply_level"
    __table_args__ = (sa.CheckConstraint("least > 0 AND fill_to >= least", name="fill_to"),)

    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    kind_id: Mapped[int] = mapped_column(sa.ForeignKey("item_kind.id"), primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"), index=True)
    least: Mapped[int] = mapped_column(sa.Integer)
    fill_to: Mapped[int] = mapped_column(sa.Integer)
    set_at: Mapped[datetime]
    set_by: Mapped[str]


class SupplyOrder(Base):
    """A wish of a place for clean ware; it holds until its day is over or it is withdrawn."""

    __tablename__ = "supply_order"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.Index(None, "district_id", "day"),
        sa.Index(None, "site_id", "day"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    kind_id: Mapped[int] = mapped_column(sa.ForeignKey("item_kind.id"))
    quantity: Mapped[int] = mapped_column(sa.Integer)
    day: Mapped[date] = mapped_column(sa.Date)  # the local day it is wanted on
    why: Mapped[OrderWhy] = mapped_column(by_value(OrderWhy))
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]


class Allotment(Base):
    """What the officer gives a place of a kind on a day, beside what was proposed and on what."""

    __tablename__ = "allotment"
    __table_args__ = (
        sa.CheckConstraint("pieces >= 0", name="pieces"),
        sa.UniqueConstraint("site_id", "kind_id", "day"),
        sa.Index(None, "district_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    kind_id: Mapped[int] = mapped_column(sa.ForeignKey("item_kind.id"))
    day: Mapped[date] = mapped_column(sa.Date)
    forecast: Mapped[float] = mapped_column(sa.Float)
    asked: Mapped[int] = mapped_column(sa.Integer)
    stock: Mapped[int] = mapped_column(sa.Integer)
    on_the_way: Mapped[int] = mapped_column(sa.Integer)
    proposed: Mapped[int] = mapped_column(sa.Integer)
    pieces: Mapped[int] = mapped_column(sa.Integer)
    decided_at: Mapped[datetime]
    decided_by: Mapped[str]


class PackingList(Base):
    """What the centre packs for one place on one day; its lines are the allotments of that day."""

    __tablename__ = "packing_list"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "day"),
        sa.Index(None, "district_id", "day"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    from_site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    day: Mapped[date] = mapped_column(sa.Date)
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    closed_at: Mapped[datetime | None]  # all that is to be packed is packed
    closed_by: Mapped[str | None]


class CrateSize(Base):
    """How many pieces of a kind go into one crate, where it is not the usual number."""

    __tablename__ = "crate_size"
    __table_args__ = (sa.CheckConstraint("pieces > 0", name="pieces"),)

    kind_id: Mapped[int] = mapped_column(sa.ForeignKey("item_kind.id"), primary_key=True)
    pieces: Mapped[int] = mapped_column(sa.Integer)


class Vehicle(Base):
    """A van of the district: how many crates it holds and when it drives (local times)."""

    __tablename__ = "vehicle"
    __table_args__ = (
        sa.CheckConstraint("crates > 0", name="crates"),
        sa.UniqueConstraint("district_id", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    name: Mapped[str]
    crates: Mapped[int] = mapped_column(sa.Integer)
    leaves: Mapped[time]
    back: Mapped[time]
    active: Mapped[bool] = mapped_column(default=True)


class BagRoom(Base):
    """How many bags of used ware need the room of one crate, where a district says another number."""

    __tablename__ = "bag_room"
    __table_args__ = (sa.CheckConstraint("bags > 0", name="bags"),)

    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"), primary_key=True)
    bags: Mapped[int] = mapped_column(sa.Integer)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


class RoundDriver(Base):
    """Who drives a round from `since` on, by the officer's word; the newest row holds, nobody where
    it names none. The earlier ones stay: what their drivers did is still told by them."""

    __tablename__ = "round_driver"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("round.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    since: Mapped[datetime]
    by: Mapped[str]
