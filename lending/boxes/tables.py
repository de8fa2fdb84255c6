"""The table of who showed a member QR beside a return; the scan itself never holds a person."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.db import Base


class ReturnCredit(Base):
    """Whose points a return will count for; goes with the resident, and by itself with time."""

    __tablename__ = "return_credit"
    __table_args__ = (sa.Index(None, "at"),)

    scan_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    resident_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("resident.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]  # when the QR was shown
