"""Tables of departments, their bookings, and the staff cards that borrow for them."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.db import Base

_OPEN = sa.text("closed_at IS NULL")


class Department(Base):
    """A department, or another body, that borrows from an office. Nobody of it stands here."""

    __tablename__ = "department"
    __table_args__ = (
        sa.UniqueConstraint("district_id", "name"),
        sa.UniqueConstraint("cards_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))  # the office it borrows from
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    cards_id: Mapped[uuid.UUID]  # the occasion of everything lent by its staff cards
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class Booking(Base):
    """Ware asked for ahead: for which department, what for, from when until when, where.

    Its id is that of the occasion it is lent to. The title names the meeting, never a person.
    """

    __tablename__ = "office_booking"
    __table_args__ = (
        sa.CheckConstraint("until_at > from_at", name="until_at"),
        sa.Index(None, "site_id", "from_at", "id"),
        sa.Index(None, "department_id"),
        sa.Index(
            "ix_office_booking_open",
            "district_id",
            "until_at",
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("department.id"))
    title: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    booked_at: Mapped[datetime]
    booked_by: Mapped[str]  # "staff:12", "device:3"
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]  # over, and nothing of it is out


class BookingLine(Base):
    """How many pieces of a kind a booking asks for."""

    __tablename__ = "office_booking_line"
    __table_args__ = (sa.CheckConstraint("quantity > 0", name="quantity"),)

    booking_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("office_booking.id", ondelete="CASCADE"), primary_key=True
    )
    kind_id: Mapped[int] = mapped_column(sa.ForeignKey("item_kind.id"), primary_key=True)
    quantity: Mapped[int] = mapped_column(sa.Integer)


class StaffCard(Base):
    """A printed card that a department's staff borrow with; whose hand it is in stands nowhere."""

    __tablename__ = "office_card"

    code: Mapped[str] = mapped_column(primary_key=True)  # of people/cards
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("department.id"), index=True)
    given_at: Mapped[datetime]
    given_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
