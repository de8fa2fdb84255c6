"""Table of occasions: what a loan is for where it is for no resident by itself."""

import uuid
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base


class OccasionKind(StrEnum):
    ORDER = "order"  # a delivery
    BOOKING = "booking"  # a department, a meeting, a staff card
    EVENT = "event"  # a funeral or another event


class Occasion(Base):
    """An order, a booking or an event that pieces are lent to. It never holds a person.

    Its id is that of the order, booking or event itself, which has a table of its own.
    """

    __tablename__ = "occasion"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))  # the lending place
    kind: Mapped[OccasionKind] = mapped_column(by_value(OccasionKind))
    ends_on: Mapped[date | None]  # local day; what is lent to it is due the day after
    opened_at: Mapped[datetime]
