"""Tables of districts, sites, opening days and the limits a district sets."""

import secrets
from datetime import date, datetime, time
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base

EVERY_DAY = 0b1111111


class SiteKind(StrEnum):
    CAFE = "cafe"
    WASH_CENTRE = "wash_centre"
    OFFICE = "office"
    SHOP = "shop"
    HALL = "hall"
    BOX = "box"
    MACHINE = "machine"


class District(Base):
    """A tenant: it may be renamed, split or merged; every row carries it."""

    __tablename__ = "district"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    timezone: Mapped[str] = mapped_column(default="Asia/Seoul")
    helpdesk: Mapped[str] = mapped_column(default="")  # the number on every notice
    is_demo: Mapped[bool] = mapped_column(default=False)
    # A random number by which a process knows again what it remembers of this very district.
    memory_key: Mapped[int] = mapped_column(default=lambda: secrets.randbits(62))
    created_at: Mapped[datetime]


class Site(Base):
    """A place where pieces stand: café, washing centre, office, shop, hall, box or machine."""

    __tablename__ = "site"
    __table_args__ = (sa.Index(None, "district_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    code: Mapped[str] = mapped_column(unique=True)  # in URLs and on the command line
    kind: Mapped[SiteKind] = mapped_column(by_value(SiteKind, length=11))
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    clean_low: Mapped[int] = mapped_column(default=10)  # fewer clean pieces than this: an alert
    capacity: Mapped[int] = mapped_column(default=0, server_default="0")  # 0: not counted
    # At a washing centre: only what a finished wash batch has washed becomes clean by a pass.
    batch_required: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    latitude: Mapped[float | None]  # degrees, WGS 84; both or neither
    longitude: Mapped[float | None]
    created_at: Mapped[datetime]


class Opening(Base):
    """The weekdays a site is open, as versions: the one in force at a lend sets the due day."""

    __tablename__ = "opening"
    __table_args__ = (sa.UniqueConstraint("site_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    valid_from: Mapped[datetime]
    weekdays: Mapped[int] = mapped_column(sa.SmallInteger, default=EVERY_DAY)  # bit 0 is Monday
    opens: Mapped[time | None]
    closes: Mapped[time | None]


class Closure(Base):
    """One day on which a site is closed; it counts for lends while it stands announced."""

    __tablename__ = "closure"
    __table_args__ = (sa.UniqueConstraint("site_id", "day", "announced_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    day: Mapped[date]
    announced_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]  # never deleted: earlier lends were due by it
